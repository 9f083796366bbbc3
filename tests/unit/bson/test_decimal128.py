"""`Decimal128`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import Decimal128

EXPRESSIONS = r"""
Decimal128('1')
Decimal128('1.0')
Decimal128('1E5')
Decimal128('1e6144')
Decimal128('1e6145')
Decimal128('NaN')
Decimal128('sNaN')
Decimal128('-NaN')
Decimal128('-sNaN')
Decimal128('nan123')
Decimal128('sNaN123')
Decimal128('Infinity')
Decimal128('-inf')
Decimal128('-0')
Decimal128('0E-7000')
Decimal128('0E7000')
Decimal128('1E-6176')
Decimal128('1E-6177')
Decimal128('10E-6177')
Decimal128('12345678901234567890123456789012345')
Decimal128('1234567890123456789012345678901234567890000000000')
Decimal128('9'*34)
Decimal128('1'+'0'*40)
Decimal128('abc')
Decimal128('')
Decimal128(' 1 ')
Decimal128('1_000')
Decimal128('.5')
Decimal128('5.')
Decimal128('+5')
Decimal128('1e')
Decimal128(5)
Decimal128(5.0)
Decimal128(None)
Decimal128((1,2))
Decimal128([1,2])
Decimal128((1,2,3))
Decimal128((-1,2))
Decimal128((2**64,2))
Decimal128((0x3040000000000000,5))
Decimal128([0x3040000000000000,5])
Decimal128(Decimal128('5'))
Decimal128(decimal.Decimal('1.5'))
Decimal128(decimal.Decimal('1e9999'))
Decimal128(decimal.Decimal('1e-9999'))
Decimal128(decimal.Decimal('1'*40))
Decimal128((0x6000000000000000,1))
Decimal128((0x6c10000000000000,0))
Decimal128((0x3041ffffffffffff,2**64-1))
Decimal128((0x3041ffffffffffff,2**64-1)).to_decimal()
Decimal128((0x7c00000000000000,1))
Decimal128((0x7e00000000000000,1))
Decimal128((0x7f00000000000000,1))
Decimal128((0x7900000000000000,1))
Decimal128((0xfc00000000000000,1))
Decimal128((0xfc00000000000000,1)).to_decimal()
Decimal128((0x7e00000000000000,1)).to_decimal()
Decimal128('1').bid
Decimal128.from_bid(b'a'*16)
Decimal128.from_bid(bytearray(b'a'*16))
Decimal128.from_bid('a'*16)
Decimal128.from_bid(b'a'*15)
Decimal128.from_bid(5)
Decimal128('1')==Decimal128('1')
Decimal128('1')==Decimal128('1.0')
Decimal128('NaN')==Decimal128('NaN')
Decimal128('1')==1
Decimal128('1')!=1
Decimal128('1')<Decimal128('2')
hash(Decimal128('1'))
Decimal128('1').to_decimal()
Decimal128('-1.50').to_decimal()
Decimal128('1').__getstate__()
int(Decimal128('1'))
float(Decimal128('1'))
create_decimal128_context()
copy.copy(Decimal128('5'))
copy.deepcopy(Decimal128('5'))
Decimal128('0.00000001')
Decimal128('0.000001')
Decimal128('0.0000001')
Decimal128('123E-40')
Decimal128('-123.4E-3')
Decimal128('1E+6111')
Decimal128('1E+6112')
Decimal128('9.999999999999999999999999999999999E+6144')
Decimal128('9.9999999999999999999999999999999999E+6144')
Decimal128('0.0')
Decimal128('-0.0E+3')
Decimal128('00012')
Decimal128('12e-05')
Decimal128('INF')
Decimal128('infinit')
Decimal128('-NaN').to_decimal()
Decimal128('sNaN').to_decimal()
Decimal128('-sNaN').to_decimal()
Decimal128('-NaN').bid
Decimal128('sNaN').bid
Decimal128('Infinity').to_decimal()
Decimal128('-Infinity').to_decimal()
Decimal128('NaN0')
Decimal128('NaN00')
Decimal128(decimal.Decimal('NaN'))
Decimal128(decimal.Decimal('sNaN'))
Decimal128(decimal.Decimal('sNaN5'))
Decimal128(True)
Decimal128(b'1')
Decimal128('1\0')
Decimal128(())
Decimal128((3476778912330022912, 1))==Decimal128('1')
type('D',(Decimal128,),{})('1')
type('D',(Decimal128,),{})('1')==Decimal128('1')
type(type('D',(Decimal128,),{}).from_bid(b'a'*16)).__name__
Decimal128('1')==Decimal128('1.')
Decimal128('0')==Decimal128('-0')
Decimal128('0E-10000')
Decimal128('0E+10000')
Decimal128('1.0000000000000000000000000000000000000000')
Decimal128('100000000000000000000000000000000000000000')
Decimal128('1E-6180')
Decimal128('1230E-6178')
Decimal128('1'+'0'*6144)
Decimal128('0.'+'0'*6175+'1')
create_decimal128_context().create_decimal('1'*40)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


@pytest.mark.parametrize("halves", [(1.5, 2), ["a", "b"], (None, 1)])
def test_halves_that_are_no_integers_are_refused_at_once(halves: Any) -> None:
    # PyMongo keeps them and fails when the number is used.
    with pytest.raises(TypeError):
        Decimal128(halves)


def test_digits_of_other_scripts_count() -> None:
    assert_same("Decimal128('\\u0661')")


def test_bid_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        Decimal128("1").bid = b""  # type: ignore[misc]
