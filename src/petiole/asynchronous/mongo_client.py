"""The asyncio client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from petiole._core.client import CoreClient
from petiole._core.document import Document, OtherDocument
from petiole._runtime.driver import face
from petiole.asynchronous.command_cursor import AsyncCommandCursor
from petiole.asynchronous.database import AsyncDatabase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from petiole.asynchronous.change_stream import AsyncClusterChangeStream
    from petiole.asynchronous.client_session import AsyncClientSession, TransactionOptions
    from petiole.bson.codec_options import CodecOptions, TypeRegistry
    from petiole.bson.timestamp import Timestamp
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.typings import _Address
    from petiole.write_concern import WriteConcern

__all__ = ["AsyncMongoClient"]


@face
class AsyncMongoClient(CoreClient[Document], Generic[Document]):
    """Client for a MongoDB instance, a replica set, or a set of mongoses. Thread-safe, with pools built in.

    It belongs to no event loop: one may serve several, at the same time or one after the other.
    """

    _face = "AsyncMongoClient"

    @overload
    def __init__(
        self: AsyncMongoClient[dict[str, Any]],
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        document_class: None = None,
        tz_aware: bool | None = None,
        connect: bool | None = None,
        type_registry: TypeRegistry | None = None,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        document_class: type[Document] | None = None,
        tz_aware: bool | None = None,
        connect: bool | None = None,
        type_registry: TypeRegistry | None = None,
        **kwargs: Any,
    ) -> None: ...
    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        document_class: type[Any] | None = None,
        tz_aware: bool | None = None,
        connect: bool | None = None,
        type_registry: TypeRegistry | None = None,
        **kwargs: Any,
    ) -> None:
        """Nothing is waited for: the deployment is discovered in the background from the first operation on.

        :param host: a host, a connection string, or a list of hosts of which one may be a connection string;
            `HOST` for None.
        :param port: the port of hosts that name none; `PORT` for None.
        :param document_class: what documents are decoded into; dict for None.
        :param tz_aware: whether datetimes know their time zone, UTC unless the option `tzinfo` names another.
        :param connect: taken for compatibility; discovery begins with the first operation.
        :param type_registry: encoders and decoders of the application's own types.
        :param kwargs: all options of connection strings, which they override, and `read_preference`, `server_api`,
            `event_listeners`, `driver`, `server_selector`, and `tracing`: whether to trace operations with
            OpenTelemetry (`enabled`, by default what OTEL_PYTHON_INSTRUMENTATION_MONGODB_ENABLED says), and how many
            characters of each command to show (`query_text_max_length`, by default what
            OTEL_PYTHON_INSTRUMENTATION_MONGODB_QUERY_TEXT_MAX_LENGTH says, or 0), and `auto_encryption_opts`: how
            to encrypt and decrypt, by an `AutoEncryptionOpts`. Automatic encryption requires the authenticated user
            to have the privilege action listCollections; it makes batches of writes smaller, and may cost speed.
        :raises ConfigurationError, InvalidURI, ValueError, TypeError: if something is wrong with them.
        """
        keywords = {
            "document_class": document_class,
            "tz_aware": tz_aware,
            "connect": connect,
            "type_registry": type_registry,
            **kwargs,
        }
        from petiole._runtime.aio import AIO  # Imports asyncio, which blocking programs do not need.

        self._configure(AIO, host, port, keywords)

    def __getattr__(self, name: str) -> AsyncDatabase[Document]:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} database, "
                f"use client[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AsyncDatabase[Document]:
        return AsyncDatabase(self, name)

    # Databases.

    @overload
    def get_database(
        self,
        name: str | None = None,
        codec_options: None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[Document]: ...
    @overload
    def get_database(
        self,
        name: str | None,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[OtherDocument]: ...
    @overload
    def get_database(
        self,
        name: str | None = None,
        *,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[OtherDocument]: ...
    def get_database(
        self,
        name: str | None = None,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[Any]:
        """A database with its own options; the one named in the connection string for None.

        Raises `ConfigurationError` if the connection string names none.
        """
        return AsyncDatabase(
            self, self._named(name), codec_options, read_preference, write_concern, read_concern
        )

    @overload
    def get_default_database(
        self,
        default: str | None = None,
        codec_options: None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[Document]: ...
    @overload
    def get_default_database(
        self,
        default: str | None,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[OtherDocument]: ...
    @overload
    def get_default_database(
        self,
        default: str | None = None,
        *,
        codec_options: CodecOptions[OtherDocument],
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[OtherDocument]: ...
    def get_default_database(
        self,
        default: str | None = None,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AsyncDatabase[Any]:
        """The database named in the connection string, or else `default`.

        Raises `ConfigurationError` if neither is given.
        """
        name = self._default_name(default)
        return AsyncDatabase(self, name, codec_options, read_preference, write_concern, read_concern)

    async def watch(
        self,
        pipeline: Sequence[Mapping[str, Any]] | None = None,
        full_document: str | None = None,
        resume_after: Mapping[str, Any] | None = None,
        max_await_time_ms: int | None = None,
        batch_size: int | None = None,
        collation: Any = None,
        start_at_operation_time: Timestamp | None = None,
        session: AsyncClientSession | None = None,
        start_after: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> AsyncClusterChangeStream[Document]:
        """Events of all databases but admin, config and local; `AsyncChangeStream` explains the options.

        Raises `OperationFailure` if the server refuses: outside of replica sets, and to read less than majorities.
        """
        from petiole.asynchronous.change_stream import AsyncClusterChangeStream  # Few programs need it.

        stream: AsyncClusterChangeStream[Document] = AsyncClusterChangeStream(
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

    async def list_databases(
        self, session: AsyncClientSession | None = None, comment: Any | None = None, **kwargs: Any
    ) -> AsyncCommandCursor[dict[str, Any]]:
        """A cursor over descriptions of all databases; `kwargs` are fields of the `listDatabases` command."""
        found = await self._list_databases(session, comment, kwargs)
        commands = self["admin"]["$cmd"]
        made: AsyncCommandCursor[dict[str, Any]] = AsyncCommandCursor(commands, found, None, comment=comment)
        return made

    list_database_names = CoreClient[Document]._list_database_names
    drop_database = CoreClient[Document]._drop_database
    server_info = CoreClient[Document]._server_info
    bulk_write = CoreClient[Document]._bulk_write

    def start_session(
        self,
        causal_consistency: bool | None = None,
        default_transaction_options: TransactionOptions | None = None,
        snapshot: bool | None = False,
        snapshot_time: Timestamp | None = None,
    ) -> AsyncClientSession:
        """A session, for one task at a time; it belongs to this client.

        With `causal_consistency`, which is the default, its reads see its own earlier operations. With `snapshot` all
        its reads see the data as of the first one, or as of `snapshot_time` (another such session's
        `snapshot_time`). `default_transaction_options` are for transactions that are started without.

        Raises `ConfigurationError` if both `causal_consistency` and `snapshot` are asked for.
        """
        from petiole.asynchronous.client_session import (  # Few programs need them.
            AsyncClientSession,
            SessionOptions,
        )

        return AsyncClientSession(
            self, SessionOptions(causal_consistency, default_transaction_options, snapshot, snapshot_time)
        )

    # The deployment.

    @property
    async def primary(self) -> _Address | None:
        """The address of the replica set's primary, or None when there is none or no replica set."""
        return await self._primary()

    @property
    async def secondaries(self) -> set[_Address]:
        """The addresses of the replica set's secondaries that are known so far."""
        return await self._secondaries()

    @property
    async def arbiters(self) -> set[_Address]:
        """The addresses of the replica set's arbiters that are known so far."""
        return await self._arbiters()

    @property
    async def address(self) -> _Address | None:
        """The address of the server that writes go to; waits until one is known.

        Raises `InvalidOperation` where there are several mongoses, which take turns.
        """
        return await self._address()

    @property
    async def is_primary(self) -> bool:
        """Whether a server that takes writes can be found; waits until one is."""
        return await self._is_primary()

    @property
    async def is_mongos(self) -> bool:
        """Whether the server that writes go to is a mongos; waits until it is known."""
        return await self._is_mongos()

    # Lifetime.

    close = CoreClient[Document]._close
    aclose = close

    async def aconnect(self) -> None:
        """Begin to discover the deployment, without waiting for it; every operation does so by itself.

        Waits for the DNS where the connection string is a ``mongodb+srv://`` one. Raises `ConfigurationError` if it
        has no answer that can be believed.
        """
        await self._engine.open()

    async def __aenter__(self) -> Self:
        await self._engine.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
