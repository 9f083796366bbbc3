"""Pickles that PyMongo can read, and those it made: the names of values, and of what is private in them.

While the alias is installed, values say that they are of PyMongo's modules, as tools and pickles have it. Private
attributes of a few carry the names of their classes there, `_WriteConcern__document`, and do not in petiole.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, SupportsIndex

from petiole.compat.table import BSON
from petiole.errors import PyMongoError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWNERS_OF_RESULTS = {"_acknowledged": "WriteResult", "_bulk_api_result": "BulkWriteResultBase"}
_PRIVATE: dict[str, tuple[str, ...]] = {
    "petiole.collation": ("Collation",),
    "petiole.operations": ("IndexModel", "SearchIndexModel"),
    "petiole.read_concern": ("ReadConcern",),
    "petiole.results": (
        "BulkWriteResult",
        "ClientBulkWriteResult",
        "DeleteResult",
        "InsertManyResult",
        "InsertOneResult",
        "UpdateResult",
    ),
    "petiole.write_concern": ("WriteConcern",),
}
"""The classes whose attributes are called otherwise."""
_OF_ERRORS = {
    "_code": "_OperationFailure__code",
    "_details": "_OperationFailure__details",
    "_wire_version": "_OperationFailure__max_wire_version",
    "_cause": "_EncryptionError__cause",
    "_encrypted_fields": "_EncryptedCollectionError__encrypted_fields",
}
_RENAMED = {theirs: ours for ours, theirs in _OF_ERRORS.items()}
_PYMONGO = (
    *("collation", "driver_info", "errors", "operations", "read_concern", "read_preferences", "results"),
    *("server_api", "write_concern"),
)
_VALUES = {
    **{f"petiole.bson.{name}": f"bson.{name}" for name in BSON},
    **{f"petiole.{name}": f"pymongo.{name}" for name in _PYMONGO},
    "petiole.gridfs.errors": "gridfs.errors",
}
"""The modules of values: ours, and PyMongo's."""


def states() -> Iterator[tuple[type, str, object]]:
    """What classes get so that they make and take PyMongo's states: class, name and function."""
    for module, kinds in _PRIVATE.items():
        owners = _OWNERS_OF_RESULTS if module == "petiole.results" else {}
        for kind in kinds:
            owner = getattr(import_module(module), kind)
            yield owner, "__setstate__", restore
            yield owner, "__getstate__", _states_of(kind, owners)
    yield PyMongoError, "__setstate__", restore
    yield PyMongoError, "__reduce_ex__", _reduce_error


def restore(self: object, state: Any) -> None:
    """Set the attributes of a state, PyMongo's or petiole's own."""
    parts = state if isinstance(state, tuple) else (state,)
    for part in parts:
        for name, value in (part or {}).items():
            mangled = name.startswith("_") and "__" in name[1:]
            plain = f"_{name.partition('__')[2]}" if mangled else name
            ours = _RENAMED.get(name, plain)
            if not isinstance(getattr(type(self), ours, None), property):  # That is found out here.
                object.__setattr__(self, ours, value)


def _reduce_error(self: PyMongoError, protocol: SupportsIndex) -> Any:
    reduced: Any = self.__reduce__()
    kind, arguments, *state = reduced
    return (
        kind,
        arguments,
        *({_OF_ERRORS.get(name, name): value for name, value in part.items()} for part in state),
    )


def _states_of(kind: str, owners: dict[str, str]) -> Any:
    def __getstate__(self: object) -> Any:
        state: Any = object.__getstate__(self)
        if isinstance(state, tuple):
            return tuple(part and _named(part) for part in state)
        return _named(state)

    def _named(part: dict[str, Any]) -> dict[str, Any]:
        return {f"_{owners.get(name, kind)}_{name}": value for name, value in part.items()}

    return __getstate__


def values() -> Iterator[tuple[type, str, str]]:
    """The classes of values: class, our module's name, and PyMongo's."""
    for ours, theirs in _VALUES.items():
        module = import_module(ours)
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ in (ours, theirs):
                yield value, ours, theirs
