"""`RawBSONDocument`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import encode
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
type(decode(encode({'a': {'x':'y'*5000}}),DEFAULT_RAW_BSON_OPTIONS).raw)
type(decode(memoryview(encode({'a': {'x':'y'*5000}})),DEFAULT_RAW_BSON_OPTIONS).raw)
type(decode(bytearray(encode({'a': {'x':'y'*5000}})),DEFAULT_RAW_BSON_OPTIONS).raw)
[type(d.raw) for d in decode_all(encode({'a': 'y'})*2,DEFAULT_RAW_BSON_OPTIONS)]
decode(encode({'a':{'b':1}}), CodecOptions(document_class=RawBSONDocument, tz_aware=True))['a']
encode(RawBSONDocument(memoryview(encode({'a':1}))))
hash(RawBSONDocument(encode({})))
RawBSONDocument(encode({'a':datetime.datetime(2020,1,1)}),CodecOptions(RawBSONDocument,True))['a']
RawBSONDocument(encode({'a':DBRef('c',1)}))['a']
RawBSONDocument(encode({'a':Code('f',{'b':{'c':1}})}))['a']
RawBSONDocument(encode({'a':Code('f',{'b':{'c':1}})}))['a'].scope['b']
decode(encode({'a':1}), CodecOptions(type('RR',(RawBSONDocument,),{})))
type(decode(encode({'a':{'b':1}}), CodecOptions(type('RR',(RawBSONDocument,),{})))['a']).__name__
list(decode_iter(encode({'a':1})*2, DEFAULT_RAW_BSON_OPTIONS))[1]['a']
RawBSONDocument(encode({'a':1,'b':2}).replace(b'b',b'a'))['a']
RawBSONDocument(encode({'a':b'x'*3,'b':Int64(1),'c':[Int64(2),[{'q':1}]]})).items()
dict(RawBSONDocument(memoryview(encode({'a':{'b':'y'*5000}})))['a'])['b'][:3]
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


def test_embedded_documents_have_bytes() -> None:
    # PyMongo hands out a view from 4096 bytes on.
    inner = RawBSONDocument(encode({"a": {"x": "y" * 5000}}))["a"]
    assert inner.raw == encode({"x": "y" * 5000})
    assert type(inner.raw) is bytes


def test_one_over_a_bytearray_can_be_encoded() -> None:
    # PyMongo refuses it.
    document = encode({"a": 1})
    raw = RawBSONDocument(memoryview(bytearray(document)))
    assert encode({"x": raw, "y": [raw]}) == encode({"x": {"a": 1}, "y": [{"a": 1}]})
    assert encode(raw) == document


def test_it_is_inflated_once() -> None:
    raw = RawBSONDocument(encode({"a": {"b": [1]}}))
    assert raw["a"] is raw["a"]
    assert raw["a"]["b"] is raw["a"]["b"]
