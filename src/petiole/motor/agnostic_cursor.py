"""Motor's cursors. Batches and options are those of the asyncio face's cursors; here are the ways to walk over them."""

from __future__ import annotations

import copy
from operator import length_hint
from typing import TYPE_CHECKING, Any, Self

from petiole.asynchronous.command_cursor import AsyncCommandCursor
from petiole.asynchronous.cursor import AsyncCursor
from petiole.motor.metaprogramming import AgnosticBase, chaining, delegated, future
from petiole.motor.motor_common import check_callback

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Coroutine, Mapping

    from petiole.motor.agnostic_collection import AgnosticCollection

_Cursor: Any = AsyncCursor  # Bare of their types, which are those of another `self`.
_CommandCursor: Any = AsyncCommandCursor


class AgnosticBaseCursor(AgnosticBase):
    """What all cursors have in common."""

    def __init__(self, cursor: Any, collection: Any) -> None:
        super().__init__(cursor)
        self.collection = collection
        self._motor_client = collection._motor_client

    address = delegated("Host and port of the server that holds the cursor, or None.")
    cursor_id = delegated("The server's id of the cursor, or None before it is sent.")
    alive = delegated("Whether there may be more documents.")
    session = delegated("The explicit session, or None.")

    # One document after the other.

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Coroutine[Any, Any, Any]:
        return self.delegate.__anext__()  # type: ignore[no-any-return]

    def next(self, callback: Any = None) -> Any:
        """A Future of the next document. Raises `StopAsyncIteration` at the end."""
        return self._launch(self.__anext__(), callback)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @property
    def fetch_next(self) -> Future[bool]:
        """A Future of whether there is another document, which `next_object` then gives.

        ``while await cursor.fetch_next: document = cursor.next_object()``
        """
        return self._launch(self._has_next())  # type: ignore[no-any-return]

    async def _has_next(self) -> bool:
        await self._begin()
        return length_hint(self.delegate._batch) > 0 or await self.delegate._advance()

    def next_object(self) -> Any:
        """A document of those that have arrived, or None if there is none: see `fetch_next`."""
        for document in self._here():
            return self._given(document)
        return None

    def _here(self) -> Any:
        return self.delegate._batch

    def _given(self, document: Any) -> Any:
        """What is handed out for a document."""
        return document

    async def _begin(self) -> None:
        """Send the command, if that has not been done."""

    def each(self, callback: Callable[..., Any]) -> None:
        """Call `callback(document, None)` for each document, then `callback(None, None)`.

        An error ends that, with `callback(None, error)`. A callback that returns False ends it too, in silence.
        """
        check_callback(callback)
        self._launch(self._each(callback))

    async def _each(self, callback: Callable[..., Any]) -> None:
        try:
            await self._begin()
            while length_hint(self.delegate._batch) > 0 or await self.delegate._advance():
                for document in self.delegate._batch:
                    if callback(self._given(document), None) is False:
                        await self.close()
                        return
        except Exception as error:
            callback(None, error)
            return
        callback(None, None)

    def to_list(self, length: int | None = None, callback: Any = None) -> Future[list[Any]]:
        """A Future of up to `length` of the remaining documents, all of them for None."""
        if length is not None:
            if not isinstance(length, int):
                raise TypeError(f"length must be an int, not {length!r}")
            if length < 0:
                raise ValueError("length must be non-negative")
        return self._launch(self._to_list(length), callback)  # type: ignore[no-any-return]

    async def _to_list(self, length: int | None) -> list[Any]:
        if length == 0:
            return []
        await self._begin()
        return await self.delegate.to_list(length)  # type: ignore[no-any-return]

    def close(self, callback: Any = None) -> Future[None]:
        """A Future of the cursor's closing, on the server too. An open cursor costs the server memory."""
        return self._launch(self._closed(), callback)  # type: ignore[no-any-return]

    async def _closed(self) -> None:
        await self.delegate.close()

    def batch_size(self, batch_size: int) -> Self:
        """Documents per reply; 0 leaves it to the server."""
        self.delegate.batch_size(batch_size)
        return self


class AgnosticCursor(AgnosticBaseCursor):
    """Iterates over the documents that match a query, as `find` gives it; it is sent when the first is asked for."""

    limit = chaining(AsyncCursor.limit)
    skip = chaining(AsyncCursor.skip)
    sort = chaining(AsyncCursor.sort)
    hint = chaining(AsyncCursor.hint)
    where = chaining(AsyncCursor.where)
    min = chaining(AsyncCursor.min)
    max = chaining(AsyncCursor.max)
    max_scan = chaining(AsyncCursor.max_scan)
    max_time_ms = chaining(AsyncCursor.max_time_ms)
    max_await_time_ms = chaining(AsyncCursor.max_await_time_ms)
    comment = chaining(AsyncCursor.comment)
    collation = chaining(AsyncCursor.collation)
    allow_disk_use = chaining(AsyncCursor.allow_disk_use)
    remove_option = chaining(AsyncCursor.remove_option)
    distinct = future(_Cursor.distinct)
    explain = future(_Cursor.explain)

    def add_option(self, mask: int) -> Self:
        """Set flags of the legacy query."""
        self.delegate._add_option(mask)
        return self

    def __getitem__(self, index: int | slice) -> AgnosticCursor:
        """The cursor restricted to a slice of what it matches; for a number, another cursor over that document."""
        if isinstance(index, slice):
            self.delegate._check_not_sent()
            self.delegate._sliced(index)
            return self
        return type(self)(self.delegate._at(index), self.collection)

    def rewind(self) -> Self:
        """Begin anew: the next document is fetched by a new query."""
        if self.delegate._source is not None:
            self.delegate._source.abandon()
        self.delegate._reset()
        return self

    def clone(self) -> Self:
        """A new cursor with the same options, not sent yet."""
        return type(self)(self.delegate.clone(), self.collection)

    def __copy__(self) -> Self:
        return type(self)(copy.copy(self.delegate), self.collection)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)(copy.deepcopy(self.delegate, memo), self.collection)


class AgnosticRawBatchCursor(AgnosticCursor):
    """Iterates over batches as the server sent them, each the bytes of its documents one after the other."""


class AgnosticCommandCursor(AgnosticBaseCursor):
    """Iterates over the results of a command."""

    explain = future(_CommandCursor.explain)

    def try_next(self, callback: Any = None) -> Future[Any]:
        """A Future of the next document if there is one; the server is asked once at most."""
        return self._launch(self._try_next(), callback)  # type: ignore[no-any-return]

    async def _try_next(self) -> Any:
        await self._begin()
        return await self.delegate.try_next()


class AgnosticRawBatchCommandCursor(AgnosticCommandCursor):
    """Iterates over batches as the server sent them, each the bytes of its documents one after the other."""


class AgnosticLatentCommandCursor(AgnosticCommandCursor):
    """A command cursor that sends its command when the first document is asked for, as `aggregate` gives it."""

    def __init__(
        self,
        collection: AgnosticCollection,
        start: Callable[..., Coroutine[Any, Any, Any]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(None, collection)
        self._sending: Any = (start, args, kwargs)
        """What opens the cursor, then the Future of that, then None."""
        self._ended = False

    async def _begin(self) -> None:
        if self._ended or self._sending is None:
            return
        if isinstance(self._sending, tuple):
            # Those who ask at the same time wait for the same command.
            self._sending = self._framework.start(None, self._open(*self._sending))
        await self._sending

    async def _open(
        self, start: Callable[..., Coroutine[Any, Any, Any]], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        self.delegate = await start(*args, **kwargs)
        self._sending = None

    def _here(self) -> Any:
        return () if self.delegate is None else self.delegate._batch

    async def _has_next(self) -> bool:
        await self._begin()
        return self.delegate is not None and await super()._has_next()

    async def _each(self, callback: Callable[..., Any]) -> None:
        try:
            await self._begin()
        except Exception as error:
            callback(None, error)
            return
        if self.delegate is None:
            callback(None, None)
        else:
            await super()._each(callback)

    async def _to_list(self, length: int | None) -> list[Any]:
        await self._begin()
        return [] if self.delegate is None else await super()._to_list(length)

    async def _try_next(self) -> Any:
        await self._begin()
        return None if self.delegate is None else await super()._try_next()

    async def __anext__(self) -> Any:
        if self._sending is not None:
            await self._begin()
        if self.delegate is None:
            raise StopAsyncIteration
        return await self.delegate.__anext__()

    async def _closed(self) -> None:
        self._ended = True
        if self.delegate is not None:
            await super()._closed()

    def batch_size(self, batch_size: int) -> Self:
        """Documents per reply; 0 leaves it to the server."""
        if isinstance(self._sending, tuple):
            self._sending[2]["batchSize"] = batch_size
            return self
        return super().batch_size(batch_size)

    alive = property(
        lambda self: not self._ended if self.delegate is None else self.delegate.alive,
        doc="Whether there may be more documents.",
    )
    address = property(
        lambda self: None if self.delegate is None else self.delegate.address,
        doc="Host and port of the server that holds the cursor, or None.",
    )
    cursor_id = property(
        lambda self: None if self.delegate is None else self.delegate.cursor_id,
        doc="The server's id of the cursor, or None before it is sent.",
    )
    session = property(
        lambda self: self._given_session if self.delegate is None else self.delegate.session,
        doc="The explicit session, or None.",
    )

    @property
    def _given_session(self) -> Any:
        return self._sending[2].get("session") if isinstance(self._sending, tuple) else None
