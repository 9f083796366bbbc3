"""A change stream's cursor on a server, and the next one where that is lost.

Owns when to resume, what becomes of the cursor left behind, and the session, which is the same for all of them. Where
to go on is `_commands.change_stream`'s to say, and after which errors `_retry.resume`'s. Follows the change streams
specification, "Resume Process", and the client side operations timeout specification, "Change Streams".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.change_stream import ChangeStreamAggregate, next_batch_size
from petiole._engine.cursor import ServerCursor
from petiole._engine.session import timestamp
from petiole._retry.resume import is_resumable
from petiole.errors import CursorNotFound, OperationFailure, PyMongoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._commands.change_stream import Watch
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._native import Codec
    from petiole._runtime.base import Deadline


class ChangeCursor(ServerCursor):
    """Fetches batches of events for as long as the stream can be resumed."""

    __slots__ = ("_make", "_watch", "closed", "lost", "post_batch_token")

    def __init__(
        self,
        executor: Executor,
        codec: Codec,
        session: Session | None,
        watch: Watch,
        make: Callable[[], ChangeStreamAggregate],
    ) -> None:
        """:param make: makes the `aggregate` that begins at the watch's position."""
        super().__init__(executor, codec, session)
        self._watch = watch
        self._make = make
        self.closed = False
        self.lost = False
        """Whether there is no cursor to go on with, but a position from which to open one."""
        self.post_batch_token: Any = None
        """The token that stands for the end of the batch at hand."""

    async def begin(self) -> None:
        """Open the first cursor."""
        await self.open_reply(self._make())
        self._take_token()
        assert self.reply is not None
        time = self.reply.operation_time
        self._watch.position.opened(
            empty=not self.batch,
            post_batch_token=self.post_batch_token,
            operation_time=None if time is None else timestamp(time),
        )

    async def fetch(self, deadline: Deadline) -> None:
        """The next batch, which may be empty. A cursor that is lost on the way is replaced, once.

        A call that runs out of time leaves that to the next one, which replaces the cursor first.
        """
        if self.lost:
            await self._resume()
            if self.batch or not self.id:
                return None
        watch = self._watch
        try:
            await self.more(next_batch_size(watch.batch_size), watch.max_await_time_ms, watch.comment)
        except PyMongoError as error:
            if not self.lost or not is_resumable(error) or deadline.expired():
                raise
            return await self._resume()
        except BaseException:
            # A cancellation or a Ctrl-C: nothing that came with the lost reply was handed out.
            self.lost = not self.closed
            raise
        if self.closed:  # By another, who has killed the cursor, or has left that to the housekeeper.
            self.id = 0
            return None
        return self._received()

    async def _resume(self) -> None:
        try:
            await self.open_reply(self._make())
        except PyMongoError as error:
            self.lost = not self.closed and _survives(error)
            self._release()
            raise
        self.lost = False
        if self.closed:  # By another thread or task, which did not know this cursor.
            return await self.close()
        if self.id == 0:
            self._release()
        return self._received()

    def _received(self) -> None:
        self._take_token()
        self._watch.position.received(empty=not self.batch, post_batch_token=self.post_batch_token)

    def _take_token(self) -> None:
        assert self.reply is not None
        self.post_batch_token = self.reply.cursor_value("postBatchResumeToken", self._codec)

    async def _failed(self, error: PyMongoError) -> None:
        self.lost = not self.closed and _survives(error)
        if self.closed or isinstance(error, CursorNotFound):
            self.id = 0
        elif isinstance(error, OperationFailure) and not error.timeout:
            await self._kill()
        else:
            self._leave()

    def _leave(self) -> None:
        """Leave the cursor to the housekeeper, who has the time to reach its server, and keep the session."""
        lease, self._lease = self._lease, None
        self.abandon()
        self._lease = lease

    async def _kill(self) -> None:
        """Kill the cursor at hand, on its server; the session stays while the stream may go on."""
        await super().close()

    async def close(self) -> None:
        """End the stream."""
        self.closed = True
        self.lost = False
        await super().close()

    def forsake(self) -> None:
        """As `abandon`, for a stream that nobody can reach any more."""
        self.closed = True
        self.lost = False
        self.abandon()
        self._release()

    def _release(self) -> None:
        if not self.lost:
            super()._release()


def _survives(error: PyMongoError) -> bool:
    """Whether the stream can be tried once more after the error, if the application wants to."""
    return error.timeout or is_resumable(error)
