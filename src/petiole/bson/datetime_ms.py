"""`DatetimeMS`: a BSON datetime as it is stored, and its conversions.

Owns milliseconds since the epoch on one side and `datetime` on the other, with the four
`DatetimeConversion`s. The native codec does the same conversions on its own; a test holds the two together.

Native code makes a DatetimeMS with `tp_new` (`object.__new__(DatetimeMS)`) and the slot `_value`, an int.
"""

from __future__ import annotations

import datetime
from typing import Any

from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS, CodecOptions, DatetimeConversion
from petiole.bson.errors import InvalidBSON
from petiole.bson.tz_util import utc

EPOCH_AWARE = datetime.datetime.fromtimestamp(0, utc)
EPOCH_NAIVE = EPOCH_AWARE.replace(tzinfo=None)

_MILLISECOND = datetime.timedelta(milliseconds=1)
_DATETIME_ERROR_SUGGESTION = (
    "(Consider Using CodecOptions(datetime_conversion=DATETIME_AUTO)"
    " or MongoClient(datetime_conversion='DATETIME_AUTO'))."
)


class DatetimeMS:
    """Milliseconds since the Unix epoch, for dates that `datetime` cannot hold.

    Compares with other DatetimeMS, and by order with int too; equal only to a DatetimeMS.

    :param value: milliseconds, a signed 64-bit integer; or a datetime, a naive one in UTC
    """

    __slots__ = ("_value",)

    _type_marker = 9

    def __init__(self, value: int | datetime.datetime) -> None:
        if isinstance(value, int):
            if not -(1 << 63) <= value < 1 << 63:
                raise OverflowError("Must be a 64-bit integer of milliseconds")
            self._value = value
        elif isinstance(value, datetime.datetime):
            self._value = _datetime_to_millis(value)
        else:
            raise TypeError(f"{type(value)} is not a valid type for DatetimeMS")

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value!r})"

    def __lt__(self, other: DatetimeMS | int) -> bool:
        return self._value < other

    def __le__(self, other: DatetimeMS | int) -> bool:
        return self._value <= other

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DatetimeMS):
            return self._value == other._value
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __gt__(self, other: DatetimeMS | int) -> bool:
        return self._value > other

    def __ge__(self, other: DatetimeMS | int) -> bool:
        return self._value >= other

    def as_datetime(self, codec_options: CodecOptions[Any] = DEFAULT_CODEC_OPTIONS) -> datetime.datetime:
        """The datetime that decoding with these options would give.

        :raises InvalidBSON: for a date out of `datetime`'s range, where the options neither clamp nor keep it
        """
        # What comes back can be a DatetimeMS, if the options ask for it; the signature is PyMongo's.
        return _millis_to_datetime(self._value, codec_options)  # type: ignore[return-value]

    def __int__(self) -> int:
        return self._value


def _datetime_to_millis(dtm: datetime.datetime) -> int:
    """Milliseconds since the epoch, rounded down; a naive datetime is in UTC."""
    offset = dtm.utcoffset()
    if offset is not None:
        dtm = dtm - offset
    return (dtm.replace(tzinfo=None) - EPOCH_NAIVE) // _MILLISECOND


def _millis_to_datetime(millis: int, opts: CodecOptions[Any]) -> datetime.datetime | DatetimeMS:
    """What a stored datetime decodes to under the options."""
    conversion = opts.datetime_conversion
    if conversion == DatetimeConversion.DATETIME_MS:
        return DatetimeMS(millis)
    if conversion in (DatetimeConversion.DATETIME_CLAMP, DatetimeConversion.DATETIME_AUTO):
        low, high = _range_in_millis(opts.tzinfo or utc)
        if conversion == DatetimeConversion.DATETIME_CLAMP:
            millis = max(low, min(millis, high))
        elif not low <= millis <= high:
            return DatetimeMS(millis)
    elif conversion != DatetimeConversion.DATETIME:
        raise ValueError("datetime_conversion must be an element of DatetimeConversion")
    try:
        return _datetime_of(millis, opts)
    except (OverflowError, ValueError) as error:
        raise InvalidBSON(f"{error} {_DATETIME_ERROR_SUGGESTION}") from error


def _datetime_of(millis: int, opts: CodecOptions[Any]) -> datetime.datetime:
    seconds, rest = divmod(millis, 1000)
    since_epoch = datetime.timedelta(seconds=seconds, microseconds=rest * 1000)
    if not opts.tz_aware:
        return EPOCH_NAIVE + since_epoch
    aware = EPOCH_AWARE + since_epoch
    return aware.astimezone(opts.tzinfo) if opts.tzinfo else aware


def _range_in_millis(tz: datetime.tzinfo) -> tuple[int, int]:
    """The first and the last millisecond that `datetime` can hold both in UTC and in the time zone."""
    low = (datetime.datetime.min - EPOCH_NAIVE) // _MILLISECOND
    high = (datetime.datetime.max - EPOCH_NAIVE) // _MILLISECOND
    west = _offset_in_millis(datetime.datetime.min, tz)
    east = _offset_in_millis(datetime.datetime.max, tz)
    return max(low, low - west), min(high, high - east)


def _offset_in_millis(when: datetime.datetime, tz: datetime.tzinfo) -> int:
    offset = when.replace(tzinfo=tz).utcoffset()
    return 0 if offset is None else offset // _MILLISECOND
