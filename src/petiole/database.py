"""The blocking database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from petiole._core.database import CoreDatabase
from petiole._core.document import Document, OtherDocument
from petiole._native import run
from petiole._runtime.driver import blocking, face
from petiole.collection import Collection
from petiole.command_cursor import CommandCursor

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from petiole.bson.codec_options import CodecOptions
    from petiole.bson.dbref import DBRef
    from petiole.bson.timestamp import Timestamp
    from petiole.change_stream import DatabaseChangeStream
    from petiole.client_session import ClientSession
    from petiole.mongo_client import MongoClient
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["Database"]


@face
class Database(CoreDatabase[Document], Generic[Document]):
    """A MongoDB database, as `client[name]` gives it."""

    def __init__(
        self,
        client: MongoClient[Document],
        name: str,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> None:
        options = client._options.replaced(codec_options, read_preference, write_concern, read_concern)
        self._bind(client, name, options)

    def __getattr__(self, name: str) -> Collection[Document]:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} collection, "
                f"use database[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> Collection[Document]:
        return Collection(self, name)

    @property
    def client(self) -> MongoClient[Document]:
        """The client of this database."""
        return self._client  # type: ignore[return-value]  # The core knows the class all clients have in common.

    @overload
    def get_collection(
        self,
        name: str,
        codec_options: None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection[Document]: ...
    @overload
    def get_collection(
        self,
        name: str,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection[OtherDocument]: ...
    def get_collection(
        self,
        name: str,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection[Any]:
        """A collection with its own options; those not given are the database's."""
        return Collection(self, name, False, codec_options, read_preference, write_concern, read_concern)

    @overload
    def with_options(
        self,
        codec_options: None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Database[Document]: ...
    @overload
    def with_options(
        self,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Database[OtherDocument]: ...
    def with_options(
        self,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Database[Any]:
        """The same database with other options; those not given are kept."""
        made: Database[Any] = Database.__new__(Database)
        options = self._options.replaced(codec_options, read_preference, write_concern, read_concern)
        made._bind(self._client, self._name, options)
        return made

    @overload
    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: _ServerMode | None = None,
        codec_options: None = None,
        session: ClientSession | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]: ...
    @overload
    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any,
        check: bool,
        allowable_errors: Sequence[str | int] | None,
        read_preference: _ServerMode | None,
        codec_options: CodecOptions[OtherDocument],
        session: ClientSession | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> OtherDocument: ...
    @overload
    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: _ServerMode | None = None,
        *,
        codec_options: CodecOptions[OtherDocument],
        session: ClientSession | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> OtherDocument: ...
    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: _ServerMode | None = None,
        codec_options: CodecOptions[Any] | None = None,
        session: ClientSession | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run a command and return the server's reply.

        `command` is the command's name, sent with `value`, or the whole command as a mapping; `kwargs` are further
        fields. With `check` off, or for errors listed by code in `allowable_errors`, the reply is returned
        although the command failed. The reply is decoded by `codec_options`, a plain dict by default; the
        database's own options are not used, nor are its concerns and its read preference.

        Raises `OperationFailure` if the command fails.
        """
        return run(
            self._command(
                command,
                value,
                check,
                allowable_errors,
                read_preference,
                codec_options,
                session,
                comment,
                **kwargs,
            )
        )

    def cursor_command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        read_preference: _ServerMode | None = None,
        codec_options: CodecOptions[Any] | None = None,
        session: ClientSession | None = None,
        comment: Any | None = None,
        max_await_time_ms: int | None = None,
        **kwargs: Any,
    ) -> CommandCursor[Document]:
        """As `command`, for commands whose reply is a cursor. Raises `InvalidOperation` if it is none."""
        opening = self._cursor_command(
            command, value, read_preference, codec_options, session, max_await_time_ms, kwargs
        )
        source = run(opening)
        return CommandCursor._of(self._executor, source, session, 0, max_await_time_ms, comment)

    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], session: ClientSession | None = None, **kwargs: Any
    ) -> CommandCursor[Document]:
        """Run an aggregation pipeline that begins without a collection; a cursor over its result."""
        built = self._pipeline(pipeline, kwargs)
        source = run(self._open_pipeline(built, session))
        return CommandCursor._of_pipeline(self, source, session, built)

    def watch(
        self,
        pipeline: Sequence[Mapping[str, Any]] | None = None,
        full_document: str | None = None,
        resume_after: Mapping[str, Any] | None = None,
        max_await_time_ms: int | None = None,
        batch_size: int | None = None,
        collation: Any = None,
        start_at_operation_time: Timestamp | None = None,
        session: ClientSession | None = None,
        start_after: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> DatabaseChangeStream[Document]:
        """Events of all collections of the database; `ChangeStream` explains the options.

        Raises `OperationFailure` if the server refuses: outside of replica sets, and to read less than majorities.
        """
        from petiole.change_stream import DatabaseChangeStream  # Few programs need it.

        stream: DatabaseChangeStream[Document] = DatabaseChangeStream(
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

    def list_collections(
        self,
        session: ClientSession | None = None,
        filter: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> CommandCursor[MutableMapping[str, Any]]:
        """A cursor over descriptions of all collections, or of those that match `filter`."""
        source = run(self._open_collections(session, filter, comment, raw_data, kwargs))
        made: CommandCursor[MutableMapping[str, Any]] = CommandCursor._of(
            self._executor, source, session, comment=comment
        )
        return made

    def create_collection(
        self,
        name: str,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
        session: ClientSession | None = None,
        check_exists: bool | None = True,
        **kwargs: Any,
    ) -> Collection[Document]:
        """Create a collection, and return it; `kwargs` are options of the `create` command.

        Raises `CollectionInvalid` if it exists; without `check_exists`, the server is left to raise
        `OperationFailure`.
        """
        made: Collection[Document] = self.get_collection(
            name, codec_options, read_preference, write_concern, read_concern
        )
        run(self._create_collection(made, session, check_exists, kwargs))
        return made

    def dereference(
        self, dbref: DBRef, session: ClientSession | None = None, comment: Any | None = None, **kwargs: Any
    ) -> Document | None:
        """The document a reference points to, or None; `kwargs` are those of `find`.

        Raises `ValueError` if the reference is to another database.
        """
        collection = self[self._referenced(dbref)]
        return run(self._dereference(collection, dbref, session, comment, kwargs))

    list_collection_names = blocking(CoreDatabase[Document]._list_collection_names)
    drop_collection = blocking(CoreDatabase[Document]._drop_collection)
    validate_collection = blocking(CoreDatabase[Document]._validate_collection)
