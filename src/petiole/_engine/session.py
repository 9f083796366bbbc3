"""Explicit sessions: one server session that the application holds, and what it has seen.

A causally consistent session sends the time of its last operation with every read, so that it sees its
own writes on any member. Follows the sessions and causal consistency specifications; transactions will
keep their state here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.elements import elements
from petiole.bson.timestamp import Timestamp
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole._engine.server_session import ClusterClock, ServerSession
    from petiole._native import Codec, Reply


_ON_OPEN_CURSORS = frozenset({"getMore", "killCursors"})
"""These go by what their cursor was opened with."""


class Session:
    """The engine's half of a client session; what is public of it is in `_core.client_session`."""

    _owner = "MongoClient"
    """What errors call the client."""

    def __init__(self, executor: Executor, *, causal_consistency: bool, snapshot: bool) -> None:
        self._executor = executor
        self._causal = causal_consistency
        self._snapshot = snapshot
        self._ended = False
        self._lease: ServerSession | None = None
        self._cluster_time: tuple[int, bytes] | None = None
        self._operation_time: int | None = None
        self._snapshot_time: int | None = None

    def _end(self) -> None:
        """Give the server session back. May be called again."""
        self._ended = True
        lease, self._lease = self._lease, None
        if lease is not None:
            self._executor.sessions.give_back(lease)

    def _hold(self) -> ServerSession:
        """The server session; taken when it is first asked for, so that one never used is never pooled."""
        if self._ended:
            raise InvalidOperation("Cannot use ended session")
        lease = self._lease
        if lease is None:
            lease = self._lease = self._executor.sessions.take()
        return lease

    def _lend(self, executor: Executor) -> ServerSession:
        """The server session, for one command of the session's own client."""
        lease = self._hold()
        if executor is not self._executor:
            raise InvalidOperation(f"Can only use session with the {self._owner} that started it")
        return lease

    # What goes into commands.

    def _concern(self, command: Command, codec: Codec) -> bytes:
        """The concern elements of a command in this session."""
        read_concern = self._read_concern(command)
        if not read_concern:
            return command.concern
        document: dict[str, Any] = {"readConcern": read_concern}
        if command.write_concern is not None and not command.write_concern.is_server_default:
            document["writeConcern"] = command.write_concern.document
        return elements(codec, document)

    def _read_concern(self, command: Command) -> dict[str, Any]:
        """The read concern with what the session adds; empty when there is neither.

        A snapshot session adds to every command, and the server refuses those that cannot read from snapshots
        (snapshot reads specification); a causal one adds to writes and to reads that take a read concern
        (causal consistency specification).
        """
        document = {} if command.read_concern is None else dict(command.read_concern.document)
        if command.name in _ON_OPEN_CURSORS:
            return document
        if self._snapshot:
            document["level"] = "snapshot"
            if self._snapshot_time is not None:
                document["atClusterTime"] = timestamp(self._snapshot_time)
        elif (
            self._causal and self._operation_time is not None and (command.read_concern or not command.reads)
        ):
            document["afterClusterTime"] = timestamp(self._operation_time)
        return document

    def _cluster_time_element(self, clock: ClusterClock) -> bytes:
        """The later of the client's and the session's own cluster time, as the element to send."""
        if self._cluster_time is None or self._cluster_time[0] < clock.time:
            return clock.fragment
        return self._cluster_time[1]

    # What comes back.

    def _observe(self, reply: Reply) -> None:
        """Take in the times of a reply."""
        self._advance_cluster(reply.cluster_time)
        if reply.operation_time is not None:
            self._advance_operation(reply.operation_time)
        if self._snapshot and self._snapshot_time is None:
            self._snapshot_time = reply.snapshot_time

    def _advance_cluster(self, seen: tuple[int, bytes] | None) -> None:
        """Take in a cluster time, if it is later."""
        if seen is not None and (self._cluster_time is None or seen[0] > self._cluster_time[0]):
            self._cluster_time = seen

    def _advance_operation(self, seen: int) -> None:
        """Take in an operation time, if it is later."""
        if self._operation_time is None or seen > self._operation_time:
            self._operation_time = seen


def timestamp(value: int) -> Timestamp:
    """A BSON timestamp from its 64 bits."""
    return Timestamp(value >> 32, value & 0xFFFFFFFF)


def lend(session: Session, executor: Executor) -> ServerSession:
    """The server session of whatever an application gave as its session.

    Raises `ValueError` if it is none, `InvalidOperation` if it has ended or is another client's.
    """
    if isinstance(session, Session):
        return session._lend(executor)
    raise ValueError(f"'session' argument must be a ClientSession or None, not {type(session)}")
