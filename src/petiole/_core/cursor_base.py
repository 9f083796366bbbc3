"""What cursors of finds and of commands have in common: batches, their end, and closing.

Iteration itself is the faces': they take documents from `_batch` and call `_advance` when it is empty, so
that a document costs one frame and no coroutine of the core.
"""

from __future__ import annotations

from itertools import islice
from operator import length_hint
from typing import TYPE_CHECKING, Any, Generic

from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole._engine.scope import OneDeadline, lifetime
from petiole._native import Batch
from petiole.bson.int64 import Int64

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from petiole._engine.executor import Executor
    from petiole._engine.session import Session

SLICE = 1_000
"""Documents decoded at a time where an event loop must not be held up for long."""


class CoreCursorBase(Generic[Document]):
    """Batches from a server, without `__next__`, which blocks on one face and awaits on the other.

    No `__slots__`: applications mix these classes with their own.
    """

    _raw = False
    """Whether a batch is handed out as one piece of bytes."""

    _source: ServerCursor | None = None
    _batch: Iterator[Any] = iter(())
    _session: Session | None = None
    _closed = False
    _retrieved = 0
    _executor: Executor
    _fetch: Callable[[], Coroutine[Any, Any, Batch | None]]
    """The next batch from the server; None when the cursor is exhausted or closed. Each kind of cursor has its own."""

    async def _advance(self, *, wait: bool = True) -> bool:
        """Fetch until there is a document; False at the end.

        Without `wait`, and on a tailable cursor, an empty batch ends the attempt too.
        """
        while True:
            batch = await self._fetch()
            if batch is None:
                return False
            count = len(batch)
            self._retrieved += min(count, 1) if self._raw else count
            self._batch = iter((batch.raw(),)) if self._raw and count else batch
            if count:
                return True
            if not wait or self._tails:
                return False

    @property
    def _tails(self) -> bool:
        """Whether the cursor stays open when there is nothing more for now."""
        return False

    async def _to_list(self, length: int | None = None) -> list[Document]:
        """Up to `length` of the remaining documents, all of them for None. A client's `timeoutMS` is for all of it."""
        if length is not None and length < 1:
            raise ValueError("to_list() length must be greater than 0")
        documents: list[Document] = []
        deadline = lifetime(self._executor)
        while length is None or len(documents) < length:
            wanted = SLICE if length is None else min(SLICE, length - len(documents))
            batch = self._batch
            taken = batch.take(wanted) if isinstance(batch, Batch) else list(islice(batch, wanted))
            if taken:
                documents += taken
                await self._executor.runtime.breathe()
                continue
            with OneDeadline(self._executor, deadline):
                if not await self._advance():
                    break
        return documents

    async def _close(self) -> None:
        """Close the cursor, on its server too. Documents that have arrived can still be read."""
        self._closed = True
        if self._source is not None:
            await self._source.close()

    def __del__(self) -> None:
        if self._source is not None:
            self._source.abandon()

    @property
    def alive(self) -> bool:
        """Whether there may be more documents; True does not promise one."""
        if length_hint(self._batch) > 0:
            return True
        return not self._closed and (self._source is None or self._source.id != 0)

    @property
    def cursor_id(self) -> Int64 | None:
        """The server's id of the cursor; 0 when it is exhausted, None before it is sent."""
        return None if self._source is None else Int64(self._source.last_id)

    @property
    def address(self) -> tuple[str, int | None] | None:
        """Host and port of the server that holds the cursor, or None."""
        return None if self._source is None or self._source.server is None else self._source.server.address

    @property
    def session(self) -> Any:
        """The explicit session, or None."""
        return self._session
