"""Checks of arguments that several commands take, with PyMongo's error classes and texts.

Pure, and knows no command. A check hands the value back, so that a builder reads as one expression.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

_RAW_DOCUMENT_MARKER = 101
_MAPPING_TEXT = (
    "must be an instance of dict, bson.son.SON, or any other type that inherits from collections.Mapping"
)
_DOCUMENT_TEXT = (
    "must be an instance of dict, bson.son.SON, bson.raw_bson.RawBSONDocument, "
    "or a type that inherits from collections.MutableMapping"
)


def mapping(option: str, value: Any) -> Mapping[str, Any]:
    """`value` if it is any mapping (a filter, a replacement).

    :raises TypeError: otherwise.
    """
    if type(value) is dict or isinstance(value, Mapping):
        return value
    raise TypeError(f"{option} {_MAPPING_TEXT}")


def document(option: str, value: Any) -> Any:
    """`value` if it is a document the driver may write to (it may get an `_id`) or a raw one.

    :raises TypeError: otherwise.
    """
    if type(value) is dict or isinstance(value, MutableMapping):
        return value
    if getattr(type(value), "_type_marker", None) == _RAW_DOCUMENT_MARKER:
        return value
    raise TypeError(f"{option} {_DOCUMENT_TEXT}")


def is_raw_document(value: Any) -> bool:
    """Whether `value` is a RawBSONDocument: such a document never gets an `_id`."""
    return is_raw_kind(type(value))


def is_raw_kind(kind: type[Any]) -> bool:
    """Whether documents of that class are RawBSONDocuments."""
    return getattr(kind, "_type_marker", None) == _RAW_DOCUMENT_MARKER


def boolean(option: str, value: Any) -> bool:
    """`value` if it is True or False.

    :raises TypeError: otherwise.
    """
    if value is True or value is False:
        return value
    raise TypeError(f"{option} must be True or False, was: {option}={value}")


def list_of(option: str, value: Any) -> list[Any]:
    """`value` if it is a list.

    :raises TypeError: otherwise.
    """
    if isinstance(value, list):
        return value
    raise TypeError(f"{option} must be a list, not {type(value)}")


def integer(option: str, value: Any) -> int:
    """`value` if it is an int.

    :raises TypeError: otherwise.
    """
    if isinstance(value, int):
        return value
    raise TypeError(f"{option} must be an integer, not {type(value)}")


def integer_or_none(option: str, value: Any) -> int | None:
    """`value` if it is an int or None.

    :raises TypeError: otherwise.
    """
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"{option} must be an integer or None, not {type(value)}")


def not_negative(option: str, value: int) -> int:
    """`value` if it is at least 0.

    :raises ValueError: otherwise.
    """
    if value < 0:
        raise ValueError(f"{option} must be >= 0")
    return value
