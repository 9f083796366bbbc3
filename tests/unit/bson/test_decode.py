"""Decoding: the same values and the same accepted and refused bytes as PyMongo, under every option."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import PETIOLE, assert_same, outcome

BYTES = r"""
b''
b'\x05\0\0\0\0'
b'\x05\0\0\0'
b'\x05\0\0\0\1'
b'\x05\0\0\0\0\0'
b'\x06\0\0\0\0'
b'\x04\0\0\0\0'
b'\0\0\0\0\0'
b'\xff\xff\xff\xff\0'
b'\x05\0\0\0\0\x05\0\0\0\0'
bytearray(b'\x05\0\0\0\0')
memoryview(b'\x05\0\0\0\0')
memoryview(b'x\x05\0\0\0\0')[1:]
__import__('array').array('b', b'\x05\0\0\0\0')
type('B', (bytes,), {})(b'\x05\0\0\0\0')
'x'
5
None
[5, 0, 0, 0, 0]
element(0x01, struct.pack('<d', 1.5))
element(0x01, struct.pack('<d', float('nan')))
element(0x01, b'1234567')
element(0x02, b'\x02\0\0\0x\0')
element(0x02, b'\x01\0\0\0\0')
element(0x02, b'\0\0\0\0')
element(0x02, b'\0\0\0\0\0')
element(0x02, b'\x02\0\0\0xy')
element(0x02, b'\x03\0\0\0x\0')
element(0x02, b'\x04\0\0\0x\0y\0')
element(0x02, b'\xff\xff\xff\xffx\0')
element(0x02, b'\xff\xff\xff\x7fx\0')
element(0x02, b'\x03\0\0\0\xff\xfe\0')
element(0x02, b'\x04\0\0\0\xed\xa0\x80\0')
element(0x02, b'\x03\0\0\0\xc3\xa4\0')
element(0x03, b'\x05\0\0\0\0')
element(0x03, b'\x05\0\0\0\1')
element(0x03, b'\x04\0\0\0')
element(0x03, b'\x06\0\0\0\0')
element(0x03, b'\x06\0\0\0\0\0')
element(0x03, encode({'$ref': 'c', '$id': 1}))
element(0x03, encode({'$ref': 'c', '$id': 1, '$db': 'd', 'x': 2}))
element(0x03, encode({'$id': 1, '$ref': 'c'}))
element(0x03, encode({'x': 1, '$ref': 'c', '$id': 1}))
element(0x03, encode({'$ref': 'c'}))
element(0x03, encode({'$id': 1}))
element(0x03, encode({'$ref': 5, '$id': 1}))
element(0x03, encode({'$ref': 'c', '$id': 1, '$db': 5}))
element(0x03, encode({'$ref': 'c', '$id': 1, '$db': None}))
element(0x03, encode({'$ref': 'c', '$id': None}))
encode({'$ref': 'c', '$id': 1})
element(0x04, encode({}))
element(0x04, encode({'0': 1, '1': 'x'}))
element(0x04, encode({'x': 1, '0': 'x'}))
element(0x04, encode({'': 1, '100': [1]}))
element(0x04, b'\x06\0\0\0\0')
element(0x04, encode({'0': {'$ref': 'c', '$id': 1}}))
element(0x05, b'\0\0\0\0\0')
element(0x05, b'\x01\0\0\0\0x')
element(0x05, b'\x02\0\0\0\0x')
element(0x05, b'\xff\xff\xff\xff\0x')
element(0x05, b'\x01\0\0\0\x01x')
element(0x05, b'\x05\0\0\0\x02\x01\0\0\0x')
element(0x05, b'\x05\0\0\0\x02\x02\0\0\0x')
element(0x05, b'\x05\0\0\0\x02\x00\0\0\0x')
element(0x05, b'\x01\0\0\0\x02x')
element(0x05, b'\x04\0\0\0\x02\0\0\0\0')
element(0x05, b'\x10\0\0\0\x03' + bytes(range(16)))
element(0x05, b'\x10\0\0\0\x04' + bytes(range(16)))
element(0x05, b'\x0f\0\0\0\x04' + bytes(range(15)))
element(0x05, b'\x01\0\0\0\x03x')
element(0x05, b'\x01\0\0\0\x05x')
element(0x05, b'\x01\0\0\0\x08x')
element(0x05, b'\x03\0\0\0\x09\x03\0\x01')
element(0x05, b'\x01\0\0\0\x80x')
element(0x05, b'\x01\0\0\0\xffx')
element(0x06, b'')
element(0x07, bytes(range(12)))
element(0x07, bytes(range(11)))
element(0x08, b'\0')
element(0x08, b'\1')
element(0x08, b'\2')
element(0x08, b'\xff')
element(0x08, b'')
element(0x09, struct.pack('<q', 0))
element(0x09, struct.pack('<q', -1))
element(0x09, struct.pack('<q', 1577836800123))
element(0x09, struct.pack('<q', -62135596800000))
element(0x09, struct.pack('<q', -62135596800001))
element(0x09, struct.pack('<q', 253402300799999))
element(0x09, struct.pack('<q', 253402300800000))
element(0x09, struct.pack('<q', 2**63 - 1))
element(0x09, struct.pack('<q', -2**63))
element(0x0a, b'')
element(0x0b, b'a\0\0')
element(0x0b, b'a\0imx\0')
element(0x0b, b'a\0xmi\0')
element(0x0b, b'a\0ilmsux\0')
element(0x0b, b'a\0gz\0')
element(0x0b, b'a\0i')
element(0x0b, b'a')
element(0x0b, b'\xff\0\0')
element(0x0b, b'a\0\xff\0')
element(0x0c, b'\x02\0\0\0c\0' + bytes(range(12)))
element(0x0c, b'\0\0\0\0' + bytes(range(12)))
element(0x0c, b'\x02\0\0\0c\0' + bytes(range(11)))
element(0x0d, b'\x02\0\0\0f\0')
element(0x0d, b'\x02\0\0\0fg')
element(0x0e, b'\x02\0\0\0s\0')
element(0x0e, b'\0\0\0\0')
element(0x0f, b'\x0f\0\0\0\x02\0\0\0f\0\x05\0\0\0\0')
element(0x0f, b'\x0f\0\0\0\x02\0\0\0f\0\x05\0\0\0\1')
element(0x0f, b'\x10\0\0\0\x02\0\0\0f\0\x05\0\0\0\0')
element(0x0f, b'\x0e\0\0\0\x02\0\0\0f\0\x05\0\0\0\0')
element(0x0f, b'\x0f\0\0\0\x03\0\0\0f\0\x05\0\0\0\0')
element(0x0f, b'\x16\0\0\0\x02\0\0\0f\0' + encode({'a': 1}))
element(0x0f, b'\x16\0\0\0\x02\0\0\0f\0' + b'\x0c\0\0\0\x12a\0\1\0\0\0\0')
element(0x10, struct.pack('<i', -5))
element(0x11, struct.pack('<II', 2, 1))
element(0x11, b'\xff' * 8)
element(0x12, struct.pack('<q', 5))
element(0x12, struct.pack('<q', -2**63))
element(0x13, Decimal128('1.50').bid)
element(0x13, b'\xff' * 16)
element(0x13, b'\xff' * 15)
element(0x14, b'')
element(0x7f, b'')
element(0xff, b'')
element(0x80, b'')
element(0x00, b'')
element(0x10, b'\1\0\0\0', b'')
element(0x10, b'\1\0\0\0', b'\xc3\xa4')
element(0x10, b'\1\0\0\0', b'\xff')
element(0x10, b'\1\0\0\0', b'$a.b')
element(0x10, b'\1\0\0\0', b'a' * 300)
b'\x08\0\0\0\x10a\0\0'
b'\x09\0\0\0\x10aaa\0'
b'\x07\0\0\0\x0aa\0'
b'\x0a\0\0\0\x0aa\0\0\0\0'
b'\x0b\0\0\0\x0aa\0\x0aa\0\0'
b'\x13\0\0\0\x10a\0\1\0\0\0\x10a\0\2\0\0\0\0'
encode(SON([('b', 1), ('a', {'z': 1, 'y': [1, {'x': 2}]})]))
encode({'a': 'x' * 5000, 'b': b'y' * 5000})
encode({'a': {'b': {'c': {'d': [[[[1]]]]}}}})
"""

OPTIONS = r"""
None
CodecOptions()
CodecOptions(document_class=SON)
CodecOptions(document_class=collections.OrderedDict)
CodecOptions(document_class=type('D', (dict,), {}))
CodecOptions(document_class=collections.UserDict)
CodecOptions(document_class=RawBSONDocument)
CodecOptions(tz_aware=True)
CodecOptions(tz_aware=True, tzinfo=east)
CodecOptions(tz_aware=True, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))
CodecOptions(uuid_representation=3)
CodecOptions(uuid_representation=4)
CodecOptions(uuid_representation=5)
CodecOptions(uuid_representation=6)
CodecOptions(unicode_decode_error_handler='ignore')
CodecOptions(unicode_decode_error_handler='replace')
CodecOptions(unicode_decode_error_handler='surrogateescape')
CodecOptions(unicode_decode_error_handler='backslashreplace')
CodecOptions(unicode_decode_error_handler='no such handler')
CodecOptions(datetime_conversion=conversion.DATETIME_CLAMP)
CodecOptions(datetime_conversion=conversion.DATETIME_MS)
CodecOptions(datetime_conversion=conversion.DATETIME_AUTO)
CodecOptions(datetime_conversion=conversion.DATETIME_CLAMP, tz_aware=True, tzinfo=east)
CodecOptions(datetime_conversion=conversion.DATETIME_CLAMP, tz_aware=True, tzinfo=west)
CodecOptions(datetime_conversion=conversion.DATETIME_AUTO, tz_aware=True, tzinfo=east)
CodecOptions(datetime_conversion=conversion.DATETIME_AUTO, tz_aware=True, tzinfo=west)
CodecOptions(datetime_conversion=conversion.DATETIME_AUTO, tz_aware=True)
registry(DecimalDecoder())
registry(decoder(Int64, lambda value: ('long', value)), decoder(int, lambda value: ('int', value)))
registry(decoder(str, lambda value: ('str', value)), decoder(bytes, lambda value: ('bytes', value)))
registry(decoder(dict, lambda value: ('dict', value)), decoder(list, lambda value: ('list', value)))
registry(decoder(bool, str), decoder(float, str), decoder(type(None), str))
registry(decoder(datetime.datetime, str), decoder(DatetimeMS, str), decoder(ObjectId, str), decoder(Binary, repr))
registry(decoder(DBRef, str), decoder(Code, repr), decoder(Regex, str), decoder(MinKey, str), decoder(Timestamp, str))
registry(decoder(int, lambda value: {'n': value}))
registry(decoder(uuid.UUID, str)).with_options(uuid_representation=4)
registry(decoder(Int64, str), decoder(dict, len)).with_options(document_class=SON)
registry(decoder(SON, len)).with_options(document_class=SON)
registry(decoder(Int64, str)).with_options(document_class=RawBSONDocument)
fallback(str)
"""


@pytest.mark.parametrize("data", BYTES.strip().splitlines())
@pytest.mark.parametrize("call", ["decode", "decode_all", "is_valid", "first", "stream"])
def test_functions(data: str, call: str) -> None:
    calls = {
        "first": "list(decode_iter(%s))",
        "stream": "list(decode_file_iter(io.BytesIO(%s)))",
    }
    assert_same(calls.get(call, f"{call}(%s)") % data, messages=False)


@pytest.mark.parametrize("options", OPTIONS.strip().splitlines())
def test_options(options: str) -> None:
    for data in BYTES.strip().splitlines():
        assert_same(f"decode({data}, {options})", messages=False)
        assert_same(f"decode_all({data}, {options})", messages=False)


@pytest.mark.parametrize("document", ["{'a': 1}", "{'a': {'b': 1}}", "{'a': [{'b': 1}]}"])
def test_errors_of_a_decoder_come_through(document: str) -> None:
    # PyMongo turns those from within an embedded document into InvalidBSON.
    call = f"decode(encode({document}), registry(decoder(int, lambda value: 1 / 0)))"
    assert "ZeroDivisionError" in outcome(PETIOLE, call)
