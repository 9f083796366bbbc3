"""Vectors in `Binary`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
BinaryVector([1,2],BinaryVectorDtype.INT8)
BinaryVector([1,2],'x')
BinaryVector([1,2],BinaryVectorDtype.INT8,3)
BinaryVector([1,2],BinaryVectorDtype.INT8)==BinaryVector([1,2],BinaryVectorDtype.INT8)
BinaryVector([1,2],BinaryVectorDtype.INT8)==5
BinaryVector([1,2],BinaryVectorDtype.INT8)!=5
len(BinaryVector([1,2],BinaryVectorDtype.INT8))
BinaryVectorDtype.INT8
BinaryVectorDtype.INT8.value
list(BinaryVectorDtype)
[x.value for x in BinaryVectorDtype]
BinaryVectorDtype(b'\x03')
BinaryVectorDtype(3)
Binary.from_vector([1,2,-3],BinaryVectorDtype.INT8)
Binary.from_vector([1,2,300],BinaryVectorDtype.INT8)
Binary.from_vector([1,2,-129],BinaryVectorDtype.INT8)
Binary.from_vector([1,2,1.5],BinaryVectorDtype.INT8)
Binary.from_vector([1,2,'a'],BinaryVectorDtype.INT8)
Binary.from_vector([1,2],BinaryVectorDtype.INT8,1)
Binary.from_vector([1,2],BinaryVectorDtype.INT8,0)
Binary.from_vector([1,2],BinaryVectorDtype.INT8,None)
Binary.from_vector([],BinaryVectorDtype.INT8)
Binary.from_vector([1,2],BinaryVectorDtype.FLOAT32)
Binary.from_vector([1,2],BinaryVectorDtype.FLOAT32,2)
Binary.from_vector([1,float('inf'),float('nan')],BinaryVectorDtype.FLOAT32)
Binary.from_vector([1e300],BinaryVectorDtype.FLOAT32)
Binary.from_vector(['a'],BinaryVectorDtype.FLOAT32)
Binary.from_vector([1,2],BinaryVectorDtype.PACKED_BIT)
Binary.from_vector([1,2],BinaryVectorDtype.PACKED_BIT,1)
Binary.from_vector([1,2],BinaryVectorDtype.PACKED_BIT,8)
Binary.from_vector([1,2],BinaryVectorDtype.PACKED_BIT,7)
Binary.from_vector([1,2],BinaryVectorDtype.PACKED_BIT,-1)
Binary.from_vector([1,128],BinaryVectorDtype.PACKED_BIT,7)
Binary.from_vector([1,255],BinaryVectorDtype.PACKED_BIT,0)
Binary.from_vector([1,256],BinaryVectorDtype.PACKED_BIT,0)
Binary.from_vector([],BinaryVectorDtype.PACKED_BIT,3)
Binary.from_vector([],BinaryVectorDtype.PACKED_BIT,0)
Binary.from_vector([],BinaryVectorDtype.PACKED_BIT)
Binary.from_vector([-1],BinaryVectorDtype.PACKED_BIT)
Binary.from_vector([1.5],BinaryVectorDtype.PACKED_BIT)
Binary.from_vector(['a'],BinaryVectorDtype.PACKED_BIT)
Binary.from_vector([True,False],BinaryVectorDtype.PACKED_BIT)
Binary.from_vector([1],'x')
Binary.from_vector([1],None)
Binary.from_vector([1])
Binary.from_vector((1,2),BinaryVectorDtype.INT8)
Binary.from_vector(b'ab',BinaryVectorDtype.INT8)
Binary.from_vector(5,BinaryVectorDtype.INT8)
Binary.from_vector('ab',BinaryVectorDtype.INT8)
Binary.from_vector(None)
Binary.from_vector(BinaryVector([1,2],BinaryVectorDtype.INT8))
Binary.from_vector(BinaryVector([1,2],BinaryVectorDtype.INT8),BinaryVectorDtype.INT8)
Binary.from_vector(BinaryVector([1,2],BinaryVectorDtype.INT8),padding=0)
Binary.from_vector(BinaryVector([1,2],BinaryVectorDtype.INT8),padding=1)
Binary.from_vector(BinaryVector([1,8],BinaryVectorDtype.PACKED_BIT,3))
Binary.from_vector(__import__('array').array('b',[1,2]),BinaryVectorDtype.INT8)
Binary(b'',9).as_vector()
Binary(b'\x03',9).as_vector()
Binary(b'\x03\x00',9).as_vector()
Binary(b'\x03\x01',9).as_vector()
Binary(b'\x03\x00\xff\x01',9).as_vector()
Binary(b'\x03\x01\xff\x01',9).as_vector()
Binary(b'\x27\x00\xff\x01',9).as_vector()
Binary(b'\x27\x01\xff\x01\xff\x01',9).as_vector()
Binary(b'\x27\x00\x00\x00\x80\x3f',9).as_vector()
Binary(b'\x27\x00\x00\x00\x80\x3f',9).as_vector(True)
Binary(b'\x27\x00\x00\x00\x80\x3f',9).as_vector(True).data.dtype
Binary(b'\x03\x00\xff\x01',9).as_vector(True)
Binary(b'\x03\x00\xff\x01',9).as_vector(True).data.dtype
Binary(b'\x10\x00\xff\x01',9).as_vector(True)
Binary(b'\x10\x00\xff\x01',9).as_vector(True).data.dtype
Binary(b'\x10\x03\xff\x01',9).as_vector(True)
Binary(b'\x10\x07\xff\x01',9).as_vector()
Binary(b'\x10\x08\xff\x01',9).as_vector()
Binary(b'\x10\x09',9).as_vector()
Binary(b'\x10\x01',9).as_vector()
Binary(b'\x10\x00',9).as_vector()
Binary(b'\x10\x07\xff\x80',9).as_vector()
Binary(b'\x10\x00\xff\x80',9).as_vector()
Binary(b'\x11\x00\xff\x80',9).as_vector()
Binary(b'\x03\x00\xff',5).as_vector()
Binary(b'\x03\x00\xff',5).as_vector(True)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
