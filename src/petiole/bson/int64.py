"""`Int64`: a Python int that is always encoded as a BSON int64.

Owns the class. Native code makes one as `Int64(n)`: `int.__new__` on the class, and no attributes.
"""

from __future__ import annotations

from typing import Any


class Int64(int):
    """An `int` that is encoded as BSON's 64-bit integer, also where 32 bits would do.

    Decoding gives this class for every BSON int64. Arithmetic gives plain `int`.
    """

    __slots__ = ()

    _type_marker = 18

    def __getstate__(self) -> dict[str, Any]:
        return dict(getattr(self, "__dict__", {}))

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
