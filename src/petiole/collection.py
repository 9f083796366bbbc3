"""The blocking collection."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Generic, overload

from petiole._commands.indexes import list_search_indexes_pipeline
from petiole._core.collection import CoreCollection
from petiole._core.collection_modify import ReturnDocument
from petiole._core.document import Document, OtherDocument
from petiole._native import run
from petiole._runtime.driver import blocking, face
from petiole.command_cursor import CommandCursor, RawBatchCommandCursor
from petiole.cursor import Cursor, RawBatchCursor
from petiole.read_concern import ReadConcern

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from petiole._core.options import Options
    from petiole.bson.codec_options import CodecOptions
    from petiole.bson.timestamp import Timestamp
    from petiole.change_stream import CollectionChangeStream
    from petiole.database import Database
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["Collection", "ReturnDocument"]


@face
class Collection(CoreCollection[Document], Generic[Document]):
    """A MongoDB collection, as `database[name]` gives it."""

    def __init__(
        self,
        database: Database[Document],
        name: str,
        create: bool | None = False,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
        session: Any = None,
        **kwargs: Any,
    ) -> None:
        options = database._options.replaced(codec_options, read_preference, write_concern, read_concern)
        self._bind(database, name, options)
        if create or kwargs:
            warnings.warn(
                "The `create` and `kwargs` arguments to Collection are deprecated; use Database.create_collection",
                DeprecationWarning,
                stacklevel=2,
            )
            run(self._create(kwargs, session))

    def __getattr__(self, name: str) -> Collection[Document]:
        if name.startswith("_"):
            # Without `__init__` having run there is no name yet: asking for it would lead here again.
            full = f"{self._name}.{name}" if "_name" in self.__dict__ else name
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {full} collection, "
                f"use database[{full!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> Collection[Document]:
        return self._sibling(f"{self._name}.{name}", self._options)

    @overload
    def with_options(
        self,
        codec_options: None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection[Document]: ...
    @overload
    def with_options(
        self,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection[OtherDocument]: ...
    def with_options(
        self,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection[Any]:
        """The same collection with other options; those not given are kept."""
        return self._sibling(
            self._name, self._options.replaced(codec_options, read_preference, write_concern, read_concern)
        )

    def _sibling(self, name: str, options: Options) -> Collection[Any]:
        # Not of the own class: that of an application may be constructed in other ways.
        made: Collection[Any] = Collection.__new__(Collection)
        made._bind(self._database, name, options)
        return made

    insert_one = blocking(CoreCollection[Document]._insert_one)
    insert_many = blocking(CoreCollection[Document]._insert_many)
    replace_one = blocking(CoreCollection[Document]._replace_one)
    update_one = blocking(CoreCollection[Document]._update_one)
    update_many = blocking(CoreCollection[Document]._update_many)
    delete_one = blocking(CoreCollection[Document]._delete_one)
    delete_many = blocking(CoreCollection[Document]._delete_many)
    bulk_write = blocking(CoreCollection[Document]._bulk_write)
    find_one_and_delete = blocking(CoreCollection[Document]._find_one_and_delete)
    find_one_and_replace = blocking(CoreCollection[Document]._find_one_and_replace)
    find_one_and_update = blocking(CoreCollection[Document]._find_one_and_update)
    create_index = blocking(CoreCollection[Document]._create_index)
    create_indexes = blocking(CoreCollection[Document]._create_indexes)
    drop_index = blocking(CoreCollection[Document]._drop_index)
    drop_indexes = blocking(CoreCollection[Document]._drop_indexes)
    index_information = blocking(CoreCollection[Document]._index_information)
    create_search_index = blocking(CoreCollection[Document]._create_search_index)
    create_search_indexes = blocking(CoreCollection[Document]._create_search_indexes)
    update_search_index = blocking(CoreCollection[Document]._update_search_index)
    drop_search_index = blocking(CoreCollection[Document]._drop_search_index)
    drop = blocking(CoreCollection[Document]._drop)
    rename = blocking(CoreCollection[Document]._rename)
    options = blocking(CoreCollection[Document]._collection_options)
    find_one = blocking(CoreCollection[Document]._find_one)
    count_documents = blocking(CoreCollection[Document]._count_documents)
    estimated_document_count = blocking(CoreCollection[Document]._estimated_document_count)
    distinct = blocking(CoreCollection[Document]._distinct)

    def find(self, *args: Any, **kwargs: Any) -> Cursor[Document]:
        """A cursor over the documents that match; nothing is sent before its first document is asked for."""
        return Cursor(self, *args, **kwargs)

    def find_raw_batches(self, *args: Any, **kwargs: Any) -> RawBatchCursor[Document]:
        """As `find`, but the batches' bytes as the server sends them."""
        return RawBatchCursor(self, *args, **kwargs)

    def aggregate(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        session: Any = None,
        let: Mapping[str, Any] | None = None,
        comment: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> CommandCursor[Document]:
        """Run an aggregation pipeline; a cursor over its result."""
        built = self._pipeline(pipeline, let, comment, kwargs, raw_data)
        source = run(self._open_pipeline(built, session))
        return CommandCursor._of_pipeline(self, source, session, built)

    def aggregate_raw_batches(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        session: Any = None,
        comment: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> RawBatchCommandCursor[Document]:
        """As `aggregate`, but the batches' bytes as the server sends them."""
        built = self._pipeline(pipeline, None, comment, kwargs, raw_data)
        source = run(self._open_pipeline(built, session))
        return RawBatchCommandCursor._of_pipeline(self, source, session, built)

    def watch(
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
    ) -> CollectionChangeStream[Document]:
        """Events of the collection; `ChangeStream` explains the options.

        Raises `OperationFailure` if the server refuses: outside of replica sets, and to read less than majorities.
        """
        from petiole.change_stream import CollectionChangeStream  # Few programs need it.

        stream: CollectionChangeStream[Document] = CollectionChangeStream(
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
        run(stream._open())
        return stream

    def list_indexes(
        self, session: Any = None, comment: Any | None = None, *, raw_data: bool | None = None
    ) -> CommandCursor[MutableMapping[str, Any]]:
        """A cursor over the collection's indexes; none if the collection does not exist."""
        source = run(self._open_indexes(session, comment, raw_data))
        indexes: CommandCursor[MutableMapping[str, Any]] = CommandCursor._of(
            self._executor, source, session, comment=comment
        )
        return indexes

    def list_search_indexes(
        self, name: str | None = None, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> CommandCursor[Mapping[str, Any]]:
        """A cursor over the search indexes, or the one called `name`; `kwargs` are options of `aggregate`."""
        plain: Collection[Any] = self.with_options(read_concern=ReadConcern())
        pipeline = list_search_indexes_pipeline(name)
        return plain.aggregate(pipeline, session, comment=comment, **kwargs)
