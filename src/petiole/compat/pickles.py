"""Pickles that PyMongo made of values whose attributes have other names in petiole. Most values need nothing of it.

PyMongo's private attributes carry the names of their classes, `_WriteConcern__document`; petiole's do not.
"""

from __future__ import annotations

from typing import Any

RESTORED = {
    "petiole.collation": ("Collation",),
    "petiole.operations": ("IndexModel", "SearchIndexModel"),
    "petiole.read_concern": ("ReadConcern",),
    "petiole.results": (
        "BulkWriteResult",
        "DeleteResult",
        "InsertManyResult",
        "InsertOneResult",
        "UpdateResult",
    ),
    "petiole.write_concern": ("WriteConcern",),
}
"""The classes that get `restore` as their `__setstate__`."""


def restore(self: object, state: Any) -> None:
    """Set the attributes of a state, PyMongo's or petiole's own."""
    parts = state if isinstance(state, tuple) else (state,)
    for part in parts:
        for name, value in (part or {}).items():
            mangled = name.startswith("_") and "__" in name[1:]
            object.__setattr__(self, f"_{name.partition('__')[2]}" if mangled else name, value)
