"""Every public module, name and parameter of PyMongo 4.20 is there, but for exceptions listed here with their reasons.

PyMongo is asked itself: what its public modules define, and what `inspect` tells of it. Which of its modules are public
is told by its documentation; the others have names without an underscore too, but nobody is to import them.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import pytest
from tests.unit.inventories.exceptions import excepted

import petiole

BOTH_FACES = (
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
PYMONGO = (
    *BOTH_FACES,
    *(f"asynchronous.{name}" for name in BOTH_FACES),
    "auth_oidc",
    "client_options",
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
    "tz_util",
)
GRIDFS = ("asynchronous", "synchronous", "errors", "grid_file")
MODULES = (
    "pymongo",
    "pymongo.asynchronous",
    *(f"pymongo.{name}" for name in PYMONGO),
    "bson",
    *(f"bson.{name}" for name in BSON),
    "gridfs",
    *(f"gridfs.{name}" for name in GRIDFS),
)


def ours(name: str) -> ModuleType:
    """Petiole's module for one of PyMongo's."""
    package, _, rest = name.partition(".")
    path = ["petiole", *([] if package == "pymongo" else [package]), *([rest] if rest else [])]
    return importlib.import_module(".".join(path))


def public(module: ModuleType) -> list[str]:
    """The names that a module defines, or says that it offers."""
    if hasattr(module, "__all__"):
        return sorted(set(module.__all__))
    home = {module.__name__, module.__name__.replace("pymongo.", "pymongo.synchronous.", 1)}
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) in home
        and not isinstance(value, TypeVar)
    ]


def differences(name: str) -> list[str]:
    """What of a module of PyMongo's is missing, or has other parameters."""
    theirs, mine = importlib.import_module(name), ours(name)
    found = []
    for member in public(theirs):
        path = f"{name}.{member}"
        if not hasattr(mine, member):
            found.append(path)
            continue
        one, other = getattr(theirs, member), getattr(mine, member)
        if isinstance(one, type):
            found += [f"{path}.{part}" for part in parts(one) if differs(one, other, part)]
        elif isinstance(one, FunctionType) and not fits(one, other):
            found.append(path)
    return found


def parts(kind: type) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_")]


def differs(one: type, other: type, part: str) -> bool:
    if not hasattr(other, part):
        # What is a property there may be an attribute here, which only instances have.
        example = EXAMPLES.get(one.__name__)
        return example is None or not hasattr(example(), part)
    method = getattr(one, part)
    return isinstance(method, FunctionType) and not fits(method, getattr(other, part))


EXAMPLES: dict[str, Callable[[], object]] = {
    "ClientOptions": lambda: petiole.MongoClient(connect=False).options,
    "PoolOptions": lambda: petiole.MongoClient(connect=False).options.pool_options,
}


def fits(one: Any, other: Any) -> bool:
    """Whether all calls that PyMongo's function takes mean the same here; more may be possible."""
    theirs, mine = signature(one), signature(other)
    return mine[: len(theirs)] == theirs


OWN = frozenset({"raw_data"})
"""Parameters that only petiole has, by keyword alone."""


def signature(function: Any) -> list[tuple[str, object]]:
    """The parameters, and their defaults where those are plain values; none for what is built in."""
    plain = (int, bool, str, bytes, float, type(None))
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return []
    return [
        (parameter.name, parameter.default if type(parameter.default) in plain else ...)
        for parameter in parameters
        if parameter.name != "self" and parameter.name not in OWN
    ]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_what_pymongos_has(name: str) -> None:
    assert [path for path in differences(name) if not excepted("pymongo-4.20.0", path)] == []


def all_differences() -> list[str]:
    """Those of all modules."""
    return [path for name in MODULES for path in differences(name)]
