"""Writes of 1.x and 2.x: when they are acknowledged, and what they return."""

from typing import Any

import pytest

from petiole.bson.errors import InvalidDocument
from petiole.bson.objectid import ObjectId
from petiole.bson.son import SON
from petiole.errors import (
    ConfigurationError,
    DuplicateKeyError,
    OperationFailure,
    WriteConcernError,
)
from petiole.legacy import Connection
from petiole.legacy.early.database import Database
from petiole.legacy.early.mongo_client import MongoClient
from petiole.legacy.son_manipulator import AutoReference, NamespaceInjector, ObjectIdShuffler
from petiole.local import LocalServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_insert_is_not_acknowledged(database: Database) -> None:
    assert database.things.insert({"_id": 1}) == 1
    assert database.things.insert({"_id": 1}) == 1
    assert database.things.insert([{"_id": 2}, {"_id": 3}]) == [2, 3]
    assert isinstance(database.things.insert({}), ObjectId)
    assert database.things.count() == 4


@pytest.mark.parametrize(
    "options", [{"safe": True}, {"w": 1}, {"wtimeout": 100}, {"j": True}, {"fsync": True}]
)
def test_insert_is_acknowledged_with_safe_or_options(database: Database, options: dict[str, Any]) -> None:
    database.things.insert({"_id": 1}, **options)
    with pytest.raises(DuplicateKeyError):
        database.things.insert({"_id": 1}, **options)


def test_w_0_and_safe_false_say_no(database: Database) -> None:
    database.things.insert({"_id": 1}, safe=True)
    database.things.insert({"_id": 1}, w=0)
    database.safe = True
    database.things.insert({"_id": 1}, safe=False)
    with pytest.raises(DuplicateKeyError):
        database.things.insert({"_id": 1})


def test_parameters_by_position(database: Database) -> None:
    things = database.things
    assert things.insert({"_id": 1, "n": 1}, True, True) == 1
    with pytest.raises(DuplicateKeyError):
        things.insert({"_id": 1}, True, True)
    changed = things.update({"_id": 1}, {"$set": {"n": 2}}, False, False, True)
    assert changed == {"err": None, "n": 1, "nModified": 1, "ok": 1.0, "updatedExisting": True}
    things.insert({"_id": 2, "n": 2}, safe=True)
    assert things.update({"n": 2}, {"$set": {"n": 3}}, False, False, True, True)["n"] == 2
    assert things.update({"_id": 7}, {"n": 7}, True, False, True)["upserted"] == 7
    assert things.save({"_id": 7, "n": 8}, True, True) == 7
    assert things.find_one(7)["n"] == 8
    assert things.remove({"n": 3}, True) == {"err": None, "n": 2, "ok": 1.0}
    assert things.remove(7) is None
    assert things.count() == 0


def test_unacknowledged_update_and_remove_return_none(database: Database) -> None:
    database.things.insert({"_id": 1}, safe=True)
    assert database.things.update({"_id": 1}, {"$set": {"a": 1}}) is None
    assert database.things.find_one() == {"_id": 1, "a": 1}
    assert database.things.remove({"_id": 1}) is None
    assert database.things.find_one() is None


def test_remove_of_one(database: Database) -> None:
    database.things.insert([{"a": 1}, {"a": 1}], safe=True)
    assert database.things.remove({"a": 1}, safe=True, multi=False)["n"] == 1


def test_checks_of_keys(database: Database) -> None:
    with pytest.raises(InvalidDocument):
        database.things.insert({"a.b": 1})
    database.things.insert({"a.b": 1}, check_keys=False, safe=True)


def test_unknown_options_are_refused(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="upsert: no option of a write"):
        database.things.insert({}, upsert=True)


def test_an_error_of_the_server_shows_only_in_safe_writes(database: Database) -> None:
    database.things.insert({"_id": 1, "a": "text"}, safe=True)
    assert database.things.update({"_id": 1}, {"$inc": {"a": 1}}) is None
    with pytest.raises(OperationFailure):
        database.things.update({"_id": 1}, {"$inc": {"a": 1}}, safe=True)


def test_a_concern_that_cannot_be_met(database: Database) -> None:
    with pytest.raises((OperationFailure, WriteConcernError)):
        database.things.insert({}, w=5)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ({}, False), ({"safe": True}, True), ({"w": 1}, True), ({"w": 0}, False), ({"j": True}, True),
        ({"wtimeout": 5}, True), ({"fsync": True}, True), ({"w": 1, "safe": False}, False),
    ],
)  # fmt: skip
def test_options_of_connections(given: dict[str, Any], safe: bool) -> None:
    assert Connection(_connect=False, **given).safe is safe
    text = "&".join(f"{name}={str(value).lower()}" for name, value in given.items())
    text = text.replace("wtimeout", "wtimeoutMS").replace("j=", "journal=")
    assert Connection(f"mongodb://localhost/{'?' if text else ''}{text}", _connect=False).safe is safe


def test_mongo_client_of_2_x_acknowledges(standalone: LocalServer) -> None:
    client = MongoClient(*standalone.address)
    client.early.things.insert({"_id": 1})
    with pytest.raises(DuplicateKeyError):
        client.early.things.insert({"_id": 1})
    assert not client.auto_start_request
    assert client.max_pool_size == 100
    assert repr(client).startswith("MongoClient('127.0.0.1', ")
    client.drop_database("early")
    client.close()
    assert MongoClient(_connect=False, w=0).safe is False


def test_lasterror_options(database: Database) -> None:
    database.set_lasterror_options(w=1, wtimeout=500)
    assert database.get_lasterror_options() == {"w": 1, "wtimeout": 500}
    assert database.safe
    assert database.things.get_lasterror_options() == {"w": 1, "wtimeout": 500}
    database.unset_lasterror_options("wtimeout")
    assert database.get_lasterror_options() == {"w": 1}
    database.unset_lasterror_options()
    assert database.get_lasterror_options() == {}
    with pytest.raises(ConfigurationError):
        database.set_lasterror_options(upsert=True)


def test_write_concern_of_2_x_can_be_set(database: Database) -> None:
    things = database.things
    things.write_concern = {"w": 1}
    things.insert({"_id": 1})
    with pytest.raises(DuplicateKeyError):
        things.insert({"_id": 1})
    things.write_concern = {"w": 0}
    things.insert({"_id": 1})
    with pytest.raises(ConfigurationError):
        things.write_concern = 5  # type: ignore[assignment]
    assert database.get_collection("things", write_concern={"w": 1}).safe
    assert not database.things.safe


def test_commands_and_indexes_are_acknowledged_all_the_same(database: Database) -> None:
    things = database.things
    things.insert([{"a": 1}, {"a": 1}])
    with pytest.raises(DuplicateKeyError):
        things.create_index("a", unique=True)
    with pytest.raises(OperationFailure):
        things.drop_index("no_such_index")
    assert things.find_and_modify({"a": 1}, {"$set": {"a": 2}}, new=True, fields={"_id": 0}) == {"a": 2}
    assert things.find_and_modify({"a": 9}, {"$set": {"a": 2}}) is None


def test_indexes(database: Database) -> None:
    things = database.things
    assert things.create_index("a", True) == "a_1"
    assert things.ensure_index([("b", 1), ("c", -1)], ttl=60, drop_dups=True) == "b_1_c_-1"
    assert things.ensure_index([("b", 1), ("c", -1)], cache_for=60) is None
    found = things.index_information()
    assert found["a_1"]["unique"] is True
    assert found["b_1_c_-1"]["key"] == [("b", 1), ("c", -1)]
    things.drop_index("a_1")
    things.drop_indexes()
    assert list(things.index_information()) == ["_id_"]
    with pytest.warns(DeprecationWarning, match="unique=True"):
        things.ensure_index("d", False)


def test_map_reduce_and_distinct_and_rename(database: Database) -> None:
    things = database.things
    things.insert([{"n": 1}, {"n": 1}, {"n": 2}], safe=True)
    assert sorted(things.distinct("n")) == [1, 2]
    out = things.map_reduce(
        "function() { emit(this.n, 1); }", "function(k, v) { return Array.sum(v); }", "counts"
    )
    assert {one["_id"]: one["value"] for one in out.find()} == {1: 2, 2: 1}
    out = things.map_reduce(
        "function() { emit(this.n, 1); }",
        "function(k, v) { return Array.sum(v); }",
        "counts",
        reduce_output=True,
    )
    assert {one["_id"]: one["value"] for one in out.find()} == {1: 4, 2: 2}
    found = things.inline_map_reduce("function() { emit(1, 1); }", "function(k, v) { return Array.sum(v); }")
    assert found == [{"_id": 1, "value": 3}]
    things.rename("others")
    assert database.others.count() == 3


def test_aggregate_returns_a_document(database: Database) -> None:
    database.things.insert([{"n": 1}, {"n": 2}], safe=True)
    total = {"$group": {"_id": None, "total": {"$sum": "$n"}}}
    assert database.things.aggregate([total]) == {"ok": 1.0, "result": [{"_id": None, "total": 3}]}
    assert database.things.aggregate(total)["result"][0]["total"] == 3
    assert list(database.things.aggregate([total], cursor={})) == [{"_id": None, "total": 3}]


def test_group_says_since_when(database: Database) -> None:
    with pytest.raises(OperationFailure, match=r"no group command since version 4\.2: use aggregate"):
        database.things.group(["a"], {}, {"n": 0}, "function(o, p) { p.n++; }")


def test_last_error_or_since_when_there_is_none(database: Database) -> None:
    """Where servers still know it, it is that of the thread's own writes: they go over the connection that it keeps."""
    version = tuple(int(part) for part in database.connection.server_info()["version"].split(".")[:2])
    database.things.insert({"_id": 1}, safe=True)
    database.things.insert({"_id": 1})
    if version >= (5, 1):
        for ask in (database.error, database.last_status):
            with pytest.raises(OperationFailure, match=r"since version 5\.1"):
                ask()
    else:
        assert database.error()["code"] == 11000
        assert database.last_status()["code"] == 11000
    with pytest.raises(OperationFailure, match=r"since version 3\.6"):
        database.previous_error()
    if version >= (5, 0):
        with pytest.raises(OperationFailure, match=r"since version 5\.0"):
            database.reset_error_history()
    else:
        database.reset_error_history()


def test_son_manipulators(database: Database) -> None:
    database.add_son_manipulator(NamespaceInjector())
    database.add_son_manipulator(AutoReference(database))
    database.add_son_manipulator(ObjectIdShuffler())
    inner = {"_id": 1, "n": 5}
    database.inner.save(inner, safe=True)
    database.outer.save({"_id": 2, "inner": database.inner.find_one()}, safe=True)
    assert database.outer.find_one()["inner"]["n"] == 5
    assert next(database.outer.find(manipulate=False))["inner"].id == 1


def test_command_and_its_parameters(database: Database) -> None:
    assert database.command("ping") == {"ok": 1.0}
    assert database.command(SON([("ping", 1)]))["ok"] == 1
    assert database.command("no_such_command", check=False)["ok"] == 0
    assert database.command("no_such_command", 1, True, [59])["ok"] == 0
    with pytest.raises(OperationFailure):
        database.command("no_such_command")


def test_creating_collections(database: Database) -> None:
    assert database.create_collection("one", {"capped": True, "size": 4096}).options()["capped"] is True
    assert database.create_collection("two", capped=True, size=4096).options()["capped"] is True
    type(database.one)(database, "three", {"capped": True, "size": 4096})
    assert set(database.collection_names()) == {"one", "two", "three"}
