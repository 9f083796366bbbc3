"""`MaxKey`: the BSON value that sorts after every other one. Owns the class; it has no state."""

from __future__ import annotations

from typing import Any

from petiole.bson._state import set_slot_state, slot_state


class MaxKey:
    """BSON's MaxKey: greater than everything but another `MaxKey`."""

    __slots__ = ()

    _type_marker = 127

    __getstate__ = slot_state
    __setstate__ = set_slot_state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MaxKey)

    def __hash__(self) -> int:
        return hash(self._type_marker)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, MaxKey)

    def __le__(self, other: Any) -> bool:
        return isinstance(other, MaxKey)

    def __lt__(self, other: Any) -> bool:
        return False

    def __ge__(self, other: Any) -> bool:
        return True

    def __gt__(self, other: Any) -> bool:
        return not isinstance(other, MaxKey)

    def __repr__(self) -> str:
        return "MaxKey()"
