"""Codec options and values through collections: the same as PyMongo's."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import bson
from bson.binary import UuidRepresentation
from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [
    {
        "_id": 1,
        "when": datetime.datetime(2020, 1, 2, 3, 4, 5, 678000),
        "uuid": bson.Binary.from_uuid(uuid.UUID(int=7)),
        "legacy": bson.Binary.from_uuid(uuid.UUID(int=7), UuidRepresentation.PYTHON_LEGACY),
        "decimal": bson.Decimal128("1.5"),
        "sub": {"x": [{"y": 1}]},
        "long": bson.Int64(2**40),
        "small": bson.Int64(5),
        "regex": bson.Regex("a.b", "i"),
        "ref": bson.DBRef("things", 1),
        "bytes": b"abc",
        "binary": bson.Binary(b"abc", 128),
        "null": None,
        "code": bson.Code("f()", {"x": 1}),
        "time": bson.Timestamp(5, 6),
        "min": bson.MinKey(),
        "float": float("inf"),
    },
    {"_id": 2, "when": bson.DatetimeMS(2**60)},
]

SNIPPETS = r"""
c.find_one(1)
c.find_one(2)
db.command('find', 'things', filter={'_id': 2})
[type(v).__name__ for v in c.find_one(1).values()]
c.with_options(codec_options=CodecOptions(tz_aware=True)).find_one(1)['when']
o = CodecOptions(tz_aware=True, tzinfo=FixedOffset(60, 'x'))
    |c.with_options(codec_options=o).find_one(1)['when']
o = CodecOptions(uuid_representation=UuidRepresentation.STANDARD); c.with_options(codec_options=o).find_one(1)
o = CodecOptions(uuid_representation=UuidRepresentation.PYTHON_LEGACY)
    |c.with_options(codec_options=o).find_one(1)
o = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
    |x = c.with_options(codec_options=o)
    |x.insert_one({'_id': uuid.UUID(int=9)}), x.find_one({'_id': uuid.UUID(int=9)})
o = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
    |c.with_options(codec_options=o).find_one(uuid.UUID(int=9))
o = CodecOptions(uuid_representation=UuidRepresentation.JAVA_LEGACY)
    |c.with_options(codec_options=o).update_one({'_id': 1}, {'$set': {'uuid': uuid.UUID(int=9)}}), c.find_one(1)['uuid']
c.update_one({'_id': 1}, {'$set': {'uuid': uuid.UUID(int=9)}})
c.delete_one({'uuid': uuid.UUID(int=9)})
c.count_documents({'uuid': uuid.UUID(int=9)})
o = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
    |c.with_options(codec_options=o).count_documents({'uuid': uuid.UUID(int=7)})
o = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
    |c.with_options(codec_options=o).distinct('uuid')
c.with_options(codec_options=CodecOptions(document_class=SON)).find_one(1)
d = c.with_options(codec_options=CodecOptions(document_class=SON)).find_one(1)
    |type(d['sub']['x'][0]).__name__
import collections
    |d = c.with_options(codec_options=CodecOptions(document_class=collections.OrderedDict)).find_one(1)
    |type(d).__name__, type(d['sub']).__name__
d = c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find_one(1)
    |kind(d), kind(d['sub']), d['sub']['x'], d.raw == encode(d)
d = c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find_one(1)
    |c.replace_one({'_id': 1}, d)
d = c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find_one(1)
    |c.find_one(d)['_id']
list(c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find({}, {'_id': 1}))
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find_one_and_update({},
        {'$set': {'z': 1}})['_id']
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).insert_one({'_id': 9})
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).update_one({}, {'$set': {'z': 1}})
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).insert_many([{'_id': 1}])
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).insert_one({'_id': 1})
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).distinct('sub')
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).distinct('uuid')
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).count_documents({})
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).index_information()
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find({'$no': 1}).next()
c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).find().explain()['ok']
class D(dict): pass
    |d = c.with_options(codec_options=CodecOptions(document_class=D)).find_one(1); kind(d), kind(d['sub'])
c.with_options(codec_options=CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)).find_one(2)
c.with_options(codec_options=CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_CLAMP)).find_one(2)
c.with_options(codec_options=CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)).find_one(2)
c.with_options(codec_options=CodecOptions(datetime_conversion='datetime_ms')).find_one(1)['when']
list(c.find())
cur = c.find(); kind(next(cur)), next(cur)
class T(TypeCodec):
    python_type = decimal.Decimal; bson_type = Decimal128
    def transform_python(self, value): return Decimal128(value)
    def transform_bson(self, value): return value.to_decimal()
    |o = CodecOptions(type_registry=TypeRegistry([T()])); x = c.with_options(codec_options=o)
    |x.find_one(1)['decimal'], x.insert_one({'_id': 5, 'd': decimal.Decimal('2.5')}), c.find_one(5), x.find_one(5)
class T(TypeCodec):
    python_type = decimal.Decimal; bson_type = Decimal128
    def transform_python(self, value): return Decimal128(value)
    def transform_bson(self, value): return value.to_decimal()
    |o = CodecOptions(type_registry=TypeRegistry([T()])); x = c.with_options(codec_options=o)
    |d = decimal.Decimal('1.5')
    |x.count_documents({'decimal': d}), x.update_one({'decimal': d}, {'$set': {'e': d}})
    |x.distinct('e'), x.find_one({'e': d})['e']
class T(TypeDecoder):
    bson_type = str
    def transform_bson(self, value): raise ValueError('no')
    |c.insert_one({'_id': 5, 's': 'x'})
    |c.with_options(codec_options=CodecOptions(type_registry=TypeRegistry([T()]))).find_one(5)
o = CodecOptions(type_registry=TypeRegistry(fallback_encoder=lambda value: str(value)))
    |c.with_options(codec_options=o).insert_one({'_id': 5, 'x': decimal.Decimal('1.5')}), c.find_one(5)
o = CodecOptions(type_registry=TypeRegistry(fallback_encoder=lambda value: value))
    |c.with_options(codec_options=o).insert_one({'_id': 5, 'x': decimal.Decimal('1.5')})
make(type_registry=TypeRegistry(fallback_encoder=str)).parity.things.insert_one({'_id': 5, 'x': {1, }})
make(uuidRepresentation='standard').parity.things.find_one(1)['uuid']
make(tz_aware=True).parity.things.find_one(1)['when']
make(datetime_conversion='datetime_clamp').parity.things.find_one(2)
make(document_class=SON).parity.command('ping')
c.insert_one({'_id': 5, 'x': datetime.datetime(2020, 1, 1, tzinfo=FixedOffset(60, 'x'))}), c.find_one(5)
c.insert_one({'_id': 5, 'x': datetime.date(2020, 1, 1)})
c.insert_one({'_id': 5, 'x': re.compile('a', re.I | re.X)}), c.find_one(5)
c.insert_one({'_id': 5, 'x': (1, 2)}), c.find_one(5)
c.insert_one({'_id': 5, 'x': {1: 2}})
c.insert_one({'_id': 5, 'x': {1, 2}})
c.insert_one({'_id': 5, 'x': float('nan')}), c.find_one(5)
c.insert_one({'_id': 5, 'x': -0.0, 'y': 2**31, 'z': -2**63}), c.find_one(5)
c.insert_one({'_id': 5, 'x': DatetimeMS(5)}), c.find_one(5)
c.insert_one({'_id': 5, 'x': Binary(b'x', 5), 'y': bytearray(b'y')})
c.insert_one({'_id': 5, 'x': bytearray(b'y')})
c.insert_one({'_id': 5, 'x': memoryview(b'y')})
d = {'_id': 5}; e = d
    |for n in range(90): e['x'] = {}; e = e['x']
    |c.insert_one(d)
d = {'_id': 5}; e = d
    |for n in range(190): e['x'] = {}; e = e['x']
    |c.insert_one(d)
c.find_one(1)['ref'] == DBRef('things', 1), db.dereference(c.find_one(1)['ref'])['_id']
c.find_one({'when': datetime.datetime(2020, 1, 2, 3, 4, 5, 678000)})['_id']
c.find_one({'regex': Regex('a.b', 'i')})['_id']
"""


@on_faces(SNIPPETS)
def test_codec(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
