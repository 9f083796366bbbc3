"""Validators of options that are Python objects, given by keyword only.

Same contract as ``scalars``. Classes of other layers are recognised without importing them: building a client
must not load encryption, monitoring or authentication that it does not use.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from petiole.driver_info import DriverInfo
from petiole.errors import ConfigurationError
from petiole.read_preferences import _ServerMode
from petiole.server_api import ServerApi


def _is_a(value: Any, class_name: str) -> bool:
    return any(base.__name__ == class_name for base in type(value).__mro__)


def validate_document_class(option: str, value: Any) -> Any:
    # A generic alias such as dict[str, Any] stands for its class.
    candidate = getattr(value, "__origin__", value)
    if not isinstance(candidate, type) or not (
        issubclass(candidate, MutableMapping)
        or any(base.__name__ == "RawBSONDocument" for base in candidate.__mro__)
    ):
        raise TypeError(
            f"{option} must be dict, bson.son.SON, bson.raw_bson.RawBSONDocument, or a subclass of "
            "collections.MutableMapping"
        )
    return value


def validate_type_registry(option: str, value: Any) -> Any:
    if value is not None and not _is_a(value, "TypeRegistry"):
        from petiole.bson.codec_options import TypeRegistry

        raise TypeError(f"{option} must be an instance of {TypeRegistry}")
    return value


def validate_tzinfo(option: str, value: Any) -> Any:
    if value is not None:
        from datetime import tzinfo

        if not isinstance(value, tzinfo):
            raise TypeError(f"{value} must be an instance of datetime.tzinfo")
    return value


def validate_read_preference(option: str, value: Any) -> _ServerMode:
    if not isinstance(value, _ServerMode):
        raise TypeError(f"{value!r} is not a read preference")
    return value


def validate_event_listeners(option: str, value: Any) -> Any:
    from petiole.monitoring import check_listeners

    return check_listeners(option, value)


def validate_tracing(option: str, value: Any) -> dict[str, Any]:
    """How to trace operations; what is None is as if it were not given."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{option} must be a mapping, not {type(value)}")
    unknown = [name for name in value if name not in ("enabled", "query_text_max_length")]
    if unknown:
        raise ConfigurationError(
            f"Unknown options of {option}: {unknown}. There are 'enabled' and 'query_text_max_length'."
        )
    enabled, length = value.get("enabled"), value.get("query_text_max_length")
    if enabled is not None and not isinstance(enabled, bool):
        raise TypeError(f"{option}['enabled'] must be a bool, not {type(enabled)}")
    if length is not None:
        if not isinstance(length, int) or isinstance(length, bool):
            raise TypeError(f"{option}['query_text_max_length'] must be an int, not {type(length)}")
        if length < 0:
            raise ValueError(f"{option}['query_text_max_length'] must not be negative")
    return dict(value)


def validate_is_callable_or_none(option: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise TypeError(f"{option} must be a callable, not {type(value)}")
    return value


def validate_driver_or_none(option: str, value: Any) -> DriverInfo | None:
    if value is not None and not isinstance(value, DriverInfo):
        raise TypeError(f"{option} must be an instance of DriverInfo")
    return value


def validate_server_api_or_none(option: str, value: Any) -> ServerApi | None:
    if value is not None and not isinstance(value, ServerApi):
        raise TypeError(f"{option} must be an instance of ServerApi, not {type(value)}")
    return value


def validate_auto_encryption_opts_or_none(option: str, value: Any) -> Any:
    if value is not None and not _is_a(value, "AutoEncryptionOpts"):
        raise TypeError(f"{option} must be an instance of AutoEncryptionOpts, not {type(value)}")
    return value
