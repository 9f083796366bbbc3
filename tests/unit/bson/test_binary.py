"""`Binary`, its subtypes and UUIDs: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
Binary(b'abc')
Binary(b'abc',5)
Binary(b'abc',0)
Binary('abc')
Binary(5)
Binary(None)
Binary([1])
Binary(memoryview(b'abc'))
Binary(bytearray(b'abc'),2)
Binary(__import__('array').array('i',[1,2]))
Binary(b'a','b')
Binary(b'a',-1)
Binary(b'a',256)
Binary(b'a',255)
Binary(b'a',True)
Binary(b'a',1.0)
Binary(b'abc',5).subtype
Binary(b'abc',5)==b'abc'
Binary(b'abc',0)==b'abc'
Binary(b'abc',0)!=b'abc'
Binary(b'abc',0)<b'abd'
Binary(b'abc',0)==Binary(b'abc',0)
Binary(b'abc',0)==Binary(b'abc',1)
Binary(b'abc',0)==5
hash(Binary(b'abc',0))==hash((b'abc',0))
hash(Binary(b'abc',0))==hash((0,b'abc'))
hash(Binary(b'abc',0))==hash(0)^hash(b'abc')
hash(Binary(b'abc',7))==hash(7)^hash(b'abc')
Binary(b'abc',7)[1:]
Binary(b'abc',7)+b'x'
Binary(b'abc', 8)
Binary.__slots__
Binary.from_uuid(uuid.UUID(int=5))
[Binary.from_uuid(uuid.UUID('00112233445566778899aabbccddeeff'),r) for r in (3,4,5,6)]
Binary.from_uuid(uuid.UUID(int=5),0)
Binary.from_uuid(uuid.UUID(int=5),9)
Binary.from_uuid(5)
Binary.from_uuid('a',4)
[Binary.from_uuid(uuid.UUID('00112233445566778899aabbccddeeff'),r).as_uuid(r) for r in (3,4,5,6)]
Binary(b'a'*16,4).as_uuid(0)
Binary(b'a'*16,4).as_uuid(3)
Binary(b'a'*16,3).as_uuid(4)
Binary(b'a'*16,3).as_uuid()
Binary(b'a'*15,4).as_uuid()
Binary(b'a'*16,5).as_uuid()
Binary(b'a'*16,4).as_uuid(77)
Binary(b'a'*16,3).as_uuid(5)
Binary(b'a'*16,3).as_uuid(6)
Binary(b'a'*17,3).as_uuid(6)
UuidRepresentation.UNSPECIFIED
UuidRepresentation.CSHARP_LEGACY
type(UuidRepresentation)
Binary(Binary(b'a',5))
Binary(memoryview(b'abcd')[::2])
Binary(memoryview(b'abcd').cast('H'))
type('B',(Binary,),{})(b'a',5)
type('B',(Binary,),{})(b'a',5)==Binary(b'a',5)
Binary(b'a',5)==type('B',(Binary,),{})(b'a',5)
type(type('B',(Binary,),{}).from_uuid(uuid.UUID(int=5))).__name__
Binary(b'a',subtype=3)
Binary(data=b'a',subtype=3)
Binary()
Binary.from_uuid(uuid=uuid.UUID(int=5),uuid_representation=3)
Binary.from_uuid(uuid.UUID(int=5),'x')
Binary.from_uuid(uuid.UUID(int=5),None)
Binary(b'a'*16,3).as_uuid(0)
Binary(b'a'*15,3).as_uuid(4)
Binary(b'a'*16,9).as_uuid(99)
copy.copy(Binary(b'a',5))
copy.deepcopy(Binary(b'a',5))
Binary(b'ab',5)[0]
Binary(b'ab',5).hex()
bytes(Binary(b'ab',5))
Binary(b'',0)
bool(Binary(b'',0))
Binary(b'a',0) in {Binary(b'a',0)}
b'a' in {Binary(b'a',0)}
b'a'==Binary(b'a',0)
b'a'!=Binary(b'a',0)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
