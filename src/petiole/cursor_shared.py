"""The kinds of cursors."""

from __future__ import annotations

__all__ = ["CursorType"]


class CursorType:
    """What `find` takes as `cursor_type`."""

    NON_TAILABLE = 0
    """The standard cursor: closed once the result is exhausted."""
    TAILABLE = 2
    """Stays open at the end of a capped collection; the end for now ends the iteration."""
    TAILABLE_AWAIT = 34
    """Tailable, and the server waits for new data a few seconds before it says that there are none."""
    EXHAUST = 64
    """The server sends the batches without being asked for each."""
