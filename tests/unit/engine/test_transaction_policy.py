"""The states of transactions, the labels of their errors, and when the whole is tried again: all without I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from petiole._commands.transaction import AbortTransaction, CommitTransaction, end_transaction_body, majority
from petiole._net.pool_parts import PoolCleared
from petiole._retry import transaction as policy
from petiole._retry.transaction import State, Transaction
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS
from petiole.client_session_shared import TransactionOptions
from petiole.errors import (
    AutoReconnect,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from petiole.read_preferences import Primary, Secondary
from petiole.write_concern import WriteConcern


def started(sent: bool = False) -> Transaction:
    transaction = Transaction(TransactionOptions(), b"1")
    if sent:
        transaction.advance()
    return transaction


def committed() -> Transaction:
    transaction = started(sent=True)
    transaction.commit()
    return transaction


def aborted() -> Transaction:
    transaction = started(sent=True)
    transaction.abort()
    return transaction


@pytest.mark.parametrize(
    ("make", "commits", "aborts"),
    [
        (Transaction, "No transaction started", "No transaction started"),
        (started, False, False),
        (lambda: started(sent=True), True, True),
        (committed, True, "Cannot call abortTransaction after calling commitTransaction"),
        (
            aborted,
            "Cannot call commitTransaction after calling abortTransaction",
            "Cannot call abortTransaction twice",
        ),
    ],
    ids=["none", "starting", "in progress", "committed", "aborted"],
)
def test_what_may_be_done_in_each_state(make: Callable[[], Transaction], commits: Any, aborts: Any) -> None:
    for act, expected, then in (
        (Transaction.commit, commits, State.COMMITTED),
        (Transaction.abort, aborts, State.ABORTED),
    ):
        transaction = make()
        before = transaction.state
        if isinstance(expected, str):
            with pytest.raises(InvalidOperation, match=expected):
                act(transaction)
            assert transaction.state is before
        else:
            assert act(transaction) is expected
            assert transaction.state is then


def test_a_commit_of_nothing_may_be_repeated_and_sends_nothing() -> None:
    transaction = started()
    assert [transaction.commit(), transaction.commit()] == [False, False]


def test_commands_run_in_it_until_it_ends() -> None:
    assert [kind().active for kind in (Transaction, started, committed, aborted)] == [
        False,
        True,
        False,
        False,
    ]
    assert started(sent=True).active


def test_an_overloaded_server_has_not_let_the_first_command_in() -> None:
    overloaded = OperationFailure("busy", 462, {"errorLabels": ["SystemOverloadedError", "RetryableError"]})
    transaction = started()
    transaction.opening = True
    transaction.advance()
    transaction.failed(OperationFailure("bad", 1))
    assert transaction.state is State.IN_PROGRESS
    transaction.failed(overloaded)
    assert (transaction.state, transaction.sent) == (State.STARTING, False)
    later = started(sent=True)
    later.failed(overloaded)
    assert later.state is State.IN_PROGRESS


def test_only_the_primary_is_read_from() -> None:
    transaction = started()
    transaction.check_read(None)
    transaction.check_read(Primary())
    with pytest.raises(InvalidOperation, match="read preference in a transaction must be primary, not: Sec"):
        transaction.check_read(Secondary())


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (AutoReconnect("cut"), True),
        (NetworkTimeout("late"), True),
        (ServerSelectionTimeoutError("none"), True),
        (WaitQueueTimeoutError("full"), True),
        (PoolCleared("paused"), True),  # Prose test 3 of the transactions specification.
        (NotPrimaryError("no", {"code": 10107}), False),
        (NotPrimaryError("no", {"code": 10107, "errorLabels": [policy.TRANSIENT]}), True),
        (OperationFailure("bad", 1), False),
    ],
    ids=repr,
)
def test_errors_after_which_the_whole_may_be_tried_again(error: PyMongoError, transient: bool) -> None:
    started().failed(error)
    assert error.has_error_label(policy.TRANSIENT) is transient


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (AutoReconnect("cut"), True),
        (ServerSelectionTimeoutError("none"), True),
        (NotPrimaryError("no", {"code": 10107}), True),
        (ExecutionTimeout("late", 50), True),
        (WTimeoutError("late", 64), True),
        (WriteConcernError("why", 12345), True),
        (WriteConcernError("unsatisfiable", 100), False),
        (WriteConcernError("unknown", 79), False),
        (OperationFailure("gone", 251, {"errorLabels": ["TransientTransactionError"]}), False),
        (OperationFailure("again", 6, {"errorLabels": ["RetryableWriteError"]}), True),
        (OperationFailure("bad", 1), False),
    ],
    ids=repr,
)
def test_errors_after_which_nobody_knows_whether_it_is_committed(error: PyMongoError, unknown: bool) -> None:
    policy.label_commit(error)
    assert error.has_error_label(policy.UNKNOWN_RESULT) is unknown


def test_an_overloaded_server_does_not_say_what_came_of_an_earlier_attempt() -> None:
    for again in (False, True):
        error = OperationFailure("busy", 462, {"errorLabels": ["SystemOverloadedError", "RetryableError"]})
        policy.label_commit(error, again=again)
        assert error.has_error_label(policy.UNKNOWN_RESULT) is again


def test_a_commit_whose_own_time_limit_is_over_is_left() -> None:
    late, lost = ExecutionTimeout("late", 50), AutoReconnect("cut")
    for error in (late, lost):
        policy.label_commit(error)
    assert [policy.commits_again(error) for error in (late, lost)] == [False, True]


@pytest.mark.parametrize(
    ("concern", "expected"),
    [
        (None, {"w": "majority", "wtimeout": 10_000}),
        (WriteConcern(), {"w": "majority", "wtimeout": 10_000}),
        (WriteConcern(1, j=True), {"w": "majority", "j": True, "wtimeout": 10_000}),
        (WriteConcern("majority", wtimeout=5), {"w": "majority", "wtimeout": 5}),
    ],
    ids=repr,
)
def test_a_second_commit_asks_a_majority(concern: WriteConcern | None, expected: dict[str, Any]) -> None:
    assert majority(concern) == expected


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("kind", [CommitTransaction, AbortTransaction])
def test_the_write_concern_of_each_attempt(kind: Any, again: bool) -> None:
    command = kind("admin", {}, DEFAULT_CODEC_OPTIONS._codec, write_concern=WriteConcern(1), again=again)
    expected = majority(WriteConcern(1)) if again and kind is CommitTransaction else {"w": 1}
    assert command.concern_fields() == {"writeConcern": expected}


def test_bodies() -> None:
    assert end_transaction_body(AbortTransaction) == {"abortTransaction": 1}
    body = end_transaction_body(CommitTransaction, 5, {"recoveryShardId": "a"})
    assert body == {"commitTransaction": 1, "maxTimeMS": 5, "recoveryToken": {"recoveryShardId": "a"}}


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [policy.pause(attempts, 1.0) for attempts in (1, 2, 3, 12, 13, 1000)]
    assert pauses[:3] == [0.005, 0.0075, 0.01125]
    assert pauses[3:] == [0.005 * 1.5**11, 0.5, 0.5]
    assert policy.pause(1000, 0.0) == 0.0


def test_the_error_of_a_time_that_is_over_keeps_the_labels() -> None:
    error = OperationFailure("conflict", 112, {"errorLabels": [policy.TRANSIENT]})
    timeouts = [policy.out_of_time(error, limited=limited) for limited in (False, True)]
    assert [type(timeout) for timeout in timeouts] == [NetworkTimeout, ExecutionTimeout]
    for timeout in timeouts:
        assert timeout.timeout
        assert timeout.has_error_label(policy.TRANSIENT)
        assert "conflict" in str(timeout)
