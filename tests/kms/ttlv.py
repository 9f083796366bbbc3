"""TTLV, the encoding of KMIP: a tag, a type, a length, and a value padded to eight bytes (KMIP 1.2, section 9.1).

A structure is a list of items; integers, enumerations and dates are Python's `int`, texts `str`, byte strings `bytes`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

_HEADER = struct.Struct(">3sBI")
HEADER_SIZE = _HEADER.size
STRUCTURE, INTEGER, LONG, ENUMERATION, BOOLEAN, TEXT, BYTES, DATE = 1, 2, 3, 5, 6, 7, 8, 9
_NUMBERS = {INTEGER: ">i", LONG: ">q", ENUMERATION: ">I", BOOLEAN: ">Q", DATE: ">q"}


class Item(NamedTuple):
    """One item."""

    tag: int
    kind: int
    value: int | str | bytes | Sequence[Item]

    def all(self, tag: int) -> list[Item]:
        """The items with that tag right in this structure."""
        assert isinstance(self.value, (list, tuple))
        return [item for item in self.value if item.tag == tag]

    def find(self, *tags: int) -> Item:
        """The item to which the tags lead; ValueError if there is none."""
        found = self
        for tag in tags:
            if not (items := found.all(tag)):
                raise ValueError(f"there is no item {tag:06x}")
            found = items[0]
        return found

    def number(self, *tags: int) -> int:
        """The number there."""
        value = self.find(*tags).value
        assert isinstance(value, int)
        return value

    def text(self, *tags: int) -> str:
        """The text there."""
        value = self.find(*tags).value
        assert isinstance(value, str)
        return value

    def data(self, *tags: int) -> bytes:
        """The bytes there."""
        value = self.find(*tags).value
        assert isinstance(value, bytes)
        return value


def structure(tag: int, *items: Item) -> Item:
    return Item(tag, STRUCTURE, items)


def pack(item: Item) -> bytes:
    value = _value(item)
    padding = b"\0" * (-len(value) % 8)
    return _HEADER.pack(item.tag.to_bytes(3, "big"), item.kind, len(value)) + value + padding


def _value(item: Item) -> bytes:
    value = item.value
    if isinstance(value, int):
        return struct.pack(_NUMBERS[item.kind], value)
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    return b"".join(map(pack, value))


def length_of(header: bytes) -> int:
    """How many bytes follow a header."""
    length: int = _HEADER.unpack(header)[2]
    return length


def unpack(data: bytes) -> Item:
    """The one item that the bytes are."""
    (item,) = _items(data)
    return item


def _items(data: bytes) -> list[Item]:
    found, place = [], 0
    while place < len(data):
        tag, kind, length = _HEADER.unpack_from(data, place)
        place += HEADER_SIZE
        found.append(Item(int.from_bytes(tag, "big"), kind, _read(kind, data[place : place + length])))
        place += length + -length % 8
    return found


def _read(kind: int, value: bytes) -> int | str | bytes | list[Item]:
    if kind == STRUCTURE:
        return _items(value)
    if kind in _NUMBERS:
        number: int = struct.unpack(_NUMBERS[kind], value)[0]
        return number
    return value.decode() if kind == TEXT else value
