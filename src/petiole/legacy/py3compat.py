"""Names by which programs of the 3.x era served Python 2 and 3 alike; what they mean on Python 3."""

from __future__ import annotations

from collections import abc
from io import BytesIO as StringIO
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "MAXSIZE",
    "PY3",
    "StringIO",
    "abc",
    "b",
    "imap",
    "integer_types",
    "iteritems",
    "itervalues",
    "string_type",
    "text_type",
]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

PY3 = True
MAXSIZE = (1 << 63) - 1
imap = map
integer_types = int
string_type = str
text_type = str


def b(s: str) -> bytes:
    """The bytes of a text, a character each."""
    return s.encode("latin-1")


def iteritems(d: Mapping[_Key, _Value]) -> Iterator[tuple[_Key, _Value]]:
    """The items of a mapping."""
    return iter(d.items())


def itervalues(d: Mapping[Any, _Value]) -> Iterator[_Value]:
    """The values of a mapping."""
    return iter(d.values())
