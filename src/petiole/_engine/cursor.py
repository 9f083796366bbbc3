"""A cursor on a server: its id, where it lives, the session it keeps, and the batch at hand.

Owns what a find, an aggregation and the list commands have in common once their first reply is there.
An abandoned one (its owner was garbage collected) is only noted; the housekeeper kills it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.get_more import ExhaustGetMore, GetMore, get_more_body
from petiole._commands.kill_cursors import KillCursors, kill_cursors_body
from petiole._engine.pinning import CURSOR, Pin, pin_for_cursor
from petiole._engine.scope import bound_session
from petiole.errors import (
    CursorNotFound,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole._engine.server import Server
    from petiole._engine.server_session import ServerSession
    from petiole._engine.session import Session
    from petiole._native import Batch, Codec, Reply
    from petiole.read_preferences import _ServerMode as ReadPreference


class Abandoned(NamedTuple):
    """What nobody can reach any more, for the housekeeper: a cursor, or what a session has kept (no `cursor_id`)."""

    server: Server | None
    namespace: str
    cursor_id: int
    lease: ServerSession | None
    pin: Pin | None


class ServerCursor:
    """Fetches batches until the server says that there are no more."""

    __slots__ = (
        "_codec",
        "_executor",
        "_lease",
        "_pin",
        "_preference",
        "_session",
        "batch",
        "exhaust",
        "id",
        "last_id",
        "namespace",
        "reply",
        "server",
    )

    def __init__(
        self, executor: Executor, codec: Codec, session: Session | None, *, exhaust: bool = False
    ) -> None:
        self.exhaust = exhaust
        self._pin: Pin | None = None
        """The connection it keeps: behind a load balancer, or because the server streams there."""
        self._executor = executor
        self._codec = codec
        self._session = session
        self._lease: ServerSession | None = None
        self._preference: ReadPreference | None = None
        self.server: Server | None = None
        self.id = 0
        """The server's id of the cursor; 0 once there is nothing to fetch or to kill."""
        self.last_id = 0
        """The id in the last reply: what applications are shown, also after they closed the cursor."""
        self.namespace = ""
        self.batch: Any = ()
        self.reply: Reply | None = None
        """The last reply, for what it says beside its batch."""

    async def open(self, command: Command) -> Batch:
        """Run the command whose reply is a cursor; its first batch."""
        await self.open_reply(command)
        batch: Batch = self.batch
        return batch

    async def open_reply(self, command: Command) -> Reply | None:
        """Run the command whose reply is a cursor; that reply, None when the command was unacknowledged."""
        self._session = bound_session(self._executor, self._session)
        if self._session is None and self._lease is None and command.acknowledged:
            self._lease = self._executor.sessions.take()
        command.pin = self._pin = pin_for_cursor(self._executor, self._session)
        try:
            reply = await self._executor.run(command, self._session, self._lease)
            if reply is not None:
                self.id, self.namespace, self.batch = reply.cursor(self._codec)
                self.last_id = self.id
                self.reply = reply
        except BaseException:
            self._release()
            raise
        self.server = command.server
        self._preference = command.read_preference
        if self.id == 0:
            self._release()
        elif self._pin is not None:
            self._pin.last()
        return reply

    def adopt(self, cursor_id: int, namespace: str, address: Any) -> None:
        """Take over a cursor that somebody else's command has opened at that address."""
        self.id = self.last_id = cursor_id
        self.namespace = namespace
        self.server = self._executor.topology.snapshot.servers.get(address)

    async def more(
        self, batch_size: int = 0, max_await_time_ms: int | None = None, comment: Any = None
    ) -> Batch:
        """The next batch; it may be empty, and `id` is 0 when it is the last."""
        database, _, name = self.namespace.partition(".")
        body = get_more_body(self.id, name, batch_size, max_await_time_ms, comment)
        kind = ExhaustGetMore if self.exhaust else GetMore
        command = kind(database, body, self._codec, read_preference=self._preference)
        command.server = self.server
        command.pin = self._pin
        try:
            if self.exhaust:
                reply = await self._next_streamed(command)
            else:
                reply = await self._executor.run(command, self._session, self._lease)
            assert reply is not None
            self.id, _, self.batch = reply.cursor(self._codec)
            self.last_id = self.id
            self.reply = reply
        except PyMongoError as error:
            await self._failed(error)
            raise
        except BaseException:
            # A cancellation or a Ctrl-C: a batch may have been lost on the way, so there is no going on.
            self._let_go()
            self.abandon()
            raise
        if self.id == 0:
            self._release()
        batch: Batch = self.batch
        return batch

    async def _next_streamed(self, command: Command) -> Reply | None:
        """The next batch of an exhaust cursor, which keeps its connection while the server streams."""
        server = self.server
        assert server is not None
        executor = self._executor
        if self._pin is None:
            connection = await executor.hold(command, server)
            self._pin = Pin(CURSOR)
            self._pin.bind(server.pool(executor.runtime), connection, executor.runtime.key())
        assert self._pin.connection is not None
        return await executor.run_on(command, server, self._pin.connection, self._session, self._lease)

    def _let_go(self) -> None:
        """Give the kept connection back; one that the server still streams on is closed by that."""
        pin, self._pin = self._pin, None
        if pin is not None:
            pin.release()

    async def _failed(self, error: PyMongoError) -> None:
        """After a failed `getMore` the cursor is of no use: what it may have sent is lost.

        Behind a load balancer it keeps its connection until it is closed (load balancer specification, "Behaviour
        With Cursors").
        """
        if isinstance(error, CursorNotFound) or not isinstance(error, OperationFailure):
            self.id = 0  # The server has dropped it, or it cannot be reached and drops it by itself.
        if self._executor.balanced:
            return
        await self.close()
        self._release()

    async def close(self) -> None:
        """Kill the cursor on its server, if it is open there; errors are nobody's, the server drops it in time.

        Where that cannot be sent, for want of time or of the session, or is broken off, the housekeeper does it.
        """
        cursor_id, self.id = self.id, 0
        if not self._executor.balanced:
            self._let_go()  # The server may stream there, and any other connection does as well.
        elif self._pin is None or not self._pin.usable:
            cursor_id = 0  # Only that connection leads to the server, which drops the cursor with it.
        try:
            if cursor_id and self.server is not None:
                database, _, name = self.namespace.partition(".")
                command = KillCursors(database, kill_cursors_body(name, [cursor_id]), self._codec)
                command.server = self.server
                command.pin = self._pin
                await self._executor.run(command, self._session, self._lease)
        except (ExecutionTimeout, InvalidOperation):
            self.id = cursor_id
            self.abandon()
        except PyMongoError:
            pass
        except BaseException:
            self.id = cursor_id
            self.abandon()
            raise
        finally:
            self._release()

    def abandon(self) -> None:
        """Leave the cursor to the housekeeper. Safe in `__del__`: it takes no lock and does no I/O.

        A forked child's copy of a cursor is just dropped: the parent goes on using the real one. After the client
        has been closed nobody keeps house any more, and what the cursor holds goes back at once.
        """
        if self._executor.topology.closed:
            self.id = 0
            self._release()
            return
        cursor_id, self.id = self.id, 0
        server = self.server
        if (cursor_id or self._pin is not None) and server is not None and not server.inherited:
            self._executor.abandoned.append(
                Abandoned(server, self.namespace, cursor_id, self._lease, self._pin)
            )
            self._lease = self._pin = None

    def _release(self) -> None:
        self._let_go()
        lease, self._lease = self._lease, None
        if lease is not None:
            self._executor.sessions.give_back(lease)
