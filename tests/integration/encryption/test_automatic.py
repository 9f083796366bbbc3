"""Automatic encryption on a real server, both faces, with the stand-in for the query analyser."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.analyser.launcher import write_program
from tests.integration.encryption.conftest import CLEAR, Encrypted
from tests.unit.engine.sides import until

from petiole import DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from petiole.bson import decode_all
from petiole.bson.binary import Binary
from petiole.cursor import CursorType
from petiole.errors import BulkWriteError, EncryptionError, OperationFailure
from petiole.read_concern import ReadConcern
from petiole.write_concern import WriteConcern


def is_encrypted(value: Any) -> bool:
    return isinstance(value, Binary) and value.subtype == 6


def test_everything_a_collection_does(encrypted: Encrypted) -> None:
    things = encrypted.things()
    things.insert_one({"_id": 1, "secret": "one", "n": 1})
    things.insert_many([{"_id": n, "secret": f"number {n}", "n": n} for n in (2, 3, 4)])
    things.bulk_write(
        [
            InsertOne({"_id": 5, "secret": "five"}),
            UpdateOne({"secret": "five"}, {"$set": {"secret": "FIVE"}}),
            UpdateMany({"secret": {"$in": ["one", "FIVE"]}}, {"$set": {"seen": True}}),
            ReplaceOne({"_id": 4}, {"secret": "four"}),
            DeleteOne({"secret": "number 3"}),
        ]
    )
    assert things.find_one({"secret": "FIVE"}) == {"_id": 5, "secret": "FIVE", "seen": True}
    assert things.count_documents({"secret": "one"}) == 1
    assert sorted(things.distinct("secret")) == ["FIVE", "four", "number 2", "one"]
    assert things.find_one_and_update({"secret": "one"}, {"$set": {"secret": "uno"}})["secret"] == "one"
    assert things.find_one_and_replace({"secret": "uno"}, {"secret": "un"})["secret"] == "uno"
    assert things.find_one_and_delete({"secret": "un"}) == {"_id": 1, "secret": "un"}
    found = things.aggregate([{"$match": {"secret": "four"}}, {"$project": {"secret": 1}}]).to_list()
    assert found == [{"_id": 4, "secret": "four"}]
    assert things.update_one({"secret": "four"}, {"$set": {"n": 4}}).modified_count == 1
    assert things.delete_many({"secret": "four"}).deleted_count == 1
    assert things.find({"secret": "FIVE"}).explain()["queryPlanner"]["namespace"] == encrypted.namespace
    assert all(is_encrypted(secret) for secret in encrypted.secrets())


@pytest.mark.parametrize("kind", [CursorType.NON_TAILABLE, CursorType.EXHAUST])
def test_all_batches_of_a_cursor(encrypted: Encrypted, kind: int) -> None:
    things = encrypted.things()
    things.insert_many([{"_id": n, "secret": str(n)} for n in range(50)])
    found = things.find({}, cursor_type=kind, batch_size=7, sort=["_id"]).to_list()
    assert [document["secret"] for document in found] == [str(n) for n in range(50)]


def test_raw_batches(encrypted: Encrypted) -> None:
    things = encrypted.things()
    things.insert_many([{"_id": n, "secret": str(n)} for n in range(5)])
    batches = things.find_raw_batches({}, batch_size=2, sort=["_id"]).to_list()
    assert [one["secret"] for batch in batches for one in decode_all(batch)] == list("01234")
    piped = things.aggregate_raw_batches([{"$sort": {"_id": 1}}], batchSize=2).to_list()
    assert [one["secret"] for batch in piped for one in decode_all(batch)] == list("01234")


@pytest.mark.parametrize("bypass", ["bypass_query_analysis", "bypass_auto_encryption"])
def test_change_streams(encrypted: Encrypted, bypass: str) -> None:
    things, watching = encrypted.things(), encrypted.things(**{bypass: True})
    things.insert_one({"_id": 0})
    with watching.watch([]) as stream:
        things.insert_one({"_id": 1, "secret": CLEAR})
        assert stream.next()["fullDocument"] == {"_id": 1, "secret": CLEAR}
    with pytest.raises(EncryptionError, match="changeStream is not allowed"):
        things.watch([])


def test_sessions_and_transactions(encrypted: Encrypted) -> None:
    client = encrypted.make()
    things = client[encrypted.plain.database.name]["things"]
    encrypted.plain.insert_one({"_id": 0})
    with client.start_session() as session:
        with session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority")):
            things.insert_one({"_id": 1, "secret": "in"}, session=session)
            assert things.find_one({"secret": "in"}, session=session) == {"_id": 1, "secret": "in"}
        session.start_transaction()
        things.insert_one({"_id": 2, "secret": "out"}, session=session)
        session.abort_transaction()
        session.start_transaction()
        things.insert_one({"_id": 3, "secret": "before"}, session=session)
        with pytest.raises(EncryptionError):
            things.update_one({"secret": {"$gt": "x"}}, {"$set": {"a": 1}}, session=session)
        things.insert_one({"_id": 4, "secret": "after"}, session=session)
        session.commit_transaction()
    assert [document["_id"] for document in things.find({}, sort=["_id"]).to_list()] == [0, 1, 3, 4]
    assert all(is_encrypted(secret) for secret in encrypted.secrets()[1:])


def test_a_schema_of_the_server(encrypted: Encrypted) -> None:
    db = encrypted.plain.database
    db.create_collection("things", validator={"$jsonSchema": encrypted.setting.schema()})
    things = encrypted.things(schema_map=None)
    things.insert_one({"_id": 1, "secret": CLEAR})
    assert is_encrypted(*encrypted.secrets())
    assert things.find_one({"secret": CLEAR}) == {"_id": 1, "secret": CLEAR}
    with pytest.raises(OperationFailure, match="Document failed validation"):
        encrypted.plain.insert_one({"secret": CLEAR})


def test_views_are_refused(encrypted: Encrypted) -> None:
    db = encrypted.plain.database
    db.create_collection("view", viewOn="things")
    view = encrypted.make()[db.name]["view"]
    with pytest.raises(EncryptionError, match="cannot auto encrypt a view"):
        view.insert_one({"secret": CLEAR})


def test_lookups(encrypted: Encrypted) -> None:
    db = encrypted.plain.database
    db.create_collection("things", validator={"$jsonSchema": encrypted.setting.schema()})
    db.create_collection("others", validator={"$jsonSchema": encrypted.setting.schema()})
    mine = encrypted.make(schema_map=None)[db.name]
    mine["things"].insert_one({"_id": 1, "secret": "here"})
    mine["others"].insert_one({"_id": 2, "secret": "there"})
    joined = {"from": "others", "as": "found", "pipeline": [{"$match": {"secret": "there"}}]}
    found = mine["things"].aggregate([{"$match": {"secret": "here"}}, {"$lookup": joined}]).to_list()
    assert found == [{"_id": 1, "secret": "here", "found": [{"_id": 2, "secret": "there"}]}]


def test_dates_and_numbers_stay_what_they_are(encrypted: Encrypted) -> None:
    from petiole.bson.decimal128 import Decimal128
    from petiole.bson.int64 import Int64
    from petiole.bson.regex import Regex
    from petiole.bson.timestamp import Timestamp

    document = {
        "_id": {"a": Int64(1)},
        "secret": CLEAR,
        "long": Int64(5),
        "decimal": Decimal128("1.20"),
        "many": [1, Int64(2), 3.0, [None, {"a": Regex("x", "i")}]],
        "time": Timestamp(1, 2),
        "binary": Binary(b"x", 128),
    }
    things = encrypted.things()
    things.insert_one(document)
    assert things.find_one({}) == document
    assert {**encrypted.plain.find_one({}), "secret": CLEAR} == document


# Sizes


def test_large_documents(encrypted: Encrypted) -> None:
    things = encrypted.things()
    things.insert_one({"_id": 1, "open": "a" * 2_097_152})
    things.insert_many([{"_id": n, "secret": "a" * (2_097_152 - 2000)} for n in (2, 3)])
    things.insert_one({"_id": 4, "open": "a" * (16_777_216 - 2000)})
    assert encrypted.plain.count_documents({}) == 4
    # By the server's own words: encrypted, it is larger than the server accepts.
    with pytest.raises(OperationFailure, match=r"too large|is invalid"):
        things.insert_one({"_id": 5, "secret": "a" * (16_777_216 - 60)})
    with pytest.raises((OperationFailure, BulkWriteError), match=r"too large|is invalid"):
        things.bulk_write([InsertOne({"_id": 5, "secret": "a" * (16_777_216 - 60)})])
    assert [len(document["secret"]) for document in things.find({"_id": {"$in": [2, 3]}}).to_list()] == [
        2_095_152
    ] * 2


def test_bulk_writes_of_many_messages(encrypted: Encrypted) -> None:
    things = encrypted.things()
    things.insert_many([{"_id": n, "secret": "x" * 100_000, "n": n} for n in range(60)])
    result = things.bulk_write(
        [UpdateOne({"_id": n}, {"$set": {"secret": "y" * 100_000}}) for n in range(60)], ordered=False
    )
    assert result.modified_count == 60
    with pytest.raises(BulkWriteError) as caught:
        things.insert_many(
            [{"_id": 100 + n, "secret": "x" * 500_000} for n in range(8)] + [{"_id": 5}], ordered=False
        )
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [8]
    assert caught.value.details["nInserted"] == 8


# Pools and the analyser's process


def test_one_connection_is_enough(encrypted: Encrypted) -> None:
    client = encrypted.make(client={"maxPoolSize": 1})
    things = client[encrypted.plain.database.name]["things"]
    for n in range(5):
        things.insert_one({"_id": n, "secret": str(n)})
    assert sorted(document["secret"] for document in things.find({}, batch_size=2).to_list()) == list("01234")


@pytest.mark.parametrize("size", [0, 1])
def test_the_process_is_started_and_started_again(
    encrypted: Encrypted, tmp_path: Path, free_port: int, size: int
) -> None:
    program, noted = write_program(tmp_path), tmp_path / "pid"
    client = encrypted.make(
        client={"maxPoolSize": size},
        mongocryptd_bypass_spawn=False,
        mongocryptd_uri=f"mongodb://127.0.0.1:{free_port}",
        mongocryptd_spawn_path=str(program),
        mongocryptd_spawn_args=[f"--port={free_port}", f"--pidfilepath={noted}"],
    )
    things = client[encrypted.plain.database.name]["things"]
    things.insert_one({"_id": 1, "secret": CLEAR})
    first = end(noted)
    things.insert_one({"_id": 2, "secret": CLEAR})
    assert end(noted) != first
    assert all(is_encrypted(secret) for secret in encrypted.secrets())


def end(noted: Path) -> int:
    """End the process that has noted its id there, and wait until it has ended."""
    pid = int(noted.read_text())
    assert parent_of(pid) != os.getpid()
    os.kill(pid, signal.SIGKILL)
    until(lambda: state_of(pid) == "Z")
    noted.unlink()
    return pid


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
