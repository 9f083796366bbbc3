"""Databases on a real server, both faces: commands, lists, administration, references."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.bson.codec_options import CodecOptions
from petiole.bson.dbref import DBRef
from petiole.bson.raw_bson import RawBSONDocument
from petiole.bson.son import SON
from petiole.errors import (
    CollectionInvalid,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    WriteConcernError,
)
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.read_concern import ReadConcern
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern

NO_SUCH_COMMAND = 59

# command


def test_a_command_by_name_with_a_value_and_fields(db: Any) -> None:
    db.things.insert_many([{"a": 1}, {"a": 2}])
    assert db.command("ping")["ok"] == 1.0
    assert db.command("count", "things", query={"a": 1})["n"] == 1
    assert db.command("count", "things", comment="why")["n"] == 2


def test_a_command_as_a_mapping_is_left_alone(db: Any) -> None:
    command = {"count": "missing"}
    assert db.command(command, query={"a": 1}, comment="why")["n"] == 0
    assert command == {"count": "missing"}
    assert db.command(SON([("count", "missing"), ("query", {})]))["n"] == 0


def test_a_failing_command_raises_what_the_server_said(db: Any) -> None:
    with pytest.raises(OperationFailure, match="no such command: 'no_such'") as caught:
        db.command("no_such")
    assert caught.value.code == NO_SUCH_COMMAND
    assert caught.value.details is not None
    assert caught.value.details["codeName"] == "CommandNotFound"


@pytest.mark.parametrize("options", [{"check": False}, {"allowable_errors": [NO_SUCH_COMMAND]}])
def test_a_failure_is_returned_to_those_who_expect_it(db: Any, options: dict[str, Any]) -> None:
    assert db.command("no_such", **options)["code"] == NO_SUCH_COMMAND


def test_other_failures_are_raised_all_the_same(db: Any) -> None:
    with pytest.raises(OperationFailure):
        db.command("no_such", allowable_errors=[1, "no such command: 'no_such'"])


@pytest.mark.parametrize("command", [5, None, ["ping"], {}])
def test_what_is_no_command_is_refused(db: Any, command: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        db.command(command)


def test_a_reply_is_decoded_by_the_options_of_the_call_alone(face: Face) -> None:
    db = face.make(document_class=SON, tz_aware=True)[face.db.name]
    assert type(db.command("ping")) is dict
    assert db.command("hello")["localTime"].tzinfo is None
    options: CodecOptions[Any] = CodecOptions(document_class=SON, tz_aware=True)
    reply = db.command("hello", codec_options=options)
    assert type(reply) is SON
    assert reply["localTime"].tzinfo is not None
    raw: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
    assert db.command("ping", codec_options=raw)["ok"] == 1.0


def test_commands_go_to_the_primary_unless_told_otherwise(three_members: LocalServer) -> None:
    with MongoClient(three_members.uri, readPreference="secondary") as client:
        assert client.admin.command("hello")["isWritablePrimary"] is True
        away = client.admin.command("hello", read_preference=ReadPreference.SECONDARY)
        assert away["secondary"] is True


# cursor_command


def test_the_cursor_of_a_command_goes_on_to_the_end(db: Any) -> None:
    db.things.insert_many([{"_id": n} for n in range(7)])
    cursor = db.cursor_command("find", "things", batchSize=2, sort={"_id": 1})
    assert [document["_id"] for document in cursor] == list(range(7))


def test_a_command_without_a_cursor_is_refused(db: Any) -> None:
    with pytest.raises(InvalidOperation, match="does not return a cursor"):
        db.cursor_command("ping")
    with pytest.raises(TypeError, match="max_await_time_ms"):
        db.cursor_command("find", "things", max_await_time_ms="long")


# aggregate


@pytest.mark.since(6, 0)
def test_a_pipeline_that_needs_no_collection(db: Any) -> None:
    documents = [{"a": n} for n in range(5)]
    assert list(db.aggregate([{"$documents": documents}], batchSize=2)) == documents
    assert list(db.aggregate([{"$documents": documents}, {"$out": "copied"}])) == []
    assert db.copied.count_documents({}) == 5
    with pytest.raises(TypeError, match="pipeline must be a list"):
        db.aggregate({"$documents": documents})


# Lists


def test_collections_are_listed(db: Any) -> None:
    for name in ("a", "b", "c"):
        db[name].insert_one({})
    assert sorted(db.list_collection_names()) == ["a", "b", "c"]
    assert db.list_collection_names(filter={"name": "b"}) == ["b"]
    assert db.list_collection_names(filter={"type": "view"}) == []
    described = list(db.list_collections(filter={"name": "a"}, comment="why"))
    assert [(one["name"], one["type"]) for one in described] == [("a", "collection")]
    with pytest.raises(TypeError, match="filter must be"):
        db.list_collection_names(filter=5)


def test_more_collections_than_go_into_one_batch(db: Any) -> None:
    names = [f"c{n:03}" for n in range(110)]
    for name in names:
        db.command("create", name)
    assert sorted(db.list_collection_names()) == names
    assert sorted(one["name"] for one in db.list_collections()) == names


# Collections


def test_a_collection_is_created_with_options(db: Any) -> None:
    made = db.create_collection("made", capped=True, size=4096, write_concern=WriteConcern(w=1))
    assert made == db["made"]
    assert made.write_concern == WriteConcern(w=1)
    assert made.options() == {"capped": True, "size": 4096}


def test_a_collection_is_created_once(db: Any) -> None:
    db.create_collection("made")
    with pytest.raises(CollectionInvalid, match="collection made already exists"):
        db.create_collection("made")
    with pytest.raises(OperationFailure, match="already exists") as caught:
        db.create_collection("made", check_exists=False, capped=True, size=4096)
    assert caught.value.code == 48


@pytest.mark.since(6, 0)
def test_all_kinds_of_collections(db: Any) -> None:
    db.create_collection("times", timeseries={"timeField": "t"})
    db.create_collection("clustered", clusteredIndex={"key": {"_id": 1}, "unique": True})
    db.create_collection("view", viewOn="clustered", pipeline=[{"$match": {"a": 1}}])
    db.clustered.insert_many([{"_id": 1, "a": 1}, {"_id": 2}])
    assert [document["_id"] for document in db.view.find()] == [1]
    assert db.times.options()["timeseries"]["timeField"] == "t"


def test_a_collection_is_dropped_by_name_or_as_such(db: Any) -> None:
    db.a.insert_one({})
    db.b.insert_one({})
    assert db.drop_collection("a")["ns"] == f"{db.name}.a"
    assert db.drop_collection(db.b, comment="why")["ok"] == 1.0
    assert db.drop_collection("missing").get("code", 26) == 26
    assert db.list_collection_names() == []
    with pytest.raises(TypeError, match="name_or_collection"):
        db.drop_collection(5)


def test_a_write_concern_that_cannot_be_had_is_told(db: Any) -> None:
    db.a.insert_one({})
    demanding = db.with_options(write_concern=WriteConcern(w=5, wtimeout=50))
    with pytest.raises(WriteConcernError):
        demanding.drop_collection("a")
    assert db.list_collection_names() == []


def test_a_collection_is_validated(db: Any) -> None:
    db.a.insert_one({})
    assert db.validate_collection("a")["valid"] is True
    assert db.validate_collection(db.a, full=True, scandata=True, comment="why")["nrecords"] == 1
    assert db.validate_collection("a", background=True)["valid"] is True
    with pytest.raises(OperationFailure, match="does not exist"):
        db.validate_collection("missing")
    with pytest.raises(TypeError, match="name_or_collection"):
        db.validate_collection(5)


# References


def test_references_are_followed_within_the_database(db: Any) -> None:
    db.a.insert_one({"_id": 1, "b": 2, "c": 3})
    assert db.dereference(DBRef("a", 1)) == {"_id": 1, "b": 2, "c": 3}
    assert db.dereference(DBRef("a", 1, db.name), projection={"b": 1}) == {"_id": 1, "b": 2}
    assert db.dereference(DBRef("a", 2)) is None
    with pytest.raises(ValueError, match="points to another database"):
        db.dereference(DBRef("a", 1, "other"))
    with pytest.raises(TypeError, match="cannot dereference a <class 'int'>"):
        db.dereference(5)


# Identity


def test_options_are_handed_down_and_replaced(db: Any) -> None:
    other = db.with_options(
        read_preference=ReadPreference.NEAREST,
        write_concern=WriteConcern(w=1),
        read_concern=ReadConcern("local"),
    )
    assert other == db
    assert other.things.read_preference == ReadPreference.NEAREST
    assert other["things"].write_concern == WriteConcern(w=1)
    assert other.get_collection("things").read_concern == ReadConcern("local")
    own = other.get_collection("things", write_concern=WriteConcern(w=2), read_concern=ReadConcern())
    assert (own.write_concern, own.read_concern) == (WriteConcern(w=2), ReadConcern())
    assert db.read_preference == ReadPreference.PRIMARY
    with pytest.raises(TypeError, match="write_concern must be an instance of"):
        db.with_options(write_concern={"w": 1})


def test_databases_compare_by_client_and_name(face: Face) -> None:
    assert face.client.a == face.client["a"]
    assert face.client.a != face.client.b
    assert hash(face.client.a) == hash(face.client["a"])
    assert face.make().a == face.client.a


def test_a_database_is_neither_true_nor_a_container(face: Face) -> None:
    bare: Any = MongoClient(connect=False).database
    with pytest.raises(NotImplementedError, match="compare with None"):
        bool(bare)
    for attempt in (iter, next, lambda db: "a" in db):
        with pytest.raises(TypeError, match="is not iterable"):
            attempt(bare)
    with pytest.raises(TypeError, match="is not callable"):
        bare()
    with pytest.raises(TypeError, match="is not iterable"):
        face.db.next()


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a$b", "a/b", "a\\b", 'a"b', "a\x00b"])
def test_names_that_servers_refuse(face: Face, name: str) -> None:
    with pytest.raises(InvalidName):
        face.client[name]
    assert face.client["$external"].name == "$external"


def test_private_names_are_no_collections(face: Face) -> None:
    with pytest.raises(AttributeError, match=r"To access the _a collection, use database\['_a'\]"):
        _ = face.db._a
    assert face.db["_a"].name == "_a"
