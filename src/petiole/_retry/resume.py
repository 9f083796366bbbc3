"""Whether a change stream goes on after an error (change streams specification, "Resumable Error").

Pure. Speaks of errors of `getMore` only: what an `aggregate` fails with is never resumed, but retried as any read.
"""

from __future__ import annotations

from petiole.errors import ConnectionFailure, CursorNotFound, OperationFailure, PyMongoError

RESUMABLE_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        63,  # StaleShardVersion
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        133,  # FailedToSatisfyReadPreference
        150,  # StaleEpoch
        189,  # PrimarySteppedDown
        234,  # RetryChangeStream
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13388,  # StaleConfig
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
    }
)
"""What servers before 4.4 mean by `ResumableChangeStreamError`, which they do not say."""

_LABEL = "ResumableChangeStreamError"
_LABELS_SINCE = 9
"""The wire version of MongoDB 4.4."""


def is_resumable(error: PyMongoError) -> bool:
    """Whether a new cursor, opened where the stream stands, may get further than the one that failed."""
    # A primary that has stepped down counts as a failed connection; servers of all versions mean it to be resumed.
    if isinstance(error, (ConnectionFailure, CursorNotFound)):
        return True
    if not isinstance(error, OperationFailure):
        return False
    version = error._max_wire_version
    if version is not None and version < _LABELS_SINCE:
        return error.code in RESUMABLE_CODES
    return error.has_error_label(_LABEL)
