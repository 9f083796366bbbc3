"""Which of petiole's modules stands for which of PyMongo's, gridfs's, bson's and Motor's. Data only.

What is not in here has no counterpart: importing it under the alias is a `ModuleNotFoundError`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

VERSION = "4.20.0"
"""The version of PyMongo whose names, parameters and results petiole has."""

LEGACY_VERSION = "3.11.4"
"""The same of `petiole.legacy`."""

EARLY_VERSIONS = {2: "2.9.5", 1: "1.11"}
"""The same of `petiole.legacy.early`."""

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
    "encryption",
    "mongo_client",
    "uri_parser",
)
_PYMONGO = (
    *_BOTH_FACES,
    "auth",
    "auth_oidc",
    "client_options",
    "client_session_shared",
    "collation",
    "cursor_shared",
    "driver_info",
    "encryption_options",
    "encryption_shared",
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
BSON = (
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
"""The modules that `bson` and `petiole.bson` both have."""
_LEGACY = ("bulk", "cursor_manager", "database", "ismaster", "mongo_client", "son_manipulator")
_DEFAULTS_OF_3 = ("binary", "codec_options", "json_util")
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
    **{f"bson.{name}": f"petiole.bson.{name}" for name in BSON},
    "gridfs.asynchronous.grid_file": "petiole.gridfs.asynchronous.grid_file",
    "gridfs.errors": "petiole.gridfs.errors",
    "gridfs.grid_file": "petiole.gridfs.grid_file",
    "gridfs.grid_file_shared": "petiole.gridfs.grid_file_shared",
    "gridfs.synchronous.grid_file": "petiole.gridfs.synchronous.grid_file",
    **{f"motor.{name}": f"petiole.motor.{name}" for name in _MOTOR},
    # Not documented, but what frameworks import.
    "pymongo.asynchronous.auth": "petiole.auth",
    "pymongo.auth_oidc_shared": "petiole.auth_oidc",
    "pymongo.auth_shared": "petiole.auth",
    "pymongo.database_shared": "petiole.compat.validation",
    "pymongo.ssl_support": "petiole.compat.tls",
    "pymongo.synchronous.auth": "petiole.auth",
    "pymongo.uri_parser_shared": "petiole.uri_parser",
}
"""All others: petiole's modules themselves, so that a name patched in one is patched in both."""

DISTRIBUTIONS = {"pymongo": VERSION, "motor": MOTOR_VERSION}
"""What `importlib.metadata` is told to be installed."""

ROOTS = frozenset(name for name in COMPOSED if "." not in name)
"""The names that programs import."""


class Table(NamedTuple):
    """What stands for what in one era."""

    composed: dict[str, tuple[str, ...]]
    modules: dict[str, str]
    distributions: dict[str, str]


_NOT_OF_3 = ("pymongo.asynchronous", "pymongo.synchronous", "gridfs.asynchronous", "gridfs.synchronous")
_ONLY_4 = {
    "gridfs.grid_file_shared",
    "pymongo.client_session_shared",
    "pymongo.auth_shared",
    "pymongo.database_shared",
    "pymongo.encryption_shared",
    "pymongo.server_api",
}
_COMPOSED_OF_3 = {
    "pymongo": ("petiole.legacy.package",),
    "pymongo.common": ("petiole.legacy.validation", *COMPOSED["pymongo.common"]),
    "pymongo.collection": ("petiole.legacy.collection", "petiole.collection"),
    "pymongo.cursor": ("petiole.legacy.cursor", "petiole.cursor"),
    "pymongo.encryption_options": ("petiole.encryption_options", "petiole._uri.objects"),
    "pymongo.errors": ("petiole.legacy.errors", "petiole.errors"),
    "bson": ("petiole.legacy.encoding", "petiole.bson"),
    **{f"bson.{name}": (f"petiole.legacy.{name}", f"petiole.bson.{name}") for name in _DEFAULTS_OF_3},
    "gridfs": ("petiole.legacy.grid_file", "petiole.gridfs.errors"),
}
_MODULES_OF_3 = {
    **{f"pymongo.{name}": f"petiole.legacy.{name}" for name in _LEGACY},
    "pymongo.mongo_replica_set_client": "petiole.legacy.mongo_client",
    "gridfs.grid_file": "petiole.legacy.grid_file",
    "bson.py3compat": "petiole.legacy.py3compat",
}


def _without_4(table: dict[str, Any]) -> dict[str, Any]:
    kept = (name for name in table if not name.startswith(_NOT_OF_3) and name not in _ONLY_4)
    return {name: table[name] for name in kept}


_OF_3 = Table(
    {**_without_4(COMPOSED), **_COMPOSED_OF_3},
    {
        name: module
        for name, module in {**_without_4(MODULES), **_MODULES_OF_3}.items()
        if name not in _COMPOSED_OF_3
    },
    {**DISTRIBUTIONS, "pymongo": LEGACY_VERSION},
)
_EARLY = ("collection", "cursor", "database", "mongo_client", "mongo_replica_set_client")
_CONNECTIONS = ("connection", "master_slave_connection", "replica_set_connection")
_COMPOSED_OF_2 = {
    "pymongo": ("petiole.legacy.early.package",),
    "pymongo.errors": ("petiole.legacy.early.errors", *_COMPOSED_OF_3["pymongo.errors"]),
    "pymongo.common": ("petiole.legacy.early.validation", *_COMPOSED_OF_3["pymongo.common"]),
    "pymongo.pool": ("petiole.legacy.early.request", "petiole.pool"),
    "pymongo.read_preferences": ("petiole.legacy.early.read_preferences", "petiole.read_preferences"),
    "bson": ("petiole.legacy.early.encoding", *_COMPOSED_OF_3["bson"]),
}
_MODULES_OF_2 = {
    **{f"pymongo.{name}": f"petiole.legacy.early.{name}" for name in _EARLY},
    **{f"pymongo.{name}": f"petiole.legacy.{name}" for name in _CONNECTIONS},
}


def _early(version: str) -> Table:
    composed = {**_OF_3.composed, **_COMPOSED_OF_2}
    return Table(
        {name: behind for name, behind in composed.items() if name not in _MODULES_OF_2},
        {
            name: module
            for name, module in {**_OF_3.modules, **_MODULES_OF_2}.items()
            if name not in _COMPOSED_OF_2
        },
        {**DISTRIBUTIONS, "pymongo": version},
    )


ERAS = {
    4: Table(COMPOSED, MODULES, DISTRIBUTIONS),
    3: _OF_3,
    **{era: _early(version) for era, version in EARLY_VERSIONS.items()},
}
"""By the first number of PyMongo's version. Motor is today's in all."""

MANGLED: dict[str, dict[str, tuple[str, ...]]] = {
    "petiole.collection": {"Collection": ("database", "full_name", "name")},
    "petiole.asynchronous.collection": {"AsyncCollection": ("database", "full_name", "name")},
    "petiole.database": {"Database": ("client", "name")},
    "petiole.asynchronous.database": {"AsyncDatabase": ("client", "name")},
}
"""The private attributes of the 3.x era that frameworks still name, such as `_Collection__database`."""
