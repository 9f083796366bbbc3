"""BSON that is looked through, but not decoded: what is not marked goes on as it came, byte for byte and type for type.

Python has no values for some of BSON's types (symbols, undefined, DBPointers), so decoding would lose them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from petiole.bson import decode, encode

_ORDINARY = (
    *(
        "double",
        "string",
        "object",
        "array",
        "binData",
        "undefined",
        "objectId",
        "bool",
        "date",
        "null",
        "regex",
    ),
    *("dbPointer", "javascript", "symbol", "javascriptWithScope", "int", "timestamp", "long", "decimal"),
)
NAMES = {**dict(enumerate(_ORDINARY, 1)), 0xFF: "minKey", 0x7F: "maxKey"}
"""The names of BSON's types, as schemas have them."""
_FIXED = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16}
_FIXED |= {0xFF: 0, 0x7F: 0}
ENCRYPTED = 6
"""The subtype of what is encrypted, and of what is marked to be."""


class Value(NamedTuple):
    """A value by its type and its bytes."""

    kind: int
    data: bytes

    @property
    def type_name(self) -> str:
        """The name of its type."""
        return NAMES[self.kind]

    @property
    def is_object(self) -> bool:
        """Whether it is a document."""
        return self.kind == 0x03

    @property
    def is_array(self) -> bool:
        """Whether it is an array."""
        return self.kind == 0x04

    @property
    def subtype(self) -> int | None:
        """The subtype, of binary data."""
        return self.data[4] if self.kind == 0x05 else None

    @property
    def fields(self) -> Document:
        """What is in it, a document or an array; nothing else has anything."""
        return parse(self.data) if self.kind in (0x03, 0x04) else {}

    @property
    def items(self) -> list[Value]:
        """The items of an array."""
        return list(self.fields.values())

    @property
    def python(self) -> Any:
        """The value as Python has it."""
        return decode(pack({"": self}))[""]

    @property
    def truth(self) -> bool:
        """Whether it is true, for flags."""
        return bool(self.python)


Document: TypeAlias = dict[str, Value]


def value_of(value: Any) -> Value:
    """A value of Python's."""
    return parse(encode({"": value}))[""]


def document(fields: Mapping[str, Value]) -> Value:
    return Value(0x03, pack(fields))


def array(items: Iterable[Value]) -> Value:
    return Value(0x04, pack({str(index): item for index, item in enumerate(items)}))


def binary(data: bytes, subtype: int) -> Value:
    return Value(0x05, len(data).to_bytes(4, "little") + bytes([subtype]) + data)


def pack(fields: Mapping[str, Value]) -> bytes:
    """The bytes of a document."""
    body = b"".join(
        bytes([value.kind]) + name.encode() + b"\0" + value.data for name, value in fields.items()
    )
    return (len(body) + 5).to_bytes(4, "little") + body + b"\0"


def parse(data: bytes) -> Document:
    """The fields of a document, in their order."""
    fields: Document = {}
    place = 4
    while kind := data[place]:
        end = data.index(b"\0", place + 1)
        size = _size(kind, data, end + 1)
        fields[data[place + 1 : end].decode()] = Value(kind, data[end + 1 : end + 1 + size])
        place = end + 1 + size
    return fields


def _size(kind: int, data: bytes, place: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == 0x0B:
        return data.index(b"\0", data.index(b"\0", place) + 1) + 1 - place
    length = int.from_bytes(data[place : place + 4], "little")
    return length + {0x02: 4, 0x0D: 4, 0x0E: 4, 0x05: 5, 0x0C: 16}.get(kind, 0)
