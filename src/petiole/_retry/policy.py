"""Whether a failed command is sent again, after what pause, and which error is raised when that fails too.

A command says what kind of retry it admits; the error says whether the first attempt can have had an
effect. A retryable write carries a transaction number, so that a server which did apply it answers the
second attempt with the first one's result. A server that is overloaded refuses a command before it looks at
it, so then every command may be sent again: a few times, and later each time.

Pure: no clock, no chance. Follows the retryable reads, retryable writes and client backpressure specifications
(the last one in the revision that knows `baseBackoffMS`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.base import Retry
from petiole.errors import ConnectionFailure, PyMongoError, ServerSelectionTimeoutError, WaitQueueTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRYABLE_READ_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
    }
)

OVERLOADED = "SystemOverloadedError"
RETRYABLE = "RetryableError"
_WRITE_LABEL = "RetryableWriteError"
_BASE_BACKOFF = 0.1
_LONGEST_BACKOFF = 10.0
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5


class Policy(NamedTuple):
    """What one client's options allow."""

    retry_reads: bool = True
    retry_writes: bool = True
    max_adaptive_retries: int = 2
    """How often a command is sent again once one of its attempts has met an overloaded server."""
    overload_retargeting: bool = False
    """Whether a member of a replica set that is overloaded is avoided in the next attempt."""

    def allows(self, ruled: Retry) -> bool:
        """Whether the options that rule a kind of command are on; for a command of the user's, both have to be."""
        if ruled is Retry.READ:
            return self.retry_reads
        if ruled is Retry.WRITE:
            return self.retry_writes
        return bool(ruled) and self.retry_reads and self.retry_writes

    def may_retry(
        self,
        kind: Retry,
        ruled: Retry,
        error: PyMongoError,
        failed: int,
        *,
        overloaded: bool,
        until_deadline: bool,
    ) -> bool:
        """Whether to try once more.

        :param kind: what the command still admits for reasons of its own
        :param ruled: which options rule whether it is sent again to a server that is overloaded
        :param failed: how many attempts have failed, this one included
        :param overloaded: whether an earlier one of them met an overloaded server: that limits all retries
        :param until_deadline: otherwise, to try for as long as the deadline has not passed, instead of once more
        """
        if overloaded or error.has_error_label(OVERLOADED):
            most: float = self.max_adaptive_retries
        else:
            most = math.inf if until_deadline else 1
        if failed > most or isinstance(error, (ServerSelectionTimeoutError, WaitQueueTimeoutError)):
            return False
        if error.has_error_label(OVERLOADED) and error.has_error_label(RETRYABLE) and self.allows(ruled):
            return True
        if kind is Retry.WRITE:
            return error.has_error_label(_WRITE_LABEL)
        if kind is Retry.READ:
            return (
                isinstance(error, ConnectionFailure) or getattr(error, "code", None) in RETRYABLE_READ_CODES
            )
        return False

    def avoids(self, error: PyMongoError, *, sharded: bool) -> bool:
        """Whether the next attempt goes to another server if there is one.

        One mongos is as good as another. In a replica set another member is another choice of the read preference,
        so it is made only if the application asks for it.
        """
        return sharded or (self.overload_retargeting and error.has_error_label(OVERLOADED))


DEFAULT_POLICY = Policy()


def label(kind: Retry, error: PyMongoError) -> None:
    """Mark a network error that left a retryable write in doubt, as servers mark their own errors."""
    if (
        kind is Retry.WRITE
        and isinstance(error, ConnectionFailure)
        and not isinstance(error, WaitQueueTimeoutError)
    ):
        error._add_error_label(_WRITE_LABEL)


def pause(error: PyMongoError, failed: int, jitter: float, *, overloaded: bool) -> float:
    """Seconds to wait before the next attempt, after so many failed ones.

    Only an overloaded server is given time, so that a primary that has been replaced costs none. But attempts that go
    on until a deadline keep a distance from the third on, so that a server that answers at once is not stormed.

    :param jitter: a random number from 0 to 1
    :param overloaded: whether an earlier attempt met an overloaded server
    """
    if error.has_error_label(OVERLOADED):
        return jitter * min(_LONGEST_BACKOFF, _base_backoff(error) * 2.0 ** min(failed, 64))
    if overloaded or failed < 2:
        return 0.0
    return min(_FIRST_PAUSE * 2.0 ** min(failed - 2, 10), _LONGEST_PAUSE)


def _base_backoff(error: PyMongoError) -> float:
    """In seconds; of the server's choosing, if its error says something."""
    details: Mapping[str, Any] = getattr(error, "details", None) or {}
    asked = details.get("baseBackoffMS")
    return asked / 1000 if isinstance(asked, (int, float)) and asked > 0 else _BASE_BACKOFF


def error_to_raise(writes: bool, earlier: PyMongoError | None, error: PyMongoError) -> PyMongoError:
    """The newer error, unless it says less: that there was no such attempt, or that it wrote nothing."""
    if earlier is None:
        return error
    vain = writes and error.has_error_label("NoWritesPerformed")
    return earlier if vain or not error._attempted else error
