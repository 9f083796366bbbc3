"""Index keys: the forms indexes, sorts and hints accept, and the default name of an index.

Pure values, below all layers, as :class:`petiole.operations.IndexModel` needs them too. A specification of keys is
a string, a mapping, or a sequence whose entries are strings or (key, direction) pairs; it always becomes one
ordered ``dict`` (specification: Index Management).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from petiole.typings import _IndexKeyHint

_ASCENDING = 1
_SEQUENCES = (list, tuple)


def index_list(keys: Any, direction: int | str | None = None) -> list[tuple[str, Any]]:
    """`keys` as a list of (key, direction) pairs, each not yet checked.

    :param direction: only where `keys` is one key.
    :raises TypeError: if `keys` has none of the accepted forms.
    """
    if direction is not None:
        if not isinstance(keys, str):
            raise TypeError(f"Expected a string and a direction, not {type(keys)}")
        return [(keys, direction)]
    if isinstance(keys, str):
        return [(keys, _ASCENDING)]
    if isinstance(keys, Mapping):
        return list(keys.items())
    if not isinstance(keys, _SEQUENCES) and not _is_items_view(keys):
        raise TypeError(
            f"if no direction is specified, key_or_list must be an instance of list, not {type(keys)}"
        )
    return [(entry, _ASCENDING) if isinstance(entry, str) else entry for entry in keys]


def index_document(keys: Any) -> dict[str, Any]:
    """The ordered ``key`` document of an index, a sort or a hint.

    :param keys: a mapping, or a sequence of keys and (key, direction) pairs; not a lone string.
    :raises TypeError: if `keys` or one of its entries has the wrong type.
    :raises ValueError: if `keys` is empty or an entry is not a pair.
    """
    if isinstance(keys, Mapping):
        pairs: Iterable[Any] = keys.items()
    elif isinstance(keys, _SEQUENCES) or _is_items_view(keys):
        pairs = keys
    else:
        raise TypeError(f"must use a dictionary or a list of (key, direction) pairs, not: {keys!r}")
    if not keys:
        raise ValueError("key_or_list must not be empty")
    document: dict[str, Any] = {}
    for entry in pairs:
        key, value = _pair(entry)
        document[key] = value
    return document


def normalise_keys(keys: _IndexKeyHint) -> dict[str, Any]:
    """The ordered ``key`` document for `keys` in any form that ``create_index`` accepts."""
    return index_document(index_list(keys))


def index_name(pairs: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> str:
    """The name the drivers agree on for an index without a name: "a_1_b_text"."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return "_".join(f"{key}_{value}" for key, value in items)


def hint_document(hint: _IndexKeyHint) -> str | dict[str, Any]:
    """A hint as the server takes it: the name of an index, or its keys in order."""
    return hint if isinstance(hint, str) else index_document(hint)


def projection_document(fields: Any, option: str) -> Mapping[str, Any]:
    """`fields` as the mapping a projection is: a list of names becomes ``{name: 1}``.

    :raises TypeError: if `fields` is neither a mapping nor a sequence of names; the text names `option`.
    """
    if isinstance(fields, Mapping):
        return fields
    if isinstance(fields, (list, tuple, str, set, frozenset)) or hasattr(fields, "__iter__"):
        names = list(fields)
        if all(isinstance(name, str) for name in names):
            return dict.fromkeys(names, 1)
        raise TypeError(f"{option} must be a list of key names, each an instance of str")
    raise TypeError(f"{option} must be a mapping or list of key names")


def _pair(entry: Any) -> tuple[str, Any]:
    if isinstance(entry, str):
        return entry, _ASCENDING
    try:
        key, value = entry
    except TypeError:
        raise TypeError(
            f"each entry must be a key name or a (key, direction) pair, not {type(entry)}"
        ) from None
    if not isinstance(key, str):
        raise TypeError(f"first item in each key pair must be an instance of str, not {type(key)}")
    if not isinstance(value, (str, int, Mapping)):
        raise TypeError(
            "second item in each key pair must be 1, -1, '2d', or another valid MongoDB index specifier., "
            f"not {type(value)}"
        )
    return key, value


def _is_items_view(keys: Any) -> bool:
    return isinstance(keys, type({}.items()))
