"""The asyncio change streams."""

from __future__ import annotations

from typing import Generic, Self

from petiole._core.change_stream import CoreChangeStream, Watched
from petiole._core.document import Document
from petiole._runtime.driver import face

__all__ = [
    "AsyncChangeStream",
    "AsyncClusterChangeStream",
    "AsyncCollectionChangeStream",
    "AsyncDatabaseChangeStream",
]


@face
class AsyncChangeStream(CoreChangeStream[Document], Generic[Document]):
    __doc__ = CoreChangeStream.__doc__

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Document:
        while not self._source.closed:
            event = self._take()
            if event is not None:
                return event
            if not await self._advance():
                break
        raise StopAsyncIteration

    async def next(self) -> Document:
        """Wait for the next event. Raises `StopAsyncIteration` once the stream is closed or invalidated."""
        return await self.__anext__()

    try_next = CoreChangeStream[Document]._try_next
    close = CoreChangeStream[Document]._close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


class AsyncCollectionChangeStream(AsyncChangeStream[Document], Generic[Document]):
    """Events of one collection, as `AsyncCollection.watch` gives it."""

    _watched = Watched.COLLECTION


class AsyncDatabaseChangeStream(AsyncChangeStream[Document], Generic[Document]):
    """Events of all collections of a database, as `AsyncDatabase.watch` gives it."""

    _watched = Watched.DATABASE


class AsyncClusterChangeStream(AsyncDatabaseChangeStream[Document], Generic[Document]):
    """Events of all databases, as `AsyncMongoClient.watch` gives it."""

    _watched = Watched.CLUSTER
