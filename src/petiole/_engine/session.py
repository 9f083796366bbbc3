"""Explicit sessions: one server session that the application holds, and what it has seen.

A causally consistent session sends the time of its last operation with every read, so that it sees its
own writes on any member. Follows the sessions and causal consistency specifications; transactions will
keep their state here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.bson.timestamp import Timestamp
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole._engine.server_session import ClusterClock, ServerSession
    from petiole._native import Codec, Reply


class Session:
    """The engine's half of a client session; the faces add construction and context management."""

    def __init__(self, executor: Executor, *, causal_consistency: bool, snapshot: bool) -> None:
        self._executor = executor
        self._causal = causal_consistency
        self._snapshot = snapshot
        self._lease: ServerSession | None = executor.sessions.take()
        self._cluster_time: tuple[int, bytes] | None = None
        self._operation_time: int | None = None
        self._snapshot_time: int | None = None

    @property
    def ended(self) -> bool:
        """Whether the session has been given back."""
        return self._lease is None

    def end(self) -> None:
        """Give the server session back. May be called again."""
        lease, self._lease = self._lease, None
        if lease is not None:
            self._executor.sessions.give_back(lease)

    def lend(self, executor: Executor) -> ServerSession:
        """The server session, for one command of the session's own client."""
        if self._lease is None:
            raise InvalidOperation("Cannot use ended session")
        if executor is not self._executor:
            raise InvalidOperation("Can only use session with the MongoClient that started it")
        return self._lease

    # What goes into commands.

    def concern(self, command: Command, codec: Codec) -> bytes:
        """The concern elements of a command in this session."""
        read_concern = self._read_concern(command) if command.reads else {}
        if not read_concern:
            return command.concern
        document: dict[str, Any] = {"readConcern": read_concern}
        if command.write_concern is not None and not command.write_concern.is_server_default:
            document["writeConcern"] = command.write_concern.document
        return codec.encode(document)[4:-1]

    def _read_concern(self, command: Command) -> dict[str, Any]:
        document = {} if command.read_concern is None else dict(command.read_concern.document)
        if self._snapshot:
            document["level"] = "snapshot"
            if self._snapshot_time is not None:
                document["atClusterTime"] = timestamp(self._snapshot_time)
        elif self._causal and self._operation_time is not None:
            document["afterClusterTime"] = timestamp(self._operation_time)
        return document

    def cluster_time(self, clock: ClusterClock) -> bytes:
        """The later of the client's and the session's own cluster time, as the element to send."""
        if self._cluster_time is None or self._cluster_time[0] < clock.time:
            return clock.fragment
        return self._cluster_time[1]

    # What comes back.

    def observe(self, reply: Reply) -> None:
        """Take in the times of a reply."""
        self.advance_cluster(reply.cluster_time)
        if reply.operation_time is not None:
            self.advance_operation(reply.operation_time)
        if self._snapshot and self._snapshot_time is None:
            self._snapshot_time = reply.snapshot_time

    def advance_cluster(self, seen: tuple[int, bytes] | None) -> None:
        """Take in a cluster time, if it is later."""
        if seen is not None and (self._cluster_time is None or seen[0] > self._cluster_time[0]):
            self._cluster_time = seen

    def advance_operation(self, seen: int) -> None:
        """Take in an operation time, if it is later."""
        if self._operation_time is None or seen > self._operation_time:
            self._operation_time = seen


def timestamp(value: int) -> Timestamp:
    """A BSON timestamp from its 64 bits."""
    return Timestamp(value >> 32, value & 0xFFFFFFFF)


def timestamp_bits(value: Mapping[str, Any] | Timestamp) -> int:
    """The 64 bits of a BSON timestamp."""
    assert isinstance(value, Timestamp)
    return value.time << 32 | value.inc
