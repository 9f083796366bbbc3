"""Base of the values that are read by many threads at once and therefore never change.

Owns: the refusal of assignment, and pickling and copying in spite of it. `dataclasses` would do the same, but
importing it costs more than all of `petiole._sdam` together.
"""

from typing import Any, NoReturn


class Immutable:
    """A slotted value; `__init__` fills the slots through `fill`, nobody assigns to them afterwards."""

    __slots__: tuple[str, ...] = ()

    def fill(self, values: dict[str, Any]) -> None:
        """Set the given slots. Only for `__init__` and for unpickling."""
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.fill(state)
