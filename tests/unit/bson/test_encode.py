"""Encoding: the same bytes and the same classes of errors as PyMongo, whose messages name less."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

DOCUMENTS = r"""
{}
{'a': None}
{'a': True, 'b': False}
{'a': 0, 'b': 1, 'c': -1, 'd': 2**31-1, 'e': -2**31}
{'a': 2**31, 'b': -2**31-1, 'c': 2**63-1, 'd': -2**63}
{'a': 2**63}
{'a': -2**63-1}
{'a': 10**30}
{'a': Int64(5), 'b': Int64(2**40)}
{'a': Int64(2**64)}
{'a': 0.0, 'b': -0.0, 'c': 1.5, 'd': 1e308, 'e': float('inf'), 'f': float('-inf'), 'g': float('nan')}
{'a': '', 'b': 'x', 'c': 'äß€😀', 'd': 'a\0b'}
{'ä€': 1}
{'': 1}
{'a': '\ud800'}
{'\ud800': 1}
{'a\0b': 1}
{'a': {'b\0': 1}}
{'a': b'', 'b': b'abc', 'c': Binary(b'abc', 0), 'd': Binary(b'abc', 2), 'e': Binary(b'abc', 128)}
{'a': bytearray(b'abc')}
{'a': memoryview(b'abc')}
{'a': uuid.UUID(int=5)}
{'a': Binary.from_uuid(uuid.UUID(int=5), 4), 'b': Binary.from_uuid(uuid.UUID(int=5), 3)}
{'a': [], 'b': [1, 'x', None, [2, [3]], {'c': []}], 'd': (1, 2), 'e': ()}
{'a': list(range(1500))}
{'a': {1, 2}}
{'a': frozenset()}
{'a': range(3)}
{'a': iter([])}
{'a': collections.deque([1])}
{'a': object}
{'a': 1j}
{'a': Ellipsis}
{'a': NotImplemented}
{'a': datetime.date(2020, 1, 1)}
{'a': datetime.time(1)}
{'a': datetime.timedelta(1)}
{'a': datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)}
{'a': datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)}
{'a': datetime.datetime.min, 'b': datetime.datetime.max}
{'a': datetime.datetime(2020, 1, 1, tzinfo=utc)}
{'a': datetime.datetime(2020, 1, 1, tzinfo=east)}
{'a': datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, microseconds=1)))}
{'a': datetime.datetime.min.replace(tzinfo=east)}
{'a': datetime.datetime.max.replace(tzinfo=west)}
{'a': DatetimeMS(5), 'b': DatetimeMS(2**63-1), 'c': DatetimeMS(-2**63)}
{'a': decimal.Decimal('1.5')}
{'a': Decimal128('1.5'), 'b': Decimal128('NaN'), 'c': Decimal128('-Infinity')}
{'a': Code('f'), 'b': Code('f', {}), 'c': Code('f', {'x': Int64(1)})}
{'a': Code('f\0g')}
{'a': DBRef('c', 1), 'b': DBRef('c', {'x': 1}, 'd', y=2)}
{'a': MinKey(), 'b': MaxKey()}
{'a': ObjectId('0123456789ab0123456789ab')}
{'a': Timestamp(1, 2), 'b': Timestamp(2**32-1, 2**32-1)}
{'a': Regex('a', 'ilmsux'), 'b': Regex(b'a'), 'c': re.compile('a', re.I), 'd': re.compile(b'a', re.X)}
{'a': Regex('a\0b')}
{'a': Regex('a', 'g')}
{'a': Regex('ä')}
{'a': Regex(b'\xff')}
{'a': Regex('a', 2**20)}
{'a': Regex('a', -1)}
{'a': SON([('b', 1), ('a', 2)])}
SON([('b', 1), ('a', 2)])
collections.OrderedDict([('b', 1), ('a', 2)])
collections.UserDict({'a': 1})
{'a': collections.UserDict({'a': 1})}
{'a': collections.ChainMap({'a': 1}, {'b': 2})}
collections.ChainMap({'a': 1}, {'b': 2})
collections.Counter('aab')
collections.defaultdict(list, a=[1])
{'a': collections.namedtuple('P', 'x y')(1, 2)}
{'a': RawBSONDocument(encode({'b': 1}))}
RawBSONDocument(encode({'b': 1, 'a': [2]}))
{'a': [RawBSONDocument(encode({'b': 1}))]}
{1: 2}
{None: 2}
{b'a': 2}
{'a': {1: 2}}
{('a',): 2}
{Code('a'): 2} if False else {'a': {True: 1}}
5
None
'abc'
b'abc'
[('a', 1)]
[]
object()
{'_id': 1, 'b': 2}
{'b': 2, '_id': 1}
{'a': {'b': 2, '_id': 1}}
SON([('b', 2), ('_id', 1)])
collections.UserDict({'b': 2, '_id': 1})
{'_id': None}
{'a': type('S', (str,), {})('x')}
{type('S', (str,), {})('k'): 1}
{'a': type('I', (int,), {})(5)}
{'a': type('I', (int,), {})(2**40)}
{'a': type('F', (float,), {})(1.5)}
{'a': type('L', (list,), {})([1])}
{'a': type('T', (tuple,), {})([1])}
{'a': type('D', (dict,), {})({'b': 1})}
type('D', (dict,), {})({'b': 1})
{'a': type('B', (bytes,), {})(b'x')}
{'a': type('Q', (Binary,), {})(b'x', 7)}
{'a': type('Q', (Int64,), {})(7)}
{'a': type('Q', (Decimal128,), {})('7')}
{'a': type('Q', (Regex,), {})('7', 'i')}
{'a': type('Q', (DBRef,), {})('c', 1)}
{'a': type('Q', (Code,), {})('c')}
{'a': type('Q', (DatetimeMS,), {})(5)}
{'a': type('Q', (datetime.datetime,), {})(2020, 1, 1)}
{'a': type('Q', (ObjectId,), {})('0123456789ab0123456789ab')}
{'a': type('Q', (uuid.UUID,), {})(int=5)}
{'a': type('Q', (MinKey,), {})()}
{'a': type('Q', (SON,), {})(b=1)}
{'a': type('Q', (), {'_type_marker': 7})()}
{'a': type('Q', (), {'_type_marker': 99})()}
{'a': type('Q', (), {'_type_marker': 'x'})()}
{'a': type('Q', (), {'_type_marker': 255})()}
{'a': type('Q', (), {'_type_marker': 127})()}
{'a': conversion.DATETIME}
{'a': np.int64(5)}
{'a': np.float64(5)}
{'a': np.array([1])}
{'a': np.str_('x')}
{'a': np.bool_(True)}
{'a': re.I}
{'a': __import__('types').SimpleNamespace(b=1)}
{'a': __import__('types').MappingProxyType({'b': 1})}
__import__('types').MappingProxyType({'b': 1})
"""

CALLS = r"""
encode({'a.b': 1}, True)
encode({'a.b': 1}, False)
encode({'$a': 1}, True)
encode({'$a': 1}, check_keys=True)
encode({'a$b': 1}, True)
encode({'a': {'$b': 1}}, True)
encode({'a': [{'b.c': 1}]}, True)
encode({'a': [1, 2]}, True)
encode({'a': DBRef('c', 1)}, True)
encode({'': 1}, True)
encode({'.': 1}, True)
encode({'_id': {'$a': 1}}, True)
encode({'a': Code('f', {'$a': 1})}, True)
encode({'a': Code('f', {'$a': 1})}, False)
encode({'a': RawBSONDocument(encode({'$b': 1}))}, True)
encode({1: 1}, True)
encode({'a': uuid.UUID(int=5)}, codec_options=uuids(3))
encode({'a': uuid.UUID(int=5)}, codec_options=uuids(4))
encode({'a': uuid.UUID('00112233445566778899aabbccddeeff')}, codec_options=uuids(5))
encode({'a': uuid.UUID('00112233445566778899aabbccddeeff')}, codec_options=uuids(6))
encode({'a': uuid.UUID(int=5)}, codec_options=uuids(0))
encode({'a': {'b': [uuid.UUID(int=5)]}}, codec_options=uuids(4))
encode({'a': decimal.Decimal('1.5')}, codec_options=registry(DecimalEncoder()))
encode({'a': [decimal.Decimal('1.5')], 'b': {'c': decimal.Decimal(2)}}, codec_options=registry(DecimalEncoder()))
encode({'a': decimal.Decimal('1')}, codec_options=registry(DecimalDecoder()))
encode({'a': decimal.Decimal('1' * 40)}, codec_options=registry(DecimalEncoder()))
encode({'a': {1, 2}}, codec_options=fallback(sorted))
encode({'a': {1}}, codec_options=fallback(lambda value: {1}))
encode({'a': {1}}, codec_options=fallback(lambda value: decimal.Decimal(1)))
encode({'a': {1}}, codec_options=fallback(lambda value: decimal.Decimal(1), DecimalEncoder()))
encode({'a': {1}}, codec_options=fallback(lambda value: 1 / 0))
encode({'a': decimal.Decimal(1)}, codec_options=fallback(str, DecimalEncoder()))
encode({'a': object()}, codec_options=fallback(lambda value: None))
encode({'a': [object(), {'b': object()}]}, codec_options=fallback(lambda value: {'x': [1]}))
encode({'a': 1j}, codec_options=registry(encoder_of(complex)))
encode({'a': 1j}, codec_options=registry(encoder(complex, lambda value: [value.real, value.imag])))
encode({'a': 1j}, codec_options=registry(encoder(complex, lambda value: None)))
encode({'a': 1j}, codec_options=registry(encoder(complex, lambda value: {'b': 1j})))
encode({'a': 1j}, codec_options=registry(encoder(complex, lambda value: 1 / 0)))
encode({'a': type('C', (complex,), {})(1)}, codec_options=registry(encoder(complex, str)))
encode({'a': datetime.date(2020, 1, 1)}, codec_options=registry(encoder(datetime.date, lambda d: d.isoformat())))
encode({'a': datetime.datetime(2020, 1, 1)}, codec_options=registry(encoder(datetime.date, lambda d: d.isoformat())))
encode({'a': type('S', (str,), {})('x')}, codec_options=fallback(lambda value: 1))
encode({'a': 2**70}, codec_options=fallback(str))
encode({'a': type('I', (int,), {})(5)}, codec_options=fallback(str))
encode({1: 1}, codec_options=fallback(str))
encode(object(), codec_options=fallback(lambda value: {}))
encode({'a': 1}, codec_options=CodecOptions(document_class=SON))
encode({'a': 1}, codec_options=CodecOptions(document_class=RawBSONDocument))
encode({'a': datetime.datetime(2020, 1, 1)}, codec_options=CodecOptions(tz_aware=True, tzinfo=east))
encode({'a': DatetimeMS(5)}, codec_options=CodecOptions(datetime_conversion=conversion.DATETIME_MS))
encode({'a': 1}, codec_options='x')
encode({'a': 1}, codec_options=None)
BSON.encode({'a': {1}}, codec_options=fallback(sorted))
BSON.encode({'a.b': 1}, True)
BSON.encode({'a.b': 1}, check_keys=True)
"""


@pytest.mark.parametrize("document", DOCUMENTS.strip().splitlines())
@pytest.mark.parametrize("call", ["encode(%s)", "encode({'in': [%s]})"])
def test_documents(document: str, call: str) -> None:
    assert_same(call % document, messages=False)


@pytest.mark.parametrize("call", CALLS.strip().splitlines())
def test_calls(call: str) -> None:
    assert_same(call, messages=False)
