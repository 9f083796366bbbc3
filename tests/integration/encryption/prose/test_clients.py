"""Clients that encrypt: their key vaults, limits, analysers, pools and events (prose tests 3, 4, 5, 8, 9, 14)."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.analyser.launcher import write_program
from tests.integration.encryption.prose.conftest import DETERMINISTIC, Files, Side
from tests.spec.unified.events import Observer, name_of

from petiole.local import LocalServer

MEBIBYTE = 1 << 20
LOCAL = ("local",)
COMMANDS = {"observeEvents": ["commandStartedEvent", "commandSucceededEvent", "commandFailedEvent"]}


def keep(side: Side, client: Any, files: Files, path: str) -> Any:
    """Put a data key of the specification's into the key vault; its id."""
    document = side.load(files.text(path))
    client["keyvault"]["datakeys"].with_options(write_concern=side.majority()).insert_one(document)
    return document["_id"]


@pytest.fixture(scope="session")
def guarded() -> Iterator[LocalServer]:
    """A server that wants users."""
    with LocalServer(replica_set=1, auth=True) as server:
        yield server


@pytest.mark.parametrize("external", [False, True])
def test_external_key_vault(side: Side, guarded: LocalServer, files: Files, external: bool) -> None:
    client = side.client(guarded.uri)
    client["keyvault"].drop_collection("datakeys")
    client["db"].drop_collection("coll")
    key = keep(side, client, files, "external/external-key.json")
    wrong = side.client(guarded.uri, username="fake-user", password="fake-pwd", authSource="admin")
    schemas = {"db.coll": side.load(files.text("external/external-schema.json"))}
    vault = {"key_vault_client": wrong} if external else {}
    options = side.automatic(*LOCAL, schema_map=schemas, **vault)
    encrypted = side.client(guarded.uri, auto_encryption_opts=options)
    encryption = side.explicit(wrong if external else client, *LOCAL)

    def insert() -> None:
        encrypted["db"]["coll"].insert_one({"encrypted": "test"})

    def encrypt() -> None:
        encryption.encrypt("test", DETERMINISTIC, key_id=key)

    for work in (insert, encrypt):
        if not external:
            work()
            continue
        with pytest.raises(side.errors.EncryptionError) as caught:
            work()
        assert isinstance(caught.value.cause, side.errors.OperationFailure)
        assert caught.value.cause.code == 18
    assert client["db"]["coll"].count_documents({}) == (0 if external else 1)


class Limits:
    """An encrypted client of a collection with the specification's schema, and the inserts that it sends."""

    def __init__(self, side: Side, client: Any, files: Files) -> None:
        keep(side, client, files, "limits/limits-key.json")
        schema = side.load(files.text("limits/limits-schema.json"))
        client["db"].create_collection("coll", validator={"$jsonSchema": schema})
        self._document = side.load(files.text("limits/limits-doc.json"))
        self._observer = Observer(COMMANDS)
        options = side.automatic(*LOCAL)
        self.things = side.client(observer=self._observer, auto_encryption_opts=options)["db"]["coll"]
        self._insert_one = side.module("operations").InsertOne
        self.plain = client["db"]["coll"]

    def growing(self, name: str, size: int) -> dict[str, Any]:
        """A document that is larger when it is encrypted."""
        return {**self._document, "_id": name, "unencrypted": "a" * size}

    def inserts_of(self, *documents: dict[str, Any]) -> int:
        """How many commands it takes to insert these by a bulk write."""
        self._observer.forget()
        self.things.bulk_write([self._insert_one(document) for document in documents])
        started = [event for event in self._observer.events if name_of(event) == "commandStartedEvent"]
        return sum(event.command_name == "insert" for event in started)


def test_size_limits_and_batches(side: Side, client: Any, files: Files) -> None:
    limits = Limits(side, client, files)
    two, sixteen = 2 * MEBIBYTE, 16 * MEBIBYTE
    limits.things.insert_one({"_id": "over_2mib_under_16mib", "unencrypted": "a" * two})
    limits.things.insert_one(limits.growing("encryption_exceeds_2mib", two - 2000))
    plain = ({"_id": f"over_2mib_{number}", "unencrypted": "a" * two} for number in (1, 2))
    assert limits.inserts_of(*plain) == 2
    growing = (limits.growing(f"encryption_exceeds_2mib_{number}", two - 2000) for number in (1, 2))
    assert limits.inserts_of(*growing) == 2
    limits.things.insert_one({"_id": "under_16mib", "unencrypted": "a" * (sixteen - 2000)})
    with pytest.raises((side.errors.OperationFailure, side.errors.DocumentTooLarge)) as caught:
        limits.things.insert_one(limits.growing("encryption_exceeds_16mib", sixteen - 2000))
    assert getattr(caught.value, "code", None) in (2, 10334, None)
    assert limits.plain.count_documents({}) == 7
    assert limits.inserts_of({"_id": "a"}, {"_id": "b"}) == 1


def test_views_are_prohibited(side: Side, client: Any) -> None:
    client["db"].drop_collection("view")
    client["db"].command({"create": "view", "viewOn": "coll"})
    with pytest.raises(side.errors.EncryptionError, match="cannot auto encrypt a view"):
        side.encrypted(*LOCAL)["db"]["view"].insert_one({"a": 1})
    client["db"].drop_collection("view")


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def spawning(folder: Path, port: int) -> dict[str, Any]:
    """Options by which an analyser is spawned at that port."""
    return {
        "mongocryptd_bypass_spawn": False,
        "mongocryptd_uri": f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=20000",
        "mongocryptd_spawn_path": str(write_program(folder)),
        "mongocryptd_spawn_args": [
            f"--pidfilepath={folder / 'pid'}",
            f"--port={port}",
            "--idleShutdownTimeoutSecs=3",
        ],
    }


def nobody_listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return False
    return True


def test_an_analyser_is_spawned(
    side: Side, client: Any, files: Files, tmp_path: Path, free_port: int
) -> None:
    keep(side, client, files, "external/external-key.json")
    schemas = {"db.coll": side.load(files.text("external/external-schema.json"))}
    encrypted = side.encrypted(*LOCAL, schema_map=schemas, **spawning(tmp_path, free_port))
    encrypted["db"]["coll"].insert_one({"encrypted": "test"})
    assert client["db"]["coll"].find_one({})["encrypted"].subtype == 6
    assert (tmp_path / "pid").exists()


def test_spawning_is_bypassed(side: Side, client: Any, files: Files, tmp_path: Path, free_port: int) -> None:
    keep(side, client, files, "external/external-key.json")
    schemas = {"db.coll": side.load(files.text("external/external-schema.json"))}
    options = {
        **spawning(tmp_path, free_port),
        "mongocryptd_bypass_spawn": True,
        "mongocryptd_uri": f"mongodb://127.0.0.1:{free_port}/?serverSelectionTimeoutMS=1000",
    }
    encrypted = side.encrypted(*LOCAL, schema_map=schemas, **options)
    with pytest.raises(side.errors.EncryptionError) as caught:
        encrypted["db"]["coll"].insert_one({"encrypted": "test"})
    assert isinstance(caught.value.cause, side.errors.ServerSelectionTimeoutError)
    assert client["db"]["coll"].count_documents({}) == 0
    assert not (tmp_path / "pid").exists()


@pytest.mark.parametrize("option", ["bypass_auto_encryption", "bypass_query_analysis"])
def test_nothing_is_spawned_for_nothing(
    side: Side, client: Any, tmp_path: Path, free_port: int, option: str
) -> None:
    options: dict[str, Any] = {**spawning(tmp_path, free_port), option: True}
    encrypted = side.encrypted(*LOCAL, **options)
    encrypted["db"]["coll"].insert_one({"unencrypted": "test"})
    assert client["db"]["coll"].count_documents({}) == 1
    assert nobody_listens(free_port)
    assert not (tmp_path / "pid").exists()


LISTED, LISTED_KEYS, FOUND_KEY, INSERTED, FOUND = (
    ("listCollections", "db"),
    ("listCollections", "keyvault"),
    ("find", "keyvault"),
    ("insert", "db"),
    ("find", "db"),
)


@pytest.mark.parametrize(
    ("size", "bypass", "external", "commands", "clients"),
    [
        (1, False, False, [LISTED, FOUND_KEY, INSERTED, FOUND], 2),
        (1, False, True, [LISTED, INSERTED, FOUND], 2),
        (1, True, False, [FOUND, FOUND_KEY], 2),
        (1, True, True, [FOUND], 1),
        (None, False, False, [LISTED, LISTED_KEYS, FOUND_KEY, INSERTED, FOUND], 1),
        (None, False, True, [LISTED, INSERTED, FOUND], 1),
        (None, True, False, [FOUND, FOUND_KEY], 1),
        (None, True, True, [FOUND], 1),
    ],
)
def test_pools_of_one_do_not_lock(
    side: Side,
    client: Any,
    files: Files,
    size: int | None,
    bypass: bool,
    external: bool,
    commands: list[tuple[str, str]],
    clients: int,
) -> None:
    key = keep(side, client, files, "external/external-key.json")
    schema = side.load(files.text("external/external-schema.json"))
    client["db"].create_collection("coll", validator={"$jsonSchema": schema})
    sealed = side.explicit(client, *LOCAL).encrypt("string0", DETERMINISTIC, key_id=key)
    observed, of_vault = (Observer({"observeEvents": ["commandStartedEvent"]}) for _ in range(2))
    vault = {"key_vault_client": side.client(observer=of_vault, maxPoolSize=1)} if external else {}
    options = side.automatic(*LOCAL, bypass_auto_encryption=bypass, **vault)
    encrypted = side.client(observer=observed, maxPoolSize=size, auto_encryption_opts=options)
    if bypass:
        client["db"]["coll"].insert_one({"_id": 0, "encrypted": sealed})
    else:
        encrypted["db"]["coll"].insert_one({"_id": 0, "encrypted": "string0"})
    assert encrypted["db"]["coll"].find_one({"_id": 0}) == {"_id": 0, "encrypted": "string0"}
    if side.package == "petiole":
        # Its own reads of the key vault are not encrypted, so it need not ask for a schema of that.
        commands = [command for command in commands if command != LISTED_KEYS]
    assert [(event.command_name, event.database_name) for event in observed.events] == commands
    asked = [(event.command_name, event.database_name) for event in of_vault.events]
    assert asked == ([FOUND_KEY] if external else [])
    assert len(observed.topology_ids) == clients


class Aggregation:
    """Aggregates by an encrypted client that is listened to."""

    def __init__(self, side: Side, client: Any) -> None:
        encryption = side.explicit(client, *LOCAL)
        key = encryption.create_data_key("local")
        self.sealed = encryption.encrypt("hello", DETERMINISTIC, key_id=key)
        self.broken = side.binary(self.sealed[:-1] + bytes([self.sealed[-1] ^ 1]), 6)
        self._observer = Observer(COMMANDS)
        options = side.automatic(*LOCAL)
        made = side.client(observer=self._observer, retryReads=False, auto_encryption_opts=options)
        self.things = made["db"]["coll"]

    def run(self) -> Any:
        return self.things.aggregate([]).to_list()

    def last(self) -> Any:
        """What was said of the last aggregation."""
        ended = [event for event in self._observer.events if event.command_name == "aggregate"]
        return ended[-1]


@pytest.mark.parametrize("how", [{}, {"closeConnection": True}])
def test_failures_of_commands_are_told(side: Side, client: Any, how: dict[str, Any]) -> None:
    aggregation = Aggregation(side, client)
    aggregation.things.find_one({})
    data = {"errorCode": 123, "failCommands": ["aggregate"], **how}
    client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": data})
    expected = side.errors.AutoReconnect if how else side.errors.OperationFailure
    with pytest.raises(expected):
        aggregation.run()
    assert name_of(aggregation.last()) == "commandFailedEvent"


def test_replies_are_told_encrypted(side: Side, client: Any) -> None:
    aggregation = Aggregation(side, client)
    aggregation.things.insert_one({"_id": 1, "encrypted": aggregation.sealed})
    assert aggregation.run() == [{"_id": 1, "encrypted": "hello"}]
    check_told(aggregation, aggregation.sealed)


def test_replies_that_cannot_be_decrypted_are_told(side: Side, client: Any) -> None:
    aggregation = Aggregation(side, client)
    aggregation.things.insert_one({"_id": 1, "encrypted": aggregation.broken})
    with pytest.raises(side.errors.EncryptionError, match="HMAC"):
        aggregation.run()
    check_told(aggregation, aggregation.broken)


def check_told(aggregation: Aggregation, value: Any) -> None:
    event = aggregation.last()
    assert name_of(event) == "commandSucceededEvent"
    assert event.reply["cursor"]["firstBatch"] == [{"_id": 1, "encrypted": value}]
