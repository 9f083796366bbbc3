"""petiole: a MongoDB driver for Python with a native core.

Owns the names of the package, and loads what is behind one when it is first asked for: programs that use one face
do not wait for the other.
"""

from __future__ import annotations

from petiole._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` takes as long to import as all of this.
    from typing import Any

    from petiole._core.timeout import timeout
    from petiole._sdam.topology import MAX_SUPPORTED_WIRE_VERSION, MIN_SUPPORTED_WIRE_VERSION
    from petiole.asynchronous.mongo_client import AsyncMongoClient
    from petiole.collection import ReturnDocument
    from petiole.cursor_shared import CursorType
    from petiole.mongo_client import MongoClient
    from petiole.operations import (
        DeleteMany,
        DeleteOne,
        IndexModel,
        InsertOne,
        ReplaceOne,
        SearchIndexModel,
        UpdateMany,
        UpdateOne,
    )
    from petiole.read_preferences import ReadPreference
    from petiole.write_concern import WriteConcern

__all__ = [
    "ASCENDING",
    "DESCENDING",
    "GEO2D",
    "GEOSPHERE",
    "HASHED",
    "MAX_SUPPORTED_WIRE_VERSION",
    "MIN_SUPPORTED_WIRE_VERSION",
    "TEXT",
    "AsyncMongoClient",
    "CursorType",
    "DeleteMany",
    "DeleteOne",
    "IndexModel",
    "InsertOne",
    "MongoClient",
    "ReadPreference",
    "ReplaceOne",
    "ReturnDocument",
    "SearchIndexModel",
    "UpdateMany",
    "UpdateOne",
    "WriteConcern",
    "__version__",
    "get_version_string",
    "has_c",
    "timeout",
    "version",
    "version_tuple",
]

ASCENDING = 1
"""Ascending order of an index or a sort."""
DESCENDING = -1
"""Descending order of an index or a sort."""
GEO2D = "2d"
"""The kind of a two-dimensional geospatial index."""
GEOSPHERE = "2dsphere"
"""The kind of a spherical geospatial index."""
HASHED = "hashed"
"""The kind of a hashed index."""
TEXT = "text"
"""The kind of a text index."""

version = __version__
version_tuple: tuple[int | str, ...] = tuple(
    int(part) if part.isdigit() else part for part in __version__.split(".")
)

_HOMES = {
    "AsyncMongoClient": "asynchronous.mongo_client",
    "CursorType": "cursor_shared",
    "DeleteMany": "operations",
    "DeleteOne": "operations",
    "IndexModel": "operations",
    "InsertOne": "operations",
    "MAX_SUPPORTED_WIRE_VERSION": "_sdam.topology",
    "MIN_SUPPORTED_WIRE_VERSION": "_sdam.topology",
    "MongoClient": "mongo_client",
    "ReadPreference": "read_preferences",
    "ReplaceOne": "operations",
    "ReturnDocument": "collection",
    "SearchIndexModel": "operations",
    "UpdateMany": "operations",
    "UpdateOne": "operations",
    "WriteConcern": "write_concern",
    "timeout": "_core.timeout",
}
_MODULES = frozenset(
    {
        "asynchronous",
        "bson",
        "client_options",
        "client_session",
        "client_session_shared",
        "collation",
        "collection",
        "command_cursor",
        "cursor",
        "cursor_shared",
        "database",
        "driver_info",
        "errors",
        "hello",
        "max_staleness_selectors",
        "mongo_client",
        "operations",
        "pool_options",
        "read_concern",
        "read_preferences",
        "results",
        "server_api",
        "server_description",
        "server_selectors",
        "server_type",
        "topology_description",
        "typings",
        "uri_parser",
        "write_concern",
    }
)
"""What `import petiole` alone gives access to, as programs written for eager packages expect."""


def get_version_string() -> str:
    """The version of the package."""
    return version


def has_c() -> bool:
    """Whether the native codec is there: always, there is no other."""
    return True


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        home = _HOMES.get(name)
        if home is not None:
            found = getattr(__import__(f"petiole.{home}", None, None, (name,)), name)
        elif name in _MODULES:
            found = __import__(f"petiole.{name}", None, None, ("__name__",))
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOMES, *_MODULES})
