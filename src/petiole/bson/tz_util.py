"""Time zones with a fixed offset, and `utc`.

Owns `FixedOffset` and the one `utc` instance that decoding attaches to aware datetimes. Pickles carry the
constructor's arguments and the instance dictionary, in the names that PyMongo's `bson.tz_util` writes.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

ZERO: timedelta = timedelta(0)


class FixedOffset(tzinfo):
    """A time zone that is always `offset` away from UTC.

    :param offset: minutes east of UTC, or a `timedelta`
    :param name: what `tzname` answers
    """

    def __init__(self, offset: float | timedelta, name: str) -> None:
        self.__offset = offset if isinstance(offset, timedelta) else timedelta(minutes=offset)
        self.__name = name

    def __getinitargs__(self) -> tuple[timedelta, str]:
        # `tzinfo.__reduce__` calls the constructor with these.
        return self.__offset, self.__name

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.__offset!r}, {self.__name!r})"

    def utcoffset(self, dt: datetime | None) -> timedelta:
        return self.__offset

    def tzname(self, dt: datetime | None) -> str:
        return self.__name

    def dst(self, dt: datetime | None) -> timedelta:
        return ZERO


utc: FixedOffset = FixedOffset(0, "UTC")
"""The instance that decoded, aware datetimes carry."""
