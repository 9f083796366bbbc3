"""Explicit sessions, causal consistency, and read and write concerns: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3} for n in range(6)]

SESSION = r"""
kind(client.start_session())
s = client.start_session(); s.client is client, s.client == client, s.has_ended, s.in_transaction
s = client.start_session(); s.options
s = client.start_session()
    |s.options.causal_consistency, s.options.default_transaction_options, s.options.snapshot
s = client.start_session(causal_consistency=False); s.options.causal_consistency
s = client.start_session(); type(s.session_id).__name__, sorted(s.session_id), s.session_id['id'].subtype
s = client.start_session(); s.cluster_time, s.operation_time
s = client.start_session(); c.find_one(session=s); kind(s.operation_time), sorted(s.cluster_time)
s = client.start_session(); c.insert_one({}, session=s); kind(s.operation_time), sorted(s.cluster_time)
s = client.start_session(); c.find_one(session=s); c.find_one(session=s); c.insert_one({'_id': 9}, session=s)
s = client.start_session(causal_consistency=False); c.find_one(session=s); c.find_one(session=s)
s = client.start_session(); s.end_session(); s.has_ended
s = client.start_session(); s.end_session(); s.end_session()
s = client.start_session(); s.end_session(); c.find_one(session=s)
s = client.start_session(); s.end_session(); s.session_id
s = client.start_session(); s.end_session(); s.options, s.client is client
s = client.start_session(); c.find_one(session=s); s.end_session()
    |kind(s.cluster_time), kind(s.operation_time)
with client.start_session() as s: c.find_one(session=s)
    |s.has_ended
with client.start_session() as s: list(c.find(session=s, batch_size=2))
s = client.start_session()
    |list(c.find(session=s, batch_size=2)), list(c.aggregate([], session=s, batchSize=2))
s = client.start_session(); cur = c.find(session=s, batch_size=2); next(cur); s.end_session(); list(cur)
x = make(); s = x.start_session(); c.find_one(session=s)
x = make(); s = x.start_session(); c.insert_one({'_id': 9}, session=s)
x = make(); s = x.start_session(); x.parity.things.find_one(session=s); s.end_session()
x = make(); s = x.start_session(); x.close(); s.has_ended, x.parity.things.find_one(session=s)
client.start_session(causal_consistency='x').options.causal_consistency
client.start_session(snapshot='x')
client.start_session(causal_consistency=True, snapshot=True)
client.start_session(snapshot=True).options.causal_consistency
client.start_session(default_transaction_options=5)
client.start_session(5).options.causal_consistency
client.start_session(no_such=1)
s = client.start_session(snapshot=True); c.find_one(session=s); c.find_one(session=s)
s = client.start_session(snapshot=True); c.insert_one({}, session=s)
s = client.start_session(); s.advance_cluster_time(5)
s = client.start_session(); s.advance_cluster_time({'x': 1})
s = client.start_session(); s.advance_cluster_time({'clusterTime': 5})
s = client.start_session(); s.advance_operation_time(5)
s = client.start_session(); s.advance_operation_time(Timestamp(5, 1)); s.operation_time
s = client.start_session(); s.advance_operation_time(Timestamp(5, 1)); c.find_one(session=s)
s = client.start_session(); s.advance_operation_time(Timestamp(5, 1))
    |s.advance_operation_time(Timestamp(4, 1))
    |s.operation_time
s = client.start_session(); s.advance_cluster_time({'clusterTime': Timestamp(5, 1)}); s.cluster_time
s = client.start_session(); s.operation_time = 5
s = client.start_session(); s.no_such
s = client.start_session(); bool(s), s == s, s == client.start_session()
s = client.start_session(); copy.copy(s)
sorted(name for name in dir(client.start_session()) if not name.startswith('_'))
u = c.with_options(write_concern=WriteConcern(w=0)); s = client.start_session()
    |u.insert_one({'_id': 9}, session=s)
u = c.with_options(write_concern=WriteConcern(w=0)); s = client.start_session()
    |u.update_one({}, {}, session=s)
u = c.with_options(write_concern=WriteConcern(w=0)); s = client.start_session()
    |u.bulk_write([DeleteOne({})], session=s)
u = c.with_options(write_concern=WriteConcern(w=0)); s = client.start_session()
    |u.insert_many([{}], session=s)
s = client.start_session()
    |c.insert_many([{'_id': 9}], session=s), c.update_one({}, {'$set': {'a': 1}}, session=s)
s = client.start_session()
    |c.delete_many({}, session=s), c.replace_one({}, {}, session=s), c.distinct('a', session=s)
s = client.start_session(); c.count_documents({}, session=s), c.estimated_document_count()
s = client.start_session()
    |c.find_one_and_update({}, {'$set': {'a': 1}}, session=s), c.bulk_write([DeleteOne({})], session=s)
s = client.start_session()
    |c.create_index('a', session=s), c.index_information(session=s), c.drop_indexes(session=s)
s = client.start_session(); list(c.list_indexes(session=s)), c.drop_index('no', session=s)
s = client.start_session(); db.create_collection('y', session=s), len(db.list_collection_names(session=s))
s = client.start_session(); db.drop_collection('things', session=s), db.command('ping', session=s)
s = client.start_session(); c.rename('y', session=s), db.y.drop(session=s), c.options(session=s)
s = client.start_session()
    |client.list_database_names(session=s).count('parity'), client.drop_database('parity', session=s)
s = client.start_session()
    |client.server_info(session=s)['ok'], db.validate_collection('things', session=s)['valid']
s = client.start_session()
    |db.dereference(DBRef('things', 1), session=s), list(db.aggregate([{'$documents': [{}]}], session=s))
s = client.start_session()
    |[len(b) for b in c.find_raw_batches(session=s)], [len(b) for b in c.aggregate_raw_batches([], session=s)]
s = client.start_session(); c.find(session=s).explain()['ok'], c.find(session=s).distinct('a')
s = client.start_session(); cur = c.find(session=s); list(cur); cur.session is s, cur.session.has_ended
s = client.start_session(); s.commit_transaction()
s = client.start_session(); s.abort_transaction()
s = client.start_session(); c.find_one(session=s); s.end_session(); t = client.start_session()
    |c.find_one(session=t)
s = client.start_session(); t = client.start_session(); c.find_one(session=s); c.find_one(session=t)
    |c.find_one(session=s)
"""

# Bound sessions live in a context variable, which the stand-ins of the asyncio face do not carry on.
BOUND = r"""
with client.start_session() as s:
    with s.bind(): c.find_one()
with client.start_session() as s:
    with s.bind(): c.find_one(), c.insert_one({'_id': 9})
    s.has_ended
with client.start_session().bind() as s: c.find_one()
    |s.has_ended
s = client.start_session()
    |with s.bind(end_session=False): c.find_one()
    |s.has_ended
"""

CONCERNS = r"""
WriteConcern(), WriteConcern(1), WriteConcern(w='majority', wtimeout=5, j=True), WriteConcern(fsync=True)
WriteConcern(0, j=True)
WriteConcern(0, fsync=True)
WriteConcern(-1)
WriteConcern('x').document
WriteConcern(w=None).is_server_default
WriteConcern(True)
WriteConcern(1.5)
WriteConcern([])
WriteConcern(wtimeout='x')
WriteConcern(wtimeout=-1)
WriteConcern(j='x')
WriteConcern(fsync='x')
WriteConcern(j=True, fsync=True)
WriteConcern(0).acknowledged, WriteConcern(1).acknowledged, WriteConcern().acknowledged
WriteConcern(1) == WriteConcern(1), WriteConcern(1) != WriteConcern(2), WriteConcern(1) == 5
hash(WriteConcern(1))
ReadConcern(), ReadConcern('local'), ReadConcern('x').level, ReadConcern('x').document
ReadConcern(5)
ReadConcern('local').ok_for_legacy, ReadConcern().ok_for_legacy
ReadConcern() == ReadConcern(), ReadConcern('x') == ReadConcern(), ReadConcern() == 5
hash(ReadConcern())
ReadPreference.PRIMARY, ReadPreference.SECONDARY_PREFERRED, ReadPreference.NEAREST
Secondary(tag_sets=[{'a': 'b'}], max_staleness=100)
Secondary(tag_sets=5)
Secondary(tag_sets=[])
Secondary(tag_sets=[5])
Secondary(max_staleness=-5)
Secondary(max_staleness='x')
Secondary(max_staleness=10)
Secondary() == Secondary(), Secondary() == Nearest(), Secondary(max_staleness=100) == Secondary()
Secondary().mode, Secondary().mongos_mode, Secondary().name, Secondary().document, Secondary().min_wire_version
Primary().document, PrimaryPreferred([{'a': 'b'}]).document, Nearest(max_staleness=100).document
hash(Secondary())
pickle.loads(pickle.dumps(Secondary([{'a': 'b'}])))
copy.deepcopy(Secondary([{'a': 'b'}]))
c.with_options(read_concern=ReadConcern('majority')).count_documents({})
c.with_options(read_concern=ReadConcern('available')).find_one()
c.with_options(read_concern=ReadConcern('snapshot')).find_one()
c.with_options(read_concern=ReadConcern('majority')).distinct('a')
c.with_options(read_concern=ReadConcern('majority')).estimated_document_count()
c.with_options(read_concern=ReadConcern('majority')).find_one_and_update({}, {'$set': {'a': 1}})
c.with_options(read_concern=ReadConcern('majority')).index_information()
list(c.with_options(read_concern=ReadConcern('majority')).find(batch_size=3))
c.with_options(read_concern=ReadConcern('majority')).find().explain()['ok']
s = client.start_session(); c.find_one(session=s)
    |c.with_options(read_concern=ReadConcern('majority')).find_one(session=s)
Collation('en')
Collation('en', caseLevel=True, caseFirst='upper', strength=1, numericOrdering=True, alternate='shifted')
Collation('en', maxVariable='space', normalization=True, backwards=True).document
Collation('en', strength=CollationStrength.PRIMARY, caseFirst=CollationCaseFirst.LOWER).document
Collation('en') == Collation('en'), Collation('en') == Collation('fr'), Collation('en') == 5
Collation(5)
Collation('en', strength='x')
Collation()
hash(Collation('en'))
"""


@on_faces(SESSION)
def test_session(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(BOUND, faces=("blocking",))
def test_bound_session(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(CONCERNS)
def test_concerns(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
