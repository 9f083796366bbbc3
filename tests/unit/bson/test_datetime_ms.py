"""`DatetimeMS`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
DatetimeMS(5)
DatetimeMS(2**70)
DatetimeMS('a')
DatetimeMS(5.0)
DatetimeMS(True)
DatetimeMS(None)
DatetimeMS(datetime.datetime(2020,1,1))
DatetimeMS(datetime.datetime(2020,1,1,tzinfo=utc))
DatetimeMS(datetime.date(2020,1,1))
DatetimeMS(datetime.datetime(2020,1,1,0,0,0,1999))
DatetimeMS(datetime.datetime(1960,1,1,0,0,0,1999))
DatetimeMS(5)<DatetimeMS(6)
DatetimeMS(5)<6
DatetimeMS(5)<6.0
DatetimeMS(5)==5
DatetimeMS(5)!=5
DatetimeMS(5)==DatetimeMS(5)
DatetimeMS(5)>=5
DatetimeMS(5)>='a'
int(DatetimeMS(5))
hash(DatetimeMS(5))==hash(5)
DatetimeMS(5).as_datetime()
DatetimeMS(5).as_datetime(options(tz_aware=True))
DatetimeMS(5).as_datetime(options(tz_aware=True,tzinfo=east))
DatetimeMS(2**60).as_datetime()
DatetimeMS(-2**60).as_datetime()
DatetimeMS(-2**60).as_datetime(options(datetime_conversion=conversion.DATETIME_CLAMP))
DatetimeMS(2**60).as_datetime(options(datetime_conversion=conversion.DATETIME_CLAMP))
DatetimeMS(2**60).as_datetime(options(datetime_conversion=conversion.DATETIME_CLAMP,tz_aware=True))
DatetimeMS(2**60).as_datetime(options(**clamp,tz_aware=True,tzinfo=east))
DatetimeMS(-2**60).as_datetime(options(**clamp,tz_aware=True,tzinfo=east))
DatetimeMS(-2**60).as_datetime(options(**clamp,tz_aware=True,tzinfo=west))
DatetimeMS(2**60).as_datetime(options(datetime_conversion=conversion.DATETIME_MS))
DatetimeMS(2**60).as_datetime(options(datetime_conversion=conversion.DATETIME_AUTO))
DatetimeMS(5).as_datetime(options(datetime_conversion=conversion.DATETIME_AUTO))
DatetimeMS(5).as_datetime(options(datetime_conversion=conversion.DATETIME_MS))
DatetimeMS(5).as_datetime(5)
DatetimeMS(253402300799999).as_datetime(options(tz_aware=True,tzinfo=east))
DatetimeMS(-62135596800000).as_datetime(options(tz_aware=True,tzinfo=west))
DatetimeMS(253402300800000).as_datetime()
DatetimeMS(253402300799999).as_datetime(options(tz_aware=True,tzinfo=east,datetime_conversion=4))
EPOCH_AWARE
DatetimeMS(datetime.datetime.min.replace(tzinfo=FixedOffset(60,'x')))
DatetimeMS(datetime.datetime.max.replace(tzinfo=FixedOffset(-60,'x')))
DatetimeMS(datetime.datetime.max)
DatetimeMS(datetime.datetime.min)
DatetimeMS(5).as_datetime(options(datetime_conversion=5))
DatetimeMS(5).as_datetime(options(datetime_conversion=None))
DatetimeMS(5).as_datetime(options(datetime_conversion='DATETIME_MS'))
DatetimeMS(2**60).as_datetime(options(datetime_conversion=2))
DatetimeMS(2**60).as_datetime(options(datetime_conversion=4))
DatetimeMS(5) < DatetimeMS(5)
DatetimeMS(5)==5.0
DatetimeMS('5')
DatetimeMS(2**63)
DatetimeMS(-2**63)
DatetimeMS(-2**63-1)
DatetimeMS(5)._value
copy.copy(DatetimeMS(5))
copy.deepcopy(DatetimeMS(5))
type('D',(DatetimeMS,),{})(5)
type('D',(DatetimeMS,),{})(5)==DatetimeMS(5)
float(DatetimeMS(5))
DatetimeMS(5)+1
format(DatetimeMS(5))
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
