"""`Int64`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
Int64(5)
Int64('5')
Int64(5)+1
Int64(5)==5
Int64(2**70)
Int64(-2**63)
Int64()
Int64('a')
Int64.__slots__
Int64(5).__getstate__()
Int64.__new__ is int.__new__
copy.copy(Int64(5))
copy.deepcopy(Int64(5))
hash(Int64(5))
type('I',(Int64,),{})(5)
type('I',(Int64,),{'__slots__':()})(5)
type('I',(Int64,),{})(5).__getstate__()
Int64(5.7)
Int64(True)
Int64('0x10',16)
Int64(5)*Int64(2)
-Int64(5)
divmod(Int64(5),2)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
