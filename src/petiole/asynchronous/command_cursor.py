"""The asyncio cursor of a command."""

from __future__ import annotations

from typing import Any, Generic, Self

from petiole._core.command_cursor import CoreCommandCursor
from petiole._core.document import Document
from petiole._runtime.driver import face
from petiole.errors import InvalidOperation

__all__ = ["AsyncCommandCursor", "AsyncRawBatchCommandCursor"]


@face
class AsyncCommandCursor(CoreCommandCursor[Document], Generic[Document]):
    """Iterates over the results of a command, such as an aggregation, with `async for`."""

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

    explain = CoreCommandCursor[Document]._explain
    to_list = CoreCommandCursor[Document]._to_list
    close = CoreCommandCursor[Document]._close
    try_next = CoreCommandCursor[Document]._try_next

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


class AsyncRawBatchCommandCursor(AsyncCommandCursor[Document], Generic[Document]):
    """Iterates over batches as the server sent them, each the bytes of its documents one after the other."""

    _raw = True

    def __getitem__(self, index: Any) -> Any:
        raise InvalidOperation("Cannot call __getitem__ on AsyncRawBatchCommandCursor")
