"""Queryable Encryption against a server that says it is of 7.0, with the stand-in for the query analyser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.analyser.launcher import analyser
from tests.unit.engine.encrypted_rig import CLEAR, KEY, PROVIDERS, VAULT, EncryptedRig
from tests.unit.engine.sides import Side, Threads

from petiole.asynchronous.encryption import AsyncClientEncryption
from petiole.bson.binary import Binary
from petiole.bson.codec_options import CodecOptions
from petiole.encryption import Algorithm, ClientEncryption

FIELDS = {
    "fields": [
        {"path": "secret", "bsonType": "string", "keyId": KEY["_id"], "queries": {"queryType": "equality"}}
    ]
}
OF_THE_SERVER = {"escCollection": "enxcol_.c.esc", "ecocCollection": "enxcol_.c.ecoc", **FIELDS}


@pytest.fixture
def rig(side: Side) -> Iterator[EncryptedRig]:
    made = EncryptedRig(side)
    made.server.hello["maxWireVersion"] = 21
    yield made
    made.close()


@pytest.fixture(scope="module")
def analyser_uri() -> Iterator[str]:
    with analyser() as uri:
        yield uri


def listed(*infos: dict[str, Any]) -> dict[str, Any]:
    return {"ok": 1, "cursor": {"id": 0, "ns": "t.$cmd.listCollections", "firstBatch": list(infos)}}


@pytest.mark.parametrize("by", ["client", "server"])
def test_what_is_stored_can_be_queried(rig: EncryptedRig, analyser_uri: str, by: str) -> None:
    fields = {"t.c": FIELDS} if by == "client" else None
    info = {"name": "c", "type": "collection", "options": {"encryptedFields": OF_THE_SERVER}}
    rig.answers["listCollections"] = [listed(info)]
    client = rig.encrypted(schema_map=None, encrypted_fields_map=fields, mongocryptd_uri=analyser_uri)
    things = client["t"]["c"]
    rig.do(lambda: things.insert_one({"_id": 1, "secret": CLEAR}))
    rig.do(lambda: things.find_one({"secret": CLEAR}))
    (insert,), (find,) = rig.sent("insert"), rig.sent("find")
    for command in (insert, find):
        assert command["encryptionInformation"]["schema"]["t.c"]["fields"][0]["path"] == "secret"
    assert insert["documents"][0]["secret"][0] == 11  # A value to insert; the server makes it what it keeps.
    assert find["filter"]["secret"]["$eq"][0] == 12
    assert not rig.sent_in_clear()
    assert len(rig.sent("listCollections")) == (by == "server")


def test_collections_of_the_map_are_created_and_dropped_with_their_own(rig: EncryptedRig) -> None:
    db = rig.encrypted(schema_map=None, encrypted_fields_map={"t.c": FIELDS}, bypass_query_analysis=True)["t"]
    rig.do(lambda: db.create_collection("c", check_exists=False))
    assert [body["create"] for body in rig.sent("create")] == ["enxcol_.c.esc", "enxcol_.c.ecoc", "c"]
    assert rig.sent("create")[2]["encryptedFields"]["fields"][0]["path"] == "secret"
    assert rig.sent("createIndexes")[0]["indexes"][0]["key"] == {"__safeContent__": 1}
    rig.do(lambda: db.drop_collection("c"))
    assert [body["drop"] for body in rig.sent("drop")] == ["enxcol_.c.esc", "enxcol_.c.ecoc", "c"]
    assert rig.sent("listCollections") == []


@pytest.mark.parametrize("bypass", ["bypass_query_analysis", "bypass_auto_encryption"])
def test_the_server_is_asked_what_goes_with_a_collection(rig: EncryptedRig, bypass: str) -> None:
    own = {**FIELDS, "escCollection": "one", "ecocCollection": "two"}
    rig.answers["listCollections"] = [listed({"name": "c", "options": {"encryptedFields": own}}), listed()]
    options: dict[str, Any] = {"schema_map": None, bypass: True}
    things = rig.encrypted(**options)["t"]["c"]
    rig.do(things.drop)
    rig.do(things.drop)
    assert [body["drop"] for body in rig.sent("drop")] == ["one", "two", "c", "c"]
    assert rig.sent("listCollections")[0]["filter"] == {"name": "c"}


def test_what_the_application_has_encrypted_goes_on_without_analysis(rig: EncryptedRig) -> None:
    blocking = isinstance(rig.side, Threads)
    kind: Any = ClientEncryption if blocking else AsyncClientEncryption
    keys = kind(PROVIDERS, VAULT, rig.client(), CodecOptions())
    key_id = Binary(KEY["_id"], 4)
    value = rig.do(lambda: keys.encrypt(CLEAR, Algorithm.INDEXED, key_id, contention_factor=0))
    client = rig.encrypted(schema_map=None, encrypted_fields_map={"t.c": FIELDS}, bypass_query_analysis=True)
    rig.do(lambda: client["t"]["c"].insert_one({"_id": 1, "secret": value}))
    (insert,) = rig.sent("insert")
    assert bytes(insert["documents"][0]["secret"]) == bytes(value)
    assert insert["encryptionInformation"]["schema"].keys() == {"t.c"}
    assert rig.analyser.peers == []
    rig.do(keys.close)
