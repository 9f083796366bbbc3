"""Validators of options that are Python objects, given by keyword only.

Same contract as ``scalars``. Classes of other layers are recognised without importing them: building a client
must not load encryption, monitoring or authentication that it does not use.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from petiole.driver_info import DriverInfo
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
