"""The blocking cursor of a `find`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, overload

from petiole._core.cursor import CoreCursor
from petiole._core.document import Document
from petiole._native import run
from petiole._runtime.driver import blocking, face
from petiole.cursor_shared import CursorType
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from petiole.collection import Collection

__all__ = ["Cursor", "CursorType", "RawBatchCursor"]


@face
class Cursor(CoreCursor[Document], Generic[Document]):
    """Iterates over the documents that match a query; `Collection.find` makes it."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Document:
        for document in self._batch:
            return document  # type: ignore[no-any-return]
        if run(self._advance()):
            return next(self)
        raise StopIteration

    def next(self) -> Document:
        """Advance the cursor."""
        return self.__next__()

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Document | Self:
        """The document at that position (of the whole query), or the cursor restricted to a slice."""
        self._check_not_sent()
        if isinstance(index, slice):
            return self._sliced(index)
        for document in self._at(index):
            return document
        raise IndexError("no such item for Cursor instance")

    @property
    def collection(self) -> Collection[Document]:
        """The collection this cursor iterates."""
        return self._collection  # type: ignore[return-value]

    def add_option(self, mask: int) -> Self:
        """Set flags of the legacy query."""
        self._add_option(mask)
        return self

    def rewind(self) -> Self:
        """Begin anew: the next document is fetched by a new query."""
        self.close()
        self._reset()
        return self

    to_list = blocking(CoreCursor[Document]._to_list)
    close = blocking(CoreCursor[Document]._close)
    explain = blocking(CoreCursor[Document]._explain)
    distinct = blocking(CoreCursor[Document]._distinct)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class RawBatchCursor(Cursor[Document], Generic[Document]):
    """Iterates over batches as the server sent them, each the bytes of its documents one after the other."""

    _raw = True

    def __getitem__(self, index: Any) -> Any:
        raise InvalidOperation("Cannot call __getitem__ on RawBatchCursor")
