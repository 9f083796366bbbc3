"""`killCursors`: give cursors back (specification: Find, getMore and killCursors Commands).

Pure. Never retried, and its failure is nobody's error: the server drops idle cursors itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry
from petiole.bson.int64 import Int64

if TYPE_CHECKING:
    from collections.abc import Iterable


class KillCursors(Command):
    """A `killCursors`, sent to the server that holds the cursors."""

    name = "killCursors"
    reads = True
    ruled_by = Retry.NEVER
    timed = False

    __slots__ = ()


def kill_cursors_body(name: str, cursor_ids: Iterable[int]) -> dict[str, Any]:
    """The body for cursors of the collection `name`."""
    return {"killCursors": name, "cursors": [Int64(cursor_id) for cursor_id in cursor_ids]}
