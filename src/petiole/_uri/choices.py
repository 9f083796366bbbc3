"""Validators of options whose values are names: modes, tags, mechanisms and their properties, compressors.

Same contract as ``scalars``. Percent-encoding inside lists and pairs is undone after they are split, so an
encoded comma or colon belongs to the value (specification: Connection String, "Keys and values").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._auth.mechanisms import MECHANISM_PROPERTIES, MECHANISMS, canonical_host_name_option
from petiole.read_preferences import _MONGOS_MODES

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPRESSORS = ("snappy", "zlib", "zstd")
UUID_REPRESENTATIONS = {
    "unspecified": 0,
    "standard": 4,
    "pythonLegacy": 3,
    "javaLegacy": 5,
    "csharpLegacy": 6,
}
UNICODE_DECODE_ERROR_HANDLERS = ("strict", "replace", "ignore")
SERVER_MONITORING_MODES = ("auto", "stream", "poll")


def validate_read_preference_mode(option: str, value: Any) -> str:
    if value not in _MONGOS_MODES:
        raise ValueError(
            f"{value} is not a valid read preference. Must be one of: {', '.join(_MONGOS_MODES)}"
        )
    return value  # type: ignore[no-any-return]


def validate_read_preference_tags(option: str, value: Any) -> list[dict[str, str]]:
    """Tag sets from "dc:ny,rack:1"; the empty text is the set that any member has."""
    return [_tag_set(option, text) for text in (value if isinstance(value, list) else [value])]


def validate_auth_mechanism(option: str, value: Any) -> str:
    if value not in MECHANISMS:
        raise ValueError(f"{option} must be in {tuple(sorted(MECHANISMS))}")
    return value  # type: ignore[no-any-return]


def validate_auth_mechanism_properties(option: str, value: Any) -> dict[str, Any]:
    """Properties from "NAME:value,NAME:value" or a dict."""
    if isinstance(value, dict):
        return {name: _property_of_dict(name, entry) for name, entry in value.items()}
    if not isinstance(value, str):
        raise TypeError(
            f"Auth mechanism properties must be given as a string or a dictionary, not {type(value)}"
        )
    # A wholly encoded text is accepted too: "NAME%3Avalue".
    text = value if ":" in value else _unquote(value)
    pairs = [entry.partition(":") for entry in text.split(",")]
    if any(not name or not rest for name, _, rest in pairs):
        raise ValueError("Malformed auth mechanism properties")
    properties: dict[str, Any] = {}
    for quoted_name, _, quoted in pairs:
        name = _unquote(quoted_name)
        if name not in MECHANISM_PROPERTIES:
            raise ValueError(_unsupported_property(name, text))
        entry = _unquote(quoted)
        properties[name] = canonical_host_name_option(entry) if name == "CANONICALIZE_HOST_NAME" else entry
    return properties


def redact_auth_mechanism_properties(properties: Any) -> Any:
    """Properties as they may be shown: values that can be secrets, or hold them, are replaced."""
    if not isinstance(properties, dict):
        return properties
    shown = MECHANISM_PROPERTIES - {"AWS_SESSION_TOKEN"} | {"ALLOWED_HOSTS"}
    return {name: value if name in shown else "<redacted>" for name, value in properties.items()}


def validate_compressors(option: str, value: Any) -> list[str]:
    """The known compressors among those given, in order; a warning names the others."""
    names: Iterable[Any] = value.split(",") if isinstance(value, str) else value
    known = []
    for name in names:
        if name in COMPRESSORS:
            known.append(name)
        else:
            _warn(f"Unsupported compressor: {name}")
    return known


def validate_uuid_representation(option: str, value: Any) -> int:
    if value not in UUID_REPRESENTATIONS:
        raise ValueError(
            f"{value} is an invalid UUID representation. Must be one of {tuple(UUID_REPRESENTATIONS)}"
        )
    return UUID_REPRESENTATIONS[value]


def validate_unicode_decode_error_handler(option: str, value: Any) -> str:
    if value not in UNICODE_DECODE_ERROR_HANDLERS:
        raise ValueError(
            f"{value} is an invalid Unicode decode error handler. "
            f"Must be one of {UNICODE_DECODE_ERROR_HANDLERS}"
        )
    return value  # type: ignore[no-any-return]


def validate_server_monitoring_mode(option: str, value: Any) -> str:
    if value not in SERVER_MONITORING_MODES:
        raise ValueError(f'{option}={value!r} is invalid. Must be one of "auto", "stream", or "poll"')
    return value  # type: ignore[no-any-return]


def validate_datetime_conversion(option: str, value: Any) -> Any:
    from petiole.bson.codec_options import DatetimeConversion

    if value is None:
        return DatetimeConversion.DATETIME
    if isinstance(value, str):
        if value.isdigit():
            return DatetimeConversion(int(value))
        # PyMongo's documentation names them in small letters, and PyMongo takes them in capitals.
        if value.upper() not in DatetimeConversion.__members__:
            names = ", ".join(DatetimeConversion.__members__).lower()
            raise KeyError(f"{value!r} is no valid value for {option}: it must be one of {names}")
        return DatetimeConversion[value.upper()]
    if isinstance(value, int):
        return DatetimeConversion(value)
    raise TypeError(f"{option} must be a str or int representing DatetimeConversion, not {type(value)}")


def _tag_set(option: str, text: Any) -> dict[str, str]:
    if text == "":
        return {}
    tags: dict[str, str] = {}
    pairs = text.split(",") if isinstance(text, str) else [None]
    for pair in pairs:
        parts = pair.split(":") if pair is not None else []
        if len(parts) != 2:
            raise ValueError(f"{text!r} not a valid value for {option}")
        tags[_unquote(parts[0])] = _unquote(parts[1])
    return tags


def _property_of_dict(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if name == "AWS_CREDENTIAL_PROVIDER" and callable(value):
        return value
    if name == "ALLOWED_HOSTS":
        if not isinstance(value, list):
            raise TypeError(f"{name} must be a list, not {type(value)}")
        return value
    if name in ("OIDC_CALLBACK", "OIDC_HUMAN_CALLBACK"):
        # By name, so that the class need not be imported for every client.
        if all(base.__name__ != "OIDCCallback" for base in type(value).__mro__):
            raise TypeError(f"callback must be an OIDCCallback object, not {type(value)}")
        return value
    raise TypeError(f"Invalid type for auth mechanism property {name}, {type(value)}")


def _unsupported_property(name: str, text: str) -> str:
    # After a session token with a comma that is not encoded, the "name" is a piece of the token.
    shown = "One of those given" if "AWS_SESSION_TOKEN" in text else name
    return (
        f"{shown} is not a supported auth mechanism property. "
        f"Must be one of {tuple(sorted(MECHANISM_PROPERTIES))}"
    )


def _unquote(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    from urllib.parse import unquote_plus

    return unquote_plus(text)


def _warn(message: str) -> None:
    import warnings

    warnings.warn(message, stacklevel=2)
