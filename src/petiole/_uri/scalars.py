"""Validators of options that are a bool, a number, a string or a time.

Each takes the option's name and a value, from a keyword or as text from a connection string, and returns the
value to use. A wrong type raises TypeError, a wrong value ValueError; no text holds a value that may be a
secret.
Times are given in milliseconds and returned in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petiole._uri.defaults import MAX_APPNAME_BYTES
from petiole.errors import ConfigurationError
from petiole.write_concern import validate_boolean

# Longer times overflow the clocks of some platforms.
_TOO_LARGE = 1_000_000_000


def validate_boolean_or_string(option: str, value: Any) -> bool:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError(f"The value of {option} must be 'true' or 'false'")
        return value == "true"
    return validate_boolean(option, value)


def validate_integer(option: str, value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise ValueError(f"The value of {option} must be an integer") from None
    raise TypeError(f"Wrong type for {option}, value must be an integer, not {type(value)}")


def validate_positive_integer(option: str, value: Any) -> int:
    number = validate_integer(option, value)
    if number <= 0:
        raise ValueError(f"The value of {option} must be a positive integer")
    return number


def validate_non_negative_integer(option: str, value: Any) -> int:
    number = validate_integer(option, value)
    if number < 0:
        raise ValueError(f"The value of {option} must be a non negative integer")
    return number


def validate_non_negative_integer_or_none(option: str, value: Any) -> int | None:
    return None if value is None else validate_non_negative_integer(option, value)


def validate_port(option: str, value: Any) -> int:
    number = validate_integer(option, value)
    if not 0 < number < 65536:
        raise ValueError(f"The value of {option} must be an integer between 1 and 65535")
    return number


def validate_string(option: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"Wrong type for {option}, value must be an instance of str, not {type(value)}")


def validate_string_or_none(option: str, value: Any) -> str | None:
    return None if value is None else validate_string(option, value)


def validate_non_negative_int_or_basestring(option: str, value: Any) -> int | str:
    # A keyword's integer is checked by WriteConcern, which has its own text for it.
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            number = int(value)
        except ValueError:
            return value
        return validate_non_negative_integer(option, number)
    raise TypeError(
        f"Wrong type for {option}, value must be an non negative integer or a string, not {type(value)}"
    )


def validate_positive_float(option: str, value: Any) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"{option} must be an integer or float") from None
    except TypeError:
        raise TypeError(f"{option} must be an integer or float") from None
    # Written so that NaN fails too.
    if not 0 < number < _TOO_LARGE:
        raise ValueError(f"{option} must be greater than 0 and less than one billion")
    return number


def validate_positive_float_or_zero(option: str, value: Any) -> float:
    return 0 if _is_zero(value) else validate_positive_float(option, value)


def validate_timeout_or_none(option: str, value: Any) -> float | None:
    return None if value is None else validate_positive_float(option, value) / 1000.0


def validate_timeout_or_zero(option: str, value: Any) -> float:
    if value is None:
        raise ConfigurationError(f"{option} cannot be None")
    return 0 if _is_zero(value) else validate_positive_float(option, value) / 1000.0


def validate_timeout_or_none_or_zero(option: str, value: Any) -> float | None:
    """Zero means no limit, as None does."""
    return None if value is None or _is_zero(value) else validate_positive_float(option, value) / 1000.0


def validate_timeoutms(option: str, value: Any) -> float | None:
    """The client's ``timeoutMS``: zero is a limit of its own (none, but the other timeouts stay replaced)."""
    return None if value is None else validate_positive_float_or_zero(option, value) / 1000.0


def validate_max_staleness(option: str, value: Any) -> int:
    # -1 is how a connection string says "no bound".
    return -1 if value in (-1, "-1") else validate_positive_integer(option, value)


def validate_readable(option: str, value: Any) -> str | None:
    """The path of a file that can be opened; an OSError says what is wrong with it."""
    if value is None:
        return None
    path = validate_string(option, value)
    with open(path, "rb"):
        return path


def validate_list(option: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{option} must be a list, not {type(value)}")
    return value


def validate_is_mapping(option: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{option} must be an instance of dict, bson.son.SON, or any other type that inherits from "
            "collections.Mapping"
        )


def validate_appname_or_none(option: str, value: Any) -> str | None:
    if value is None:
        return None
    name = validate_string(option, value)
    # The server cuts longer names off (MongoDB Handshake, "client.application.name").
    if len(name.encode()) > MAX_APPNAME_BYTES:
        raise ValueError(f"{option} must be <= {MAX_APPNAME_BYTES} bytes")
    return name


def validate_zlib_compression_level(option: str, value: Any) -> int:
    try:
        level = int(value)
    except (TypeError, ValueError):
        raise TypeError(f"{option} must be an integer, not {value!r}") from None
    if not -1 <= level <= 9:
        raise ValueError(f"{option} must be between -1 and 9, not {level}.")
    return level


def _is_zero(value: Any) -> bool:
    return bool(value in (0, "0"))
