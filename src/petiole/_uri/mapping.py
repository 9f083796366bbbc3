"""A mapping whose keys compare without regard to case, and keep the case they were first given in."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class CaseInsensitiveDictionary(MutableMapping[str, Any]):
    """Options of a client: iterates in lower case; `cased_key` gives the spelling that was used."""

    __slots__ = ("_cased", "_data")

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), **kwargs: Any) -> None:
        self._cased: dict[str, str] = {}
        self._data: dict[str, Any] = {}
        if isinstance(items, CaseInsensitiveDictionary):
            self._cased.update(items._cased)
            self._data.update(items._data)
            items = ()
        self.update(items, **kwargs)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._data

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __repr__(self) -> str:
        return repr({self._cased[key]: value for key, value in self._data.items()})

    def __getitem__(self, key: str) -> Any:
        return self._data[key.lower()]

    def __setitem__(self, key: str, value: Any) -> None:
        lower = key.lower()
        self._cased[lower] = key
        self._data[lower] = value

    def __delitem__(self, key: str) -> None:
        lower = key.lower()
        del self._cased[lower]
        del self._data[lower]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CaseInsensitiveDictionary):
            return self._data == other._data
        if isinstance(other, dict):
            return self._data == {str(key).lower(): value for key, value in other.items()}
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def cased_key(self, key: str) -> str:
        """The spelling `key` was given in."""
        return self._cased[key.lower()]
