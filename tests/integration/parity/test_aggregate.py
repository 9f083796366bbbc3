"""Counts, `distinct`, `aggregate` and raw batches: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3, "b": "abcde"[n % 5], "d": [n, n + 1]} for n in range(12)]

COUNT = r"""
c.count_documents({})
c.count_documents({'a': 1})
c.count_documents({'a': 99})
c.count_documents({'a': 1}, skip=1)
c.count_documents({'a': 1}, limit=2)
c.count_documents({}, skip=5, limit=3)
c.count_documents({}, skip=-1)
c.count_documents({}, limit=0)
c.count_documents({}, limit='x')
c.count_documents({'a': 1}, hint='_id_')
c.count_documents({'a': 1}, hint=[('_id', 1)])
c.count_documents({'a': 1}, hint='no such')
c.count_documents({'a': 1}, hint=5)
c.count_documents({'b': 'A'}, collation={'locale': 'en', 'strength': 2})
c.count_documents({'b': 'A'}, collation=Collation('en', strength=2))
c.count_documents({}, collation=5)
c.count_documents({}, maxTimeMS=500)
c.count_documents({}, max_time_ms=500)
c.count_documents({}, comment='x')
c.count_documents({}, comment={'x': 1})
c.count_documents({}, no_such=1)
c.count_documents({}, session=5)
c.count_documents(None)
c.count_documents(5)
c.count_documents([])
c.count_documents()
c.count_documents({'$where': 'true'})
c.count_documents({'a': {'$no': 1}})
c.count_documents({'a': object()})
c.count_documents(RawBSONDocument(encode({'a': 1})))
db.missing.count_documents({})
c.with_options(read_concern=ReadConcern('majority')).count_documents({})
c.estimated_document_count()
c.estimated_document_count(maxTimeMS=500)
c.estimated_document_count(comment='x')
c.estimated_document_count(query={'a': 1})
c.estimated_document_count({'a': 1})
c.estimated_document_count(session=None)
c.estimated_document_count(no_such=1)
db.missing.estimated_document_count()
db.create_collection('view', viewOn='things', pipeline=[{'$match': {'a': 1}}]).estimated_document_count()
c.count()
c.count({})
c.distinct('a')
c.distinct('b')
c.distinct('d')
c.distinct('_id', {'a': 1})
c.distinct('a', {'_id': {'$lt': 2}})
c.distinct('a', filter={'_id': {'$lt': 2}})
c.distinct('a', None)
c.distinct('no')
c.distinct(5)
c.distinct(None)
c.distinct()
c.distinct('a', 5)
c.distinct('a', comment='x')
c.distinct('a', hint='_id_')
c.distinct('a', hint={'_id': 1})
c.distinct('a', maxTimeMS=500)
c.distinct('b', {'b': 'A'}, collation={'locale': 'en', 'strength': 2})
c.distinct('b', collation=Collation('en'))
c.distinct('b', collation=5)
c.distinct('b', no_such=1)
c.distinct('b', session=5)
c.distinct('', {})
c.with_options(codec_options=CodecOptions(document_class=SON)).distinct('a')
"""

AGGREGATE = r"""
list(c.aggregate([]))
list(c.aggregate([{'$match': {'a': 1}}, {'$sort': {'_id': 1}}]))
list(c.aggregate([{'$group': {'_id': '$a', 'n': {'$sum': 1}}}, {'$sort': {'_id': 1}}]))
list(c.aggregate(({'$match': {'a': 1}},)))
list(c.aggregate({'$match': {'a': 1}}))
list(c.aggregate(None))
list(c.aggregate(5))
list(c.aggregate('x'))
list(c.aggregate([5]))
list(c.aggregate([{'$no': 1}]))
list(c.aggregate([{'$match': {'a': object()}}]))
list(c.aggregate([{}]))
list(c.aggregate())
kind(c.aggregate([]))
list(c.aggregate([], batchSize=5))
list(c.aggregate([], batchSize=0))
list(c.aggregate([], batchSize=-1))
list(c.aggregate([], batchSize='x'))
list(c.aggregate([], batchSize=None))
list(c.aggregate([], cursor={'batchSize': 5}))
list(c.aggregate([], cursor={}))
list(c.aggregate([], cursor=5))
list(c.aggregate([]).batch_size(5))
list(c.aggregate([], batchSize=5).batch_size(3))
list(c.aggregate([]).batch_size(-1))
list(c.aggregate([]).batch_size('x'))
cur = c.aggregate([], batchSize=3); cur.batch_size(2) is cur, len(list(cur))
list(c.aggregate([{'$match': {'$expr': {'$eq': ['$a', '$$x']}}}], let={'x': 1}))
list(c.aggregate([], let=5))
list(c.aggregate([{'$limit': 1}], hint='_id_'))
list(c.aggregate([{'$limit': 1}], hint={'_id': 1}))
list(c.aggregate([{'$limit': 1}], hint=[('_id', 1)]))
list(c.aggregate([{'$limit': 1}], hint='no such'))
list(c.aggregate([{'$match': {'b': 'A'}}], collation={'locale': 'en', 'strength': 2}))
list(c.aggregate([{'$match': {'b': 'A'}}], collation=Collation('en', strength=2)))
list(c.aggregate([], collation=5))
list(c.aggregate([{'$limit': 1}], comment='x'))
list(c.aggregate([{'$limit': 1}], comment={'x': 1}, batchSize=1))
list(c.aggregate([], comment='x', batchSize=5))
list(c.aggregate([{'$limit': 1}], maxTimeMS=500))
list(c.aggregate([], maxTimeMS=500, batchSize=5))
list(c.aggregate([{'$limit': 1}], allowDiskUse=True))
list(c.aggregate([{'$limit': 1}], allowDiskUse=False))
list(c.aggregate([{'$limit': 1}], bypassDocumentValidation=True))
list(c.aggregate([], explain=True))[0].keys() >= {'ok'}
sorted(list(c.aggregate([{'$limit': 1}], explain=True))[0])
list(c.aggregate([], max_time_ms=5))
list(c.aggregate([], no_such=1))
list(c.aggregate([], session=5))
list(c.aggregate([], useCursor=False))
list(c.aggregate([{'$match': {'a': 1}}, {'$out': 'out'}])), db.out.count_documents({})
list(c.aggregate([{'$match': {'a': 1}}, {'$out': {'db': 'parity_2', 'coll': 'out'}}]))
    |client.parity_2.out.count_documents({})
list(c.aggregate([{'$match': {'a': 1}}, {'$merge': 'out'}])), db.out.count_documents({})
list(c.aggregate([{'$match': {'a': 1}}, {'$merge': {'into': 'out', 'on': '_id'}}], batchSize=2))
cur = c.aggregate([{'$out': 'out'}]); cur.alive, cur.cursor_id
cur = c.aggregate([{'$out': 'out'}], bypassDocumentValidation=True, batchSize=5); list(cur)
list(c.aggregate([{'$out': 5}]))
list(c.aggregate([{'$out': 'out'}, {'$match': {}}]))
list(c.with_options(write_concern=WriteConcern(w='majority')).aggregate([{'$out': 'out'}]))
list(c.with_options(write_concern=WriteConcern(w=1)).aggregate([{'$match': {'a': 9}}]))
list(c.with_options(write_concern=WriteConcern(w=0)).aggregate([{'$out': 'out'}]))
list(c.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).aggregate([{'$out': 'out'}]))
list(c.with_options(read_concern=ReadConcern('majority')).aggregate([{'$out': 'out'}]))
list(c.with_options(read_concern=ReadConcern('majority')).aggregate([{'$limit': 1}]))
list(c.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED).aggregate([{'$out': 'out'}]))
list(c.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED).aggregate([{'$limit': 1}]))
cur = c.aggregate([], batchSize=5); cur.alive, cur.cursor_id > 0, cur.address == client.address, cur.session
cur = c.aggregate([]); cur.alive, cur.cursor_id
cur = c.aggregate([]); list(cur); cur.alive, cur.cursor_id
cur = c.aggregate([{'$limit': 1}]); next(cur); cur.alive
cur = c.aggregate([{'$limit': 1}]); next(cur); next(cur)
cur = c.aggregate([{'$limit': 1}]); cur.next(); cur.next()
cur = c.aggregate([{'$limit': 1}]); cur.try_next(), cur.try_next()
cur = c.aggregate([], batchSize=5); next(cur); cur.close(); cur.alive, cur.cursor_id > 0
cur = c.aggregate([], batchSize=5); next(cur); cur.close(); next(cur)
cur = c.aggregate([], batchSize=5); cur.close(); cur.close(); list(cur)
with c.aggregate([], batchSize=5) as cur: x = next(cur)
    |x, cur.alive
c.aggregate([]).to_list()
c.aggregate([], batchSize=5).to_list(7)
c.aggregate([]).to_list(0)
c.aggregate([]).to_list(-1)
c.aggregate([]).to_list('x')
c.aggregate([])[0]
c.aggregate([]).sort('a')
c.aggregate([]).rewind()
c.aggregate([]).clone()
c.aggregate([], session=client.start_session()).session.has_ended
sorted(name for name in dir(c.aggregate([])) if not name.startswith('_'))
copy.copy(c.aggregate([]))
bool(c.aggregate([]))
iter(cur := c.aggregate([])) is cur
list(db.aggregate([{'$documents': [{'x': 1}, {'x': 2}]}]))
list(db.aggregate([{'$documents': [{'x': n} for n in range(5)]}], batchSize=2))
list(client.admin.aggregate([{'$currentOp': {}}, {'$limit': 1}, {'$project': {'x': {'$literal': 1}}}]))
list(db.aggregate([{'$listLocalSessions': {}}, {'$match': {'x': 1}}]))
list(db.aggregate([]))
list(db.aggregate(5))
list(db.aggregate([{'$documents': [{'x': 1}]}], comment='x', let={'y': 1}, maxTimeMS=500))
list(db.aggregate([{'$documents': [{'x': 1}]}, {'$out': 'out'}])), db.out.count_documents({})
list(db.missing.aggregate([]))
list(c.aggregate([{'$lookup': {'from': 'things', 'localField': 'a', 'foreignField': '_id', 'as': 'x'}},
        {'$limit': 1}]))
list(c.aggregate([{'$sort': SON([('a', -1), ('_id', 1)])}, {'$limit': 2}]))
list(c.with_options(codec_options=CodecOptions(document_class=SON)).aggregate([{'$limit': 1}]))
list(c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).aggregate([{'$limit': 1}]))
list(c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument)).aggregate([],
        explain=True))[0]['ok']
list(c.aggregate([{'$changeStream': {'no': 1}}]))
"""

RAW = r"""
kind(c.find_raw_batches())
[decode_all(batch) for batch in c.find_raw_batches()]
[decode_all(batch) for batch in c.find_raw_batches({'a': 1}, {'_id': 1}).sort('_id')]
[len(decode_all(batch)) for batch in c.find_raw_batches(batch_size=5)]
[len(decode_all(batch)) for batch in c.find_raw_batches().batch_size(5)]
[len(decode_all(batch)) for batch in c.find_raw_batches().limit(3).skip(1)]
[type(batch).__name__ for batch in c.find_raw_batches()]
list(c.find_raw_batches({'a': 99}))
list(c.find_raw_batches({'a': {'$no': 1}}))
list(c.find_raw_batches(no_such=1))
list(c.find_raw_batches(5))
next(c.find_raw_batches(limit=1)) == encode(c.find_one())
c.find_raw_batches()[0]
c.find_raw_batches()[0:1]
sorted(c.find_raw_batches().explain())[0]
sorted(name for name in dir(c.find_raw_batches()) if not name.startswith('_'))
cur = c.find_raw_batches(batch_size=5); next(cur); cur.alive, cur.retrieved
cur = c.find_raw_batches(batch_size=5); next(cur); cur.sort('a')
list(map(decode_all, c.find_raw_batches(limit=1).clone()))
with c.find_raw_batches(batch_size=5) as cur: n = len(next(cur))
    |n, cur.alive
[len(batch) for batch in c.find_raw_batches().to_list()]
[len(batch) for batch in c.find_raw_batches(batch_size=5).to_list(1)]
c.find_raw_batches().distinct('a')
list(c.find_raw_batches(cursor_type=CursorType.EXHAUST, batch_size=5)).__len__()
list(c.with_options(codec_options=CodecOptions(document_class=SON)).find_raw_batches(limit=1)).__len__()
kind(c.aggregate_raw_batches([]))
[decode_all(batch) for batch in c.aggregate_raw_batches([{'$match': {'a': 1}}])]
[len(decode_all(batch)) for batch in c.aggregate_raw_batches([], batchSize=5)]
[decode_all(batch) for batch in c.aggregate_raw_batches([{'$match': {'a': 99}}])]
list(c.aggregate_raw_batches([{'$no': 1}]))
list(c.aggregate_raw_batches(5))
list(c.aggregate_raw_batches([], comment='x', batchSize=20)).__len__()
list(c.aggregate_raw_batches([{'$out': 'out'}]))
sorted(name for name in dir(c.aggregate_raw_batches([])) if not name.startswith('_'))
[len(batch) for batch in c.aggregate_raw_batches([]).to_list()]
c.aggregate_raw_batches([])[0]
cur = c.aggregate_raw_batches([], batchSize=5); next(cur); cur.alive, cur.cursor_id > 0
[len(decode_all(batch)) for batch in c.find_raw_batches({}, None, 2, 3)]
"""


@on_faces(COUNT)
def test_count_and_distinct(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(AGGREGATE)
def test_aggregate(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(RAW)
def test_raw_batches(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
