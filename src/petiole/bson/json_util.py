"""Extended JSON: documents with every BSON type to JSON and back.

Owns the options and the names of PyMongo's `bson.json_util`. The reading and writing is native; the standard library's
`json` is asked only where a caller passes arguments of its own to it (`indent`, `sort_keys`, `parse_float`, ...), or
where a text is not JSON: then it raises its own error. Follows the extended JSON specification (canonical and relaxed),
and PyMongo's legacy format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self, cast

from petiole._native import (
    extjson_convert,
    extjson_default,
    extjson_dumps,
    extjson_hook,
    extjson_loads,
)
from petiole.bson.code import Code
from petiole.bson.codec_options import CodecOptions
from petiole.bson.dbref import DBRef
from petiole.bson.decimal128 import Decimal128
from petiole.bson.int64 import Int64
from petiole.bson.max_key import MaxKey
from petiole.bson.min_key import MinKey
from petiole.bson.objectid import ObjectId
from petiole.bson.regex import Regex
from petiole.bson.timestamp import Timestamp
from petiole.bson.tz_util import utc

__all__ = [
    "CANONICAL_JSON_OPTIONS",
    "DEFAULT_JSON_OPTIONS",
    "LEGACY_JSON_OPTIONS",
    "RELAXED_JSON_OPTIONS",
    "DatetimeRepresentation",
    "JSONMode",
    "JSONOptions",
    "default",
    "dumps",
    "get_size",
    "loads",
    "object_hook",
    "object_pairs_hook",
]


class DatetimeRepresentation:
    """What a datetime is written as, under `$date`."""

    LEGACY = 0
    """Milliseconds since the epoch, as a plain number."""

    NUMBERLONG = 1
    """Milliseconds since the epoch, as a `$numberLong`."""

    ISO8601 = 2
    """A text such as `2020-01-31T12:00:00.123Z` from 1970 on, and a `$numberLong` before."""


class JSONMode:
    """The flavours of extended JSON."""

    LEGACY = 0
    """PyMongo's own, from before there was a specification."""

    RELAXED = 1
    """Easy to read; `int32`, `int64` and `double` cannot always be told apart afterwards."""

    CANONICAL = 2
    """Keeps every type."""


class JSONOptions(CodecOptions[Any]):
    """How extended JSON is written and read; the options of `CodecOptions` are for reading.

    :param strict_number_long: write `Int64` as `$numberLong`
    :param datetime_representation: a value of `DatetimeRepresentation`
    :param strict_uuid: write a `uuid.UUID` as `$binary`, by `uuid_representation`, and not as `$uuid`
    :param json_mode: a value of `JSONMode`; it sets the three options above, which can be chosen only in `LEGACY`
    :param args: options of `CodecOptions`
    :param kwargs: options of `CodecOptions`; with `tz_aware`, `tzinfo` is UTC unless given
    :raises ValueError: if options contradict the mode
    """

    json_mode: int
    strict_number_long: bool
    datetime_representation: int
    strict_uuid: bool

    def __new__(
        cls,
        strict_number_long: bool | None = None,
        datetime_representation: int | None = None,
        strict_uuid: bool | None = None,
        json_mode: int = JSONMode.RELAXED,
        *args: Any,
        **kwargs: Any,
    ) -> Self:
        if kwargs.get("tz_aware"):
            kwargs.setdefault("tzinfo", utc)
        self = cast(Self, super().__new__(cls, *args, **kwargs))
        chosen = strict_number_long, datetime_representation, strict_uuid
        fields = _fields_of(json_mode, *chosen)
        self.json_mode = json_mode
        self.strict_number_long, self.datetime_representation, self.strict_uuid = fields
        return self

    def _own_options(self) -> dict[str, Any]:
        return {
            "strict_number_long": self.strict_number_long,
            "datetime_representation": self.datetime_representation,
            "strict_uuid": self.strict_uuid,
            "json_mode": self.json_mode,
        }

    def _arguments_repr(self) -> str:
        own = ", ".join(f"{name}={value!r}" for name, value in self._own_options().items())
        return f"{own}, {super()._arguments_repr()}"

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        # The inherited `__getnewargs__` would pass the tuple's fields for this class's own parameters.
        return (), {**self._own_options(), **self._asdict()}

    def with_options(self, **kwargs: Any) -> JSONOptions:
        """A copy with some options changed. The mode can be changed only to one that allows the others."""
        return JSONOptions(**{**self._own_options(), **self._asdict(), **kwargs})


def _fields_of(
    json_mode: int,
    strict_number_long: bool | None,
    datetime_representation: int | None,
    strict_uuid: bool | None,
) -> tuple[bool, int, bool]:
    """The three options that a mode implies or, in LEGACY, lets be chosen."""
    if json_mode not in (JSONMode.LEGACY, JSONMode.RELAXED, JSONMode.CANONICAL):
        raise ValueError("JSONOptions.json_mode must be one of LEGACY, RELAXED, or CANONICAL from JSONMode.")
    known = DatetimeRepresentation.LEGACY, DatetimeRepresentation.NUMBERLONG, DatetimeRepresentation.ISO8601
    if datetime_representation not in (None, *known):
        raise ValueError(
            "JSONOptions.datetime_representation must be one of LEGACY, NUMBERLONG, "
            "or ISO8601 from DatetimeRepresentation."
        )
    if json_mode == JSONMode.LEGACY:
        return (
            False if strict_number_long is None else strict_number_long,
            datetime_representation or DatetimeRepresentation.LEGACY,
            False if strict_uuid is None else strict_uuid,
        )
    if json_mode == JSONMode.CANONICAL:
        name, numbers = "CANONICAL", True
        dates, dates_name = DatetimeRepresentation.NUMBERLONG, "NUMBERLONG"
    else:
        name, numbers = "RELAXED", False
        dates, dates_name = DatetimeRepresentation.ISO8601, "ISO8601"
    if strict_number_long is not None and bool(strict_number_long) is not numbers:
        raise ValueError(f"Cannot specify strict_number_long={strict_number_long} with JSONMode.{name}")
    if datetime_representation not in (None, dates):
        raise ValueError(
            f"datetime_representation must be DatetimeRepresentation.{dates_name} "
            f"or omitted with JSONMode.{name}"
        )
    if strict_uuid not in (None, True):
        raise ValueError(f"Cannot specify strict_uuid={strict_uuid} with JSONMode.{name}")
    return numbers, dates, True


LEGACY_JSON_OPTIONS: JSONOptions = JSONOptions(json_mode=JSONMode.LEGACY)
CANONICAL_JSON_OPTIONS: JSONOptions = JSONOptions(json_mode=JSONMode.CANONICAL)
RELAXED_JSON_OPTIONS: JSONOptions = JSONOptions(json_mode=JSONMode.RELAXED)
DEFAULT_JSON_OPTIONS: JSONOptions = RELAXED_JSON_OPTIONS


def dumps(obj: Any, *args: Any, **kwargs: Any) -> str:
    """A value as extended JSON.

    :param obj: a document, an array or a single value
    :param args: for `json.dumps`
    :param kwargs: `json_options`, and anything for `json.dumps`; its `default` is asked for what BSON does not have
    :raises TypeError: for what neither BSON nor JSON has
    """
    json_options = kwargs.pop("json_options", DEFAULT_JSON_OPTIONS)
    if args or kwargs:
        return json.dumps(extjson_convert(obj, json_options), *args, **kwargs)
    return extjson_dumps(obj, json_options)


def loads(s: str | bytes | bytearray, *args: Any, **kwargs: Any) -> Any:
    """The value that a text in extended JSON stands for; canonical, relaxed and legacy are all read.

    :param s: the text
    :param args: for `json.loads`
    :param kwargs: `json_options`, and anything for `json.loads`
    :raises TypeError, ValueError, KeyError, InvalidId: for a document that starts as a BSON value and is none;
        `json.JSONDecodeError` is a ValueError
    """
    json_options = kwargs.pop("json_options", DEFAULT_JSON_OPTIONS)
    if not args and not kwargs:
        value = extjson_loads(s, json_options)
        if value is not NotImplemented:
            return value
    kwargs.setdefault("object_pairs_hook", lambda pairs: object_pairs_hook(pairs, json_options))
    return json.loads(s, *args, **kwargs)


def object_pairs_hook(
    pairs: Sequence[tuple[str, Any]], json_options: JSONOptions = DEFAULT_JSON_OPTIONS
) -> Any:
    """The value of a document given as pairs, for `json.loads`."""
    return object_hook(json_options.document_class(pairs), json_options)


def object_hook(dct: Mapping[str, Any], json_options: JSONOptions = DEFAULT_JSON_OPTIONS) -> Any:
    """The value that a document wraps, as `{"$oid": ...}` an ObjectId, or the document itself; for `json.loads`."""
    return extjson_hook(dct, json_options)


def default(obj: Any, json_options: JSONOptions = DEFAULT_JSON_OPTIONS) -> Any:
    """One value that is no container in the form in which `json.dumps` can write it.

    :raises TypeError: for anything else
    """
    return extjson_default(obj, json_options)


def _json_convert(obj: Any, json_options: JSONOptions = DEFAULT_JSON_OPTIONS) -> Any:
    """Any value in the form in which `json.dumps` can write it; PyMongo's users know it by this name."""
    return extjson_convert(obj, json_options)


_SIZES: dict[type[Any], int] = {
    ObjectId: 28,
    int: 11,
    Int64: 11,
    Decimal128: 11,
    Timestamp: 14,
    MinKey: 8,
    MaxKey: 8,
    datetime: 13,
}
_REGEX_OVERHEAD = 18
_DBREF_OVERHEAD = 34
_CODE_OVERHEAD = 5


def get_size(obj: Any, max_size: int, current_size: int = 0) -> int:
    """About how large a value is, counted no further than to `max_size`; for cutting log messages short.

    The count is PyMongo's, whatever it counts.
    """
    if current_size >= max_size:
        return current_size
    kind = type(obj)
    if kind in _SIZES:
        return _SIZES[kind]
    if kind is str or kind is bytes:
        return len(obj)
    if kind is Regex:
        return _REGEX_OVERHEAD + len(obj.pattern)
    if kind is DBRef:
        return _DBREF_OVERHEAD + len(obj.collection)
    if kind is Code:
        return _code_size(obj, max_size, current_size)
    if kind is dict:
        return _dict_size(obj, max_size, current_size)
    if not hasattr(obj, "__iter__"):
        return current_size
    for item in obj:
        current_size += get_size(item, max_size, current_size)
        if current_size >= max_size:
            break
    return current_size


def _code_size(code: Code, max_size: int, current_size: int) -> int:
    if not code.scope:
        return current_size + _CODE_OVERHEAD + len(code)
    scope = get_size(code.scope, max_size, current_size)
    return current_size + scope + _CODE_OVERHEAD - 1 + len(code)


def _dict_size(document: dict[Any, Any], max_size: int, current_size: int) -> int:
    for key, value in document.items():
        current_size += get_size(key, max_size, current_size)
        current_size += get_size(value, max_size, current_size)
        if current_size >= max_size:
            break
    return current_size
