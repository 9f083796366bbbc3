"""Whether a failed command is sent again.

A command says what kind of retry it admits; the error says whether the first attempt can have had an
effect. A retryable write carries a transaction number, so that a server which did apply it answers the
second attempt with the first one's result. Follows the retryable reads and retryable writes specifications.
"""

from __future__ import annotations

from petiole._commands.base import Retry
from petiole.errors import ConnectionFailure, PyMongoError, ServerSelectionTimeoutError, WaitQueueTimeoutError

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

_WRITE_LABEL = "RetryableWriteError"
_MOST_ATTEMPTS = 2
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5


def label(kind: Retry, error: PyMongoError) -> None:
    """Mark a network error that left a retryable write in doubt, as servers mark their own errors."""
    if (
        kind is Retry.WRITE
        and isinstance(error, ConnectionFailure)
        and not isinstance(error, WaitQueueTimeoutError)
    ):
        error._add_error_label(_WRITE_LABEL)


def may_retry(kind: Retry, error: PyMongoError, attempts: int, *, until_deadline: bool) -> bool:
    """Whether to try once more after that many attempts; with a deadline, for as long as it has not passed."""
    if kind is Retry.NEVER or (attempts >= _MOST_ATTEMPTS and not until_deadline):
        return False
    if isinstance(error, (ServerSelectionTimeoutError, WaitQueueTimeoutError)):
        return False
    if kind is Retry.WRITE:
        return error.has_error_label(_WRITE_LABEL)
    return isinstance(error, ConnectionFailure) or getattr(error, "code", None) in RETRYABLE_READ_CODES


def pause(attempts: int, remaining: float | None) -> float:
    """Seconds to wait after that many failed attempts, so that a server that answers at once is not stormed."""
    wanted = min(_FIRST_PAUSE * 2.0 ** min(attempts - _MOST_ATTEMPTS, 10), _LONGEST_PAUSE)
    return wanted if remaining is None else min(wanted, remaining)


def error_to_raise(kind: Retry, earlier: PyMongoError | None, error: PyMongoError) -> PyMongoError:
    """The newer error, unless it says less: that no server was found, or that this attempt wrote nothing."""
    if earlier is None:
        return error
    vain = kind is Retry.WRITE and error.has_error_label("NoWritesPerformed")
    return earlier if vain or isinstance(error, ServerSelectionTimeoutError) else error
