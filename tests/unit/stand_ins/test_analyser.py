"""The stand-in for mongocryptd: what it marks, what it refuses, and how it comes and goes as a process."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.analyser import raw
from tests.analyser.commands import NoSuchCommand, analyse
from tests.analyser.fields import Refusal
from tests.analyser.launcher import analyser, write_program
from tests.analyser.schema import DETERMINISTIC, RANDOM

from petiole import MongoClient
from petiole.bson import Binary, Int64, decode, encode
from petiole.errors import OperationFailure

KEY = Binary(bytes(16), 4)
TEXT = {"encrypt": {"keyId": [KEY], "bsonType": "string", "algorithm": DETERMINISTIC}}
SCHEMA: dict[str, Any] = {
    "bsonType": "object",
    "properties": {
        "text": TEXT,
        "other": TEXT,
        "random": {"encrypt": {"keyId": [KEY], "algorithm": RANDOM}},
        "named": {"encrypt": {"keyId": "/key", "bsonType": "string", "algorithm": RANDOM}},
        "inner": {"bsonType": "object", "properties": {"text": TEXT}},
    },
}


def analysed(command: dict[str, Any], schema: Any = SCHEMA, *, remote: bool = True) -> dict[str, Any]:
    request = {**command, "jsonSchema": schema, "isRemoteSchema": remote, "$db": "db"}
    reply: dict[str, Any] = decode(raw.pack(analyse(raw.parse(encode(request)))))
    return reply


def placeholder(value: Any, algorithm: int = 1, **key: Any) -> Binary:
    return Binary(b"\0" + encode({"a": algorithm, **(key or {"ki": KEY}), "v": value}), 6)


def test_documents_are_marked_wherever_the_schema_says() -> None:
    document = {
        "_id": 1,
        "text": "a",
        "inner": {"text": "b", "x": 1},
        "random": [1],
        "named": "c",
        "key": "name",
    }
    reply = analysed({"insert": "c", "documents": [document], "ordered": True})
    assert reply["hasEncryptionPlaceholders"]
    assert reply["schemaRequiresEncryption"]
    assert reply["result"] == {
        "insert": "c",
        "documents": [
            {
                "_id": 1,
                "text": placeholder("a"),
                "inner": {"text": placeholder("b"), "x": 1},
                "random": placeholder([1], 2),
                "named": placeholder("c", 2, ka="name"),
                "key": "name",
            }
        ],
        "ordered": True,
    }


def test_what_is_not_marked_stays_as_it_is() -> None:
    # Python would decode a symbol as a text.
    document = raw.pack({"symbol": raw.Value(0x0E, b"\2\0\0\0a\0"), "undefined": raw.Value(0x06, b"")})
    command = {"insert": raw.value_of("c"), "documents": raw.array([raw.Value(3, document)])}
    command |= {"jsonSchema": raw.value_of(SCHEMA), "isRemoteSchema": raw.value_of(True)}
    assert analyse(command)["result"].fields["documents"].items[0].data == document


def test_metadata_is_inherited() -> None:
    schema = {
        "bsonType": "object",
        "encryptMetadata": {"keyId": [KEY], "algorithm": RANDOM},
        "properties": {
            "a": {"encrypt": {}},
            "b": {"encrypt": {"bsonType": "string", "algorithm": DETERMINISTIC}},
        },
    }
    reply = analysed({"insert": "c", "documents": [{"a": 1.5, "b": "x"}]}, schema)
    assert reply["result"]["documents"] == [{"a": placeholder(1.5, 2), "b": placeholder("x")}]


@pytest.mark.parametrize(
    ("command", "marked"),
    [
        ({"find": "c", "filter": {"text": "a"}}, {"filter": {"text": {"$eq": placeholder("a")}}}),
        ({"count": "c", "query": {"text": {"$ne": "a"}}}, {"query": {"text": {"$ne": placeholder("a")}}}),
        (
            {"delete": "c", "deletes": [{"q": {"$or": [{"inner.text": {"$in": ["a"]}}]}, "limit": 1}]},
            {"deletes": [{"q": {"$or": [{"inner.text": {"$in": [placeholder("a")]}}]}, "limit": 1}]},
        ),
        (
            {"update": "c", "updates": [{"q": {}, "u": {"$set": {"text": "a", "x": 1}}}]},
            {"updates": [{"q": {}, "u": {"$set": {"text": placeholder("a"), "x": 1}}}]},
        ),
        (
            {"findAndModify": "c", "query": {}, "update": {"text": "a"}},
            {"query": {}, "update": {"text": placeholder("a")}},
        ),
        ({"aggregate": "c", "pipeline": [{"$match": {"text": "a"}}, {"$limit": 1}], "cursor": {}}, None),
        ({"distinct": "c", "key": "text", "query": {"x": 1}}, {"query": {"x": {"$eq": 1}}}),
        (
            {"explain": {"find": "c", "filter": {"text": "a"}}, "verbosity": "queryPlanner"},
            {"explain": {"find": "c", "filter": {"text": {"$eq": placeholder("a")}}}},
        ),
        ({"create": "c", "validator": {"x": 1, "$jsonSchema": SCHEMA}}, {}),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_commands_are_marked(command: dict[str, Any], marked: dict[str, Any] | None) -> None:
    if marked is None:
        marked = {"pipeline": [{"$match": {"text": {"$eq": placeholder("a")}}}, {"$limit": 1}]}
    assert analysed(command)["result"] == {**command, **marked}


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ({"find": "c", "filter": {"random": "a"}}, "randomized"),
        ({"find": "c", "filter": {"text": None}}, "null predicate"),
        ({"find": "c", "filter": {"text": {"$gt": "a"}}}, r"operator on encrypted field 'text': \$gt"),
        ({"find": "c", "filter": {"text": 1}}, "element of type: int"),
        ({"find": "c", "filter": {"text.x": 1}}, "encrypted path prefix"),
        ({"find": "c", "filter": {"inner": {"text": "a"}}}, "with a document"),
        ({"find": "c", "filter": {"$where": "1"}}, "Unsupported match expression"),
        ({"find": "c", "filter": {"$expr": {"$eq": ["$text", "a"]}}}, "expression with the encrypted field"),
        ({"find": "c", "filter": {"text": "a"}, "collation": {"locale": "de"}}, "collation"),
        ({"insert": "c", "documents": [{"text": ["a"]}]}, "element of type: array"),
        ({"insert": "c", "documents": [{"inner": [{"text": "a"}]}]}, "inside of an array"),
        ({"insert": "c", "documents": [{"named": "a"}]}, "must point to a field"),
        ({"insert": "c", "documents": [{"random": Binary(b"\1", 6)}]}, "already encrypted"),
        ({"update": "c", "updates": [{"q": {}, "u": {"$inc": {"text": 1}}}]}, r"\$inc and \$mul not allowed"),
        ({"update": "c", "updates": [{"q": {}, "u": {"$rename": {"text": "random"}}}]}, "same metadata"),
        ({"update": "c", "updates": [{"q": {}, "u": [{"$set": {"text": "a"}}]}]}, "Computing the encrypted"),
        ({"aggregate": "c", "pipeline": [{"$out": "d"}]}, r"\$out is not allowed"),
        ({"aggregate": "c", "pipeline": [{"$sort": {"text": 1}}]}, "Sorting on key"),
        ({"distinct": "c", "key": "random"}, "randomized"),
        ({"collMod": "c", "validator": {"text": "a"}}, "Comparison to encrypted fields"),
    ],
)
def test_commands_are_refused(command: dict[str, Any], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        analysed(command)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"bsonType": "array", "properties": {"text": TEXT}}, "Invalid schema"),
        ({"properties": {"inner": {"properties": {"text": TEXT}}}}, "Invalid schema"),
        ({"anyOf": [{"properties": {"text": TEXT}}]}, "Invalid schema"),
        ({"properties": {"_id": TEXT}}, "Invalid schema"),
        ({"properties": {"text": {**TEXT, "bsonType": "string"}}}, "cannot be used in conjunction with"),
        ({"properties": {"text": TEXT}, "required": ["text"]}, "only allowed with a remote schema"),
        ({"properties": {"text": {"encrypt": {}}}}, "must have a keyId"),
        (
            {"properties": {"a": {"encrypt": {"keyId": [KEY], "algorithm": DETERMINISTIC}}}},
            "exactly one specified",
        ),
    ],
)
def test_schemas_are_refused(schema: dict[str, Any], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        analysed({"find": "c", "filter": {}}, schema, remote=False)


def test_other_collections_have_schemas_of_their_own() -> None:
    lookup = {"from": "d", "as": "found", "pipeline": [{"$match": {"secret": "a"}}]}
    command = {"aggregate": "c", "pipeline": [{"$match": {"text": "b"}}, {"$lookup": lookup}], "cursor": {}}
    other = {"bsonType": "object", "properties": {"secret": TEXT}}
    schemas = {
        "db.c": {"jsonSchema": SCHEMA, "isRemoteSchema": True},
        "db.d": {"jsonSchema": other, "isRemoteSchema": True},
    }
    reply = decode(raw.pack(analyse(raw.parse(encode({**command, "csfleEncryptionSchemas": schemas})))))
    assert reply["result"]["pipeline"] == [
        {"$match": {"text": {"$eq": placeholder("b")}}},
        {"$lookup": {**lookup, "pipeline": [{"$match": {"secret": {"$eq": placeholder("a")}}}]}},
    ]
    del schemas["db.d"]
    with pytest.raises(Refusal, match="schema is not known"):
        analyse(raw.parse(encode({**command, "csfleEncryptionSchemas": schemas})))


def test_encrypted_fields_are_marked() -> None:
    fields = [
        {"path": "a.b", "bsonType": "string", "keyId": KEY, "queries": [{"queryType": "equality"}]},
        {"path": "c", "bsonType": "int", "keyId": KEY},
    ]
    information = {"type": 1, "schema": {"db.c": {"fields": fields}}}

    def marked(command: dict[str, Any]) -> Any:
        request = raw.parse(encode({**command, "encryptionInformation": information}))
        return decode(raw.pack(analyse(request)))["result"]

    def queryable(purpose: int, index: int, value: Any, contention: int) -> Binary:
        said = {"t": purpose, "a": index, "ki": KEY, "ku": KEY, "v": value, "cm": Int64(contention)}
        return Binary(b"\3" + encode(said), 6)

    inserted = marked({"insert": "c", "documents": [{"a": {"b": "x"}, "c": 1}]})
    assert inserted["documents"] == [{"a": {"b": queryable(1, 2, "x", 8)}, "c": queryable(1, 1, 1, 0)}]
    assert inserted["encryptionInformation"] == information
    found = marked({"find": "c", "filter": {"a.b": "x"}})
    assert found["filter"] == {"a.b": {"$eq": queryable(2, 2, "x", 8)}}
    with pytest.raises(Refusal, match="equality index"):
        marked({"find": "c", "filter": {"c": 1}})


def test_other_commands_are_not_known() -> None:
    with pytest.raises(NoSuchCommand):
        analysed({"mapReduce": "c"})


def test_it_is_a_server() -> None:
    with analyser() as uri, MongoClient[dict[str, Any]](uri) as client:
        hello = client.admin.command("hello")
        assert hello["iscryptd"]
        assert "logicalSessionTimeoutMinutes" not in hello
        reply = client.db.command({"find": "c", "filter": {}, "jsonSchema": SCHEMA, "isRemoteSchema": True})
        assert reply["schemaRequiresEncryption"]
        with pytest.raises(OperationFailure, match="jsonSchema"):
            client.db.command({"find": "c", "filter": {}})


def test_it_is_a_program_that_ends_when_nobody_asks(tmp_path: Path) -> None:
    program, pid = write_program(tmp_path), tmp_path / "pid"
    arguments = ["--port=0", f"--pidfilepath={pid}", "--idleShutdownTimeoutSecs=0.1", "--logpath=/dev/null"]
    process = subprocess.run([program, *arguments], cwd="/", timeout=60, check=True)
    assert process.returncode == 0
    assert pid.read_text().strip().isdigit()
