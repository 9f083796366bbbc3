"""Cursors of all kinds where options and methods meet, and writes that nobody acknowledges: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3, "b": "xyz"[n % 3]} for n in range(10)]

CURSORS = r"""
cur = c.find(batch_size=2, comment='x').sort('_id'); [next(cur) for n in range(5)]; cur.retrieved, cur.alive
cur = c.find(batch_size=2, max_time_ms=500, limit=5); list(cur); cur.retrieved, cur.alive, cur.cursor_id
cur = c.find(batch_size=2, limit=-5); list(cur), cur.alive
cur = c.find(batch_size=5, limit=5); list(cur), cur.alive
cur = c.find(batch_size=1, limit=2); list(cur)
cur = c.find(batch_size=2).skip(1).limit(4).sort('_id', -1); list(cur.clone()), list(cur), list(cur.rewind())
cur = c.find(batch_size=2); next(cur); cur.close(); cur.rewind(); len(list(cur)), cur.alive
cur = c.find(batch_size=2); next(cur); x = cur.clone(); x.alive, x.retrieved, x.cursor_id, x.address, cur.retrieved
cur = c.find(); cur.close(); cur.limit(5).alive, list(cur), cur.rewind().next()
cur = c.find(); cur.close(); cur.add_option(2).sort('a').alive
cur = c.find(batch_size=2); list(cur); cur.rewind(); cur.sort('_id', -1); next(cur)
cur = c.find(batch_size=2); next(cur); cur.rewind(); cur.limit(3).skip(1).hint('_id_').comment('y'); list(cur)
cur = c.find({}, {'_id': 1}, session=client.start_session(), batch_size=2); next(cur); kind(cur.clone().session)
cur = c.find(session=client.start_session(), batch_size=2); list(cur); kind(cur.session)
s = client.start_session(); cur = c.find(session=s, batch_size=2); next(cur); s.end_session(); tries(lambda: list(cur))
s = client.start_session(); s.end_session(); list(c.find(session=s))
cur = c.find(cursor_type=CursorType.EXHAUST, batch_size=2); len(list(cur)), cur.alive, cur.retrieved
cur = c.find(cursor_type=CursorType.EXHAUST, batch_size=2); next(cur); cur.close(); cur.alive
cur = c.find(cursor_type=CursorType.EXHAUST, batch_size=2); [next(cur) for n in range(4)]; cur.rewind(); len(list(cur))
cur = c.find(batch_size=2).add_option(64); len(list(cur))
cur = c.find(batch_size=2).add_option(64).remove_option(64); len(list(cur))
c.find(cursor_type=CursorType.EXHAUST, limit=5)
c.find(cursor_type=CursorType.EXHAUST).limit(5)
c.find(cursor_type=CursorType.EXHAUST)[0]
c.find(cursor_type=CursorType.EXHAUST)[0:2]
list(c.find(cursor_type=CursorType.EXHAUST, no_cursor_timeout=True, batch_size=3)).__len__()
list(c.find(no_cursor_timeout=True, batch_size=2, limit=3))
list(c.find(allow_partial_results=True, oplog_replay=True, limit=1))
list(c.find(limit=1).add_option(2 | 32))
list(c.find(limit=1).add_option(0))
list(c.find(limit=1).add_option(-1))
list(c.find(limit=1).remove_option(0))
list(c.find(cursor_type=CursorType.TAILABLE))
list(c.find(cursor_type=CursorType.TAILABLE_AWAIT, max_time_ms=5))
list(c.find(cursor_type=3))
list(c.find({'a': 1}).where('this.b == "x"').sort('_id').limit(1))
list(c.find({'a': 1}).where('this.b ==').limit(1))
list(c.find().min([('_id', 3)]).hint([('_id', 1)]).limit(1))
list(c.find().min([('a', 3)]).hint('_id_'))
list(c.find().max([('_id', 3)]).hint('no_such'))
list(c.find(hint='_id_', min=[('_id', 3)], max=[('_id', 5)], return_key=True))
list(c.find(show_record_id=True, limit=1))
list(c.find(return_key=True, hint='_id_', limit=1))
list(c.find(let={'y': 1}, filter={'$expr': {'$eq': ['$a', '$$y']}}).sort('_id').limit(2))
list(c.find(let=5))
list(c.find(collation=Collation('en', strength=2), filter={'b': 'X'}).limit(1))
list(c.find(allow_disk_use=True).sort('a').limit(1))
c.find({'a': 1}, {'_id': 0}).sort('a').explain()['command'] if 0 else sorted(c.find().explain())
sorted(c.find({'a': 1}, session=client.start_session()).limit(-1).skip(1).explain()['queryPlanner'])
c.find({'$no': 1}).explain()
c.find().max_time_ms(500).explain()['ok']
c.find(batch_size=2).explain()['ok']
cur = c.find(); cur.explain(); cur.alive, cur.retrieved, len(list(cur))
cur = c.find(batch_size=2); next(cur); cur.explain()['ok'], cur.alive
c.find({'a': 1}).distinct('_id')
c.find({'a': 1}, session=client.start_session()).distinct('_id')
c.find(let={'y': 1}).distinct('a')
c.find().comment('x').max_time_ms(50).distinct('a')
cur = c.find(batch_size=2, session=client.start_session()); next(cur); cur.distinct('a')
list(c.find({'$query': {'a': 1}, '$orderby': {'_id': -1}}).limit(1))
c.find_one({'$query': {'a': 1}, '$comment': 'x'})
cur = c.find(); cur.address, cur.cursor_id, cur.alive, cur.retrieved, cur.session
cur = c.find({'_id': 100}); cur.alive, list(cur), cur.alive, cur.cursor_id
cur = c.find({'$no': 1}); tries(lambda: next(cur)), cur.alive, cur.retrieved
cur = c.find({'$no': 1}); tries(lambda: next(cur)), tries(lambda: next(cur))
cur = c.find(batch_size=2); next(cur); db.command('killCursors', 'things', cursors=[cur.cursor_id])
    |kind(tries(lambda: list(cur))), cur.alive, tries(lambda: next(cur))
cur = c.find(batch_size=2); next(cur); c.drop(); tries(lambda: list(cur))
t = db.create_collection('t', capped=True, size=4096); cur = t.find(cursor_type=CursorType.TAILABLE)
    |tries(lambda: next(cur)), cur.alive, cur.retrieved
t = db.create_collection('t', capped=True, size=4096); t.insert_one({'_id': 1})
    |cur = t.find(cursor_type=CursorType.TAILABLE_AWAIT).max_await_time_ms(10)
    |next(cur), tries(lambda: next(cur)), cur.alive, cur.rewind().retrieved, next(cur)
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': n} for n in range(4)])
    |cur = t.find(cursor_type=CursorType.TAILABLE, batch_size=2); len(list(cur)), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': n} for n in range(4)])
    |cur = t.find(cursor_type=CursorType.TAILABLE); list(cur); t.drop(); tries(lambda: list(cur)), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': n} for n in range(4)])
    |cur = t.find(cursor_type=CursorType.TAILABLE, limit=2); list(cur), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': n} for n in range(4)])
    |cur = t.find(cursor_type=CursorType.TAILABLE, limit=3, batch_size=2); list(cur), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': n} for n in range(4)])
    |cur = t.find(cursor_type=CursorType.TAILABLE); next(cur); db.command('killCursors', 't', cursors=[cur.cursor_id])
    |list(cur), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': n} for n in range(4)])
    |cur = t.find_raw_batches(cursor_type=CursorType.TAILABLE); [len(decode_all(b)) for b in cur], cur.alive
"""

COMMANDS = r"""
cur = c.aggregate([], batchSize=2); next(cur); cur.alive, cur.cursor_id > 0, kind(cur), cur.address == client.address
cur = c.aggregate([], batchSize=2); cur.try_next()['_id'], len(list(cur)), cur.try_next(), cur.alive
cur = c.aggregate([{'$match': {'_id': 100}}]); cur.try_next(), cur.alive
cur = c.aggregate([], batchSize=0); cur.alive, next(cur)['_id']
cur = c.aggregate([], batchSize=2); cur.batch_size(5); len(list(cur))
cur = c.aggregate([], batchSize=2); cur.batch_size(-1)
cur = c.aggregate([], batchSize=2); cur.batch_size('x')
cur = c.aggregate([], batchSize=2); cur.batch_size(1); len(list(cur))
cur = c.aggregate([], batchSize=2); cur.close(); tries(lambda: list(cur)), cur.alive, cur.cursor_id > 0
cur = c.aggregate([], batchSize=2); cur.to_list(3), cur.to_list()
cur = c.aggregate([], batchSize=2, comment='x'); len(list(cur))
cur = c.aggregate([], batchSize=2, session=client.start_session()); kind(cur.session), len(list(cur))
cur = c.aggregate([], batchSize=2, maxTimeMS=500); len(list(cur))
cur = c.aggregate([], batchSize=2, maxAwaitTimeMS=50); tries(lambda: len(list(cur)))
cur = c.aggregate([], batchSize=2, collation={'locale': 'en'}, hint='_id_', let={'y': 1}); len(list(cur))
cur = c.aggregate([], bypassDocumentValidation=True); len(list(cur))
cur = c.aggregate([{'$out': 'o'}], batchSize=2); list(cur), cur.alive, cur.cursor_id, db.o.count_documents({})
cur = c.aggregate([{'$merge': {'into': 'o'}}], comment='x'); list(cur), cur.alive
with c.aggregate([], batchSize=2) as cur: x = next(cur)
    |x['_id'], cur.alive
cur = c.aggregate([], batchSize=2); next(cur); db.command('killCursors', 'things', cursors=[cur.cursor_id])
    |kind(tries(lambda: list(cur))), cur.alive
cur = db.cursor_command('find', 'things', batchSize=2); next(cur); cur.alive, len(list(cur))
s = client.start_session(); cur = db.cursor_command('find', 'things', batchSize=2, session=s)
    |cur.session is s, len(list(cur))
cur = db.cursor_command({'find': 'things', 'batchSize': 2, 'filter': {'a': 1}}); cur.batch_size(3); len(list(cur))
cur = db.cursor_command('find', 'things', batchSize=2, max_await_time_ms=5); tries(lambda: len(list(cur)))
t = db.create_collection('t', capped=True, size=4096); t.insert_one({'_id': 1})
    |cur = db.cursor_command('find', 't', tailable=True, awaitData=True, max_await_time_ms=5)
    |next(cur), cur.try_next(), cur.alive
db.cursor_command('find', 'things', codec_options=CodecOptions(document_class=SON), limit=1).next()
db.cursor_command('find', 'things', read_preference=ReadPreference.NEAREST, limit=1).next()
db.cursor_command('find', 'things', read_preference=5)
db.cursor_command('ping')
db.cursor_command('no_such')
db.cursor_command('find', 'things', batchSize=-1)
list(db.cursor_command('find', 'missing'))
list(db.cursor_command('listCollections', nameOnly=True, filter={'name': 'things'}))
cur = db.list_collections(); kind(cur), cur.alive, [x['name'] for x in cur], cur.try_next()
cur = db.list_collections(filter={'name': 'no'}); list(cur), cur.alive
c.list_indexes().to_list()
c.create_search_index({'definition': {}})
c.create_search_index(SearchIndexModel({}, 'x', 'vectorSearch'))
c.create_search_indexes([SearchIndexModel({}, 'x')], comment='x')
c.create_search_indexes([])
c.create_search_indexes([5])
c.create_search_index(5)
c.update_search_index('x', {}, comment='x')
c.drop_search_index('x', comment='x')
list(c.list_search_indexes())
list(c.list_search_indexes('x', comment='x'))
list(c.list_search_indexes(name='x', session=client.start_session()))
"""

SILENT = r"""
u = c.with_options(write_concern=WriteConcern(w=0)); r = u.insert_one({'_id': 50}); r.acknowledged, r.inserted_id
u = c.with_options(write_concern=WriteConcern(w=0)); r = u.insert_many([{'_id': 50}, {'_id': 51}])
    |r.acknowledged, r.inserted_ids
u = c.with_options(write_concern=WriteConcern(w=0)); u.insert_many([{'_id': 1}, {'_id': 51}], ordered=False)
u = c.with_options(write_concern=WriteConcern(w=0)); r = u.update_one({'_id': 1}, {'$set': {'q': 1}})
    |r.acknowledged, r.raw_result, tries(lambda: r.matched_count), tries(lambda: r.upserted_id)
u = c.with_options(write_concern=WriteConcern(w=0)); r = u.delete_many({'a': 1})
    |r.raw_result, tries(lambda: r.deleted_count)
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_many({}, {'$set': {'q': 1}}, upsert=True, comment='x')
u = c.with_options(write_concern=WriteConcern(w=0)); u.replace_one({'_id': 1}, {'q': 1}, upsert=True, let={'y': 1})
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_one({}, {'$set': {'q': 1}}, hint='_id_')
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_one({}, {'$set': {'q': 1}}, collation={'locale': 'en'})
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_one({}, {'$set': {'q.$[x]': 1}}, array_filters=[{'x': 1}])
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_one({}, {'$set': {'q': 1}}, sort={'_id': 1})
u = c.with_options(write_concern=WriteConcern(w=0))
    |u.update_one({}, {'$set': {'q': 1}}, bypass_document_validation=True)
u = c.with_options(write_concern=WriteConcern(w=0)); u.insert_one({}, bypass_document_validation=True)
u = c.with_options(write_concern=WriteConcern(w=0)); u.insert_many([{}], bypass_document_validation=True)
u = c.with_options(write_concern=WriteConcern(w=0)); u.bulk_write([InsertOne({})], bypass_document_validation=True)
u = c.with_options(write_concern=WriteConcern(w=0)); u.delete_one({}, hint='_id_', comment='x')
u = c.with_options(write_concern=WriteConcern(w=0)); u.delete_one({}, collation={'locale': 'en'})
u = c.with_options(write_concern=WriteConcern(w=0)); u.find_one_and_update({'_id': 1}, {'$set': {'q': 1}})
u = c.with_options(write_concern=WriteConcern(w=0)); u.find_one_and_delete({'_id': 1}, collation={'locale': 'en'})
u = c.with_options(write_concern=WriteConcern(w=0)); u.find_one_and_replace({'_id': 1}, {}, hint='_id_')
u = c.with_options(write_concern=WriteConcern(w=0))
    |u.find_one_and_update({'_id': 1}, {'$set': {'q.$[x]': 1}}, array_filters=[{'x': 1}])
u = c.with_options(write_concern=WriteConcern(w=0)); u.insert_one({}, session=client.start_session())
u = c.with_options(write_concern=WriteConcern(w=0)); u.delete_many({}, session=client.start_session())
u = c.with_options(write_concern=WriteConcern(w=0)); u.bulk_write([InsertOne({})], session=client.start_session())
u = c.with_options(write_concern=WriteConcern(w=0)); u.find_one_and_delete({}, session=client.start_session())
u = c.with_options(write_concern=WriteConcern(w=0)); u.create_index('a')
u = c.with_options(write_concern=WriteConcern(w=0)); u.create_index('a', session=client.start_session())
u = c.with_options(write_concern=WriteConcern(w=0)); u.drop_index('a_1')
u = c.with_options(write_concern=WriteConcern(w=0)); list(u.aggregate([{'$out': 'o'}]))
u = c.with_options(write_concern=WriteConcern(w=0)); u.drop()
u = c.with_options(write_concern=WriteConcern(w=0)); u.rename('renamed')
u = c.with_options(write_concern=WriteConcern(w=0)); u.insert_one({'a': object()})
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_one({}, {'a': 1})
u = c.with_options(write_concern=WriteConcern(w=0)); r = u.bulk_write([UpdateOne({'_id': 1}, {'$set': {'q': 1}})])
    |r.acknowledged, r.bulk_api_result, tries(lambda: r.matched_count), tries(lambda: r.upserted_ids)
d = db.with_options(write_concern=WriteConcern(w=0)); d.create_collection('new').name
d = db.with_options(write_concern=WriteConcern(w=0)); d.drop_collection('things')
u = make(w=0); u.parity.things.insert_one({'_id': 60}).acknowledged
c.update_one({'_id': 1}, {'$set': {'q': 1}}, sort={'_id': 1})
c.replace_one({'_id': 1}, {'q': 1}, sort={'_id': 1})
c.update_one({'_id': 1}, {'$set': {'q': 1}}, sort=[('_id', 1)])
c.update_one({'_id': 1}, {'$set': {'q': 1}}, sort=5)
c.update_many({'_id': 1}, {'$set': {'q': 1}}, sort={'_id': 1})
c.update_one({'_id': 90}, {'$set': {'q': 1}}, upsert=True).raw_result['upserted']
c.update_one({'q': 90}, {'$set': {'q': 91}}, upsert=True).upserted_id.__class__.__name__
c.update_one({'_id': None}, {'$set': {'q': 1}}, upsert=True).did_upsert
c.replace_one({'_id': {'x': 1}}, {'q': 1}, upsert=True).upserted_id
c.find_one_and_update({'_id': 91}, {'$set': {'q': 1}}, upsert=True, return_document=ReturnDocument.AFTER)
c.find_one_and_replace({'_id': 92}, {'q': 1}, upsert=True)
"""


@on_faces(CURSORS)
def test_cursors(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(COMMANDS)
def test_cursors_of_commands(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(SILENT)
def test_unacknowledged_writes_and_upserts(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
