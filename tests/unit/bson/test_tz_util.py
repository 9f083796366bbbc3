"""Time zones: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
utc
str(utc)
FixedOffset(60,'a')
FixedOffset(1.5,'a')
FixedOffset(datetime.timedelta(1),'a')
FixedOffset('a','a')
FixedOffset(60,'a').utcoffset(None)
FixedOffset(60,'a').tzname(None)
FixedOffset(60,'a').dst(None)
FixedOffset(60,'a')==FixedOffset(60,'a')
FixedOffset(60,'a').__getinitargs__()
FixedOffset()
copy.deepcopy(FixedOffset(60,'a'))
FixedOffset(60,'a')==FixedOffset(60,'b')
datetime.datetime(2020,1,1,tzinfo=utc).isoformat()
copy.copy(utc) is utc
hash(utc)==hash(utc)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
