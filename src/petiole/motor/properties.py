"""The options that clients, databases and collections hand down, readable as today's and settable as they once were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole.motor.metaprogramming import AgnosticBase, delegated
from petiole.motor.write_concern import DictWriteConcern
from petiole.read_preferences import make_read_preference
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from petiole.read_preferences import _ServerMode


class AgnosticBaseProperties(AgnosticBase):
    """Has options. What is set counts for this object from now on, and for what is made of it."""

    codec_options = delegated("How documents are encoded and decoded.")
    read_concern = delegated("What reads are to see.")
    _concern: DictWriteConcern | None = None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, AgnosticBase) and isinstance(self, other.__class__):
            return bool(self.delegate == other.delegate)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.delegate)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._inner()})"

    def _inner(self) -> str:
        """The delegate, as it is called where there is no face but one."""
        raise NotImplementedError

    @property
    def write_concern(self) -> WriteConcern:
        """The write concern. It can be set, to a `WriteConcern` or a dict, and has its options as a dict has items.

        ``client.write_concern = {"w": 2, "wtimeout": 1000}; client.write_concern["j"] = True``
        """
        current = self.delegate.write_concern
        if self._concern is None or self._concern.current != current:
            self._concern = DictWriteConcern(current, self._set_write_concern)
        return self._concern

    @write_concern.setter
    def write_concern(self, value: WriteConcern | Mapping[str, Any]) -> None:
        self._set_write_concern(value if isinstance(value, WriteConcern) else WriteConcern(**value))

    def _set_write_concern(self, concern: WriteConcern) -> None:
        self._replace_options(None, None, concern)

    @property
    def read_preference(self) -> _ServerMode:
        """Which members reads go to. It can be set, to a read preference or its mode."""
        return self.delegate.read_preference  # type: ignore[no-any-return]

    @read_preference.setter
    def read_preference(self, value: _ServerMode | int) -> None:
        if isinstance(value, int):
            value = make_read_preference(value, self.read_preference.tag_sets if value else None)
        self._replace_options(None, value, None)

    def _replace_options(self, codec_options: Any, read_preference: Any, write_concern: Any) -> None:
        options = self.delegate._options
        self.delegate._options = options.replaced(codec_options, read_preference, write_concern, None)


def immutable(concern: Any) -> Any:
    """A write concern to keep: one that is an attribute of a Motor object changes with it."""
    return concern.current if isinstance(concern, DictWriteConcern) else concern
