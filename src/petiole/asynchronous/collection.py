"""The asyncio collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from petiole._commands.indexes import list_search_indexes_pipeline
from petiole._core.collection import CoreCollection
from petiole._core.collection_modify import ReturnDocument
from petiole._core.document import Document, OtherDocument
from petiole._runtime.driver import face
from petiole.asynchronous.command_cursor import AsyncCommandCursor, AsyncRawBatchCommandCursor
from petiole.asynchronous.cursor import AsyncCursor, AsyncRawBatchCursor
from petiole.read_concern import ReadConcern

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from petiole._core.options import Options
    from petiole.asynchronous.change_stream import AsyncCollectionChangeStream
    from petiole.asynchronous.database import AsyncDatabase
    from petiole.bson.codec_options import CodecOptions
    from petiole.bson.timestamp import Timestamp
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["AsyncCollection", "ReturnDocument"]


@face
class AsyncCollection(CoreCollection[Document], Generic[Document]):
    """A MongoDB collection, as `database[name]` gives it."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        name: str,
        create: bool | None = False,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
        session: Any = None,
        **kwargs: Any,
    ) -> None:
        if create or kwargs:
            raise ValueError(f"{type(self).__name__} does not support the `create` or `kwargs` arguments.")
        options = database._options.replaced(codec_options, read_preference, write_concern, read_concern)
        self._bind(database, name, options)

    def __getattr__(self, name: str) -> AsyncCollection[Document]:
        if name.startswith("_"):
            # Without `__init__` having run there is no name yet: asking for it would lead here again.
            full = f"{self._name}.{name}" if "_name" in self.__dict__ else name
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {full} collection, "
                f"use database[{full!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AsyncCollection[Document]:
        return self._sibling(f"{self._name}.{name}", self._options)

    @overload
    def with_options(
        self,
        codec_options: None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncCollection[Document]: ...
    @overload
    def with_options(
        self,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncCollection[OtherDocument]: ...
    def with_options(
        self,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncCollection[Any]:
        """The same collection with other options; those not given are kept."""
        return self._sibling(
            self._name, self._options.replaced(codec_options, read_preference, write_concern, read_concern)
        )

    def _sibling(self, name: str, options: Options) -> AsyncCollection[Any]:
        # Not of the own class: that of an application may be constructed in other ways.
        made: AsyncCollection[Any] = AsyncCollection.__new__(AsyncCollection)
        made._bind(self._database, name, options)
        return made

    insert_one = CoreCollection[Document]._insert_one
    insert_many = CoreCollection[Document]._insert_many
    replace_one = CoreCollection[Document]._replace_one
    update_one = CoreCollection[Document]._update_one
    update_many = CoreCollection[Document]._update_many
    delete_one = CoreCollection[Document]._delete_one
    delete_many = CoreCollection[Document]._delete_many
    bulk_write = CoreCollection[Document]._bulk_write
    find_one_and_delete = CoreCollection[Document]._find_one_and_delete
    find_one_and_replace = CoreCollection[Document]._find_one_and_replace
    find_one_and_update = CoreCollection[Document]._find_one_and_update
    create_index = CoreCollection[Document]._create_index
    create_indexes = CoreCollection[Document]._create_indexes
    drop_index = CoreCollection[Document]._drop_index
    drop_indexes = CoreCollection[Document]._drop_indexes
    index_information = CoreCollection[Document]._index_information
    create_search_index = CoreCollection[Document]._create_search_index
    create_search_indexes = CoreCollection[Document]._create_search_indexes
    update_search_index = CoreCollection[Document]._update_search_index
    drop_search_index = CoreCollection[Document]._drop_search_index
    drop = CoreCollection[Document]._drop
    rename = CoreCollection[Document]._rename
    options = CoreCollection[Document]._collection_options
    find_one = CoreCollection[Document]._find_one
    count_documents = CoreCollection[Document]._count_documents
    estimated_document_count = CoreCollection[Document]._estimated_document_count
    distinct = CoreCollection[Document]._distinct

    def find(self, *args: Any, **kwargs: Any) -> AsyncCursor[Document]:
        """A cursor over the documents that match; nothing is sent before its first document is asked for."""
        return AsyncCursor(self, *args, **kwargs)

    def find_raw_batches(self, *args: Any, **kwargs: Any) -> AsyncRawBatchCursor[Document]:
        """As `find`, but the batches' bytes as the server sends them."""
        return AsyncRawBatchCursor(self, *args, **kwargs)

    async def aggregate(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        session: Any = None,
        let: Mapping[str, Any] | None = None,
        comment: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> AsyncCommandCursor[Document]:
        """Run an aggregation pipeline; a cursor over its result."""
        built = self._pipeline(pipeline, let, comment, kwargs, raw_data)
        source = await self._open_pipeline(built, session)
        return AsyncCommandCursor._of_pipeline(self, source, session, built)

    async def aggregate_raw_batches(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        session: Any = None,
        comment: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> AsyncRawBatchCommandCursor[Document]:
        """As `aggregate`, but the batches' bytes as the server sends them."""
        built = self._pipeline(pipeline, None, comment, kwargs, raw_data)
        source = await self._open_pipeline(built, session)
        return AsyncRawBatchCommandCursor._of_pipeline(self, source, session, built)

    async def watch(
        self,
        pipeline: Sequence[Mapping[str, Any]] | None = None,
        full_document: str | None = None,
        resume_after: Mapping[str, Any] | None = None,
        max_await_time_ms: int | None = None,
        batch_size: int | None = None,
        collation: Any = None,
        start_at_operation_time: Timestamp | None = None,
        session: Any = None,
        start_after: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> AsyncCollectionChangeStream[Document]:
        """Events of the collection; `AsyncChangeStream` explains the options.

        Raises `OperationFailure` if the server refuses: outside of replica sets, and to read less than majorities.
        """
        from petiole.asynchronous.change_stream import AsyncCollectionChangeStream  # Few programs need it.

        stream: AsyncCollectionChangeStream[Document] = AsyncCollectionChangeStream(
            self,
            pipeline,
            full_document,
            resume_after,
            max_await_time_ms,
            batch_size,
            collation,
            start_at_operation_time,
            session,
            start_after,
            comment,
            full_document_before_change,
            show_expanded_events,
        )
        await stream._open()
        return stream

    async def list_indexes(
        self, session: Any = None, comment: Any | None = None, *, raw_data: bool | None = None
    ) -> AsyncCommandCursor[MutableMapping[str, Any]]:
        """A cursor over the collection's indexes; none if the collection does not exist."""
        source = await self._open_indexes(session, comment, raw_data)
        indexes: AsyncCommandCursor[MutableMapping[str, Any]] = AsyncCommandCursor._of(
            self._executor, source, session, comment=comment
        )
        return indexes

    async def list_search_indexes(
        self, name: str | None = None, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> AsyncCommandCursor[Mapping[str, Any]]:
        """A cursor over the search indexes, or the one called `name`; `kwargs` are options of `aggregate`."""
        plain: AsyncCollection[Any] = self.with_options(read_concern=ReadConcern())
        pipeline = list_search_indexes_pipeline(name)
        return await plain.aggregate(pipeline, session, comment=comment, **kwargs)
