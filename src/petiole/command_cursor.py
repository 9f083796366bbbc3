"""The blocking cursor of a command."""

from __future__ import annotations

from typing import Any, Generic, Self

from petiole._core.command_cursor import CoreCommandCursor
from petiole._core.document import Document
from petiole._native import run
from petiole._runtime.driver import blocking, face
from petiole.errors import InvalidOperation

__all__ = ["CommandCursor", "RawBatchCommandCursor"]


@face
class CommandCursor(CoreCommandCursor[Document], Generic[Document]):
    """Iterates over the results of a command, such as an aggregation."""

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

    explain = blocking(CoreCommandCursor[Document]._explain)
    to_list = blocking(CoreCommandCursor[Document]._to_list)
    close = blocking(CoreCommandCursor[Document]._close)
    try_next = blocking(CoreCommandCursor[Document]._try_next)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class RawBatchCommandCursor(CommandCursor[Document], Generic[Document]):
    """Iterates over batches as the server sent them, each the bytes of its documents one after the other."""

    _raw = True

    def __getitem__(self, index: Any) -> Any:
        raise InvalidOperation("Cannot call __getitem__ on RawBatchCommandCursor")
