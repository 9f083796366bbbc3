"""The names of `pymongo.common` that only 2.x had."""

from __future__ import annotations

from typing import Any

from petiole._uri.scalars import validate_string, validate_string_or_none
from petiole.bson.binary import ALL_UUID_REPRESENTATIONS
from petiole.errors import ConfigurationError
from petiole.legacy.early.settings import Settings
from petiole.write_concern import WriteConcern as TodaysWriteConcern

__all__ = [
    "HAS_SSL",
    "SAFE_OPTIONS",
    "BaseObject",
    "WriteConcern",
    "validate_basestring",
    "validate_basestring_or_none",
    "validate_is_dict",
    "validate_tag_sets",
    "validate_uuid_subtype",
]

HAS_SSL = True
validate_basestring = validate_string
validate_basestring_or_none = validate_string_or_none

SAFE_OPTIONS = frozenset({"w", "wtimeout", "wtimeoutms", "fsync", "j", "journal"})
BaseObject = Settings


class WriteConcern(dict[str, Any]):
    """A write concern as a dict, for `write_concern` of clients, databases and collections.

    Raises `ConfigurationError`, `TypeError` or `ValueError` for what is none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        TodaysWriteConcern(**self)

    def __setitem__(self, option: str, value: Any) -> None:
        TodaysWriteConcern(**{**self, option: value})
        super().__setitem__(option, value)


def validate_is_dict(option: str, value: Any) -> dict[str, Any]:
    """`value` if it is a dict. Raises `TypeError` otherwise."""
    if not isinstance(value, dict):
        raise TypeError(f"{option} must be an instance of dict")
    return value


def validate_tag_sets(option: str, value: Any) -> list[dict[str, str]]:
    """`value` as tags of members: a list of dicts, `[{}]` for None. Raises `ConfigurationError` for anything else."""
    if value is None:
        return [{}]
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise ConfigurationError(f"{option} {value!r} must be a list of dicts, and not empty")
    return value


def validate_uuid_subtype(option: str, value: Any) -> int:
    """`value` if it is a way to store UUIDs. Raises `ConfigurationError` otherwise."""
    if value not in ALL_UUID_REPRESENTATIONS:
        raise ConfigurationError(f"{option}: {value!r} is not a valid UUID subtype")
    return int(value)
