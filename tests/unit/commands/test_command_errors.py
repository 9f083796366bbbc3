"""Replies become PyMongo's exceptions: class, text, code and labels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import json_util
from tests.unit.commands.record_errors import CASES, RECORDED

from petiole import errors
from petiole._commands.errors import (
    command_error,
    is_allowed,
    write_concern_error,
    write_error,
)

ANSWERS: list[dict[str, Any]] = json.loads(RECORDED.read_text())


def reply_error(reply: Any) -> Exception | None:
    """Whatever is wrong with the reply to a command that writes at most one thing."""
    return write_error(reply) if reply.get("ok") else command_error(reply)


def test_every_case_was_recorded() -> None:
    assert [answer["operation"] for answer in ANSWERS] == [operation for operation, _ in CASES]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a['operation']} {a['class']} {a['code']}")
def test_against_pymongo(answer: dict[str, Any]) -> None:
    reply = json_util.loads(json.dumps(answer["reply"]), json_options=json_util.RELAXED_JSON_OPTIONS)
    error = reply_error(reply)
    assert isinstance(error, errors.PyMongoError)
    assert type(error).__name__ == answer["class"]
    # PyMongo adds the client's timeouts to the text of a server-side timeout.
    assert str(error) == answer["text"].replace(" (configured timeouts: connectTimeoutMS: 20000.0ms)", "")
    assert getattr(error, "code", None) == answer["code"]
    assert sorted(error._error_labels) == answer["labels"]


def test_nothing_is_wrong() -> None:
    assert reply_error({"ok": 1.0, "n": 1}) is None
    assert write_error({"ok": 1.0, "n": 0, "writeErrors": []}) is None
    assert write_concern_error({"ok": 1.0}) is None


def test_the_wire_version_is_kept() -> None:
    error = command_error({"ok": 0, "errmsg": "x", "code": 8}, 21)
    assert isinstance(error, errors.OperationFailure)
    assert error._max_wire_version == 21


@pytest.mark.parametrize(
    "text", ["not master", "node is recovering", "not master or secondary", "not master and slaveOk=false"]
)
def test_without_a_code_the_text_decides(text: str) -> None:
    assert isinstance(command_error({"ok": 0, "errmsg": text}), errors.NotPrimaryError)
    assert type(command_error({"ok": 0, "errmsg": text, "code": 123})) is errors.OperationFailure


def test_a_mongos_may_only_have_its_shards_errors() -> None:
    error = command_error({"ok": 0, "raw": {"a": {"ok": 1}, "b": {"errmsg": "broken"}}})
    assert str(error).startswith("broken, full error: ")


def test_a_reply_without_any_text() -> None:
    assert str(command_error({"ok": 0})).startswith("the server gave no reason")


def test_the_write_error_counts_more_than_its_write_concern() -> None:
    reply = {
        "ok": 1,
        "writeErrors": [{"index": 0, "code": 2, "errmsg": "bad"}],
        "writeConcernError": {"code": 64, "errmsg": "late"},
        "errorLabels": ["RetryableWriteError"],
    }
    error = write_error(reply)
    assert type(error) is errors.WriteError
    assert error.has_error_label("RetryableWriteError")
    assert reply["writeErrors"] == [{"index": 0, "code": 2, "errmsg": "bad"}]


@pytest.mark.parametrize(
    ("allowable", "expected"),
    [(None, False), ([], False), ([26], True), (["ns not found"], False), ([27, "x"], False)],
)
def test_errors_the_caller_can_live_with(allowable: list[str | int] | None, expected: bool) -> None:
    assert is_allowed({"ok": 0, "code": 26, "errmsg": "ns not found"}, allowable) is expected


def test_errors_without_a_code_are_known_by_their_message() -> None:
    assert is_allowed({"ok": 0, "errmsg": "ns not found"}, ["ns not found"])
    assert not is_allowed({"ok": 0, "errmsg": "ns not found"}, [26])
