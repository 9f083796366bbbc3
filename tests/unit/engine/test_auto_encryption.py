"""Automatic encryption between a client of either face, a scripted server and a scripted analyser."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from bson.binary import Binary
from tests.unit.engine.encrypted_rig import CLEAR, DETERMINISTIC, KEY, PROVIDERS, EncryptedRig
from tests.unit.engine.sides import Side, Threads, until
from tests.unit.engine.wire_server import Drop, Peer

import petiole
from petiole import DeleteOne, InsertOne, UpdateOne, monitoring
from petiole.encryption_options import AutoEncryptionOpts
from petiole.errors import (
    AutoReconnect,
    BulkWriteError,
    EncryptionError,
    InvalidOperation,
    OperationFailure,
    ServerSelectionTimeoutError,
)
from petiole.write_concern import WriteConcern

RETRYABLE = {"ok": 0, "code": 11600, "errmsg": "shutting down", "errorLabels": ["RetryableWriteError"]}


@pytest.fixture
def rig(side: Side) -> Iterator[EncryptedRig]:
    made = EncryptedRig(side)
    yield made
    made.close()


class Heard(monitoring.CommandListener):
    def __init__(self) -> None:
        self.all: list[Any] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.all.append(("started", event.command_name, event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self.all.append(("succeeded", event.command_name, event.reply))

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self.all.append(("failed", event.command_name, event.failure))


def stored(rig: EncryptedRig) -> Any:
    """The secret of the first document that the server was sent."""
    return rig.sent("insert")[0]["documents"][0]["secret"]


def is_encrypted(value: Any) -> bool:
    return isinstance(value, bytes) and getattr(value, "subtype", 0) == 6 and value[0] in (1, 2)


# Commands


def test_what_is_stored_is_encrypted_and_comes_back_in_clear(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR, "open": "x"}))
    (document,) = rig.sent("insert")[0]["documents"]
    assert document["_id"] == 1
    assert document["open"] == "x"
    assert is_encrypted(document["secret"])
    rig.found = [document]
    assert rig.do(lambda: things.find_one({"secret": CLEAR})) == {"_id": 1, "secret": CLEAR, "open": "x"}
    assert is_encrypted(rig.sent("find")[0]["filter"]["secret"])
    assert not rig.sent_in_clear()


def test_documents_get_their_ids_once(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    document: dict[str, Any] = {"secret": CLEAR}
    rig.answers["insert"] = [RETRYABLE]
    result = rig.do(lambda: things.insert_one(document))
    first, second = rig.sent("insert")
    assert result.inserted_id == document["_id"]
    assert [str(sent["documents"][0]["_id"]) for sent in (first, second)] == [str(document["_id"])] * 2


def test_what_is_sent_again_is_what_was_sent(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.answers["insert"] = [RETRYABLE]
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR}))
    first, second = rig.sent("insert")
    assert first["documents"] == second["documents"]
    assert first["txnNumber"] == second["txnNumber"]
    assert rig.analyser.seen == ["insert"]


def test_the_analyser_gets_the_command_alone(rig: EncryptedRig) -> None:
    things = rig.encrypted(client={"timeoutMS": 20_000})["t"]["c"]
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR}))
    (body,) = rig.analyser.bodies
    assert body.keys() == {"insert", "ordered", "documents", "jsonSchema", "isRemoteSchema", "$db"}
    assert body["documents"] == [{"_id": 1, "secret": CLEAR}]


def test_concerns_and_preferences_stay_with_the_command(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"].get_collection("c", write_concern=WriteConcern("majority"))
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR}))
    assert rig.sent("insert")[0]["writeConcern"] == {"w": "majority"}
    assert "lsid" in rig.sent("insert")[0]


def test_writes_that_nobody_acknowledges(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"].get_collection("c", write_concern=WriteConcern(0))
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR}))
    until(lambda: rig.sent("insert"))
    assert is_encrypted(stored(rig))


@pytest.mark.parametrize("compressor", ["zlib", "snappy", "zstd"])
def test_what_is_compressed_was_encrypted_before(rig: EncryptedRig, compressor: str) -> None:
    rig.server.hello["compression"] = []  # It speaks none: offering is enough.
    things = rig.encrypted(client={"compressors": compressor})["t"]["c"]
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR}))
    assert is_encrypted(stored(rig))


def test_updates_deletes_and_the_rest(rig: EncryptedRig) -> None:
    db = rig.encrypted()["t"]
    things = db["c"]
    rig.answers["findAndModify"] = [{"ok": 1, "value": None}]
    rig.answers["distinct"] = [{"ok": 1, "values": []}]
    rig.answers["explain"] = [{"ok": 1}]
    rig.do(lambda: things.update_one({"secret": CLEAR}, {"$set": {"secret": CLEAR}}))
    rig.do(lambda: things.delete_one({"secret": CLEAR}))
    rig.do(lambda: things.find_one_and_update({"secret": CLEAR}, {"$set": {"a": 1}}))
    rig.do(lambda: things.distinct("a", {"secret": CLEAR}))
    rig.do(lambda: things.count_documents({"secret": CLEAR}))
    rig.do(lambda: db.command({"find": "c", "filter": {"secret": CLEAR}}))
    rig.do(lambda: things.bulk_write([UpdateOne({"secret": CLEAR}, {"$set": {"a": 1}}), DeleteOne({})]))
    assert not rig.sent_in_clear()
    assert is_encrypted(rig.sent("update")[0]["updates"][0]["q"]["secret"])
    assert is_encrypted(rig.sent("findAndModify")[0]["query"]["secret"])


def test_a_command_that_cannot_be_encrypted_is_not_sent(rig: EncryptedRig) -> None:
    db = rig.encrypted()["t"]
    error = rig.fail(lambda: db.command("dbStats"), EncryptionError)
    assert str(error) == "command not supported for auto encryption: dbStats"
    assert type(error.cause).__name__ == "MongoCryptError"
    assert rig.server.bodies == []


def test_views_are_refused(rig: EncryptedRig) -> None:
    view = {"name": "v", "type": "view", "options": {"viewOn": "c"}}
    rig.answers["listCollections"] = [{"ok": 1, "cursor": {"id": 0, "ns": "t.$cmd", "firstBatch": [view]}}]
    view_of = rig.encrypted()["t"]["v"]
    error = rig.fail(lambda: view_of.find_one({"secret": CLEAR}), EncryptionError)
    assert str(error) == "cannot auto encrypt a view: t.v"


def test_the_server_is_asked_for_schemas_the_client_was_not_given(rig: EncryptedRig) -> None:
    schema = {"validator": {"$jsonSchema": SCHEMA_OF_SERVER}}
    info = {"name": "other", "type": "collection", "options": schema}
    rig.answers["listCollections"] = [{"ok": 1, "cursor": {"id": 0, "ns": "t.$cmd", "firstBatch": [info]}}]
    other = rig.encrypted()["t"]["other"]
    for _ in range(2):
        rig.do(lambda: other.insert_one({"secret": CLEAR}))
    assert len(rig.sent("listCollections")) == 1
    assert rig.sent("listCollections")[0]["filter"] == {"name": "other"}
    assert rig.analyser.bodies[0]["isRemoteSchema"] is True
    assert rig.analyser.bodies[0]["jsonSchema"] == SCHEMA_OF_SERVER
    assert is_encrypted(stored(rig))


SCHEMA_OF_SERVER = {"bsonType": "object", "properties": {"secret": {"encrypt": {"bsonType": "string"}}}}


def test_a_bulk_write_of_the_client_is_refused(rig: EncryptedRig) -> None:
    client = rig.encrypted()
    error = rig.fail(lambda: client.bulk_write([InsertOne({}, namespace="t.c")]), InvalidOperation)
    assert str(error) == "MongoClient.bulk_write does not currently support automatic encryption"


# Replies


def test_every_batch_is_decrypted(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    secret = stored(rig)
    rig.answers["find"] = [
        {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"_id": 1, "secret": secret}]}}
    ]
    rig.answers["getMore"] = [
        {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "nextBatch": [{"_id": 2, "secret": secret}]}}
    ]
    found = rig.do(lambda: things.find({}).to_list())
    assert found == [{"_id": 1, "secret": CLEAR}, {"_id": 2, "secret": CLEAR}]


def test_raw_batches_are_decrypted(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    rig.found = [{"_id": 1, "secret": stored(rig)}]
    (batch,) = rig.do(lambda: things.find_raw_batches({}).to_list())
    assert CLEAR.encode() in batch


def test_values_of_every_kind_of_reply_are_decrypted(rig: EncryptedRig) -> None:
    db = rig.encrypted()["t"]
    rig.do(lambda: db["c"].insert_one({"secret": CLEAR}))
    secret = stored(rig)
    rig.answers["findAndModify"] = [{"ok": 1, "value": {"_id": 1, "secret": secret}}]
    rig.answers["distinct"] = [{"ok": 1, "values": [secret]}]
    rig.answers["ping"] = [{"ok": 1, "secret": secret}]
    assert rig.do(lambda: db["c"].find_one_and_delete({})) == {"_id": 1, "secret": CLEAR}
    assert rig.do(lambda: db["c"].distinct("secret")) == [CLEAR]
    assert rig.do(lambda: db.command("ping"))["secret"] == CLEAR


def test_with_encryption_bypassed_replies_are_decrypted(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    rig.found = [{"_id": 1, "secret": stored(rig)}]
    bypassed = rig.encrypted(bypass_auto_encryption=True)["t"]["c"]
    assert rig.do(lambda: bypassed.find_one({"a": 1})) == {"_id": 1, "secret": CLEAR}
    rig.do(lambda: bypassed.insert_one({"secret": "given up"}))
    assert rig.sent("insert")[1]["documents"][0]["secret"] == "given up"
    assert rig.analyser.seen == ["insert"]


def test_without_analysis_nobody_is_asked(rig: EncryptedRig) -> None:
    things = rig.encrypted(bypass_query_analysis=True, schema_map=None)["t"]["c"]
    rig.do(lambda: things.insert_one({"_id": 1, "open": 1}))
    assert rig.sent("insert")[0]["documents"] == [{"_id": 1, "open": 1}]
    assert rig.analyser.peers == []


def test_a_reply_that_cannot_be_decrypted_is_an_error(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    secret = stored(rig)
    rig.found = [{"_id": 1, "secret": Binary(secret[:-1] + bytes([secret[-1] ^ 1]), 6)}]
    error = rig.fail(lambda: things.find_one({}), EncryptionError)
    assert "HMAC validation failure" in str(error)
    rig.found = [{"_id": 1, "open": 1}]
    assert rig.do(lambda: things.find_one({})) == {"_id": 1, "open": 1}


# Who sees what


def test_listeners_and_logs_see_what_is_sent(rig: EncryptedRig, caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    with caplog.at_level(logging.DEBUG, "petiole"):
        things = rig.encrypted(client={"event_listeners": [heard]})["t"]["c"]
        rig.do(lambda: things.insert_one({"secret": CLEAR}))
        rig.found = [{"_id": 1, "secret": stored(rig)}]
        assert rig.do(lambda: things.find_one({"secret": CLEAR})) == {"_id": 1, "secret": CLEAR}
    assert CLEAR not in repr(heard.all)
    assert CLEAR not in caplog.text
    assert [name for when, name, _ in heard.all if when == "started"] == ["find", "insert", "find"]
    assert is_encrypted(heard.all[2][2]["documents"][0]["secret"])
    assert is_encrypted(heard.all[-1][2]["cursor"]["firstBatch"][0]["secret"])


def test_a_traced_client_is_encrypted_too(rig: EncryptedRig) -> None:
    from tests.collected_spans import collected, collector

    tracing = {"enabled": True, "query_text_max_length": 10_000}
    things = rig.encrypted(client={"tracing": tracing})["t"]["c"]
    collector().clear()
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    (operation,) = collected()
    assert operation["name"] == "insert t.c"
    assert CLEAR not in repr(collected())
    assert CLEAR not in repr([dict(one["span"].attributes) for one in operation["nested"]])
    assert is_encrypted(stored(rig))


def test_nothing_of_the_options_is_shown(rig: EncryptedRig) -> None:
    client = rig.encrypted()
    shown = repr(client) + repr(client.options.auto_encryption_opts)
    assert repr(bytes(range(96)))[2:40] not in shown


# Clients behind the client


@pytest.mark.parametrize(("size", "count"), [(1, 2), (0, 1)])
def test_a_limited_pool_is_not_shared_with_the_key_vault(rig: EncryptedRig, size: int, count: int) -> None:
    opened: list[Any] = []

    class Listener(monitoring.TopologyListener):
        def opened(self, event: Any) -> None:
            opened.append(event)

        def description_changed(self, event: Any) -> None: ...
        def closed(self, event: Any) -> None: ...

    listener: Any = Listener()
    client = rig.encrypted(client={"maxPoolSize": size, "event_listeners": [listener]})
    rig.do(lambda: client["t"]["c"].insert_one({"secret": CLEAR}))
    assert len(opened) == count
    assert is_encrypted(stored(rig))


def test_a_key_vault_may_be_elsewhere(rig: EncryptedRig) -> None:
    heard = Heard()
    vault = rig.client(event_listeners=[heard])
    things = rig.encrypted(key_vault_client=vault)["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    assert [event[1] for event in heard.all] == ["find", "find"]
    assert heard.all[0][2]["readConcern"] == {"level": "majority"}


def test_a_key_vault_client_may_be_of_the_other_face(rig: EncryptedRig) -> None:
    kind: Any = petiole.AsyncMongoClient if isinstance(rig.side, Threads) else petiole.MongoClient
    vault = kind(f"mongodb://{rig.server.address}/?replicaSet=rs", connect=False)
    things = rig.encrypted(key_vault_client=vault)["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    assert is_encrypted(stored(rig))


def test_a_key_vault_client_must_be_one(rig: EncryptedRig) -> None:
    with pytest.raises(TypeError, match="key_vault_client must be an instance of MongoClient"):
        rig.encrypted(key_vault_client=5)
    given: Any
    for given, kind in ((5, TypeError), ("nothing", ValueError)):
        with pytest.raises(kind, match="key_vault_namespace"):
            rig.client(auto_encryption_opts=AutoEncryptionOpts(PROVIDERS, given))


def test_after_close_nothing_is_encrypted(rig: EncryptedRig) -> None:
    client = rig.encrypted()
    things = client["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    behind = list(client._engine.encryption.engines)
    rig.do(client.close)
    assert all(engine.topology.closed for engine in behind)
    assert len(behind) == 2
    error = rig.fail(lambda: things.insert_one({"secret": CLEAR}), InvalidOperation)
    assert "after close" in str(error)
    assert rig.analyser.seen == ["insert"]


# Batches


def test_a_batch_is_cut_before_it_is_encrypted(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    documents = [{"_id": n, "secret": "x" * (2097152 - 2000)} for n in range(2)]
    result = rig.do(lambda: things.insert_many(documents))
    assert result.inserted_ids == [0, 1]
    assert [len(sent["documents"]) for sent in rig.sent("insert")] == [1, 1]


def test_one_document_may_be_larger(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"_id": 1, "open": "x" * 3_000_000}))
    assert len(rig.sent("insert")[0]["documents"][0]["open"]) == 3_000_000


def test_many_statements_go_together(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.algorithm = DETERMINISTIC
    requests = [UpdateOne({"_id": n, "secret": CLEAR}, {"$set": {"a": n}}) for n in range(500)]
    rig.do(lambda: things.bulk_write(requests))
    (update,) = rig.sent("update")
    assert [statement["q"]["_id"] for statement in update["updates"]] == list(range(500))
    assert len({bytes(statement["q"]["secret"]) for statement in update["updates"]}) == 1


def test_errors_of_a_later_batch_have_their_index(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    failed = {"ok": 1, "n": 0, "writeErrors": [{"index": 0, "code": 11000, "errmsg": "twice"}]}
    rig.answers["insert"] = [{"ok": 1, "n": 1}, failed]
    documents = [{"_id": n, "secret": "x" * 2_000_000} for n in range(2)]
    error = rig.fail(lambda: things.insert_many(documents), BulkWriteError)
    assert error.details["writeErrors"][0]["index"] == 1
    assert error.details["nInserted"] == 1


# The analyser


def test_an_analyser_that_has_ended_is_asked_again(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.answers["mark"] = [Drop]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    assert rig.analyser.seen == ["insert", "insert"]
    assert is_encrypted(stored(rig))


def test_what_the_analyser_refuses_is_not_sent(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.answers["mark"] = [{"ok": 0, "code": 31151, "errmsg": "not like this"}]
    error = rig.fail(lambda: things.insert_one({"secret": CLEAR}), EncryptionError)
    assert isinstance(error.cause, OperationFailure)
    assert error.cause.code == 31151
    assert rig.sent("insert") == []


def test_nobody_is_told_of_what_goes_to_the_analyser(
    rig: EncryptedRig, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "petiole"):
        things = rig.encrypted()["t"]["c"]
        rig.answers["mark"] = [{"ok": 0, "code": 1, "errmsg": f"I hate {CLEAR}"}]
        rig.fail(lambda: things.insert_one({"secret": CLEAR}), EncryptionError)
    assert CLEAR not in caplog.text


def test_without_an_analyser_there_is_an_error_in_time(rig: EncryptedRig) -> None:
    rig.analyser.close()
    things = rig.encrypted(client={"timeoutMS": 700})["t"]["c"]
    error = rig.fail(lambda: things.insert_one({"secret": CLEAR}), EncryptionError)
    assert isinstance(error.cause, ServerSelectionTimeoutError)
    assert error.timeout
    assert rig.sent("insert") == []
    rig.analyser = type(rig.analyser)()


def test_a_key_vault_that_drops_the_connection(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.answers["keys"] = [Drop, Drop]
    error = rig.fail(lambda: things.insert_one({"secret": CLEAR}), EncryptionError)
    assert isinstance(error.cause, AutoReconnect)
    assert rig.sent("insert") == []
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    assert is_encrypted(stored(rig))
    assert KEY["_id"] == rig.server.bodies[-2]["filter"]["$or"][0]["_id"]["$in"][0]


def test_another_peer_is_not_needed(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    monitored: list[Peer] = [peer for peer in rig.analyser.peers if not peer.monitors]
    assert len(monitored) == 1


def test_keys_are_read_where_the_client_reads(rig: EncryptedRig) -> None:
    things = rig.encrypted(client={"readPreference": "nearest"})["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    (find,) = [body for body in rig.server.bodies if body["$db"] == "keys"]
    assert find["$readPreference"] == {"mode": "nearest"}
    assert find["readConcern"] == {"level": "majority"}
