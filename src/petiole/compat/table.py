"""Which of petiole's modules stands for which of PyMongo's, gridfs's, bson's and Motor's. Data only.

What is not in here has no counterpart: importing it under the alias is a `ModuleNotFoundError`.
"""

from __future__ import annotations

VERSION = "4.20.0"
"""The version of PyMongo whose names, parameters and results petiole has."""

MOTOR_VERSION = "3.7.1"
"""The same of Motor."""

COMPOSED: dict[str, tuple[str, ...]] = {
    "pymongo": ("petiole",),
    "pymongo.asynchronous": ("petiole.asynchronous",),
    "pymongo.synchronous": (),
    "bson": ("petiole.bson",),
    "gridfs": ("petiole.gridfs",),
    "gridfs.asynchronous": ("petiole.gridfs.asynchronous",),
    "gridfs.synchronous": ("petiole.gridfs.synchronous",),
    "motor": ("petiole.motor",),
    "motor.frameworks": ("petiole.motor.frameworks",),
    # Not documented, but frameworks import it.
    "pymongo.common": (
        "petiole.compat.validation",
        "petiole._uri.defaults",
        "petiole._uri.scalars",
        "petiole._uri.choices",
        "petiole._uri.objects",
    ),
}
"""Packages, and what has the names of several of petiole's modules: modules of their own."""

_BOTH_FACES = (
    "change_stream",
    "client_session",
    "collection",
    "command_cursor",
    "cursor",
    "database",
    "mongo_client",
    "uri_parser",
)
_PYMONGO = (
    *_BOTH_FACES,
    "auth_oidc",
    "client_options",
    "client_session_shared",
    "collation",
    "cursor_shared",
    "driver_info",
    "errors",
    "event_loggers",
    "hello",
    "max_staleness_selectors",
    "monitoring",
    "operations",
    "pool",
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
    "write_concern",
)
_BSON = (
    "binary",
    "code",
    "codec_options",
    "datetime_ms",
    "dbref",
    "decimal128",
    "errors",
    "int64",
    "json_util",
    "max_key",
    "min_key",
    "objectid",
    "raw_bson",
    "regex",
    "son",
    "timestamp",
    "typings",
    "tz_util",
)
_MOTOR = (
    "aiohttp",
    "core",
    "frameworks.asyncio",
    "frameworks.tornado",
    "metaprogramming",
    "motor_asyncio",
    "motor_common",
    "motor_gridfs",
    "motor_tornado",
    "web",
)

MODULES = {
    **{f"pymongo.{name}": f"petiole.{name}" for name in _PYMONGO},
    **{f"pymongo.synchronous.{name}": f"petiole.{name}" for name in _BOTH_FACES},
    **{f"pymongo.asynchronous.{name}": f"petiole.asynchronous.{name}" for name in _BOTH_FACES},
    **{f"bson.{name}": f"petiole.bson.{name}" for name in _BSON},
    "gridfs.asynchronous.grid_file": "petiole.gridfs.asynchronous.grid_file",
    "gridfs.errors": "petiole.gridfs.errors",
    "gridfs.grid_file": "petiole.gridfs.grid_file",
    "gridfs.grid_file_shared": "petiole.gridfs.grid_file_shared",
    "gridfs.synchronous.grid_file": "petiole.gridfs.synchronous.grid_file",
    **{f"motor.{name}": f"petiole.motor.{name}" for name in _MOTOR},
    # Not documented, but what frameworks import.
    "pymongo.auth_oidc_shared": "petiole.auth_oidc",
    "pymongo.database_shared": "petiole.compat.validation",
    "pymongo.uri_parser_shared": "petiole.uri_parser",
}
"""All others: petiole's modules themselves, so that a name patched in one is patched in both."""

DISTRIBUTIONS = {"pymongo": VERSION, "motor": MOTOR_VERSION}
"""What `importlib.metadata` is told to be installed."""

ROOTS = frozenset(name for name in COMPOSED if "." not in name)
"""The names that programs import."""

MANGLED: dict[str, dict[str, tuple[str, ...]]] = {
    "petiole.collection": {"Collection": ("database", "full_name", "name")},
    "petiole.asynchronous.collection": {"AsyncCollection": ("database", "full_name", "name")},
    "petiole.database": {"Database": ("client", "name")},
    "petiole.asynchronous.database": {"AsyncDatabase": ("client", "name")},
}
"""The private attributes of the 3.x era that frameworks still name, such as `_Collection__database`."""
