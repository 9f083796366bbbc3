"""`endSessions`: give server sessions back (specification: Driver Sessions, "Ending sessions").

Pure. Its failure is nobody's error: the server drops idle sessions itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

DATABASE = "admin"


class EndSessions(Command):
    """An `endSessions`; any server of the deployment takes it."""

    name = "endSessions"
    reads = True
    ruled_by = Retry.NEVER  # Nobody waits longer to say good-bye to an overloaded server.
    timed = False
    sessions = False

    __slots__ = ()


def end_sessions_body(session_ids: Sequence[Any]) -> dict[str, Any]:
    """The body for ids of the form ``{"id": Binary}``, at most 10,000 of them."""
    return {"endSessions": list(session_ids)}
