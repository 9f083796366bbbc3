"""The asyncio cursor of a `find`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self

from petiole._core.cursor import CoreCursor
from petiole._core.document import Document
from petiole._runtime.driver import face
from petiole.cursor_shared import CursorType
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from petiole.asynchronous.collection import AsyncCollection

__all__ = ["AsyncCursor", "AsyncRawBatchCursor", "CursorType"]


@face
class AsyncCursor(CoreCursor[Document], Generic[Document]):
    """Iterates over the documents that match a query, with `async for`; `AsyncCollection.find` makes it."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Document:
        for document in self._batch:
            return document  # type: ignore[no-any-return]
        if await self._advance():
            return await self.__anext__()
        raise StopAsyncIteration

    async def next(self) -> Document:
        """Advance the cursor."""
        return await self.__anext__()

    def __getitem__(self, index: Any) -> Any:
        raise IndexError("AsyncCursor does not support indexing")

    @property
    def collection(self) -> AsyncCollection[Document]:
        """The collection this cursor iterates."""
        return self._collection  # type: ignore[return-value]

    async def add_option(self, mask: int) -> Self:
        """Set flags of the legacy query."""
        self._add_option(mask)
        return self

    async def rewind(self) -> Self:
        """Begin anew: the next document is fetched by a new query."""
        await self.close()
        self._reset()
        return self

    to_list = CoreCursor[Document]._to_list
    close = CoreCursor[Document]._close
    explain = CoreCursor[Document]._explain
    distinct = CoreCursor[Document]._distinct

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


class AsyncRawBatchCursor(AsyncCursor[Document], Generic[Document]):
    """Iterates over batches as the server sent them, each the bytes of its documents one after the other."""

    _raw = True

    def __getitem__(self, index: Any) -> Any:
        raise InvalidOperation("Cannot call __getitem__ on AsyncRawBatchCursor")
