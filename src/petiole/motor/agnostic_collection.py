"""Motor's collection: the operations of the asyncio face, as Futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from petiole.asynchronous.collection import AsyncCollection
from petiole.asynchronous.command_cursor import AsyncCommandCursor, AsyncRawBatchCommandCursor
from petiole.asynchronous.cursor import AsyncCursor, AsyncRawBatchCursor
from petiole.motor.agnostic_change_stream import AgnosticChangeStream
from petiole.motor.agnostic_cursor import (
    AgnosticBaseCursor,
    AgnosticCommandCursor,
    AgnosticCursor,
    AgnosticLatentCommandCursor,
    AgnosticRawBatchCommandCursor,
    AgnosticRawBatchCursor,
)
from petiole.motor.metaprogramming import bare, delegated, future
from petiole.motor.properties import AgnosticBaseProperties, immutable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole.bson.codec_options import CodecOptions
    from petiole.motor.agnostic_database import AgnosticDatabase
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

_Collection: Any = AsyncCollection  # Bare of its types, which are those of another `self`.


class AgnosticCollection(AgnosticBaseProperties):
    """A MongoDB collection, as `database[name]` gives it."""

    delegate: AsyncCollection[Any]

    insert_one = future(_Collection.insert_one)
    insert_many = future(_Collection.insert_many)
    replace_one = future(_Collection.replace_one)
    update_one = future(_Collection.update_one)
    update_many = future(_Collection.update_many)
    delete_one = future(_Collection.delete_one)
    delete_many = future(_Collection.delete_many)
    bulk_write = future(_Collection.bulk_write)
    find_one = future(_Collection.find_one)
    find_one_and_delete = future(_Collection.find_one_and_delete)
    find_one_and_replace = future(_Collection.find_one_and_replace)
    find_one_and_update = future(_Collection.find_one_and_update)
    count_documents = future(_Collection.count_documents)
    estimated_document_count = future(_Collection.estimated_document_count)
    distinct = future(_Collection.distinct)
    create_index = future(_Collection.create_index)
    create_indexes = future(_Collection.create_indexes)
    drop_index = future(_Collection.drop_index)
    drop_indexes = future(_Collection.drop_indexes)
    index_information = future(_Collection.index_information)
    create_search_index = future(_Collection.create_search_index)
    create_search_indexes = future(_Collection.create_search_indexes)
    update_search_index = future(_Collection.update_search_index)
    drop_search_index = future(_Collection.drop_search_index)
    drop = future(_Collection.drop)
    rename = future(_Collection.rename)
    options = future(_Collection.options)
    full_name = delegated("The full name of this collection: `database.name`.")
    name = delegated("The name of this collection.")

    def __init__(
        self,
        database: AgnosticDatabase,
        name: str,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
        _delegate: AsyncCollection[Any] | None = None,
    ) -> None:
        from petiole.motor.agnostic_database import AgnosticDatabase

        if not isinstance(database, AgnosticDatabase):
            raise TypeError(f"First argument to MotorCollection must be MotorDatabase, not {database!r}")
        if _delegate is None:
            _delegate = AsyncCollection(
                database.delegate,
                name,
                False,
                codec_options,
                read_preference,
                immutable(write_concern),
                read_concern,
            )
        super().__init__(_delegate)
        self.database = database
        self._motor_client = database._motor_client

    def __getattr__(self, name: str) -> AgnosticCollection:
        if name.startswith("_"):
            full = f"{self.name}.{name}" if "delegate" in self.__dict__ else name
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {full} collection, "
                f"use database[{full!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AgnosticCollection:
        kind = self._of_framework(AgnosticCollection)
        return kind(self.database, f"{self.name}.{name}", _delegate=self.delegate[name])

    __iter__ = None
    """`__getitem__` would make collections iterable, without end."""

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"MotorCollection object is not callable. If you meant to call the {self.name!r} method on a "
            "MotorCollection object it is failing because no such method exists."
        )

    def __bool__(self) -> bool:
        return bool(self.delegate)

    def _inner(self) -> str:
        return f"Collection({self.database._inner()}, {self.name!r})"

    def with_options(
        self,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AgnosticCollection:
        """The same collection with other options; those not given are kept."""
        found: AsyncCollection[Any] = self.delegate.with_options(
            codec_options, read_preference, immutable(write_concern), read_concern
        )
        return self._of_framework(AgnosticCollection)(self.database, self.name, _delegate=found)

    def wrap(self, obj: Any) -> Any:
        """The Motor object for one of the asyncio face; other values themselves."""
        for kind, own in _CURSORS:
            if isinstance(obj, kind):
                return self._of_framework(own)(obj, self)
        if isinstance(obj, AsyncCollection):
            return self._of_framework(AgnosticCollection)(self.database, obj.name, _delegate=obj)
        return obj

    # Cursors.

    def find(self, *args: Any, **kwargs: Any) -> AgnosticCursor:
        """A cursor over the documents that match; nothing is sent before its first document is asked for."""
        return self.wrap(self.delegate.find(*map(bare, args), **_bare(kwargs)))  # type: ignore[no-any-return]

    def find_raw_batches(self, *args: Any, **kwargs: Any) -> AgnosticRawBatchCursor:
        """As `find`, but the batches' bytes as the server sends them."""
        found = self.delegate.find_raw_batches(*map(bare, args), **_bare(kwargs))
        return self.wrap(found)  # type: ignore[no-any-return]

    def aggregate(self, pipeline: Any, *args: Any, **kwargs: Any) -> AgnosticLatentCommandCursor:
        """A cursor over the result of a pipeline, which is sent when the first document is asked for."""
        return self._latent(self.delegate.aggregate, (pipeline, *args), kwargs)

    def aggregate_raw_batches(self, pipeline: Any, **kwargs: Any) -> AgnosticLatentCommandCursor:
        """As `aggregate`, but the batches' bytes as the server sends them."""
        return self._latent(self.delegate.aggregate_raw_batches, (pipeline,), kwargs)

    def list_indexes(self, session: Any = None, **kwargs: Any) -> AgnosticLatentCommandCursor:
        """A cursor over the collection's indexes; none if the collection does not exist."""
        return self._latent(self.delegate.list_indexes, (session,), kwargs)

    def list_search_indexes(self, *args: Any, **kwargs: Any) -> AgnosticLatentCommandCursor:
        """A cursor over the search indexes, or the one whose name is given."""
        return self._latent(self.delegate.list_search_indexes, args, kwargs)

    def _latent(
        self, start: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> AgnosticLatentCommandCursor:
        kind = self._of_framework(AgnosticLatentCommandCursor)
        return kind(self, start, *map(bare, args), **_bare(kwargs))

    def watch(
        self,
        pipeline: Any = None,
        full_document: str | None = None,
        resume_after: Mapping[str, Any] | None = None,
        max_await_time_ms: int | None = None,
        batch_size: int | None = None,
        collation: Any = None,
        start_at_operation_time: Any = None,
        session: Any = None,
        start_after: Mapping[str, Any] | None = None,
        comment: Any = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> AgnosticChangeStream:
        """Events of the collection, from when the first is asked for."""
        kind = self._of_framework(AgnosticChangeStream)
        return kind(
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


def _bare(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: bare(value) for name, value in kwargs.items()}


_CURSORS: tuple[tuple[type, type[AgnosticBaseCursor]], ...] = (
    (AsyncRawBatchCursor, AgnosticRawBatchCursor),
    (AsyncCursor, AgnosticCursor),
    (AsyncRawBatchCommandCursor, AgnosticRawBatchCommandCursor),
    (AsyncCommandCursor, AgnosticCommandCursor),
)
"""Which Motor cursor stands for which; subclasses come first."""
