"""Extended JSON with the defaults of 3.x: the legacy format, and datetimes that know their time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.bson import json_util as today
from petiole.bson.binary import UuidRepresentation
from petiole.bson.json_util import DatetimeRepresentation, JSONMode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CANONICAL_JSON_OPTIONS",
    "DEFAULT_JSON_OPTIONS",
    "LEGACY_JSON_OPTIONS",
    "RELAXED_JSON_OPTIONS",
    "STRICT_JSON_OPTIONS",
    "DatetimeRepresentation",
    "JSONMode",
    "JSONOptions",
    "default",
    "dumps",
    "loads",
    "object_hook",
    "object_pairs_hook",
]

_BEFORE_TZ_AWARE = 1


class _AnyOptions(type):
    """All options are of this class, as there was only one: copies too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, today.JSONOptions)


class JSONOptions(today.JSONOptions, metaclass=_AnyOptions):
    """Today's `JSONOptions`, whose mode is `LEGACY`, and which give datetimes of UTC, unless told otherwise."""

    def __new__(
        cls,
        strict_number_long: bool | None = None,
        datetime_representation: int | None = None,
        strict_uuid: bool | None = None,
        json_mode: int = JSONMode.LEGACY,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if len(args) <= _BEFORE_TZ_AWARE:
            kwargs.setdefault("tz_aware", True)
            kwargs.setdefault("uuid_representation", UuidRepresentation.PYTHON_LEGACY)
        own = strict_number_long, datetime_representation, strict_uuid, json_mode
        return today.JSONOptions(*own, *args, **kwargs)


LEGACY_JSON_OPTIONS: today.JSONOptions = JSONOptions()
STRICT_JSON_OPTIONS: today.JSONOptions = JSONOptions(
    strict_number_long=True, datetime_representation=DatetimeRepresentation.ISO8601, strict_uuid=True
)
CANONICAL_JSON_OPTIONS: today.JSONOptions = JSONOptions(json_mode=JSONMode.CANONICAL)
RELAXED_JSON_OPTIONS: today.JSONOptions = JSONOptions(json_mode=JSONMode.RELAXED)
DEFAULT_JSON_OPTIONS: today.JSONOptions = LEGACY_JSON_OPTIONS


def dumps(obj: Any, *args: Any, **kwargs: Any) -> str:
    """A value as extended JSON. See `petiole.bson.json_util.dumps`."""
    kwargs.setdefault("json_options", DEFAULT_JSON_OPTIONS)
    return today.dumps(obj, *args, **kwargs)


def loads(s: str | bytes | bytearray, *args: Any, **kwargs: Any) -> Any:
    """The value that a text in extended JSON stands for. See `petiole.bson.json_util.loads`."""
    kwargs.setdefault("json_options", DEFAULT_JSON_OPTIONS)
    return today.loads(s, *args, **kwargs)


def object_pairs_hook(
    pairs: Sequence[tuple[str, Any]], json_options: today.JSONOptions = DEFAULT_JSON_OPTIONS
) -> Any:
    """The value of a document given as pairs, for `json.loads`."""
    return today.object_pairs_hook(pairs, json_options)


def object_hook(dct: Mapping[str, Any], json_options: today.JSONOptions = DEFAULT_JSON_OPTIONS) -> Any:
    """The value that a document wraps, or the document itself; for `json.loads`."""
    return today.object_hook(dct, json_options)


def default(obj: Any, json_options: today.JSONOptions = DEFAULT_JSON_OPTIONS) -> Any:
    """One value in the form in which `json.dumps` can write it."""
    return today.default(obj, json_options)
