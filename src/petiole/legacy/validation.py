"""The validators of `pymongo.common` that only 3.x had."""

from __future__ import annotations

from typing import Any

from petiole._uri.scalars import validate_integer, validate_positive_integer, validate_string
from petiole.errors import ConfigurationError

__all__ = ["validate_auth_option", "validate_int_or_basestring", "validate_positive_integer_or_none"]

_AUTH_OPTIONS = frozenset({"authmechanism", "authmechanismproperties", "authsource"})


def validate_positive_integer_or_none(option: str, value: Any) -> int | None:
    """`value` as a positive integer, or None."""
    return None if value is None else validate_positive_integer(option, value)


def validate_int_or_basestring(option: str, value: Any) -> int | str:
    """`value` if it is an integer, or a text: as a number where it is one."""
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise TypeError(f"Wrong type for {option}, value must be an integer or a string")
    try:
        return validate_integer(option, value)
    except ValueError:
        return value


def validate_auth_option(option: str, value: Any) -> tuple[str, Any]:
    """The option's name in small letters, and the value, of an option of authentication."""
    lower = option.lower()
    text = validate_string(option, value)
    if lower not in _AUTH_OPTIONS:
        raise ConfigurationError(f"Unknown authentication option: {option}")
    return lower, text
