"""Whatever goes wrong at the key vault, the server or the analyser: an error in time, and nothing sent in clear."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.engine.encrypted_rig import CLEAR, EncryptedRig
from tests.unit.engine.sides import Side, until
from tests.unit.engine.wire_server import Bytes, Drop, Silence, WireServer

import petiole
from petiole import InsertOne, UpdateOne
from petiole.errors import EncryptionError, ServerSelectionTimeoutError

BOUND = 15.0
"""Seconds in which every operation has to have ended, whose time is one or less."""


@pytest.fixture
def rig(side: Side) -> Iterator[EncryptedRig]:
    made = EncryptedRig(side)
    yield made
    made.close()


REFUSAL = {"ok": 0, "code": 13, "codeName": "Unauthorized", "errmsg": "not you"}
NOT_PRIMARY = {"ok": 0, "code": 10107, "codeName": "NotWritablePrimary", "errmsg": "not primary"}
FAULTS: dict[str, Any] = {
    "drops the connection": Drop,
    "says nothing": Silence,
    "answers with rubbish": Bytes(b"\x10\x00\x00\x00rubbish....."),
    "answers with too short a message": Bytes(b"\x04\x00\x00\x00"),
    "refuses": REFUSAL,
    "is no primary": NOT_PRIMARY,
    "answers without a result": {"ok": 1},
    "answers with a cursor of strings": {"ok": 1, "cursor": {"id": 0, "ns": "a.b", "firstBatch": ["x"]}},
    "has another document": {
        "ok": 1,
        "cursor": {"id": 0, "ns": "a.b", "firstBatch": [{"_id": "x", "name": 5}]},
    },
    "has nothing": {"ok": 1, "cursor": {"id": 0, "ns": "a.b", "firstBatch": []}},
    "answers with a wrong mark": {"ok": 1, "hasEncryptionPlaceholders": True, "result": 5},
}
HARMLESS = {
    ("listCollections", "has nothing"),  # There is no such collection, which is no fault.
    ("listCollections", "has another document"),
}
CASES = [
    (place, fault)
    for place in ("keys", "mark", "listCollections")
    for fault in FAULTS
    if (place, fault) not in HARMLESS
]
OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "insert_one": lambda c: c.insert_one({"secret": CLEAR}),
    "bulk_write": lambda c: c.bulk_write(
        [InsertOne({"secret": CLEAR}), UpdateOne({"secret": CLEAR}, {"$set": {"secret": CLEAR}})]
    ),
    "find_one": lambda c: c.find_one({"secret": CLEAR}),
}


@pytest.mark.parametrize(("place", "fault"), CASES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_faults(rig: EncryptedRig, place: str, fault: str, operation: str) -> None:
    schemas = {} if place == "listCollections" else {"schema_map": {"t.c": {"bsonType": "object"}}}
    rig.answers[place] = [FAULTS[fault]] * 20
    things = rig.encrypted(client={"timeoutMS": 400}, **{"schema_map": None, **schemas})["t"]["c"]
    began = time.monotonic()
    error = rig.fail(lambda: OPERATIONS[operation](things), EncryptionError)
    assert time.monotonic() - began < BOUND
    assert error.cause is error.__cause__
    assert CLEAR not in str(error)
    if fault == "says nothing":
        assert error.timeout
    assert not rig.sent_in_clear()
    assert rig.sent("insert") == rig.sent("find") == []
    rig.answers[place] = []
    with petiole.timeout(None):
        rig.do(lambda: OPERATIONS[operation](things))
    assert not rig.sent_in_clear()


def test_a_fault_in_the_middle_of_a_bulk_write_tells_what_was_done(rig: EncryptedRig) -> None:
    things = rig.encrypted()["t"]["c"]
    documents = [{"_id": n, "secret": CLEAR + "x" * 2_000_000} for n in range(2)]
    result = {"ok": 1, "n": 1}
    rig.answers["insert"] = [result]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    marked = rig.analyser.script
    asked: list[Any] = []

    def script(peer: Any, body: dict[str, Any]) -> Any:
        asked.append(body)
        assert marked is not None
        return marked(peer, body) if len(asked) == 1 else REFUSAL

    rig.analyser.script = script
    error = rig.fail(lambda: things.insert_many(documents), EncryptionError)
    assert CLEAR not in str(error)
    assert len(rig.sent("insert")) == 2
    assert not rig.sent_in_clear()


# Starting the analyser


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that notes its arguments and who has started it, and ends."""
    path = tmp_path / "mongocryptd"
    path.write_text(f'#!/bin/sh\necho "$PPID $@" >> "{tmp_path}/started"\n')
    path.chmod(0o755)
    return path


def starts(program: Path) -> list[str]:
    noted = program.parent / "started"
    return noted.read_text().splitlines() if noted.exists() else []


def test_the_analyser_is_started_when_it_is_needed(rig: EncryptedRig, program: Path) -> None:
    options: dict[str, Any] = {"mongocryptd_bypass_spawn": False, "mongocryptd_spawn_path": str(program)}
    client = rig.encrypted(**options, mongocryptd_spawn_args=["--port=5"])
    rig.do(lambda: client.admin.command("ping"))
    assert starts(program) == []
    rig.do(lambda: client["t"]["c"].insert_one({"secret": CLEAR}))
    rig.do(lambda: client["t"]["c"].insert_one({"secret": CLEAR}))
    until(lambda: starts(program))
    (started,) = starts(program)
    parent, _, arguments = started.partition(" ")
    assert arguments == "--port=5 --idleShutdownTimeoutSecs=60"
    assert int(parent) != os.getpid()


@pytest.mark.parametrize(
    "options",
    [
        {"mongocryptd_bypass_spawn": True},
        {"bypass_query_analysis": True, "schema_map": None},
        {"bypass_auto_encryption": True},
    ],
)
def test_no_analyser_is_started_that_is_not_wanted(
    rig: EncryptedRig, program: Path, options: dict[str, Any]
) -> None:
    given = {"mongocryptd_bypass_spawn": False, "mongocryptd_spawn_path": str(program), **options}
    client = rig.encrypted(**given)
    rig.do(lambda: client["t"]["c"].insert_one({"open": 1}))
    rig.do(client.close)
    assert starts(program) == []


def test_one_that_cannot_be_found_any_more_is_started_again(rig: EncryptedRig, program: Path) -> None:
    options: dict[str, Any] = {"mongocryptd_bypass_spawn": False, "mongocryptd_spawn_path": str(program)}
    things = rig.encrypted(**options)["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    rig.analyser.close()
    with petiole.timeout(3):
        error = rig.fail(lambda: things.insert_one({"secret": CLEAR}), EncryptionError)
    assert isinstance(error.cause, ServerSelectionTimeoutError)
    until(lambda: len(starts(program)) == 2)
    assert len(rig.sent("insert")) == 1
    rig.analyser = WireServer()


def test_a_program_that_is_missing_is_named(rig: EncryptedRig, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    rig.analyser.close()
    options: dict[str, Any] = {"mongocryptd_bypass_spawn": False, "mongocryptd_spawn_path": str(missing)}
    things = rig.encrypted(**options, client={"timeoutMS": 500})["t"]["c"]
    error = rig.fail(lambda: things.insert_one({"secret": CLEAR}), EncryptionError)
    assert f"{missing} could not be started" in str(error)
    assert isinstance(error.cause, ServerSelectionTimeoutError)
    rig.analyser = WireServer()


def test_one_that_runs_is_used_also_without_the_program(rig: EncryptedRig, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "mongocryptd_bypass_spawn": False,
        "mongocryptd_spawn_path": str(tmp_path / "nowhere"),
    }
    things = rig.encrypted(**options)["t"]["c"]
    rig.do(lambda: things.insert_one({"secret": CLEAR}))
    assert not rig.sent_in_clear()


# The crypt_shared library, which is not to be had


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"crypt_shared_lib_required": True}, "crypt_shared_lib_required=True but"),
        ({"crypt_shared_lib_path": "/no/such/library.so"}, "we failed to open a dynamic library"),
    ],
)
def test_a_library_that_is_missing(rig: EncryptedRig, options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Exception, match=complaint) as caught:
        rig.encrypted(**options)
    assert type(caught.value).__name__ == "MongoCryptError"
