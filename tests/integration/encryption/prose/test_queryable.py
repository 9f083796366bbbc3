"""Queryable Encryption, as far as no server of 7.0 is needed for it, and joins (prose tests 12, 21 to 23, 25).

What a server does with the payloads cannot be seen with one of 6.0, so what needs a newer one is skipped and says so.
Test 26 is about options that PyMongo's API does not have, and 27 about texts, which only servers of 8.2 find by parts.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from tests.analyser.launcher import analyser
from tests.integration.encryption.prose.conftest import DETERMINISTIC, Files, Side
from tests.spec.unified.events import Observer

OF_7_0 = pytest.mark.since(7, 0)
OF_8_0 = pytest.mark.since(8, 0)
LOCAL = ("local",)


class Setting:
    """The specification's data key, and an encryption with it."""

    def __init__(self, side: Side, client: Any, files: Files) -> None:
        document = side.load(files.text("etc/data/keys/key1-document.json"))
        client["keyvault"]["datakeys"].with_options(write_concern=side.majority()).insert_one(document)
        self.side = side
        self.client = client
        self.key = document["_id"]
        self.encryption = side.explicit(client, *LOCAL)

    def encrypt(self, value: Any, algorithm: str, **options: Any) -> Any:
        return self.encryption.encrypt(value, algorithm, key_id=self.key, **options)

    def collection(self, files: Files, path: str) -> Any:
        """A collection with encrypted fields, by a client that analyses no queries."""
        fields = self.side.load(files.text(path))
        self.client["db"].drop_collection("explicit_encryption", encrypted_fields=fields)
        self.client["db"].create_collection("explicit_encryption", encryptedFields=fields)
        return self.side.encrypted(*LOCAL, bypass_query_analysis=True)["db"]["explicit_encryption"]


@pytest.fixture
def setting(side: Side, client: Any, files: Files) -> Setting:
    return Setting(side, client, files)


@pytest.mark.parametrize("algorithm", ["Indexed", "Unindexed"])
def test_payloads_round_trip(setting: Setting, algorithm: str) -> None:
    contention = {"contention_factor": 0} if algorithm == "Indexed" else {}
    payload = setting.encrypt("encrypted value", algorithm, **contention)
    assert payload.subtype == 6
    assert setting.encryption.decrypt(payload) == "encrypted value"


INSERTED, SOUGHT, UNINDEXED = b"\x0b", b"\x0c", b"\x10"
"""What payloads of the protocol's second version begin with."""


def test_commands_are_encrypted(setting: Setting) -> None:
    """As far as the server of 6.0, which knows the protocol's first version alone, and refuses them."""
    indexed = {"path": "a", "bsonType": "string", "keyId": setting.key, "queries": {"queryType": "equality"}}
    fields = {"fields": [indexed, {"path": "b", "bsonType": "int", "keyId": setting.key}]}
    observer = Observer({"observeEvents": ["commandStartedEvent"]})
    options = setting.side.automatic(*LOCAL, encrypted_fields_map={"db.coll": fields})
    encrypted = setting.side.client(observer=observer, auto_encryption_opts=options)
    things = encrypted["db"]["coll"]
    works: tuple[Callable[[], Any], ...] = (
        lambda: things.insert_one({"a": "secret", "b": 1}),
        lambda: things.find_one({"a": "secret"}),
        lambda: things.update_one({"a": "secret"}, {"$set": {"a": "secret"}}),
        lambda: things.delete_one({"a": "secret"}),
    )
    for work in works:
        with pytest.raises(setting.side.errors.OperationFailure, match="eccCollection"):
            work()
    sent = {event.command_name: event.command for event in observer.events if event.database_name == "db"}
    assert all("db.coll" in command["encryptionInformation"]["schema"] for command in sent.values())
    assert "secret" not in repr(sent)
    (document,) = sent["insert"]["documents"]
    assert [bytes(document[name])[:1] for name in "ab"] == [INSERTED, UNINDEXED]
    (update,) = sent["update"]["updates"]
    assert bytes(update["u"]["$set"]["a"])[:1] == INSERTED
    for query in (sent["find"]["filter"], update["q"], sent["delete"]["deletes"][0]["q"]):
        assert bytes(query["a"]["$eq"])[:1] == SOUGHT


@OF_7_0
@pytest.mark.parametrize("contention", [0, 10])
def test_indexed_values_are_found(setting: Setting, files: Files, contention: int) -> None:
    things = setting.collection(files, "etc/data/encryptedFields.json")
    value = "encrypted indexed value"
    for _ in range(10):
        payload = setting.encrypt(value, "Indexed", contention_factor=contention)
        things.insert_one({"encryptedIndexed": payload})
    how = {"query_type": "equality", "contention_factor": contention}
    found = things.find({"encryptedIndexed": setting.encrypt(value, "Indexed", **how)}).to_list()
    assert [document["encryptedIndexed"] for document in found] == [value] * 10


@OF_7_0
def test_unindexed_values_are_stored(setting: Setting, files: Files) -> None:
    things = setting.collection(files, "etc/data/encryptedFields.json")
    things.insert_one({"_id": 1, "encryptedUnindexed": setting.encrypt("a value", "Unindexed")})
    assert things.find_one({"_id": 1})["encryptedUnindexed"] == "a value"


@OF_7_0
@pytest.mark.parametrize("provider", ["local", "aws"])
def test_keys_are_made_for_a_collection(side: Side, client: Any, provider: str) -> None:
    encryption = side.explicit(client, "local", "aws")
    fields = {"fields": [{"path": "ssn", "bsonType": "string", "keyId": None}]}
    client["db"].drop_collection("testing1")
    made, filled = encryption.create_encrypted_collection(
        client["db"], "testing1", fields, provider, side.estate.master(provider)
    )
    with pytest.raises(side.errors.WriteError) as caught:
        made.insert_one({"ssn": "123-45-6789"})
    assert caught.value.code == 121
    payload = encryption.encrypt("123-45-6789", "Unindexed", key_id=filled["fields"][0]["keyId"])
    made.insert_one({"ssn": payload})


@pytest.mark.parametrize("fields", [{}, {"fields": [{"path": "ssn", "bsonType": "string", "keyId": False}]}])
def test_collections_need_encrypted_fields(side: Side, client: Any, fields: dict[str, Any]) -> None:
    client["db"].drop_collection("testing1")
    encryption = side.explicit(client, *LOCAL)
    with pytest.raises((side.errors.EncryptionError, side.errors.ConfigurationError, TypeError, KeyError)):
        encryption.create_encrypted_collection(client["db"], "testing1", fields, "local")
    assert "testing1" not in client["db"].list_collection_names()


def ranges(side: Side) -> dict[str, tuple[dict[str, Any], Any, Any, Any]]:
    """By type: options, a value, one beyond the maximum, one of another type."""
    int64, decimal = side.bson().Int64, side.bson("decimal128").Decimal128
    usual = {"trim_factor": 1, "sparsity": 1}

    def at(milliseconds: int) -> datetime.datetime:
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)

    return {
        "DecimalNoPrecision": (usual, decimal("6"), None, None),
        "DecimalPrecision": (
            {**usual, "min": decimal("0"), "max": decimal("200"), "precision": 2},
            *(decimal("6"), decimal("201"), 6),
        ),
        "DoubleNoPrecision": (usual, 6.0, None, None),
        "DoublePrecision": ({**usual, "min": 0.0, "max": 200.0, "precision": 2}, 6.0, 201.0, 6),
        "Date": ({**usual, "min": at(0), "max": at(200)}, at(6), at(201), 6),
        "Int": ({**usual, "min": 0, "max": 200}, 6, 201, 6.0),
        "Long": ({**usual, "min": int64(0), "max": int64(200)}, int64(6), int64(201), 6),
    }


RANGES = (
    "DecimalNoPrecision",
    "DecimalPrecision",
    "DoubleNoPrecision",
    "DoublePrecision",
    "Date",
    "Int",
    "Long",
)


class Range:
    """Encrypts values of one type for range queries."""

    def __init__(self, setting: Setting, kind: str) -> None:
        self._setting = setting
        self._make = setting.side.module("encryption_options").RangeOpts
        self.options, self.value, self.beyond, self.other = ranges(setting.side)[kind]

    def encrypt(self, value: Any, **options: Any) -> Any:
        made = self._make(**{**self.options, **options})
        return self._setting.encrypt(value, "Range", contention_factor=0, range_opts=made)


@pytest.mark.parametrize("kind", RANGES)
def test_payloads_of_ranges(setting: Setting, kind: str) -> None:
    of_kind = Range(setting, kind)
    decrypted = setting.encryption.decrypt(of_kind.encrypt(of_kind.value))
    assert decrypted == of_kind.value
    assert type(decrypted) is type(of_kind.value)
    errors = setting.side.errors
    if of_kind.beyond is not None:
        with pytest.raises(errors.EncryptionError):
            of_kind.encrypt(of_kind.beyond)
        with pytest.raises(errors.EncryptionError):
            of_kind.encrypt(of_kind.other)
    if "precision" not in of_kind.options and "min" in of_kind.options:
        with pytest.raises(errors.EncryptionError):
            of_kind.encrypt(of_kind.value, precision=2)


@OF_8_0
@pytest.mark.parametrize("kind", RANGES)
def test_ranges_are_found(setting: Setting, files: Files, kind: str) -> None:
    things = setting.collection(files, f"etc/data/range-encryptedFields-{kind}.json")
    of_kind = Range(setting, kind)
    name = f"encrypted{kind}"
    things.insert_one({"_id": 1, name: of_kind.encrypt(of_kind.value)})
    made = setting.side.module("encryption_options").RangeOpts(**of_kind.options)
    found = setting.encryption.encrypt_expression(
        {"$and": [{name: {"$gte": of_kind.value}}]},
        *("Range", setting.key),
        query_type="range",
        contention_factor=0,
        range_opts=made,
    )
    assert things.find_one(found)[name] == of_kind.value


def test_defaults_of_ranges(setting: Setting) -> None:
    of_int = Range(setting, "Int")
    of_int.options = {"min": 0, "max": 1000}
    usual = len(of_int.encrypt(123))
    assert len(of_int.encrypt(123, sparsity=2, trim_factor=6)) == usual
    assert len(of_int.encrypt(123, trim_factor=0)) > usual


PIPELINE = [
    {"$match": {"csfle": "csfle"}},
    {
        "$lookup": {
            "from": "other",
            "as": "matched",
            "pipeline": [{"$match": {"other": "other"}}, {"$project": {"_id": 0}}],
        }
    },
    {"$project": {"_id": 0}},
]


def schema_of(field: str, key: Any) -> dict[str, Any]:
    encrypt = {"keyId": [key], "bsonType": "string", "algorithm": DETERMINISTIC}
    return {"$jsonSchema": {"bsonType": "object", "properties": {field: {"encrypt": encrypt}}}}


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("there", [True, False])
def test_joins(setting: Setting, here: bool, there: bool) -> None:
    """Of collections that are encrypted and that are not: the server of 6.0 joins what clients have encrypted."""
    database = setting.client["db"]
    for name, field, encrypted in (("coll", "csfle", here), ("other", "other", there)):
        database.drop_collection(name)
        validator = {"validator": schema_of(field, setting.key)} if encrypted else {}
        database.create_collection(name, **validator)
    writer = setting.side.encrypted(*LOCAL)["db"]
    writer["coll"].insert_one({"csfle": "csfle"})
    writer["other"].insert_one({"other": "other"})
    assert isinstance(database["other"].find_one({})["other"], bytes) == there
    # Another one, which knows no schema yet.
    found = setting.side.encrypted(*LOCAL)["db"]["coll"].aggregate(PIPELINE).to_list()
    assert found == [{"csfle": "csfle", "matched": [{"other": "other"}]}]
    database.drop_collection("other")


def test_joins_need_a_newer_analyser(setting: Setting) -> None:
    database = setting.client["db"]
    database.drop_collection("other")
    database.create_collection("coll", validator=schema_of("csfle", setting.key))
    with analyser("6.0") as uri:
        old = setting.side.encrypted(*LOCAL, mongocryptd_uri=uri)["db"]["coll"]
        with pytest.raises(setting.side.errors.EncryptionError, match="Upgrade"):
            old.aggregate(PIPELINE)
