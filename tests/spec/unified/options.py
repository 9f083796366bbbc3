"""Turns the options that the format writes as documents into the driver's values.

Follows: unified-test-format, "Common Options". `arguments` uses it for operations, `creation` for entities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.spec.unified.driver import Driver


class Unsupported(Exception):
    """A test uses an operation, argument or option that this runner does not know."""


def read_concern(driver: Driver, value: Mapping[str, Any]) -> Any:
    return driver.module("read_concern").ReadConcern(**value)


def write_concern(driver: Driver, value: Mapping[str, Any]) -> Any:
    names = {"journal": "j", "w": "w", "wtimeoutMS": "wtimeout", "wTimeoutMS": "wtimeout"}
    return driver.module("write_concern").WriteConcern(**{names[key]: item for key, item in value.items()})


def read_preference(driver: Driver, value: Mapping[str, Any]) -> Any:
    mode = value["mode"]
    make = getattr(driver.module("read_preferences"), mode[0].upper() + mode[1:])
    if mode.lower() == "primary":
        return make()
    options = {
        "tag_sets": value.get("tagSets"),
        "max_staleness": value.get("maxStalenessSeconds", -1),
        "hedge": value.get("hedge"),
    }
    return make(**{key: item for key, item in options.items() if item is not None})


def collation(driver: Driver, value: Mapping[str, Any]) -> Any:
    return driver.module("collation").Collation(**value)


def return_document(driver: Driver, value: str) -> bool:
    choices: Any = driver.module("collection").ReturnDocument
    if value.lower() not in ("before", "after"):
        raise Unsupported(f"returnDocument must be Before or After, not {value!r}")
    choice: bool = getattr(choices, value.upper())
    return choice


def cursor_type(driver: Driver, value: str) -> Any:
    names = {"nonTailable": "NON_TAILABLE", "tailable": "TAILABLE", "tailableAwait": "TAILABLE_AWAIT"}
    return getattr(driver.module("cursor").CursorType, names[value])


def transaction_options(driver: Driver, value: Mapping[str, Any]) -> Any:
    options = {_TRANSACTION[key]: convert(driver, key, item) for key, item in value.items()}
    return driver.module("client_session").TransactionOptions(**options)


_TRANSACTION = {
    "readConcern": "read_concern",
    "writeConcern": "write_concern",
    "readPreference": "read_preference",
    "maxCommitTimeMS": "max_commit_time_ms",
}

_CONVERSIONS: Mapping[str, Callable[[Driver, Any], Any]] = {
    "readConcern": read_concern,
    "writeConcern": write_concern,
    "readPreference": read_preference,
    "collation": collation,
    "returnDocument": return_document,
    "cursorType": cursor_type,
    "defaultTransactionOptions": transaction_options,
}


def convert(driver: Driver, name: str, value: Any) -> Any:
    """The value of an option, as the driver takes it."""
    return _CONVERSIONS[name](driver, value) if name in _CONVERSIONS else value


def snake_case(name: str) -> str:
    """`maxTimeMS` as `max_time_ms`."""
    words = []
    for index, letter in enumerate(name):
        starts = letter.isupper() and index and not name[index - 1].isupper()
        words.append(f"_{letter.lower()}" if starts else letter.lower())
    return "".join(words)
