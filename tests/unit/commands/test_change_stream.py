"""Where a change stream stands, what it asks for from there, and after which errors it goes on."""

from __future__ import annotations

from typing import Any

import pytest

from petiole._commands.change_stream import Position, Watch, next_batch_size
from petiole._retry.resume import is_resumable
from petiole.bson.timestamp import Timestamp
from petiole.collation import Collation
from petiole.errors import (
    AutoReconnect,
    ConfigurationError,
    CursorNotFound,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

A, B, C, END = ({"_data": name} for name in "ABCE")
TIME, LATER = Timestamp(1, 1), Timestamp(2, 1)


# The position.


@pytest.mark.parametrize(
    ("given", "options", "token"),
    [
        ({}, {}, None),
        ({"resume_after": A}, {"resumeAfter": A}, A),
        ({"start_after": A}, {"startAfter": A}, A),
        ({"time": TIME}, {"startAtOperationTime": TIME}, None),
        ({"resume_after": A, "start_after": B, "time": TIME}, {"startAfter": B}, B),
        ({"resume_after": A, "time": TIME}, {"resumeAfter": A}, A),
    ],
)
def test_it_starts_where_it_was_told_to(given: dict[str, Any], options: Any, token: Any) -> None:
    position = Position(**given)
    assert (position.options(), position.token) == (options, token)


def test_an_empty_batch_moves_it_to_the_end_of_what_the_server_has_seen() -> None:
    position = Position()
    position.opened(empty=True, post_batch_token=A, operation_time=TIME)
    assert (position.options(), position.token) == ({"resumeAfter": A}, A)
    position.received(empty=True, post_batch_token=B)
    assert position.token == B
    position.received(empty=True, post_batch_token=None)
    assert position.token == B


def test_a_batch_with_events_does_not_move_it() -> None:
    position = Position(resume_after=A)
    position.opened(empty=False, post_batch_token=END, operation_time=TIME)
    assert position.token == A
    position.received(empty=False, post_batch_token=END)
    assert position.token == A


def test_each_event_moves_it_and_the_last_one_to_the_end_of_the_batch() -> None:
    position = Position()
    position.handed_out(A, last=False, post_batch_token=END)
    assert position.token == A
    position.handed_out(B, last=True, post_batch_token=END)
    assert position.token == END
    position.handed_out(C, last=True, post_batch_token=None)
    assert position.token == C


@pytest.mark.parametrize(
    ("given", "reply", "options"),
    [
        ({}, {"empty": True}, {"startAtOperationTime": LATER}),
        ({"time": TIME}, {"empty": True}, {"startAtOperationTime": TIME}),
        ({"resume_after": A}, {"empty": True}, {"resumeAfter": A}),
        ({"start_after": A}, {"empty": True}, {"startAfter": A}),
        ({}, {"empty": False}, {}),
        ({}, {"empty": True, "post_batch_token": B}, {"resumeAfter": B}),
    ],
)
def test_the_time_of_the_first_reply_counts_where_nothing_else_is_known(
    given: dict[str, Any], reply: dict[str, Any], options: dict[str, Any]
) -> None:
    position = Position(**given)
    position.opened(**{"post_batch_token": None, "operation_time": LATER, **reply})
    assert position.options() == options


def test_start_after_stays_so_until_an_event_was_handed_out() -> None:
    position = Position(start_after=A)
    position.opened(empty=True, post_batch_token=B, operation_time=TIME)
    assert position.options() == {"startAfter": B}
    position.handed_out(C, last=False, post_batch_token=None)
    assert position.options() == {"resumeAfter": C}


# What is sent.


def watch(pipeline: Any = None, position: Position | None = None, **given: Any) -> Watch:
    options = {name: given.pop(name, None) for name in ("batch_size", "collation", "comment")}
    waiting = given.pop("max_await_time_ms", None)
    return Watch(pipeline, position or Position(), given, **options, max_await_time_ms=waiting)


def test_the_body() -> None:
    assert watch().body("c") == {"aggregate": "c", "pipeline": [{"$changeStream": {}}], "cursor": {}}
    asked = watch(
        [{"$match": {}}],
        Position(time=TIME),
        fullDocument="default",
        allChangesForCluster=True,
        showExpandedEvents=None,
        batch_size=0,
        collation=Collation("en"),
        comment={"a": 1},
        max_await_time_ms=5,
    )
    stage = {"fullDocument": "default", "allChangesForCluster": True, "startAtOperationTime": TIME}
    assert asked.body(1) == {
        "aggregate": 1,
        "pipeline": [{"$changeStream": stage}, {"$match": {}}],
        "comment": {"a": 1},
        "cursor": {"batchSize": 0},
        "collation": Collation("en").document,
    }


def test_the_body_changes_with_the_position_and_not_with_what_becomes_of_the_pipeline() -> None:
    pipeline: list[Any] = [{"$match": {}}]
    position = Position(resume_after=A)
    asked = watch(pipeline, position)
    pipeline.clear()
    position.handed_out(B, last=False, post_batch_token=None)
    assert asked.body("c")["pipeline"] == [{"$changeStream": {"resumeAfter": B}}, {"$match": {}}]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"pipeline": {}}, TypeError),
        ({"pipeline": ({},)}, TypeError),
        ({"fullDocument": 1}, TypeError),
        ({"max_await_time_ms": "1"}, TypeError),
        ({"batch_size": "x"}, ValueError),
        ({"batch_size": -1}, ValueError),
        ({"batch_size": 1.5}, TypeError),
        ({"collation": 1}, TypeError),
    ],
)
def test_bad_arguments(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        watch(**given).body("c")


@pytest.mark.parametrize(("given", "sent"), [(None, 0), (0, 0), (1, 2), (2, 2), (50, 50)])
def test_a_batch_of_one_would_end_the_stream(given: int | None, sent: int) -> None:
    assert next_batch_size(given) == sent


# Errors.


LABELLED = {"errorLabels": ["ResumableChangeStreamError"]}


@pytest.mark.parametrize(
    ("error", "resumable"),
    [
        (AutoReconnect("gone"), True),
        (NetworkTimeout("late"), True),
        (NotPrimaryError("stepped down", {"code": 10107}), True),
        (ServerSelectionTimeoutError("none"), True),
        (WaitQueueTimeoutError("full"), True),
        (CursorNotFound("dropped", 43, {}, 17), True),
        (OperationFailure("labelled", 1, LABELLED, 17), True),
        (OperationFailure("labelled", 1, LABELLED, 9), True),
        (OperationFailure("labelled", 1, LABELLED), True),
        (OperationFailure("no label", 6, {}, 9), False),
        (OperationFailure("no label", 6, {}), False),
        (ExecutionTimeout("too slow", 50, {}, 17), False),
        (InvalidOperation("closed"), False),
        (ConfigurationError("wrong"), False),
        (PyMongoError("other"), False),
    ],
)
def test_resumable_errors(error: PyMongoError, resumable: bool) -> None:
    assert is_resumable(error) is resumable
