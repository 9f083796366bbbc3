"""What is tried again, and which error is raised: as values."""

from __future__ import annotations

from typing import Any

import pytest

from petiole._commands.base import Retry
from petiole._net.pool_parts import PoolCleared
from petiole._retry import policy
from petiole.bson.int64 import Int64
from petiole.errors import (
    AutoReconnect,
    ConfigurationError,
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
OVERLOAD = ("SystemOverloadedError", "RetryableError")


def labelled(error: PyMongoError, *labels: str) -> PyMongoError:
    for label in labels:
        error._add_error_label(label)
    return error


def may_retry(
    kind: Retry,
    error: PyMongoError,
    failed: int = 1,
    *,
    until_deadline: bool = False,
    overloaded: bool = False,
    ruled: Retry | None = None,
    options: policy.Policy = policy.DEFAULT_POLICY,
) -> bool:
    ruled = kind if ruled is None else ruled
    return options.may_retry(kind, ruled, error, failed, overloaded=overloaded, until_deadline=until_deadline)


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
    assert may_retry(Retry.READ, error)
    assert not may_retry(Retry.READ, error, 2)
    assert may_retry(Retry.READ, error, 2, until_deadline=True)
    assert not may_retry(Retry.NEVER, error, until_deadline=True)
    assert not may_retry(Retry.WRITE, error, until_deadline=True)


@pytest.mark.parametrize(
    "error",
    [
        ServerSelectionTimeoutError("none"),
        WaitQueueTimeoutError("full"),
        InvalidOperation("closed"),
        ProtocolError("rubbish"),
        OperationFailure("bad", 2),
        labelled(OperationFailure("bad", 2), "RetryableError"),
        labelled(OperationFailure("bad", 2), "SystemOverloadedError"),
        OperationFailure("no code"),
    ],
    ids=repr,
)
def test_reads_that_are_not(error: PyMongoError) -> None:
    assert not may_retry(Retry.READ, error, until_deadline=True)


def test_writes_go_by_the_label() -> None:
    error = OperationFailure("", 2)
    assert not may_retry(Retry.WRITE, error)
    labelled(error, LABEL)
    assert may_retry(Retry.WRITE, error)
    assert not may_retry(Retry.WRITE, error, 2)
    assert not may_retry(Retry.NEVER, error)
    waited = labelled(WaitQueueTimeoutError("full"), LABEL)
    assert not may_retry(Retry.WRITE, waited)


BOTH = Retry.READ | Retry.WRITE


@pytest.mark.parametrize(
    ("ruled", "reads", "writes", "expected"),
    [
        (Retry.READ, True, False, True),
        (Retry.READ, False, True, False),
        (Retry.WRITE, False, True, True),
        (Retry.WRITE, True, False, False),
        (BOTH, True, True, True),
        (BOTH, False, True, False),
        (BOTH, True, False, False),
        (Retry.NEVER, True, True, False),
    ],
)
def test_a_refusal_of_an_overloaded_server_is_retried_if_the_options_that_rule_the_command_are_on(
    ruled: Retry, reads: bool, writes: bool, expected: bool
) -> None:
    error = labelled(OperationFailure("busy", 462), *OVERLOAD)
    options = policy.Policy(reads, writes)
    assert may_retry(Retry.NEVER, error, ruled=ruled, options=options) is expected


@pytest.mark.parametrize("most", [0, 1, 2, 7])
@pytest.mark.parametrize("until_deadline", [False, True])
def test_an_overloaded_server_is_asked_so_often_and_no_more(most: int, until_deadline: bool) -> None:
    error = labelled(OperationFailure("busy", 462), *OVERLOAD)
    options = policy.Policy(max_adaptive_retries=most)
    for failed in range(1, 10):
        assert may_retry(Retry.READ, error, failed, until_deadline=until_deadline, options=options) is (
            failed <= most
        )


def test_having_met_an_overloaded_server_limits_all_other_retries_too() -> None:
    read, write = OperationFailure("", 91), labelled(OperationFailure(""), LABEL)
    for kind, error in ((Retry.READ, read), (Retry.WRITE, write)):
        for until_deadline in (False, True):
            assert may_retry(kind, error, 2, overloaded=True, until_deadline=until_deadline)
            assert not may_retry(kind, error, 3, overloaded=True, until_deadline=until_deadline)
    assert not may_retry(Retry.READ, read, 1, overloaded=True, options=policy.Policy(max_adaptive_retries=0))


def test_an_overloaded_server_s_own_kind_of_retryable_error_needs_no_other_label() -> None:
    """Retryable by the other specifications, it is limited and delayed like any from an overloaded server."""
    read = labelled(OperationFailure("", 91), "SystemOverloadedError")
    assert may_retry(Retry.READ, read, 2)
    assert not may_retry(Retry.READ, read, 3)
    assert not may_retry(Retry.NEVER, read, ruled=Retry.READ)


def test_another_server_is_tried_where_it_is_as_good_or_wanted() -> None:
    broke, busy = AutoReconnect("broke"), labelled(OperationFailure("busy"), *OVERLOAD)
    options, retargeting = policy.Policy(), policy.Policy(overload_retargeting=True)
    assert options.avoids(broke, sharded=True)
    assert options.avoids(busy, sharded=True)
    assert not options.avoids(busy, sharded=False)
    assert retargeting.avoids(busy, sharded=False)
    assert not retargeting.avoids(broke, sharded=False)


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


@pytest.mark.parametrize("writes", [True, False])
def test_the_later_error_is_raised(writes: bool) -> None:
    first, second = AutoReconnect("first"), OperationFailure("second")
    assert policy.error_to_raise(writes, None, first) is first
    assert policy.error_to_raise(writes, first, second) is second


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    "second",
    [
        ServerSelectionTimeoutError("second"),
        PoolCleared("second"),
        WaitQueueTimeoutError("second"),
        ConfigurationError("second"),
        InvalidOperation("second"),
    ],
    ids=repr,
)
def test_unless_there_was_no_attempt(writes: bool, second: PyMongoError) -> None:
    first = AutoReconnect("first")
    assert policy.error_to_raise(writes, None, second) is second
    assert policy.error_to_raise(writes, first, second) is first


def test_or_a_write_had_no_effect() -> None:
    first, second = AutoReconnect("first"), labelled(OperationFailure("second"), "NoWritesPerformed")
    assert policy.error_to_raise(True, first, second) is first
    assert policy.error_to_raise(False, first, second) is second
    assert policy.error_to_raise(True, None, second) is second


def test_pauses_between_many_attempts_grow_and_end_somewhere() -> None:
    error = AutoReconnect("broke")
    pauses = [policy.pause(error, failed, 0.5, overloaded=False) for failed in range(1, 12)]
    assert pauses == sorted(pauses)
    assert pauses[:3] == [0.0, 0.01, 0.02]
    assert pauses[-1] == policy.pause(error, 5_000, 0.5, overloaded=False) == 0.5


def test_an_overloaded_server_is_given_time_by_chance() -> None:
    error = labelled(OperationFailure("busy", 462), *OVERLOAD)
    for overloaded in (False, True):
        assert policy.pause(error, 1, 0.0, overloaded=overloaded) == 0
        pauses = [policy.pause(error, failed, 1.0, overloaded=overloaded) for failed in range(1, 10)]
        assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10])
        assert policy.pause(error, 2, 0.25, overloaded=overloaded) == pytest.approx(0.1)
        assert policy.pause(error, 5_000, 1.0, overloaded=overloaded) == 10


def test_no_other_error_after_it_is_paused_for() -> None:
    assert policy.pause(OperationFailure("", 91), 2, 1.0, overloaded=True) == 0


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(50, 0.1), (Int64(50), 0.1), (12.5, 0.025), (60_000, 10)]
    + [(asked, 0.2) for asked in (None, 0, -5, "50", float("nan"))],
)
def test_the_server_may_say_how_much_time_it_needs(asked: Any, expected: float) -> None:
    error = labelled(OperationFailure("busy", 462, {"baseBackoffMS": asked}), *OVERLOAD)
    assert policy.pause(error, 1, 1.0, overloaded=False) == pytest.approx(expected)
