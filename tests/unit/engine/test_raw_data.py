"""`raw_data` reaches servers of 8.2 with every command that takes it, and no older one (CRUD, "rawData")."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.unit.engine.rig import Rig

from petiole import DeleteOne, IndexModel, InsertOne, UpdateMany
from petiole.write_concern import WriteConcern

CURSOR: dict[str, Any] = {
    "ok": 1,
    "n": 1,
    "value": None,
    "values": [],
    "cursor": {"id": 0, "ns": "t.c", "firstBatch": []},
}
OPERATIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "insert_one": lambda c, db, more: c.insert_one({}, **more),
    "insert_many": lambda c, db, more: c.insert_many([{}], **more),
    "update_one": lambda c, db, more: c.update_one({}, {"$set": {"x": 1}}, **more),
    "update_many": lambda c, db, more: c.update_many({}, {"$set": {"x": 1}}, **more),
    "replace_one": lambda c, db, more: c.replace_one({}, {"x": 1}, **more),
    "delete_one": lambda c, db, more: c.delete_one({}, **more),
    "delete_many": lambda c, db, more: c.delete_many({}, **more),
    "bulk_write": lambda c, db, more: c.bulk_write([InsertOne({}), DeleteOne({})], **more),
    "bulk_write of many": lambda c, db, more: c.bulk_write([UpdateMany({}, {"$set": {"x": 1}})], **more),
    "find_one": lambda c, db, more: c.find_one({}, **more),
    "find": lambda c, db, more: c.find({}, **more).to_list(),
    "find_raw_batches": lambda c, db, more: c.find_raw_batches({}, **more).to_list(),
    "a clone": lambda c, db, more: c.find({}, **more).clone().to_list(),
    "distinct of a cursor": lambda c, db, more: c.find({}, **more).distinct("x"),
    "explain": lambda c, db, more: c.find({}, **more).explain(),
    "find_one_and_delete": lambda c, db, more: c.find_one_and_delete({}, **more),
    "find_one_and_replace": lambda c, db, more: c.find_one_and_replace({}, {}, **more),
    "find_one_and_update": lambda c, db, more: c.find_one_and_update({}, {"$set": {"x": 1}}, **more),
    "aggregate": lambda c, db, more: c.aggregate([], **more),
    "aggregate with $out": lambda c, db, more: c.aggregate([{"$out": "d"}], **more),
    "aggregate_raw_batches": lambda c, db, more: c.aggregate_raw_batches([], **more),
    "aggregate of a database": lambda c, db, more: db.aggregate([], **more),
    "distinct": lambda c, db, more: c.distinct("x", **more),
    "count_documents": lambda c, db, more: c.count_documents({}, **more),
    "estimated_document_count": lambda c, db, more: c.estimated_document_count(**more),
    "create_index": lambda c, db, more: c.create_index("x", **more),
    "create_indexes": lambda c, db, more: c.create_indexes([IndexModel("x")], **more),
    "drop_index": lambda c, db, more: c.drop_index("x_1", **more),
    "drop_indexes": lambda c, db, more: c.drop_indexes(**more),
    "list_indexes": lambda c, db, more: c.list_indexes(**more),
    "index_information": lambda c, db, more: c.index_information(**more),
    "list_collections": lambda c, db, more: db.list_collections(**more),
    "insert_one, unacknowledged": lambda c, db, more: silent(c).insert_one({}, **more),
    "bulk_write, unacknowledged": lambda c, db, more: silent(c).bulk_write(
        [InsertOne({}), InsertOne({})], **more
    ),
}


def silent(collection: Any) -> Any:
    return collection.with_options(write_concern=WriteConcern(w=0))


def commands(rig: Rig, raw_data: bool | None) -> list[Any]:
    """What each operation's commands say of it, when all of them are run by one client."""
    client = rig.client()
    said = []
    for operation in OPERATIONS.values():
        rig.server.bodies.clear()
        more = {} if raw_data is None else {"raw_data": raw_data}
        rig.do(partial(operation, client.t.c, client.t, more))
        rig.do(lambda: client.admin.command("ping"))  # What nobody waits for has arrived before it.
        said.append([body.get("rawData", "nothing") for body in rig.server.bodies if "ping" not in body])
    return said


@pytest.mark.parametrize(("wire_version", "raw_data"), [(27, True), (27, False), (27, None), (26, True)])
def test_only_servers_that_know_it_are_told(rig: Rig, wire_version: int, raw_data: bool | None) -> None:
    rig.server.hello["maxWireVersion"] = wire_version
    rig.server.script = lambda peer, body: CURSOR
    expected = "nothing" if wire_version < 27 or raw_data is None else raw_data
    for name, said in zip(OPERATIONS, commands(rig, raw_data), strict=True):
        assert said, name
        assert set(said) == {expected}, name


def test_a_retry_tells_each_server_what_it_knows(rig: Rig) -> None:
    """It is decided for every message: a set may be of servers of several versions while it is upgraded."""
    rig.server.hello["maxWireVersion"] = 27
    rig.server.script = lambda peer, body: CURSOR
    client = rig.client()
    rig.do(lambda: client.t.c.find_one({}, raw_data=True))
    rig.server.hello["maxWireVersion"] = 26
    rig.server.drop_all()
    rig.do(lambda: client.t.c.find_one({}, raw_data=True))
    assert ["rawData" in body for body in rig.server.bodies][:1] == [True]
    assert "rawData" not in rig.server.bodies[-1]


@pytest.mark.parametrize("name", ["insert_one", "find", "aggregate", "list_indexes", "bulk_write"])
def test_it_is_a_bool(rig: Rig, name: str) -> None:
    client = rig.client()
    error = rig.fail(lambda: OPERATIONS[name](client.t.c, client.t, {"raw_data": 1}), TypeError)
    assert "raw_data" in str(error)
