"""Transactions: states, options, what goes into commands, and errors; the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3} for n in range(6)]

STATES = r"""
s = client.start_session(); s.commit_transaction()
s = client.start_session(); s.abort_transaction()
s = client.start_session(); s.start_transaction(); s.in_transaction, s.start_transaction()
s = client.start_session(); s.start_transaction(); s.abort_transaction(); s.in_transaction
s = client.start_session(); s.start_transaction(); s.abort_transaction(); s.abort_transaction()
s = client.start_session(); s.start_transaction(); s.abort_transaction(); s.commit_transaction()
s = client.start_session(); s.start_transaction(); s.commit_transaction(); s.abort_transaction()
s = client.start_session(); s.start_transaction(); s.commit_transaction(); s.commit_transaction(); s.in_transaction
s = client.start_session(); s.start_transaction(); c.insert_one({'_id': 9}, session=s)
    |s.commit_transaction(), s.commit_transaction(), s.in_transaction, c.count_documents({})
s = client.start_session(); s.start_transaction(); c.insert_one({'_id': 9}, session=s)
    |s.abort_transaction(), s.in_transaction, c.count_documents({})
s = client.start_session(); s.start_transaction(); c.insert_one({'_id': 9}, session=s)
    |s.commit_transaction(), c.find_one(session=s), s.commit_transaction()
s = client.start_session(); s.start_transaction(); c.insert_one({'_id': 9}, session=s)
    |s.abort_transaction(), c.find_one(session=s), s.abort_transaction()
s = client.start_session(); s.start_transaction(); c.insert_one({'_id': 9}, session=s); s.commit_transaction()
    |s.start_transaction(); c.insert_one({'_id': 10}, session=s); s.abort_transaction()
    |[d['_id'] for d in c.find()]
s = client.start_session(); s.end_session(); s.start_transaction()
s = client.start_session(); s.end_session(); s.commit_transaction()
s = client.start_session(); s.end_session(); s.abort_transaction()
s = client.start_session(); s.start_transaction(); c.find_one(session=s); s.end_session()
    |s.in_transaction, s.has_ended
s = client.start_session(); s.start_transaction(); s.end_session(); s.in_transaction, s.has_ended
client.start_session(snapshot=True).start_transaction()
s = client.start_session()
    |with s.start_transaction(): c.insert_one({'_id': 9}, session=s)
    |s.in_transaction, c.count_documents({})
s = client.start_session()
    |with s.start_transaction(): pass
    |s.in_transaction
s = client.start_session()
    |with s.start_transaction(): c.insert_one({'_id': 9}, session=s); s.abort_transaction()
    |s.in_transaction, c.count_documents({})
s = client.start_session()
    |with s.start_transaction(): c.insert_one({'_id': 9}, session=s); s.commit_transaction()
    |s.in_transaction, c.count_documents({})
s = client.start_session()
    |with s.start_transaction(): c.insert_one({'_id': 9}, session=s); s.end_session()
    |s.in_transaction, c.count_documents({})
s = client.start_session()
    |with s.start_transaction(): c.insert_one({'_id': 9}, session=s); raise KeyError(5)
with client.start_session() as s, s.start_transaction(): c.insert_one({'_id': 9}, session=s)
    |c.count_documents({})
s = client.start_session(); t = client.start_session(); s.start_transaction(); t.start_transaction()
    |c.update_one({'_id': 1}, {'$set': {'b': 1}}, session=s)
    |tries(lambda: c.update_one({'_id': 1}, {'$set': {'b': 2}}, session=t))
    |t.in_transaction, s.commit_transaction(), tries(lambda: t.commit_transaction())
s = client.start_session(); s.start_transaction(); tries(lambda: c.insert_one({'_id': 1}, session=s))
    |s.in_transaction, tries(lambda: s.commit_transaction()), s.in_transaction
s = client.start_session(); s.start_transaction(); tries(lambda: c.insert_one({'a': object()}, session=s))
    |s.in_transaction, c.insert_one({'_id': 9}, session=s).inserted_id, s.abort_transaction()
s = client.start_session(); s.start_transaction(); c.insert_one({'_id': 9}, session=s)
    |c.find_one({'_id': 9}, session=s), c.find_one({'_id': 9}), s.abort_transaction()
"""

OPTIONS = r"""
s = client.start_session(); s.start_transaction(max_commit_time_ms=0); c.insert_one({'_id': 9}, session=s)
    |s.commit_transaction()
client.start_session().start_transaction(read_concern=5)
client.start_session().start_transaction(write_concern=5)
client.start_session().start_transaction(read_preference=5)
client.start_session().start_transaction(max_commit_time_ms='x')
client.start_session().start_transaction(write_concern=WriteConcern(0))
client.start_session().start_transaction(no_such=1)
make(w=0).start_session().start_transaction()
s = client.start_session()
    |with s.start_transaction(ReadConcern('snapshot'), WriteConcern('majority', wtimeout=5000), None, 7000):
        c.insert_one({'_id': 9}, session=s); c.find_one(session=s); list(c.find(session=s, batch_size=2))
    |s.commit_transaction()
s = client.start_session(); s.start_transaction(write_concern=WriteConcern(1, j=True)); c.find_one(session=s)
    |s.commit_transaction(), s.commit_transaction()
s = client.start_session(); s.start_transaction(write_concern=WriteConcern('majority')); c.find_one(session=s)
    |s.abort_transaction()
s = client.start_session(); c.find_one(session=s); s.start_transaction(ReadConcern('majority'))
    |c.insert_one({'_id': 9}, session=s), c.find_one(session=s)
s = client.start_session(causal_consistency=False); c.find_one(session=s); s.start_transaction()
    |c.insert_one({'_id': 9}, session=s)
o = package.client_session.TransactionOptions(ReadConcern('majority'), WriteConcern(1), None, 990)
    |s = client.start_session(default_transaction_options=o); s.start_transaction()
    |c.insert_one({'_id': 9}, session=s), s.commit_transaction()
o = package.client_session.TransactionOptions(ReadConcern('majority'), WriteConcern(1), None, 990)
    |s = client.start_session(default_transaction_options=o)
    |s.start_transaction(ReadConcern('local'), WriteConcern('majority'), ReadPreference.PRIMARY, 770)
    |c.insert_one({'_id': 9}, session=s), s.commit_transaction()
x = make(readConcernLevel='majority', w=1, journal=True); s = x.start_session(); s.start_transaction()
    |x.parity.things.insert_one({'_id': 9}, session=s), s.commit_transaction()
x = make(retryWrites=False); s = x.start_session(); s.start_transaction()
    |x.parity.things.insert_one({'_id': 9}, session=s), s.commit_transaction()
"""

COMMANDS = r"""
s = client.start_session(); s.start_transaction()
    |c.with_options(read_concern=ReadConcern('majority'), read_preference=Secondary()).find_one(session=s)
    |c.with_options(write_concern=WriteConcern('majority')).insert_one({'_id': 9}, session=s)
u = c.with_options(write_concern=WriteConcern(0)); s = client.start_session(); s.start_transaction()
    |u.insert_one({'_id': 9}, session=s), u.bulk_write([InsertOne({'_id': 10})], session=s), s.commit_transaction()
u = c.with_options(write_concern=WriteConcern(0)); s = client.start_session(); s.start_transaction()
    |u.insert_many([{'_id': 9}, {'_id': 10}], session=s), u.update_one({}, {'$set': {'a': 1}}, session=s)
u = c.with_options(write_concern=WriteConcern(0)); s = client.start_session(); s.start_transaction()
    |u.find_one_and_delete({'_id': 1}, session=s), u.delete_many({}, collation=Collation('en'), session=s)
s = client.start_session(); s.start_transaction()
    |c.count_documents({}, session=s), c.distinct('a', session=s), len(list(c.aggregate([], session=s)))
s = client.start_session(); s.start_transaction()
    |c.insert_many([{'_id': 9}], session=s), c.update_many({}, {'$set': {'a': 1}}, session=s)
s = client.start_session(); s.start_transaction()
    |c.delete_one({}, session=s), c.replace_one({}, {}, session=s), c.find_one_and_replace({}, {}, session=s)
s = client.start_session(); s.start_transaction()
    |c.bulk_write([InsertOne({'_id': 9}), DeleteOne({}), UpdateOne({}, {'$set': {'b': 1}})], session=s)
s = client.start_session(); s.start_transaction(); cur = c.find(session=s, batch_size=2); next(cur); cur.close()
    |s.abort_transaction()
s = client.start_session(); s.start_transaction(); cur = c.find(session=s, batch_size=2); next(cur)
    |s.commit_transaction(), list(cur)
s = client.start_session(); s.start_transaction(); db.command('ping', session=s)
s = client.start_session(); s.start_transaction(); db.command('find', 'things', session=s)['ok']
s = client.start_session(); s.start_transaction()
    |db.command('find', 'things', readConcern={'level': 'local'}, session=s)['ok']
s = client.start_session(); s.start_transaction()
    |db.command('insert', 'things', documents=[{}], writeConcern={'w': 1}, session=s)
s = client.start_session(); s.start_transaction(); list(db.cursor_command('find', 'things', session=s, batchSize=2))
s = client.start_session(); s.start_transaction(); c.find(session=s).explain()
s = client.start_session(); s.start_transaction(); kind(db.create_collection('new', session=s)), s.commit_transaction()
s = client.start_session(); s.start_transaction(); db.create_collection('things', session=s)
s = client.start_session(); s.start_transaction(); db.drop_collection('things', session=s)
s = client.start_session(); s.start_transaction(); c.create_index('a', session=s)
s = client.start_session(); s.start_transaction(); db.fresh.create_index('a', session=s), s.commit_transaction()
s = client.start_session(); s.start_transaction(); client.list_database_names(session=s)
s = client.start_session(); s.start_transaction(); db.list_collection_names(session=s)
s = client.start_session(); s.start_transaction(); list(c.list_indexes(session=s))
s = client.start_session(); s.start_transaction(); list(c.aggregate([{'$out': 'o'}], session=s))
s = client.start_session(); s.start_transaction(); c.rename('y', session=s)
s = client.start_session(); s.start_transaction(); client.drop_database('parity', session=s)
s = client.start_session(); s.start_transaction(); c.find_one(session=5)
s = make().start_session(); s.start_transaction(); c.find_one(session=s)
"""

BLOCKING = r"""
client.start_session().with_transaction(lambda s: c.insert_one({'_id': 9}, session=s).inserted_id)
client.start_session().with_transaction(lambda s: None)
client.start_session().with_transaction(lambda s: s.in_transaction)
s = client.start_session(); s.with_transaction(lambda x: x is s)
client.start_session().with_transaction(5)
client.start_session().with_transaction()
client.start_session().with_transaction(lambda: 5)
client.start_session().with_transaction(lambda s: (c.insert_one({'_id': 9}, session=s), 1 / 0))
client.start_session().with_transaction(lambda s: c.insert_one({'_id': 1}, session=s))
client.start_session().with_transaction(lambda s: s.commit_transaction())
client.start_session().with_transaction(lambda s: s.abort_transaction())
client.start_session().with_transaction(lambda s: (c.insert_one({'_id': 9}, session=s), s.abort_transaction()))
client.start_session().with_transaction(lambda s: s.start_transaction())
s = client.start_session(); s.start_transaction(); s.with_transaction(lambda s: 1)
s = client.start_session(); s.end_session(); s.with_transaction(lambda s: 1)
client.start_session(snapshot=True).with_transaction(lambda s: 1)
client.start_session().with_transaction(lambda s: c.insert_one({'_id': 9}, session=s).acknowledged,
        ReadConcern('local'), WriteConcern('majority'), ReadPreference.PRIMARY, 500)
client.start_session().with_transaction(lambda s: 1, write_concern=WriteConcern(0))
client.start_session().with_transaction(lambda s: 1, read_concern=5)
e = OperationFailure('x', 112); e._add_error_label('TransientTransactionError'); n = []
    |def f(s):
        n.append(1); c.insert_one({'_id': 9}, session=s)
        if len(n) < 4: raise e
    |client.start_session().with_transaction(f), len(n)
e = OperationFailure('x', 112); e._add_error_label('UnknownTransactionCommitResult')
    |def f(s): raise e
    |client.start_session().with_transaction(f)
e = OperationFailure('x', 112); e._add_error_label('TransientTransactionError')
    |def f(s): raise e
    |def g():
        with package.timeout(0.05): client.start_session().with_transaction(f)
    |g()
"""


ASYNCIO = r"""
async def f(s): return (await s.client.parity.things.insert_one({'_id': 9}, session=s)).inserted_id
    |client.start_session().with_transaction(f)
async def f(s): return s.in_transaction
    |client.start_session().with_transaction(f)
def f(s): return 5
    |client.start_session().with_transaction(f)
client.start_session().with_transaction(5)
async def f(s): await s.client.parity.things.insert_one({'_id': 9}, session=s); 1 / 0
    |client.start_session().with_transaction(f)
async def f(s): await s.client.parity.things.insert_one({'_id': 1}, session=s)
    |client.start_session().with_transaction(f)
async def f(s): await s.commit_transaction()
    |client.start_session().with_transaction(f)
async def f(s): await s.client.parity.things.insert_one({'_id': 9}, session=s); await s.abort_transaction()
    |client.start_session().with_transaction(f)
async def f(s): await s.start_transaction()
    |client.start_session().with_transaction(f)
async def f(s): return (await s.client.parity.things.insert_one({'_id': 9}, session=s)).acknowledged
    |client.start_session().with_transaction(f, ReadConcern('local'), WriteConcern('majority'), None, 500)
e = OperationFailure('x', 112); e._add_error_label('TransientTransactionError'); n = []
    |async def f(s):
        n.append(1); await s.client.parity.things.insert_one({'_id': 9}, session=s)
        if len(n) < 4: raise e
    |client.start_session().with_transaction(f), len(n)
e = OperationFailure('x', 112); e._add_error_label('UnknownTransactionCommitResult')
    |async def f(s): raise e
    |client.start_session().with_transaction(f)
"""


@on_faces(STATES)
def test_states(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(OPTIONS)
def test_options(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(COMMANDS)
def test_commands(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


# Callbacks of the asyncio face are coroutine functions, which no snippet can be for both faces.
@on_faces(BLOCKING, faces=("blocking",))
def test_with_transaction(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(ASYNCIO, faces=("asyncio",))
def test_with_transaction_on_asyncio(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
