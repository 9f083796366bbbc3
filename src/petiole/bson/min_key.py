"""`MinKey`: the BSON value that sorts before every other one. Owns the class; it has no state."""

from __future__ import annotations

from typing import Any

from petiole.bson._state import set_slot_state, slot_state


class MinKey:
    """BSON's MinKey: less than everything but another `MinKey`."""

    __slots__ = ()

    _type_marker = 255

    __getstate__ = slot_state
    __setstate__ = set_slot_state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MinKey)

    def __hash__(self) -> int:
        return hash(self._type_marker)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, MinKey)

    def __le__(self, other: Any) -> bool:
        return True

    def __lt__(self, other: Any) -> bool:
        return not isinstance(other, MinKey)

    def __ge__(self, other: Any) -> bool:
        return isinstance(other, MinKey)

    def __gt__(self, other: Any) -> bool:
        return False

    def __repr__(self) -> str:
        return "MinKey()"
