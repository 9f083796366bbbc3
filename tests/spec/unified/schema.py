"""Small checks out of which the shape of a document is put together.

Owns the combinators only: a check takes a value and the path to it and raises `Malformed`. What the unified test
format looks like is said with them in `file_format`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Check = Callable[[Any, str], None]


class Malformed(Exception):
    """A document does not have the shape it should have."""


def refuse(path: str, why: str) -> None:
    raise Malformed(f"{path or 'the document'}: {why}")


def anything(value: Any, path: str) -> None:
    """Whatever it is."""


def of_type(*types: type) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            refuse(path, f"must be {' or '.join(kind.__name__ for kind in types)}, not {value!r}")

    return check


string = of_type(str)
boolean = of_type(bool)
integer = of_type(int)
document = of_type(dict)


def matching(pattern: str) -> Check:
    compiled = re.compile(pattern)

    def check(value: Any, path: str) -> None:
        string(value, path)
        if not compiled.fullmatch(value):
            refuse(path, f"{value!r} does not look like {pattern}")

    return check


def one_of(*allowed: Any) -> Check:
    def check(value: Any, path: str) -> None:
        if not any(value == item and type(value) is type(item) for item in allowed):
            refuse(path, f"{value!r} is not one of {', '.join(map(repr, allowed))}")

    return check


def either(*checks: Check) -> Check:
    def check(value: Any, path: str) -> None:
        problems = []
        for option in checks:
            try:
                return option(value, path)
            except Malformed as problem:
                problems.append(str(problem))
        return refuse(path, "; nor ".join(problems))

    return check


def array(item: Check, minimum: int = 0) -> Check:
    def check(value: Any, path: str) -> None:
        of_type(list)(value, path)
        if len(value) < minimum:
            refuse(path, f"needs at least {minimum} items")
        for index, element in enumerate(value):
            item(element, f"{path}[{index}]")

    return check


def fields(
    required: Mapping[str, Check] | None = None,
    optional: Mapping[str, Check] | None = None,
    *,
    minimum: int = 0,
    maximum: int | None = None,
    exclusive: Iterable[tuple[str, str]] = (),
) -> Check:
    """A document with these fields and no others."""
    required, optional = required or {}, optional or {}
    known = {**required, **optional}
    pairs = tuple(exclusive)

    def check(value: Any, path: str) -> None:
        document(value, path)
        for name in required:
            if name not in value:
                refuse(path, f"lacks {name!r}")
        if len(value) < minimum or (maximum is not None and len(value) > maximum):
            refuse(path, f"has {len(value)} fields")
        for first, second in pairs:
            if first in value and second in value:
                refuse(path, f"has both {first!r} and {second!r}")
        for name, item in value.items():
            if name not in known:
                refuse(path, f"may not have {name!r}")
            known[name](item, f"{path}.{name}" if path else name)

    return check


def mapping(keys: Check, values: Check, minimum: int = 0) -> Check:
    """A document with any fields that satisfy `keys`, whose values satisfy `values`."""

    def check(value: Any, path: str) -> None:
        document(value, path)
        if len(value) < minimum:
            refuse(path, f"needs at least {minimum} fields")
        for name, item in value.items():
            keys(name, path)
            values(item, f"{path}.{name}")

    return check


def later(get: Callable[[], Check]) -> Check:
    """A check that is defined further down: for documents that nest in themselves."""
    return lambda value, path: get()(value, path)
