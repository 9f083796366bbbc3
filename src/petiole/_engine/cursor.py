"""A cursor on a server: its id, where it lives, the session it keeps, and the batch at hand.

Owns what a find, an aggregation and the list commands have in common once their first reply is there.
An abandoned one (its owner was garbage collected) is only noted; the housekeeper kills it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.get_more import GetMore, get_more_body
from petiole._commands.kill_cursors import KillCursors, kill_cursors_body

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole._engine.server import Server
    from petiole._engine.server_session import ServerSession
    from petiole._engine.session import Session
    from petiole._native import Batch, Codec
    from petiole.read_preferences import _ServerMode as ReadPreference


class Abandoned(NamedTuple):
    """A cursor nobody can reach any more, for the housekeeper."""

    server: Server
    namespace: str
    cursor_id: int
    lease: ServerSession | None


class ServerCursor:
    """Fetches batches until the server says that there are no more."""

    __slots__ = (
        "_codec",
        "_executor",
        "_lease",
        "_preference",
        "_session",
        "batch",
        "id",
        "namespace",
        "server",
    )

    def __init__(self, executor: Executor, codec: Codec, session: Session | None) -> None:
        self._executor = executor
        self._codec = codec
        self._session = session
        self._lease: ServerSession | None = None
        self._preference: ReadPreference | None = None
        self.server: Server | None = None
        self.id = 0
        self.namespace = ""
        self.batch: Batch | tuple[()] = ()

    async def open(self, command: Command) -> Batch:
        """Run the command whose reply is a cursor; its first batch."""
        if self._session is None:
            self._lease = self._executor.sessions.take()
        try:
            reply = await self._executor.run(command, self._session, self._lease)
            assert reply is not None
            self.id, self.namespace, batch = reply.cursor(self._codec)
        except BaseException:
            self._release()
            raise
        self.server = command.server
        self._preference = command.read_preference
        self.batch = batch
        if self.id == 0:
            self._release()
        return batch

    async def more(
        self, batch_size: int = 0, max_await_time_ms: int | None = None, comment: Any = None
    ) -> Batch:
        """The next batch; it may be empty, and `id` is 0 when it is the last."""
        database, _, name = self.namespace.partition(".")
        body = get_more_body(self.id, name, batch_size, max_await_time_ms, comment)
        command = GetMore(database, body, self._codec, read_preference=self._preference)
        command.server = self.server
        try:
            reply = await self._executor.run(command, self._session, self._lease)
            assert reply is not None
            self.id, _, batch = reply.cursor(self._codec)
        except BaseException as error:
            if not keeps_cursor(error):
                self.id = 0
                self._release()
            raise
        self.batch = batch
        if self.id == 0:
            self._release()
        return batch

    async def close(self) -> None:
        """Kill the cursor on its server, if it is open there. What remains of the batch is dropped."""
        self.batch = ()
        cursor_id, self.id = self.id, 0
        if cursor_id:
            database, _, name = self.namespace.partition(".")
            command = KillCursors(database, kill_cursors_body(name, [cursor_id]), self._codec)
            command.server = self.server
            try:
                await self._executor.run(command, self._session, self._lease)
            finally:
                self._release()

    def abandon(self) -> None:
        """Leave the cursor to the housekeeper. Safe in `__del__`: it takes no lock and does no I/O."""
        cursor_id, self.id = self.id, 0
        if cursor_id and self.server is not None:
            self._executor.abandoned.append(Abandoned(self.server, self.namespace, cursor_id, self._lease))
            self._lease = None

    def _release(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            self._executor.sessions.give_back(lease)


def keeps_cursor(error: BaseException) -> bool:
    """Whether the cursor may still be open on its server after this error of a `getMore`."""
    from petiole.errors import OperationFailure, PyMongoError

    return not isinstance(error, PyMongoError) or not isinstance(error, OperationFailure)
