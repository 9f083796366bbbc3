"""`SON`: an ordered dictionary from the days when `dict` was not.

Owns the class. A SON is a `dict` that keeps insertion order by itself; equality between two SONs heeds the
order. Methods that answered lists or asked for arguments in PyMongo do so here. Pickles list the keys once
more as `_SON__keys`, as PyMongo's do, so that either side reads the other's. Native code makes an empty one
with `dict.__new__` on the class and stores items with `PyDict_SetItem`.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeVar, cast

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_T = TypeVar("_T")

RE_TYPE: type[re.Pattern[Any]] = re.Pattern

_KEYS = "_SON__keys"


class SON(dict[_Key, _Value]):
    """A dictionary whose equality with another SON depends on the order of the keys.

    :param data: a mapping or pairs
    :param kwargs: more items
    """

    def __init__(
        self,
        data: Mapping[_Key, _Value] | Iterable[tuple[_Key, _Value]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.update(data)
        self.update(kwargs)

    def __repr__(self) -> str:
        return f"SON([{', '.join(map(repr, self.items()))}])"

    def __iter__(self) -> Iterator[_Key]:
        # A copy, as loops over a SON have always been free to change it.
        return iter(list(super().__iter__()))

    def copy(self) -> SON[_Key, _Value]:
        """A shallow copy."""
        return SON(self)

    def has_key(self, key: _Key) -> bool:
        """Deprecated: `key in son`."""
        _deprecated("has_key", "in operator")
        return key in self

    def iterkeys(self) -> Iterator[_Key]:
        """Deprecated: `keys`."""
        _deprecated("iterkeys", "keys() method")
        return iter(self)

    def itervalues(self) -> Iterator[_Value]:
        """Deprecated: `values`."""
        _deprecated("itervalues", "values() method")
        return iter(self.values())

    def values(self) -> list[_Value]:  # type: ignore[override]
        """The values, as a list."""
        return list(super().values())

    def setdefault(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, key: _Key, default: _Value
    ) -> _Value:
        """The value of `key`, which becomes `default` if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple[_Key, _Value]:
        """Removes and returns the first item."""
        for key, value in self.items():
            del self[key]
            return key, value
        raise KeyError("container is empty")

    def update(self, other: Any | None = None, **kwargs: _Value) -> None:
        """Takes over the items of a mapping or of pairs, then `kwargs`."""
        for items in (other, kwargs):
            if items is None:
                continue
            pairs: Any = items.items() if hasattr(items, "items") else items
            if type(self).__setitem__ is dict.__setitem__:
                super().update(pairs)
                continue
            # A subclass that watches assignments sees each one.
            for key, value in pairs:
                self[key] = value

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SON):
            return len(self) == len(other) and list(self.items()) == list(other.items())
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def to_dict(self) -> dict[_Key, _Value]:
        """A plain dictionary of this one and of all below it, through lists and mappings."""
        return cast("dict[_Key, _Value]", _plain(self))

    def __deepcopy__(self, memo: dict[int, SON[_Key, _Value]]) -> SON[_Key, _Value]:
        if id(self) in memo:
            return memo[id(self)]
        copied: SON[_Key, _Value] = SON()
        memo[id(self)] = copied
        for key, value in self.items():
            # A compiled expression is immutable, and once could not be deep-copied.
            copied[key] = value if isinstance(value, RE_TYPE) else deepcopy(value, memo)
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        state = {_KEYS: list(self), **self.__dict__}
        return copyreg.__newobj__, (type(self),), state, None, iter(self.items())  # type: ignore[attr-defined]

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({name: value for name, value in state.items() if name != _KEYS})


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _deprecated(name: str, instead: str) -> None:
    import warnings

    message = f"SON.{name}() is deprecated, use the {instead} instead"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
