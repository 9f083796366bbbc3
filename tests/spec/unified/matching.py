"""Compares what a test expects with what there is.

Follows: unified-test-format, "Evaluating Matches", with all special operators. Raises `Mismatch`, whose text begins
with the path to the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.spec.unified.driver import Driver
from tests.spec.unified.entities import Entities

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "nothing"})()
"""The value of a key that is not there."""


class Mismatch(AssertionError):
    """What there is is not what the test expects."""


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def operator_of(expected: Any) -> tuple[str, Any] | None:
    """The special operator that an expected document is, with its argument."""
    if isinstance(expected, Mapping) and len(expected) == 1:
        name, argument = next(iter(expected.items()))
        if name.startswith("$$"):
            return name, argument
    return None


class Matcher:
    """Matches values of a test, whose operators may refer to its entities."""

    def __init__(self, driver: Driver, entities: Entities) -> None:
        self._entities = entities
        self._bson = driver.bson
        self._operators: dict[str, Callable[[Any, Any, str, bool], None]] = {
            "$$exists": self._exists,
            "$$type": self._type,
            "$$matchesEntity": self._matches_entity,
            "$$matchesHexBytes": self._matches_hex_bytes,
            "$$unsetOrMatches": self._unset_or_matches,
            "$$sessionLsid": self._session_lsid,
            "$$lte": self._lte,
            "$$matchAsDocument": self._match_as_document,
            "$$matchAsRoot": self._match_as_root,
        }

    def match(self, expected: Any, actual: Any, path: str = "", root: bool = False) -> None:
        """Raise Mismatch unless `actual` is as expected; a root document may have further fields."""
        operator = operator_of(expected)
        if operator is not None:
            self._operator(operator, actual, path, root)
        elif actual is MISSING:
            raise Mismatch(f"{path}: there is nothing; expected {expected!r}")
        elif isinstance(expected, Mapping):
            self._document(expected, actual, path, root)
        elif is_array(expected):
            self._array(expected, actual, path)
        else:
            self._scalar(expected, actual, path)

    def match_documents(self, expected: Any, actual: Any, path: str = "") -> None:
        """Match an array of root documents, as a cursor gives them."""
        if not is_array(expected):
            return self.match(expected, actual, path, root=True)
        self._lengths(expected, actual, path)
        for index, document in enumerate(expected):
            self.match(document, actual[index], f"{path}[{index}]", root=True)
        return None

    def matches(self, expected: Any, actual: Any, root: bool = False) -> bool:
        try:
            self.match(expected, actual, root=root)
        except Mismatch:
            return False
        return True

    def _operator(self, operator: tuple[str, Any], actual: Any, path: str, root: bool) -> None:
        name, argument = operator
        if name not in self._operators:
            raise ValueError(f"{path}: there is no operator {name}")
        self._operators[name](argument, actual, path, root)

    def _document(self, expected: Mapping[str, Any], actual: Any, path: str, root: bool) -> None:
        if not isinstance(actual, Mapping):
            raise Mismatch(f"{path}: expected a document {expected!r}, got {actual!r}")
        for name, value in expected.items():
            self.match(value, actual.get(name, MISSING), f"{path}.{name}" if path else name)
        extra = [name for name in actual if name not in expected]
        if extra and not root:
            raise Mismatch(f"{path}: unexpected {', '.join(extra)} in {actual!r}")

    def _array(self, expected: Any, actual: Any, path: str) -> None:
        self._lengths(expected, actual, path)
        for index, value in enumerate(expected):
            self.match(value, actual[index], f"{path}[{index}]")

    def _lengths(self, expected: Any, actual: Any, path: str) -> None:
        if not is_array(actual):
            raise Mismatch(f"{path}: expected an array {expected!r}, got {actual!r}")
        if len(actual) != len(expected):
            raise Mismatch(f"{path}: expected {len(expected)} elements {expected!r}, got {actual!r}")

    def _scalar(self, expected: Any, actual: Any, path: str) -> None:
        if is_number(expected) and is_number(actual):
            equal = expected == actual
        else:
            left, right = normal(expected), normal(actual)
            equal = (isinstance(left, type(right)) or isinstance(right, type(left))) and left == right
        if not equal:
            raise Mismatch(f"{path}: expected {expected!r}, got {actual!r}")

    def _exists(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        if argument != (actual is not MISSING):
            raise Mismatch(f"{path}: must {'' if argument else 'not '}exist, is {actual!r}")

    def _type(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        allowed = [argument] if isinstance(argument, str) else list(argument)
        if "number" in allowed:
            allowed += ["int", "long", "double", "decimal"]
        if not set(allowed) & self._types(actual):
            raise Mismatch(f"{path}: must be {' or '.join(allowed)}, is {actual!r}")

    def _types(self, value: Any) -> set[str]:
        """The names of the types that a value may have been encoded as."""
        if value is MISSING:
            return set()
        if isinstance(value, int) and not isinstance(value, bool):
            if isinstance(value, self._bson("int64").Int64) or not -(2**31) <= value < 2**31:
                return {"long"}
            return {"int", "long"}  # Python's own int is encoded by its size: the runner cannot know.
        return {name for name, kinds in self._classes().items() if isinstance(value, kinds)}

    def _classes(self) -> dict[str, tuple[Any, ...]]:
        bson = self._bson
        return {
            "double": (float,),
            "string": (str,),
            "object": (Mapping,),
            "array": (list, tuple),
            "binData": (bytes, UUID),
            "objectId": (bson("objectid").ObjectId,),
            "bool": (bool,),
            "date": (datetime,),
            "null": (type(None),),
            "regex": (bson("regex").Regex, re.Pattern),
            "javascript": (bson("code").Code,),
            "timestamp": (bson("timestamp").Timestamp,),
            "decimal": (bson("decimal128").Decimal128,),
            "minKey": (bson("min_key").MinKey,),
            "maxKey": (bson("max_key").MaxKey,),
        }

    def _matches_entity(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        self.match(self._entities.get(argument, "value"), actual, path, root)

    def _matches_hex_bytes(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        expected = bytes.fromhex(argument)
        if actual != expected:
            raise Mismatch(f"{path}: expected {expected!r}, got {actual!r}")

    def _unset_or_matches(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        if actual is not MISSING and not (actual is None and not path):
            self.match(argument, actual, path, root)

    def _session_lsid(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        self.match(self._entities.get(argument, "session").lsid, actual, path)

    def _lte(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        if not is_number(actual) or actual > argument:
            raise Mismatch(f"{path}: must be at most {argument!r}, is {actual!r}")

    def _match_as_document(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        if not isinstance(actual, str):
            raise Mismatch(f"{path}: must be extended JSON, is {actual!r}")
        try:
            document = self._bson("json_util").loads(actual)
        except ValueError as error:
            raise Mismatch(f"{path}: {actual!r} is not extended JSON: {error}") from error
        self.match(argument, document, path)

    def _match_as_root(self, argument: Any, actual: Any, path: str, root: bool) -> None:
        self.match(argument, actual, path, root=True)


def normal(value: Any) -> Any:
    """A value without what does not count: time zones, and how a pattern is represented."""
    if isinstance(value, datetime):
        return (
            value.replace(tzinfo=None) if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        )
    if isinstance(value, re.Pattern):
        return (value.pattern, value.flags & ~re.UNICODE)
    if type(value).__name__ == "Regex":
        return (value.pattern, int(value.flags) & ~re.UNICODE)
    return value
