"""What the demonstration asks of the data: chosen questions for its own, guessed ones for a user's file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = dict[str, Any]
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Story:
    """The arguments of every operation shown."""

    subject: str
    """What the documents are about, as the end of "20,189 ..."."""
    label: str
    """A field whose values many documents share: the index is on it, and the tasks divide it up."""
    one: Document
    """The filter of `find_one`."""
    query: Document
    projection: Document
    sort: list[tuple[str, int]]
    update: tuple[Document, Document]
    pipeline: list[Document]
    """An aggregation that ends in `_id` and `count`."""
    index: list[tuple[str, int]]
    indexed: Document
    """A filter that the index serves."""


CLOCK_CHANGES = Story(
    subject="changes of the clocks on Earth, from the tz database",
    label="zone",
    one={"zone": "Pacific/Apia", "shift": DAY},
    query={"shift": {"$gte": 5 * 60 * 60}},
    projection={"_id": 0, "zone": 1, "at": 1, "shift": 1},
    sort=[("shift", -1), ("at", 1)],
    update=({"to.daylight": True, "shift": {"$gt": 0}}, {"$set": {"summer": True}}),
    pipeline=[
        {"$match": {"summer": True}},
        {"$unwind": "$countries"},
        {"$group": {"_id": "$countries", "years": {"$addToSet": {"$year": "$at"}}}},
        {"$project": {"count": {"$size": "$years"}}},
        {"$sort": {"count": -1, "_id": 1}},
        {"$limit": 10},
    ],
    index=[("zone", 1), ("at", -1)],
    indexed={"zone": "America/New_York", "at": {"$gte": datetime(2007, 1, 1)}},
)


def guess(sample: Sequence[Document], name: str) -> Story:
    """Questions that make sense for documents nobody has described, from the look of some of them."""
    label = _label(sample)
    values = Counter(document[label] for document in sample if _is_scalar(document.get(label)))
    value = values.most_common(1)[0][0] if values else None
    measure = _measure(sample, label)
    return Story(
        subject=f"documents of {name}",
        label=label,
        one={label: value},
        query={label: value},
        projection={label: 1, measure: 1},
        sort=[(measure, -1)],
        update=({label: value}, {"$set": {"seen": True}}),
        pipeline=[
            {"$group": {"_id": f"${label}", "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": 10},
        ],
        index=[(label, 1)] if measure == label else [(label, 1), (measure, -1)],
        indexed={label: value},
    )


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | datetime) and not isinstance(value, bool)


def _fields(sample: Sequence[Document], kinds: type | tuple[type, ...]) -> Counter[str]:
    """Top-level fields by the number of distinct values of these types."""
    values: dict[str, set[Any]] = {}
    for document in sample:
        for name, value in document.items():
            if isinstance(value, kinds) and _is_scalar(value):
                values.setdefault(name, set()).add(value)
    return Counter({name: len(distinct) for name, distinct in values.items()})


def _label(sample: Sequence[Document]) -> str:
    """The field, best a text, with most values that documents still share; `_id` where there is none."""
    for kind in (str, int):
        fields = _fields(sample, kind)
        shared = {name: distinct for name, distinct in fields.items() if 1 < distinct <= len(sample) // 2}
        if shared:
            return max(shared, key=lambda name: fields[name])
    every = _fields(sample, (str, int, float, datetime))
    return min(every, key=lambda name: every[name]) if every else "_id"


def _measure(sample: Sequence[Document], label: str) -> str:
    """The number or date with most different values."""
    candidates = _fields(sample, (int, float, datetime))
    del candidates[label]
    return candidates.most_common(1)[0][0] if candidates else label
