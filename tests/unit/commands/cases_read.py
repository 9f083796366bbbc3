"""Reads other than `find`: what an application writes, and petiole's body for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from petiole._commands import aggregate, count, distinct
from petiole._commands.find import FindOptions

Case = Callable[[], Any]
NAME = "c"


def _aggregate(pipeline: Any, let: Any = None, comment: Any = None, **options: Any) -> Case:
    return lambda: aggregate.build(NAME, pipeline, let, comment, options).body


def _count(filter: Any, comment: Any = None, **options: Any) -> Case:
    return lambda: count.count_documents_body(NAME, filter, comment, options)


def _distinct(key: Any, filter: Any = None, comment: Any = None, hint: Any = None, **options: Any) -> Case:
    return lambda: distinct.distinct_body(NAME, key, filter, comment, hint, options)


CASES: dict[str, Case] = {
    "c.aggregate([])": _aggregate([]),
    "c.aggregate([{'$match': {}}], let={'a': 1}, comment='c', batchSize=3, allowDiskUse=True, maxTimeMS=99,"
    " collation={'locale': 'en'}, hint={'_id': 1}, bypassDocumentValidation=False)": _aggregate(
        [{"$match": {}}],
        {"a": 1},
        "c",
        batchSize=3,
        allowDiskUse=True,
        maxTimeMS=99,
        collation={"locale": "en"},
        hint={"_id": 1},
        bypassDocumentValidation=False,
    ),
    "c.aggregate([], batchSize=0)": _aggregate([], batchSize=0),
    "c.aggregate([], batchSize='a')": _aggregate([], batchSize="a"),
    "c.aggregate([], cursor={'batchSize': 2})": _aggregate([], cursor={"batchSize": 2}),
    "c.aggregate([], cursor={'batchSize': 2}, batchSize=4)": _aggregate(
        [], cursor={"batchSize": 2}, batchSize=4
    ),
    "c.aggregate([], explain=True)": _aggregate([], explain=True),
    "c.aggregate([], maxAwaitTimeMS=3)": _aggregate([], maxAwaitTimeMS=3),
    "c.aggregate([], comment='', let={})": _aggregate([], {}, ""),
    "c.aggregate([], let=5)": _aggregate([], 5),
    "c.aggregate([], collation=5)": _aggregate([], collation=5),
    "c.aggregate({})": _aggregate({}),
    "c.aggregate(())": _aggregate(()),
    "c.aggregate(None)": _aggregate(None),
    "c.aggregate([{'$out': 'o'}], batchSize=5)": _aggregate([{"$out": "o"}], batchSize=5),
    "c.aggregate([{'$match': {}}, {'$merge': 'o'}], batchSize=5)": _aggregate(
        [{"$match": {}}, {"$merge": "o"}], batchSize=5
    ),
    "db.aggregate([{'$listLocalSessions': {}}], comment=3)": lambda: (
        aggregate.build(1, [{"$listLocalSessions": {}}], comment=3).body
    ),
    "c.count_documents({})": _count({}),
    "c.count_documents({'a': 1}, skip=1, limit=2, hint='a_1', collation={'locale': 'en'}, maxTimeMS=5,"
    " comment='c')": _count(
        {"a": 1}, "c", skip=1, limit=2, hint="a_1", collation={"locale": "en"}, maxTimeMS=5
    ),
    "c.count_documents({}, hint=[('a', 1)], comment='')": _count({}, "", hint=[("a", 1)]),
    "c.count_documents({}, skip=0, limit=0)": _count({}, skip=0, limit=0),
    "c.count_documents({}, hint=5)": _count({}, hint=5),
    "c.count_documents({}, collation=5)": _count({}, collation=5),
    "c.estimated_document_count()": lambda: count.estimated_count_body(NAME),
    "c.estimated_document_count('c', maxTimeMS=5)": lambda: count.estimated_count_body(
        NAME, "c", {"maxTimeMS": 5}
    ),
    "c.distinct('a')": _distinct("a"),
    "c.distinct('a', {'a': 1}, comment='c', hint=[('a', 1)], collation={'locale': 'en'}, maxTimeMS=5)": (
        _distinct("a", {"a": 1}, "c", [("a", 1)], collation={"locale": "en"}, maxTimeMS=5)
    ),
    "c.distinct('a', {}, comment='')": _distinct("a", {}, ""),
    "c.distinct(5)": _distinct(5),
    "c.find({'a': 1}, hint='a_1', max_time_ms=5, collation={'locale': 'en'}, comment='c').distinct('a')": (
        lambda: distinct.cursor_distinct_body(
            NAME,
            "a",
            FindOptions({"a": 1}, hint="a_1", max_time_ms=5, collation={"locale": "en"}, comment="c"),
        )
    ),
    "c.find().distinct('a')": lambda: distinct.cursor_distinct_body(NAME, "a", FindOptions()),
}
