"""A write concern whose options are items, and can be set one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from petiole.write_concern import WriteConcern


class DictWriteConcern(WriteConcern):
    """The write concern of a Motor object. Setting an item changes what the object writes with from then on.

    It compares equal to write concerns and to dicts, and shows itself as a `WriteConcern`.
    """

    __slots__ = ("_set",)

    def __init__(self, current: WriteConcern, set_current: Callable[[WriteConcern], None]) -> None:
        super().__init__(**current.document)
        self._set = set_current

    @property
    def current(self) -> WriteConcern:
        """The same, and immutable."""
        return WriteConcern(**self._document)

    def _become(self, document: dict[str, Any]) -> None:
        if document.get("w") == 0:  # Disables acknowledgement "and all other write concern options".
            document = {"w": 0}
        super().__init__(**document)
        self._set(self.current)

    def __getitem__(self, option: str) -> Any:
        return self._document[option]

    def __setitem__(self, option: str, value: Any) -> None:
        self._become({**self._document, option: value})

    def __delitem__(self, option: str) -> None:
        self._become({name: value for name, value in self._document.items() if name != option})

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, option: object) -> bool:
        return option in self._document

    def keys(self) -> Any:
        """The names of the options that are set."""
        return self._document.keys()

    def values(self) -> Any:
        """Their values."""
        return self._document.values()

    def items(self) -> Any:
        """Both."""
        return self._document.items()

    def get(self, option: str, default: Any = None) -> Any:
        """The value of an option, or the default."""
        return self._document.get(option, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several options."""
        self._become({**self._document, **dict(*args, **kwargs)})

    def pop(self, option: str, *default: Any) -> Any:
        """Take an option away, and return its value."""
        value = self._document[option] if not default else self._document.get(option, *default)
        if option in self._document:
            del self[option]
        return value

    def clear(self) -> None:
        """Take all options away: the server's default."""
        self._become({})

    def __eq__(self, other: object) -> bool:
        return self._document == other if isinstance(other, dict) else super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        return repr(self.current)
