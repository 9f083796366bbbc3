"""Whether a change stream goes on after an error (change streams specification, "Resumable Error").

Pure. Speaks of errors of `getMore` only: what an `aggregate` fails with is never resumed, but retried as any read.
"""

from __future__ import annotations

from petiole.errors import ConnectionFailure, CursorNotFound, PyMongoError

_LABEL = "ResumableChangeStreamError"
"""Servers have said so since 4.4, the oldest that petiole connects to."""


def is_resumable(error: PyMongoError) -> bool:
    """Whether a new cursor, opened where the stream stands, may get further than the one that failed."""
    # A primary that has stepped down counts as a failed connection; servers mean that to be resumed.
    return isinstance(error, (ConnectionFailure, CursorNotFound)) or error.has_error_label(_LABEL)
