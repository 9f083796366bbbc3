"""What is tried again, and which error is raised: as values."""

from __future__ import annotations

import pytest

from petiole._commands.base import Retry
from petiole._net.pool import PoolCleared
from petiole._retry import policy
from petiole.errors import (
    AutoReconnect,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ProtocolError,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

LABEL = "RetryableWriteError"


def labelled(error: PyMongoError, *labels: str) -> PyMongoError:
    for label in labels:
        error._add_error_label(label)
    return error


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("broke"),
        NetworkTimeout("slow"),
        PoolCleared("cleared"),
        NotPrimaryError("not primary"),
        *(OperationFailure("", code) for code in sorted(policy.RETRYABLE_READ_CODES)),
    ],
    ids=repr,
)
def test_reads_that_are_tried_again(error: PyMongoError) -> None:
    assert policy.may_retry(Retry.READ, error, 1, until_deadline=False)
    assert not policy.may_retry(Retry.READ, error, 2, until_deadline=False)
    assert policy.may_retry(Retry.READ, error, 2, until_deadline=True)
    assert not policy.may_retry(Retry.NEVER, error, 1, until_deadline=True)
    assert not policy.may_retry(Retry.WRITE, error, 1, until_deadline=True)


@pytest.mark.parametrize(
    "error",
    [
        ServerSelectionTimeoutError("none"),
        WaitQueueTimeoutError("full"),
        InvalidOperation("closed"),
        ProtocolError("rubbish"),
        OperationFailure("bad", 2),
        OperationFailure("no code"),
    ],
    ids=repr,
)
def test_reads_that_are_not(error: PyMongoError) -> None:
    assert not policy.may_retry(Retry.READ, error, 1, until_deadline=True)


def test_writes_go_by_the_label() -> None:
    error = OperationFailure("", 2)
    assert not policy.may_retry(Retry.WRITE, error, 1, until_deadline=False)
    labelled(error, LABEL)
    assert policy.may_retry(Retry.WRITE, error, 1, until_deadline=False)
    assert not policy.may_retry(Retry.WRITE, error, 2, until_deadline=False)
    assert not policy.may_retry(Retry.NEVER, error, 1, until_deadline=False)
    waited = labelled(WaitQueueTimeoutError("full"), LABEL)
    assert not policy.may_retry(Retry.WRITE, waited, 1, until_deadline=False)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AutoReconnect("broke"), True),
        (NetworkTimeout("slow"), True),
        (PoolCleared("cleared"), True),
        (WaitQueueTimeoutError("full"), False),
        (OperationFailure("bad"), False),
    ],
)
def test_network_errors_of_writes_get_the_label(error: PyMongoError, expected: bool) -> None:
    policy.label(Retry.READ, error)
    policy.label(Retry.NEVER, error)
    assert not error.has_error_label(LABEL)
    policy.label(Retry.WRITE, error)
    assert error.has_error_label(LABEL) is expected


def test_the_later_error_is_raised() -> None:
    first, second = AutoReconnect("first"), OperationFailure("second")
    for kind in Retry:
        assert policy.error_to_raise(kind, None, first) is first
        assert policy.error_to_raise(kind, first, second) is second


def test_unless_no_server_was_found() -> None:
    first, second = AutoReconnect("first"), ServerSelectionTimeoutError("second")
    for kind in Retry:
        assert policy.error_to_raise(kind, None, second) is second
        assert policy.error_to_raise(kind, first, second) is first


def test_or_a_write_had_no_effect() -> None:
    first, second = AutoReconnect("first"), labelled(OperationFailure("second"), "NoWritesPerformed")
    assert policy.error_to_raise(Retry.WRITE, first, second) is first
    assert policy.error_to_raise(Retry.READ, first, second) is second
    assert policy.error_to_raise(Retry.WRITE, None, second) is second


def test_pauses_grow_and_end_with_the_deadline() -> None:
    pauses = [policy.pause(attempts, None) for attempts in range(2, 12)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.01
    assert pauses[-1] == 0.5
    assert policy.pause(11, 0.2) == 0.2
    assert policy.pause(5_000, None) == 0.5
