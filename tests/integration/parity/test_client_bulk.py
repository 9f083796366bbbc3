"""`MongoClient.bulk_write`, behind a proxy that makes 6.0 look like 8.2: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

ON = "on_newer"
SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3, "d": [n, n + 1]} for n in range(6)]

RESULTS = r"""
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)]); r
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)])
    |r.acknowledged, r.has_verbose_results, r.inserted_count, r.matched_count, r.modified_count, \
        r.deleted_count, r.upserted_count, r.bulk_api_result
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)]); r.insert_results
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)]); r.update_results
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)]); r.delete_results
N = 'parity.things'
    |m = [InsertOne({'_id': 10}, N), UpdateOne({'_id': 1}, {'$set': {'a': 9}}, namespace=N), UpdateMany({},
        {'$inc': {'a': 1}}, namespace='parity.more')]
    |m += [ReplaceOne({'_id': 50}, {'q': 1}, upsert=True, namespace='parity.more'), DeleteOne({'_id': 3},
        namespace=N), DeleteMany({'a': 1}, namespace=N)]
    |r = client.bulk_write(m, verbose_results=True); r.insert_results, r.update_results, r.delete_results, \
        r.bulk_api_result, r.has_verbose_results
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)], verbose_results=True); repr(r)
N = 'parity.things'; r = client.bulk_write([InsertOne({'_id': 10}, namespace=N)]); repr(r)
N = 'parity.things'; r = client.bulk_write([UpdateOne({'q': 1}, {'$set': {'a': 1}}, upsert=True,
        namespace=N)], verbose_results=True)
    |u = r.update_results[0]; kind(u.upserted_id), u.did_upsert, u.matched_count, u.modified_count, u.raw_result
N = 'parity.things'; r = client.bulk_write([UpdateOne({'_id': None}, {'$set': {'a': 1}}, upsert=True,
        namespace=N)], verbose_results=True)
    |u = r.update_results[0]; u.upserted_id, u.did_upsert, u.matched_count
N = 'parity.things'; r = client.bulk_write([UpdateOne({'_id': 1}, {'$set': {'a': 1}}, namespace=N)],
        verbose_results=True)
    |u = r.update_results[0]; u.upserted_id, u.did_upsert, u.matched_count, u.modified_count, u.acknowledged
N = 'parity.things'; d = {'x': 1}; r = client.bulk_write([InsertOne(d, N)], verbose_results=True); list(d), \
        r.insert_results[0].inserted_id == d['_id']
N = 'parity.things'; d = RawBSONDocument(encode({'_id': 70})); r = client.bulk_write([InsertOne(d, N)],
        verbose_results=True); r.insert_results
N = 'parity.things'; d = RawBSONDocument(encode({'x': 70})); r = client.bulk_write([InsertOne(d, N)],
        verbose_results=True); r.insert_results
client.bulk_write((InsertOne({'_id': n}, 'parity.things') for n in (10, 11)))
client.bulk_write((InsertOne({'_id': 10}, 'parity.things'),))
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], ordered=False, comment='x', let={'y': 1},
        bypass_document_validation=True)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], bypass_document_validation=False)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], comment=None, let=None, write_concern=None)
client.bulk_write([UpdateOne({'$expr': {'$eq': ['$a', '$$y']}}, [{'$set': {'a': '$$y'}}],
        namespace='parity.things')], let={'y': 1})
client.bulk_write([UpdateOne({'a': 1}, {'$set': {'z': 1}}, sort={'_id': -1}, namespace='parity.things')])
client.bulk_write([UpdateOne({'a': 1}, {'$set': {'z': 1}}, sort=[('_id', -1)], namespace='parity.things')])
client.bulk_write([ReplaceOne({'a': 1}, {'z': 1}, sort={'_id': -1}, namespace='parity.things')])
client.bulk_write([UpdateOne({'a': 1}, {'$set': {'d.$[x]': 1}}, array_filters=[{'x': 1}], hint='_id_',
        namespace='parity.things')])
client.bulk_write([UpdateMany({'a': 1}, {'$set': {'z': 1}}, hint=[('_id', 1)], collation=Collation('en'),
        namespace='parity.things')])
client.bulk_write([DeleteOne({'a': 1}, hint={'_id': 1}, collation={'locale': 'en'}, namespace='parity.things')])
client.bulk_write([UpdateOne({'_id': 1}, {'$set': {'a': 1}}, upsert=False, namespace='parity.things')])
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=WriteConcern('majority'))
client.bulk_write([InsertOne({'_id': n}, 'parity.things') for n in range(100, 140)]).inserted_count
make(w='majority', journal=True).bulk_write([InsertOne({'_id': 10}, 'parity.things')])
make(retryWrites=False).bulk_write([InsertOne({'_id': 10}, 'parity.things')])
client.bulk_write([InsertOne({'_id': 10}, 'parity.things'), DeleteMany({}, namespace='parity.things')])
make(uuidRepresentation='standard').bulk_write([InsertOne({'_id': uuid.UUID(int=1)}, 'parity.things')])
client.bulk_write([InsertOne({'_id': uuid.UUID(int=1)}, 'parity.things')])
"""

FAILURES = r"""
client.bulk_write([InsertOne({'_id': 1}, 'parity.things'), InsertOne({'_id': 10}, 'parity.things')])
client.bulk_write([InsertOne({'_id': 10}, 'parity.things'), InsertOne({'_id': 1}, 'parity.things'),
        InsertOne({'_id': 11}, 'parity.things')])
client.bulk_write([InsertOne({'_id': 1}, 'parity.things'), InsertOne({'_id': 10}, 'parity.things')],
        ordered=False, verbose_results=True)
e = tries(lambda: client.bulk_write([InsertOne({'_id': 10}, 'parity.things'), InsertOne({'_id': 1},
        'parity.things')], verbose_results=True))
    |e.error, e.write_errors, e.write_concern_errors, e.partial_result.insert_results, \
        e.partial_result.inserted_count, e.code, e.details['nInserted']
e = tries(lambda: client.bulk_write([UpdateOne({'_id': 1}, {'$inc': {'d': 1}}, namespace='parity.things'),
        InsertOne({'_id': 1}, 'parity.things')], ordered=False))
    |e.error, e.write_errors, e.write_concern_errors, e.partial_result, e.timeout
e = tries(lambda: client.bulk_write([InsertOne({'_id': 10}, 'parity.things')],
        write_concern=WriteConcern(5, wtimeout=50)))
    |kind(e), e.write_concern_errors, e.write_errors, e.partial_result.inserted_count, e.error
client.bulk_write([])
client.bulk_write(())
client.bulk_write(None)
client.bulk_write(5)
client.bulk_write('abc')
client.bulk_write({})
client.bulk_write([5])
client.bulk_write([{}])
client.bulk_write([InsertOne({})])
client.bulk_write([InsertOne({}, ''), InsertOne({}, 'a.b')])
client.bulk_write([InsertOne({}, 'nodot')])
client.bulk_write([InsertOne(5, 'parity.things')])
client.bulk_write([InsertOne({'a': object()}, 'parity.things')])
client.bulk_write([InsertOne({'_id': 10}, 'parity.things'), InsertOne({'a': object()}, 'parity.things')])
client.bulk_write([UpdateOne({}, {'a': 1}, namespace='parity.things')])
client.bulk_write([UpdateOne({}, {}, namespace='parity.things')])
client.bulk_write([UpdateOne({}, [], namespace='parity.things')])
client.bulk_write([UpdateOne(5, {'$set': {'a': 1}}, namespace='parity.things')])
client.bulk_write([ReplaceOne({}, {'$set': {'a': 1}}, namespace='parity.things')])
client.bulk_write([DeleteOne(5, namespace='parity.things')])
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], ordered='x')
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], let=5)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=5)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=5)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern={'w': 1})
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], no_such=1)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=WriteConcern(0))
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=WriteConcern(0),
        verbose_results=True, ordered=False)
client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=WriteConcern(0), ordered=False)
r = client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=WriteConcern(0), ordered=False)
    |r.acknowledged, tries(lambda: r.inserted_count), tries(lambda: r.insert_results), \
        r.has_verbose_results, repr(r)
make(w=0).bulk_write([InsertOne({'_id': 10}, 'parity.things')], ordered=False)
make(w=0).bulk_write([InsertOne({'_id': 10}, 'parity.things')])
make(w=0).bulk_write([InsertOne({'_id': 10}, 'parity.things')], write_concern=WriteConcern(1))
client.bulk_write([DeleteOne({}, collation={'locale': 'en'}, namespace='parity.things')],
        write_concern=WriteConcern(0), ordered=False)
client.bulk_write([DeleteOne({}, hint='_id_', namespace='parity.things')], write_concern=WriteConcern(0),
        ordered=False)
client.bulk_write([UpdateOne({}, {'$set': {'d.$[x]': 1}}, array_filters=[{'x': 1}],
        namespace='parity.things')], write_concern=WriteConcern(0), ordered=False)
s = client.start_session(); client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s,
        write_concern=WriteConcern(0), ordered=False)
"""

SESSIONS = r"""
s = client.start_session(); client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s)
    |c.find_one(10, session=s)
s = client.start_session(); s.start_transaction()
    |client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s), c.find_one(10), \
        s.commit_transaction(), c.find_one(10)
s = client.start_session(); s.start_transaction()
    |client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s, write_concern=WriteConcern(1))
s = client.start_session(); s.start_transaction()
    |client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s, write_concern=WriteConcern(0),
        ordered=False)
s = make(w='majority').start_session(); s.start_transaction()
    |s.client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s), s.abort_transaction()
s = make(w=0).start_session(); s.start_transaction(write_concern=WriteConcern(1))
    |s.client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s), s.abort_transaction()
s = make(w=0).start_session(); s.start_transaction(write_concern=WriteConcern(1))
    |s.client.bulk_write([InsertOne({'_id': 10}, 'parity.things')], session=s, ordered=False), \
        s.abort_transaction()
s = client.start_session(); s.start_transaction()
    |e = tries(lambda: client.bulk_write([InsertOne({'_id': 1}, 'parity.things')], session=s))
    |e, s.in_transaction, tries(lambda: s.commit_transaction())
"""

SORTED = r"""
c.update_one({'a': 1}, {'$set': {'z': 1}}, hint='_id_')
u = c.with_options(write_concern=WriteConcern(w=0)); u.update_one({}, {'$set': {'q': 1}}, sort={'_id': 1})
u = c.with_options(write_concern=WriteConcern(w=0)); u.replace_one({}, {'q': 1}, sort=[('_id', 1)])
u = c.with_options(write_concern=WriteConcern(w=0)); u.bulk_write([UpdateOne({}, {'$set': {'q': 1}},
        sort={'_id': 1})])
u = c.with_options(write_concern=WriteConcern(w=0)); u.bulk_write([ReplaceOne({}, {'q': 1}, sort={'_id': 1})])
"""


@on_faces(RESULTS)
def test_results(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(FAILURES)
def test_failures(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(SESSIONS)
def test_in_sessions(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(SORTED)
def test_what_older_servers_refuse_is_sent_to_newer_ones(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
