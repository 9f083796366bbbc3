"""The server's error codes that select an exception or are borne, by the names the server gives them.

Pure tables. What a code says about the server's state is in `_sdam.errors`, what is retried in `_retry`.
"""

from __future__ import annotations

DUPLICATE_KEY = frozenset({11000, 11001, 12582})
"""DuplicateKey, and two that only servers before 4.0 send."""
CURSOR_NOT_FOUND = 43
ILLEGAL_OPERATION = 20
MAX_TIME_MS_EXPIRED = 50
NAMESPACE_NOT_FOUND = 26
END_OF_TAIL = frozenset({43, 96, 136, 175, 237})
"""A cursor was given up: CursorNotFound, OperationFailed, CappedPositionLost, QueryPlanKilled, CursorKilled."""
