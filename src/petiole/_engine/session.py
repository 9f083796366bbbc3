"""Explicit sessions: one server session that the application holds, what it has seen, and its transaction.

A causally consistent session sends the time of its last operation with every read, so that it sees its
own writes on any member. Here is what the executor asks a session about a command; what the application asks it to do
about a transaction is in `_engine.transaction`. Follows the sessions, causal consistency, snapshot reads and
transactions specifications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from petiole._commands.base import Retry
from petiole._commands.elements import elements
from petiole._commands.transaction import AUTOCOMMIT, START_TRANSACTION, EndTransaction
from petiole._retry.transaction import (
    TRANSIENT,
    UNKNOWN_RESULT,
    State,
    Transaction,
    label_commit,
    may_have_had_effect,
)
from petiole._sdam.server_type import SERVER_TYPE
from petiole.bson.timestamp import Timestamp
from petiole.errors import ConfigurationError, InvalidOperation

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.attempt import Attempt
    from petiole._engine.executor import Executor
    from petiole._engine.pinning import Pin
    from petiole._engine.server import Server
    from petiole._engine.server_session import ClusterClock, ServerSession
    from petiole._engine.tracing import TransactionSpan
    from petiole._native import Codec, Reply
    from petiole._net.connection import Connection
    from petiole.errors import PyMongoError


_ON_OPEN_CURSORS = frozenset({"getMore", "killCursors"})
"""These go by what their cursor was opened with."""
_SNAPSHOT_WIRE_VERSION = 13
"""MongoDB 5.0."""


class Session:
    """The engine's half of a client session; what is public of it is in `_core.client_session`."""

    _owner = "MongoClient"
    """What errors call the client."""

    def __init__(
        self,
        executor: Executor,
        *,
        causal_consistency: bool,
        snapshot: bool,
        snapshot_time: int | None = None,
    ) -> None:
        self._executor = executor
        self._causal = causal_consistency
        self._snapshot = snapshot
        self._ended = False
        self._held: Pin | None = None
        """The connection of the transaction, behind a load balancer."""
        self._lease: ServerSession | None = None
        self._cluster_time: tuple[int, bytes] | None = None
        self._operation_time: int | None = None
        self._snapshot_time = snapshot_time
        self._user: dict[None, ref[Attempt]] = {}
        """The command that uses the session. Setting a default is one step, also among threads. It is held weakly: a
        Ctrl-C at the wrong moment may keep it from leaving."""
        self._transaction = Transaction()
        self._span: TransactionSpan | None = None
        """The trace of the last transaction."""
        self._pin: Server | None = None
        """The mongos that the transaction runs on."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""
        return self._transaction.active

    def _check_free(self) -> None:
        """Raise `InvalidOperation` if the session has ended, or a command uses it."""
        if self._ended:
            raise InvalidOperation("Cannot use ended session")
        if self._user and not self._inherited:
            raise _in_use()

    def _end(self) -> None:
        """Give the server session back. May be called again."""
        self._ended = True
        self._transaction = Transaction()
        self._end_span()
        self._unpin()
        lease, self._lease = self._lease, None
        if lease is not None:
            if self._user:
                lease.dirty = True  # Whoever got it next would share it with the command under way.
            self._executor.sessions.give_back(lease)

    def _hold(self) -> ServerSession:
        """The server session; taken when it is first asked for, so that one never used is never pooled."""
        if self._ended:
            raise InvalidOperation("Cannot use ended session")
        lease = self._lease
        if lease is None or lease.inherited:
            lease = self._take()
        return lease

    def _take(self) -> ServerSession:
        if self._inherited:
            if self._transaction.active:
                raise InvalidOperation("Cannot go on with a transaction that the parent process has started")
            self._transaction = Transaction()
            self._user = {}
            self._pin = self._held = None
        lease = self._lease = self._executor.sessions.take()
        return lease

    @property
    def _inherited(self) -> bool:
        """Whether the server session is that of the process that this one was forked from, which goes on with it."""
        return self._lease is not None and self._lease.inherited

    def _end_span(self) -> None:
        """The transaction is over, for traces."""
        if self._span is not None:
            self._span.end()

    def _unpin(self) -> None:
        """The transaction needs its server no longer, nor its connection."""
        self._pin = None
        held, self._held = self._held, None
        if held is not None:
            held.release()

    # What the executor asks, around a command.

    def _admit(self, command: Command, executor: Executor, attempt: Attempt) -> None:
        """Let one command of the session's own client in; `_leave` must follow, also if this fails."""
        attempt.session = self
        attempt.lease = self._hold()
        if executor is not self._executor:
            raise InvalidOperation(f"Can only use session with the {self._owner} that started it")
        mine = ref(attempt, self._lost)
        if self._user.setdefault(None, mine) is not mine:
            raise _in_use()
        if self._transaction.state is not State.NONE:
            self._join(command)

    def _leave(self, attempt: Attempt) -> None:
        """The command is over, if it is the one that was let in."""
        user = self._user.get(None)
        if user is not None and user() is attempt:
            self._user.clear()

    def _lost(self, user: ref[Attempt]) -> None:
        """The command is no more, and was kept from leaving."""
        if self._user.get(None) is user:
            self._user.clear()

    def _join(self, command: Command) -> None:
        """Make a command one of the transaction; one that comes after the transaction ends its memory."""
        transaction = self._transaction
        if isinstance(command, EndTransaction):
            return
        if not transaction.active:
            self._transaction = Transaction()
            self._unpin()
            return
        transaction.opening = False
        command.concern = b""
        command.write_concern = None
        if command.reads:
            if not command.own_preference and transaction.options is not None:
                command.read_preference = transaction.options.read_preference
            transaction.check_read(command.read_preference)

    def _retry_kind(self, command: Command) -> Retry:
        """What a command admits: in a transaction only its end is sent again, whatever the client's options say."""
        return Retry.WRITE if isinstance(command, EndTransaction) else Retry.NEVER

    def _failed(self, command: Command, error: PyMongoError) -> None:
        """Take in the error of an attempt, before the next one."""
        if isinstance(command, EndTransaction):
            if command.commits:
                label_commit(error, again=command.again)
            command.again = command.again or may_have_had_effect(error)
            if not command.commits or error.has_error_label(UNKNOWN_RESULT):
                self._unpin()
        elif self._transaction.active:
            self._transaction.failed(error)
        if error.has_error_label(TRANSIENT):
            self._unpin()

    # What goes into commands.

    def _elements(self, command: Command, connection: Connection, codec: Codec) -> bytes:
        """What the session and its transaction make of a command's concern."""
        transaction = self._transaction
        if isinstance(command, EndTransaction):
            return elements(codec, command.concern_fields()) + transaction.number + AUTOCOMMIT
        if transaction.active:
            return self._transaction_elements(command, connection, codec)
        description = connection.description
        if self._snapshot and description and description.max_wire_version < _SNAPSHOT_WIRE_VERSION:
            raise ConfigurationError("Snapshot reads require MongoDB 5.0 or later")
        return self._concern(command, codec)

    def _transaction_elements(self, command: Command, connection: Connection, codec: Codec) -> bytes:
        transaction = self._transaction
        if connection.description and connection.description.server_type == SERVER_TYPE.Mongos:
            self._pin = command.server
        if transaction.state is State.IN_PROGRESS:
            return transaction.number + AUTOCOMMIT
        transaction.opening = True
        fields = transaction.number + START_TRANSACTION + AUTOCOMMIT
        options = transaction.options
        concern = options.read_concern.document if options and options.read_concern else {}
        if self._causal and self._operation_time is not None:
            concern["afterClusterTime"] = timestamp(self._operation_time)
        if concern and "readConcern" not in command.body:
            fields += elements(codec, {"readConcern": concern})
        return fields

    def _concern(self, command: Command, codec: Codec) -> bytes:
        """The concern elements of a command in this session, outside of transactions."""
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
        """Take in the times of a reply, and what it says of the transaction."""
        self._transaction.advance()
        if self._pin is not None or self._held is not None:
            token = reply.get("recoveryToken", self._executor.codec)
            self._transaction.recovery_token = token or self._transaction.recovery_token
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


def _in_use() -> InvalidOperation:
    return InvalidOperation(
        "Cannot use a session for two operations at the same time; start a session for each of them"
    )


def timestamp(value: int) -> Timestamp:
    """A BSON timestamp from its 64 bits."""
    return Timestamp(value >> 32, value & 0xFFFFFFFF)


def admit(session: Session, command: Command, executor: Executor, attempt: Attempt) -> None:
    """Let a command in to whatever an application gave as its session, and use its server session.

    Raises `ValueError` if it is none, `InvalidOperation` if it has ended, is in use or is another client's.
    """
    if isinstance(session, Session):
        session._admit(command, executor, attempt)
        return
    raise ValueError(f"'session' argument must be a ClientSession or None, not {type(session)}")


def in_transaction(session: Session | None) -> bool:
    """Whether an operation that is given that runs in a transaction."""
    return isinstance(session, Session) and session.in_transaction
