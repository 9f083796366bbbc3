"""What state a session's transaction is in, what may be done in it, and what its errors mean.

Owns the transitions (Transactions specification, "ClientSession changes"), the labels that the driver adds ("Error
Labels"), and when `with_transaction` tries again (Convenient API for Transactions). Sends and waits for nothing.

1. One that is given options begins as STARTING; it takes the place of one that is not active.
2. The first command that is sent leads to IN_PROGRESS, whatever comes of it; one that was refused because the server
   is overloaded leads back.
3. `commit` leads to COMMITTED, also from there; `abort` leads to ABORTED. Neither has anything to send if no command of
   the transaction was sent.
4. Any other command after that makes the session forget it: NONE.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from petiole.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    WriteConcernError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole.client_session_shared import TransactionOptions
    from petiole.errors import PyMongoError
    from petiole.read_preferences import _ServerMode as ReadPreference

TRANSIENT = "TransientTransactionError"
UNKNOWN_RESULT = "UnknownTransactionCommitResult"
_OVERLOADED = "SystemOverloadedError"
_RETRYABLE_WRITE = "RetryableWriteError"

MAX_TIME_MS_EXPIRED = 50
_WRITE_CONCERN_FAILED = 64
_INVALID_WRITE_CONCERN = frozenset({79, 100})
"""UnknownReplWriteConcern and UnsatisfiableWriteConcern: another commit would fail in the same way."""

RETRY_LIMIT = 120.0
"""Seconds for which `with_transaction` tries, where no timeout says otherwise."""
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.5
_GROWTH = 1.5


class State(Enum):
    """The states of the specification, by its names."""

    NONE = 0
    STARTING = 1
    IN_PROGRESS = 2
    COMMITTED = 3
    ABORTED = 4


class Transaction:
    """The transaction of a session: the one under way, or the last one."""

    __slots__ = ("number", "opening", "options", "recovery_token", "sent", "state")

    def __init__(self, options: TransactionOptions | None = None, number: bytes = b"") -> None:
        self.state = State.NONE if options is None else State.STARTING
        self.options = options
        self.number = number
        """The encoded `txnNumber`."""
        self.recovery_token: Mapping[str, Any] | None = None
        self.sent = False
        """Whether servers have heard of it."""
        self.opening = False
        """Whether the command under way says that the transaction starts."""

    @property
    def active(self) -> bool:
        """Whether commands run in the transaction."""
        return self.state is State.STARTING or self.state is State.IN_PROGRESS

    def commit(self) -> bool:
        """Say that it is committed; whether there is anything to send for that."""
        if self.state is State.NONE:
            raise InvalidOperation("No transaction started")
        if self.state is State.ABORTED:
            raise InvalidOperation("Cannot call commitTransaction after calling abortTransaction")
        self.state = State.COMMITTED
        return self.sent

    def abort(self) -> bool:
        """Say that it is aborted; whether there is anything to send for that."""
        if self.state is State.NONE:
            raise InvalidOperation("No transaction started")
        if self.state is State.ABORTED:
            raise InvalidOperation("Cannot call abortTransaction twice")
        if self.state is State.COMMITTED:
            raise InvalidOperation("Cannot call abortTransaction after calling commitTransaction")
        self.state = State.ABORTED
        return self.sent

    def advance(self) -> None:
        """A command of it has been sent."""
        if self.state is State.STARTING:
            self.state = State.IN_PROGRESS
            self.sent = True

    def failed(self, error: PyMongoError) -> None:
        """Label the error of a command in it, and go back if the server did not let the first one in."""
        # A server's own errors have its own labels.
        if isinstance(error, ConnectionFailure) and not isinstance(error, NotPrimaryError):
            error._add_error_label(TRANSIENT)
        if self.opening and error.has_error_label(_OVERLOADED):
            self.state = State.STARTING
            self.sent = self.opening = False

    def check_read(self, preference: ReadPreference | None) -> None:
        """Raise `InvalidOperation` for a read that is not for the primary."""
        if preference is not None and preference.mode:
            raise InvalidOperation(f"read preference in a transaction must be primary, not: {preference!r}")


def label_commit(error: PyMongoError, *, again: bool = False) -> None:
    """Mark an error after which nobody knows whether the transaction is committed, or has its write concern.

    `again`: that an earlier attempt may have had an effect. A refusal by an overloaded server says nothing of that.
    """
    code = getattr(error, "code", None)
    if (
        isinstance(error, ConnectionFailure)
        or error.has_error_label(_RETRYABLE_WRITE)
        or code in (MAX_TIME_MS_EXPIRED, _WRITE_CONCERN_FAILED)
        or (isinstance(error, WriteConcernError) and code not in _INVALID_WRITE_CONCERN)
        or (again and error.has_error_label(_OVERLOADED))
    ):
        error._add_error_label(UNKNOWN_RESULT)


def may_have_had_effect(error: PyMongoError) -> bool:
    """Whether a commit that failed so must be sent again with the write concern of one that succeeded."""
    return not error.has_error_label(_OVERLOADED)


def commits_again(error: PyMongoError) -> bool:
    """Whether `with_transaction` sends a failed commit once more; a time limit of the user's own is kept."""
    return error.has_error_label(UNKNOWN_RESULT) and getattr(error, "code", None) != MAX_TIME_MS_EXPIRED


def pause(attempts: int, chance: float) -> float:
    """Seconds before the next attempt, after that many; `chance` is drawn from 0 up to 1."""
    return chance * min(_FIRST_PAUSE * _GROWTH ** min(attempts - 1, 20), _LONGEST_PAUSE)


def out_of_time(error: PyMongoError, *, limited: bool) -> PyMongoError:
    """The error of a `with_transaction` whose time is over, with the labels of the error it could not mend.

    `limited`: by the user's own timeout.
    """
    text = str(error)
    timeout: PyMongoError
    if limited:
        reply = {"ok": 0, "errmsg": text, "code": MAX_TIME_MS_EXPIRED}
        timeout = ExecutionTimeout(text, MAX_TIME_MS_EXPIRED, reply)
    else:
        timeout = NetworkTimeout(text)
    for label in error._error_labels:
        timeout._add_error_label(label)
    return timeout
