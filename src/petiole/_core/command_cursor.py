"""The cursor of a command: an aggregation, a list of collections or indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias

from petiole._commands.arguments import integer, not_negative
from petiole._core.cursor_base import CoreCursorBase
from petiole._core.document import Document
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._commands.aggregate import Pipeline
    from petiole._core.collection_reads import CollectionReads
    from petiole._core.database_commands import DatabaseCommands
    from petiole._engine.cursor import ServerCursor
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._native import Batch

    _Aggregated: TypeAlias = CollectionReads[Any] | DatabaseCommands[Any]


class CoreCommandCursor(CoreCursorBase[Document], Generic[Document]):
    """A cursor whose first batch is there."""

    _batch_size = 0
    _max_await_time_ms: int | None = None
    _comment: Any = None
    _opened: tuple[_Aggregated, Pipeline] | None = None
    """The aggregation, if it is the cursor of one."""

    @classmethod
    def _of(
        cls,
        executor: Executor,
        source: ServerCursor,
        session: Session | None = None,
        batch_size: int = 0,
        max_await_time_ms: int | None = None,
        comment: Any = None,
    ) -> Self:
        """A cursor over what `source` has opened."""
        cursor = cls.__new__(cls)
        cursor._executor = executor
        cursor._source = source
        cursor._session = session
        cursor.batch_size(batch_size)
        cursor._max_await_time_ms = max_await_time_ms
        cursor._comment = comment
        cursor._accept(source.batch)
        return cursor

    @classmethod
    def _of_pipeline(
        cls, owner: _Aggregated, source: ServerCursor, session: Session | None, built: Pipeline
    ) -> Self:
        """A cursor over the result of an aggregation of a collection or a database."""
        cursor = cls._of(
            owner._executor, source, session, built.batch_size, built.max_await_time_ms, built.comment
        )
        cursor._opened = owner, built
        return cursor

    def __init__(
        self,
        collection: Any,
        cursor_info: Mapping[str, Any],
        address: Any,
        batch_size: int = 0,
        max_await_time_ms: int | None = None,
        session: Any = None,
        comment: Any = None,
    ) -> None:
        """A cursor from a command's decoded reply, for programs that ran the command themselves."""
        from petiole._engine.cursor import ServerCursor

        self._executor = collection._executor
        self._session = session
        self._comment = comment
        self._max_await_time_ms = max_await_time_ms
        self._source = ServerCursor(collection._executor, collection._options.codec, session)
        self._source.adopt(cursor_info["id"], cursor_info.get("ns", collection.full_name), address)
        self._batch = iter(cursor_info["firstBatch"])
        self.batch_size(batch_size)

    def _accept(self, batch: Batch) -> None:
        self._batch = iter((batch.raw(),)) if self._raw and batch else batch

    def batch_size(self, batch_size: int) -> Self:
        """Documents per reply from now on; 0 leaves it to the server."""
        not_negative("batch_size", integer("batch_size", batch_size))
        # A batch of one asks the server to close the cursor after it.
        self._batch_size = 2 if batch_size == 1 else batch_size
        return self

    async def _fetch(self) -> Batch | None:
        if self._source is None or not self._source.id:
            return None
        return await self._source.more(self._batch_size, self._max_await_time_ms, self._comment)

    async def _explain(self) -> Any:
        """How the server would run the aggregation.

        Raises `InvalidOperation` on the cursor of another command.
        """
        if self._opened is None:
            raise InvalidOperation("Only the cursor of an aggregation can explain it")
        owner, built = self._opened
        return await owner._explain_pipeline(built, self._session)

    async def _try_next(self) -> Document | None:
        """The next document if there is one; asks the server once at most."""
        for document in self._batch:
            return document  # type: ignore[no-any-return]
        if await self._advance(wait=False):
            for document in self._batch:
                return document  # type: ignore[no-any-return]
        return None
