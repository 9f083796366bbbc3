"""`RawBSONDocument`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson.errors import InvalidBSON
from petiole.bson.raw_bson import RawBSONDocument

EXPRESSIONS = r"""
CodecOptions(document_class=RawBSONDocument)
RawBSONDocument(b'\x05\0\0\0\0')
RawBSONDocument(b'\x05\0\0\0')
RawBSONDocument(b'\x05\0\0\0\0\0')
RawBSONDocument(b'\x05\0\0\0\1')
RawBSONDocument('a')
RawBSONDocument(5)
RawBSONDocument(b'\x05\0\0\0\0',CodecOptions())
RawBSONDocument(b'\x05\0\0\0\0',5)
RawBSONDocument(b'\x05\0\0\0\0').raw
RawBSONDocument(encode({'a':{'b':1},'c':[1,{'d':1}]}))
RawBSONDocument(encode({'a':{'b':1},'c':[1,{'d':1}]}))['a']
RawBSONDocument(encode({'a':{'b':1},'c':[1,{'d':1}]}))['c']
RawBSONDocument(encode({'a':{'b':1},'c':[1,{'d':1}]}))['c'][1]
RawBSONDocument(encode({'a':1}))=={'a':1}
RawBSONDocument(encode({'a':1}))==RawBSONDocument(encode({'a':1}))
RawBSONDocument(encode({'a':1}))!=RawBSONDocument(encode({'a':1}))
len(RawBSONDocument(encode({'a':1})))
list(RawBSONDocument(encode({'a':1})))
RawBSONDocument(encode({'a':1})).items()
RawBSONDocument(encode({'a':1})).keys()
RawBSONDocument(encode({'a':1})).get('b')
RawBSONDocument(encode({'a':1}))['b']
dict(RawBSONDocument(encode({'a':1})))
hash(RawBSONDocument(encode({'a':1})))
RawBSONDocument(memoryview(encode({'a':1})))
RawBSONDocument(memoryview(encode({'a':1}))).raw
RawBSONDocument(bytearray(encode({'a':1})))
RawBSONDocument(bytearray(encode({'a':1}))).raw
RawBSONDocument(memoryview(encode({'a':{'b':1}})))['a'].raw
copy.copy(RawBSONDocument(encode({'a':1})))
copy.deepcopy(RawBSONDocument(encode({'a':1})))
RawBSONDocument(encode({'a':1})).__getstate__()
RawBSONDocument(b'\x0c\0\0\0\x10a\0\1\0\0\0\0')
RawBSONDocument(b'\x0c\0\0\0\x30a\0\1\0\0\0\0')
RawBSONDocument(b'\x0c\0\0\0\x30a\0\1\0\0\0\0')['a']
DEFAULT_RAW_BSON_OPTIONS
RawBSONDocument(b'\x05\0\0\0\0',codec_options=CodecOptions(document_class=type('RR',(RawBSONDocument,),{})))
type('RR',(RawBSONDocument,),{})(b'\x05\0\0\0\0')
RawBSONDocument(bson_bytes=b'\x05\0\0\0\0')
RawBSONDocument(None)
RawBSONDocument([5,0,0,0,0])
RawBSONDocument(b'\x06\0\0\0\0')
RawBSONDocument(b'\x05\0\0\0\0')==b'\x05\0\0\0\0'
RawBSONDocument(b'\x05\0\0\0\0')==RawBSONDocument(bytearray(b'\x05\0\0\0\0'))
bool(RawBSONDocument(b'\x05\0\0\0\0'))
RawBSONDocument(b'\x05\0\0\0\0').__class_getitem__
RawBSONDocument(b'\x05\0\0\0\0').foo
(lambda r: (r['a'] is r['a']))(RawBSONDocument(encode({'a':{'b':1}})))
isinstance(RawBSONDocument(b'\x05\0\0\0\0'),collections.abc.Mapping)
'a' in RawBSONDocument(encode({'a':1}))
RawBSONDocument(encode({'a':1})).values()
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


@pytest.mark.parametrize(
    "data", [b"", b"\x05\0\0", b"\x04\0\0\0", b"\xff\xff\xff\xff\0", b"\0\0\0\0", b"\xfb\xff\xff\xff\0"]
)
def test_a_frame_that_cannot_be_is_refused(data: bytes) -> None:
    # PyMongo takes the four bytes b"\x04\0\0\0" for a document.
    with pytest.raises(InvalidBSON):
        RawBSONDocument(data)
