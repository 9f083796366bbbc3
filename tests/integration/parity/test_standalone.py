"""What a standalone server makes different: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

ON = "on_standalone"
SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3} for n in range(6)]

SNIPPETS = r"""
client.address, client.nodes, client.primary, client.secondaries, client.is_primary, client.is_mongos
client.topology_description.topology_type_name, client.topology_description.replica_set_name
c.find_one()
c.insert_one({'_id': 9})
c.insert_one({'_id': 1})
c.insert_many([{'_id': 9}, {'_id': 1}, {'_id': 10}], ordered=False)
c.update_one({'_id': 1}, {'$set': {'a': 5}})
c.update_one({'_id': 99}, {'$set': {'a': 5}}, upsert=True)
c.replace_one({'_id': 1}, {'b': 1})
c.delete_one({'_id': 1}), c.delete_many({})
c.find_one_and_update({'_id': 1}, {'$set': {'a': 5}})
c.bulk_write([InsertOne({'_id': 9}), UpdateMany({}, {'$set': {'a': 5}}), DeleteOne({'_id': 2})])
list(c.find(batch_size=2))
list(c.aggregate([], batchSize=4))
c.with_options(read_preference=ReadPreference.SECONDARY).find_one()
c.with_options(read_preference=ReadPreference.NEAREST).find_one()
list(c.with_options(read_preference=ReadPreference.SECONDARY).aggregate([{'$out': 'out'}]))
c.with_options(read_preference=Secondary([{'dc': 'east'}])).find_one()
db.command('ping', read_preference=ReadPreference.SECONDARY)
db.with_options(read_preference=ReadPreference.SECONDARY).command('ping')
c.with_options(write_concern=WriteConcern(w=2)).insert_one({'_id': 9})
c.with_options(write_concern=WriteConcern(w='majority')).insert_one({'_id': 9})
c.with_options(write_concern=WriteConcern(w=0)).insert_one({'_id': 9})
c.with_options(read_concern=ReadConcern('majority')).find_one()
c.with_options(read_concern=ReadConcern('linearizable')).find_one()
s = client.start_session(); c.find_one(session=s), c.insert_one({'_id': 9}, session=s)
    |s.cluster_time, s.operation_time
s = client.start_session(); c.find_one(session=s); c.find_one(session=s); s.end_session(); s.has_ended
s = client.start_session(snapshot=True); c.find_one(session=s)
c.create_index('a'), c.index_information(), c.drop_index('a_1')
c.rename('other'), sorted(db.list_collection_names()), db.other.drop()
make(replicaSet='x', serverSelectionTimeoutMS=200).parity.things.find_one()
make(directConnection=True).parity.things.find_one()
make(directConnection=True).topology_description.topology_type_name
make(retryWrites=True).parity.things.insert_one({'_id': 9})
make(readPreference='secondary').parity.things.find_one()
make(w=2).parity.things.insert_one({'_id': 9})
x = make(connect=False); x.topology_description.topology_type_name, x.nodes
"""


@on_faces(SNIPPETS)
def test_standalone(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
