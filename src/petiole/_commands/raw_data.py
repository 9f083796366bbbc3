"""`rawData`: to see a time-series collection as the buckets it is kept in (specification: CRUD, "rawData").

Pure. Servers know the field from 8.2 on, and it is left out for all others. Whether one does is known no sooner than
a message for it is made, so that a command that asks for it is of a class of its own, and others pay nothing for it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from petiole._commands.arguments import boolean
from petiole._commands.base import Command

if TYPE_CHECKING:
    from petiole._commands.base import Limits

RAW_DATA_WIRE_VERSION = 27
"""MongoDB 8.2."""

_Kind = TypeVar("_Kind", bound=Command)


def with_raw_data(kind: type[_Kind], raw_data: bool | None) -> type[_Kind]:
    """The same kind of command, which says so to servers that understand it.

    :raises TypeError: if `raw_data` is neither a bool nor None.
    """
    if raw_data is None:
        return kind
    key: Any = kind
    made: type[_Kind] = _made(key, boolean("raw_data", raw_data))
    return made


@cache
def _made(kind: type[Any], raw_data: bool) -> type[Any]:
    element = b"\x08rawData\x00" + bytes([raw_data])

    def message(self: Any, flags: int, fragments: bytes, limits: Limits) -> bytes:
        if limits.max_wire_version >= RAW_DATA_WIRE_VERSION:
            fragments += element
        made: bytes = kind.message(self, flags, fragments, limits)
        return made

    return type(kind.__name__, (kind,), {"__slots__": (), "__module__": kind.__module__, "message": message})
