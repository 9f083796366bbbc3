"""The blocking change streams."""

from __future__ import annotations

from typing import Generic, Self

from petiole._core.change_stream import CoreChangeStream, Watched
from petiole._core.document import Document
from petiole._native import run
from petiole._runtime.driver import blocking, face

__all__ = ["ChangeStream", "ClusterChangeStream", "CollectionChangeStream", "DatabaseChangeStream"]


@face
class ChangeStream(CoreChangeStream[Document], Generic[Document]):
    __doc__ = CoreChangeStream.__doc__

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Document:
        while not self._source.closed:
            event = self._take()
            if event is not None:
                return event
            if not run(self._advance()):
                break
        raise StopIteration

    def next(self) -> Document:
        """Wait for the next event. Raises `StopIteration` once the stream is closed or invalidated."""
        return self.__next__()

    try_next = blocking(CoreChangeStream[Document]._try_next)
    close = blocking(CoreChangeStream[Document]._close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class CollectionChangeStream(ChangeStream[Document], Generic[Document]):
    """Events of one collection, as `Collection.watch` gives it."""

    _watched = Watched.COLLECTION


class DatabaseChangeStream(ChangeStream[Document], Generic[Document]):
    """Events of all collections of a database, as `Database.watch` gives it."""

    _watched = Watched.DATABASE


class ClusterChangeStream(DatabaseChangeStream[Document], Generic[Document]):
    """Events of all databases, as `MongoClient.watch` gives it."""

    _watched = Watched.CLUSTER
