"""Runs one snippet with PyMongo's names and with petiole's, and says what came of each in comparable text."""

import copy
import importlib
import pickle
import re
import warnings
from collections.abc import Mapping
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# Sets print in an order that differs between runs.
_CHOICES = re.compile(r"\(('[\w-]+'(?:, )?)+\)")
# PyMongo 4.20.1 does not tell the values any more that 4.20.0 told: they might be secret. We tell those that are not.
_VALUES = (
    (r"^.* is not a valid read preference\b.*", "Not a valid read preference"),
    (r"^Not a valid read preference\. .*", "Not a valid read preference"),
    (r"^.* is an invalid Unicode decode error handler", "Invalid Unicode decode error handler"),
    (
        r"^'.*' not a valid value for readpreferencetags",
        "Invalid read preference tags value for readpreferencetags",
    ),
    (r"^CANONICALIZE_HOST_NAME '.*' not in", "CANONICALIZE_HOST_NAME not in"),
    (r"^(zlibcompressionlevel must be an integer), .*", r"\1"),
    (r"^(servermonitoringmode)='.*' is invalid", r"\1 is invalid"),
    (r"^(Port contains whitespace character): .*", r"\1"),
    (r"^Bad database name .*", "Bad database name"),
    (
        r"^\[Errno 2\] (No such file or directory: '.*'|The \w+ file is not readable)",
        "[Errno 2] No such file",
    ),
)


def names(package: str, *modules: str) -> dict[str, Any]:
    """What the snippets see: the modules' public names, and the codec that belongs to the package."""
    codec = "bson" if package == "pymongo" else "petiole.bson"
    seen: dict[str, Any] = {"copy": copy, "pickle": pickle, "ordered": ordered}
    seen["SON"] = importlib.import_module(f"{codec}.son").SON
    seen["Collation"] = importlib.import_module(f"{package}.collation").Collation
    for module in modules:
        loaded = importlib.import_module(f"{package}.{module}")
        seen.update((name, value) for name, value in vars(loaded).items() if not name.startswith("__"))
    return seen


def outcome(package: str, snippet: str, *modules: str) -> tuple[str, ...]:
    """What `snippet` gives: its value, or its error, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result: tuple[str, ...] = ("value", plain(repr(eval(snippet, names(package, *modules)))))
        except Exception as error:
            result = ("error", type(error).__name__, plain(str(error)))
    # The same warning may come from each of two passes over the options: once is enough.
    return (*result, *dict.fromkeys(f"{warning.category.__name__}" for warning in caught))


def ordered(value: Any) -> Any:
    """`value` with mappings in the order of their keys, where PyMongo's order is one of chance."""
    if isinstance(value, Mapping):
        return {key: ordered(value[key]) for key in sorted(value)}
    return value


def plain(text: str) -> str:
    """`text` without what differs by nature: the package's name, addresses, the order of sets."""
    text = text.replace("petiole.bson", "bson").replace("petiole", "pymongo")
    text = _CHOICES.sub(lambda match: str(sorted(match.group()[1:-1].split(", "))), text)
    for told, left_out in _VALUES:
        text = re.sub(told, left_out, text)
    return _ADDRESS.sub("", text)


def assert_same(snippet: str, *modules: str) -> None:
    """Value or error, class and text are PyMongo's."""
    assert outcome("petiole", snippet, *modules) == outcome("pymongo", snippet, *modules)


def assert_same_class(snippet: str, *modules: str) -> None:
    """An error of the same class, in our own words."""
    ours, theirs = outcome("petiole", snippet, *modules), outcome("pymongo", snippet, *modules)
    assert ours[:2] == theirs[:2]
    assert ours[0] == "error"
    assert ours[2]
