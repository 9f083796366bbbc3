"""What Motor's documentation described and today's Motor has no more: the client of Motor 0.x, beside today's names.

Where the two contradict each other, today's holds. `docs/migration/motor.md` lists where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from petiole._core.copy_database import copy_database
from petiole._core.timeout import timeout
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import ConnectionFailure, OperationFailure
from petiole.read_preferences import make_read_preference

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Mapping, Sequence

    Callback = Callable[[Any, Any], Any] | None

_MAX_BSON_SIZE = 16 * 1024 * 1024
_MAX_MESSAGE_SIZE = 2 * _MAX_BSON_SIZE
_POSITIONAL = ("host", "port", "max_pool_size", "document_class", "tz_aware")
"""The parameters of old, in order. Today the third is `document_class`, which no number can be."""
_RENAMED = {"max_pool_size": "maxPoolSize", "secondary_acceptable_latency_ms": "localThresholdMS"}
_PATIENCE = 5.0
"""Seconds within which a server that is alive answers."""


class DocumentedClient:
    """Beside the client's other bases."""

    delegate: AsyncMongoClient[Any]
    _launch: Callable[..., Any]
    _replace_options: Callable[..., None]

    @staticmethod
    def _todays(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Today's arguments for those of old, which may be given by position or by name."""
        if len(args) > 2 and isinstance(args[2], int):
            kwargs = {**dict(zip(_POSITIONAL[2:], args[2:], strict=False)), **kwargs}
            args = args[:2]
        for name in [name for name in _RENAMED if name in kwargs]:
            kwargs[_RENAMED[name]] = kwargs.pop(name)
        tag_sets = kwargs.pop("tag_sets", None)
        mode = kwargs.get("read_preference")
        if isinstance(mode, int) or tag_sets is not None:
            number = mode if isinstance(mode, int) else getattr(mode, "mode", 0)
            kwargs["read_preference"] = make_read_preference(number, tag_sets)
        return args, kwargs

    # Lifetime.

    def open(self, callback: Callback = None) -> Future[Self]:
        """A Future of this client, once a server has been found. It is not needed, but tells whether one can be.

        Raises `ConnectionFailure` if none can; whether authentication succeeds shows with the first operation.
        """
        return self._launch(self._opened(), callback)  # type: ignore[no-any-return]

    async def _opened(self) -> Self:
        await self.delegate._executor.discover(self.delegate._options.read_preference)
        return self

    def disconnect(self) -> None:
        """Close all connections. The client opens itself again when it is used; operations under way finish."""
        self.delegate._engine.disconnect()

    def alive(self, callback: Callback = None) -> Future[bool]:
        """A Future of whether the server answers."""
        return self._launch(self._is_alive(), callback)  # type: ignore[no-any-return]

    async def _is_alive(self) -> bool:
        with timeout(_PATIENCE):
            try:
                await self.delegate["admin"].command("ping")
            except ConnectionFailure:
                return False
        return True

    # Administration.

    def database_names(self, callback: Callback = None) -> Future[list[str]]:
        """A Future of the names of all databases; the same as `list_database_names`."""
        return self._launch(self.delegate.list_database_names(), callback)  # type: ignore[no-any-return]

    def close_cursor(self, cursor_id: int, callback: Callback = None) -> Future[None]:
        """A Future of a cursor's closing, by its id. Raises `TypeError` if that is no int."""
        if not isinstance(cursor_id, int):
            raise TypeError(f"cursor_id must be an instance of int, not {type(cursor_id)}")
        return self.kill_cursors([cursor_id], callback)

    def kill_cursors(self, cursor_ids: list[int], callback: Callback = None) -> Future[None]:
        """A Future of several cursors' closing, by their ids. Raises `TypeError` if they are no list."""
        if not isinstance(cursor_ids, list):
            raise TypeError(f"cursor_ids must be a list, not {type(cursor_ids)}")
        return self._launch(self._kill(cursor_ids), callback)  # type: ignore[no-any-return]

    async def _kill(self, cursor_ids: list[int]) -> None:
        # The command wants the name of a collection, which the ids do not tell; servers go by the ids.
        await self.delegate["admin"].command("killCursors", "$cmd", cursors=cursor_ids)

    def copy_database(
        self,
        from_name: str,
        to_name: str,
        from_host: str | None = None,
        username: str | None = None,
        password: str | None = None,
        callback: Callback = None,
    ) -> Future[None]:
        """A Future of the copying of a database: collections with their options and indexes, documents, views.

        Servers since 4.2 do it no more, so the client reads and writes. From another host if `from_host` names one,
        as `username` if that is given. Raises `InvalidName`, `TypeError`; nothing is removed from `to_name`.
        """
        source = self._source(from_host, username, password)
        work = self._copy(source, from_name, to_name)
        return self._launch(work, callback)  # type: ignore[no-any-return]

    def _source(self, host: str | None, username: str | None, password: str | None) -> AsyncMongoClient[Any]:
        if host is None:
            return self.delegate
        given = {"username": username, "password": password}
        named: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return AsyncMongoClient(host, **named)

    async def _copy(self, source: AsyncMongoClient[Any], from_name: str, to_name: str) -> None:
        try:
            await copy_database(source[from_name], self.delegate[to_name])
        finally:
            if source is not self.delegate:
                await source.close()

    def fsync(self, callback: Callback = None, **kwargs: Any) -> Future[dict[str, Any]]:
        """A Future of the server's having flushed all writes to its files, with its reply.

        :param lock: refuse writes from then on, until `unlock`; it cannot be used together with `async`.
        :param async: do not wait; servers since 3.0 wait all the same.
        """
        return self._launch(self._fsync(kwargs), callback)  # type: ignore[no-any-return]

    async def _fsync(self, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("lock") and options.get("async"):
            # Servers of old refused that themselves; today's would be locked.
            raise OperationFailure("fsync: lock and async cannot be used together")
        return await self.delegate["admin"].command("fsync", **options)

    def unlock(self, callback: Callback = None) -> Future[None]:
        """A Future of the server's being unlocked."""
        return self._launch(self._unlock(), callback)  # type: ignore[no-any-return]

    async def _unlock(self) -> None:
        await self.delegate["admin"].command("fsyncUnlock")

    # Attributes.

    @property
    def document_class(self) -> type[Any]:
        """What documents are decoded into. It can be set."""
        return self.delegate.codec_options.document_class

    @document_class.setter
    def document_class(self, value: type[Any]) -> None:
        options = self.delegate.codec_options.with_options(document_class=value)
        self._replace_options(options, None, None)

    @property
    def tz_aware(self) -> bool:
        """Whether datetimes know their time zone."""
        return self.delegate.codec_options.tz_aware

    @property
    def host(self) -> str | None:
        """The host connected to: the one that writes go to; None while none is known."""
        address = self._connected("address")
        return None if address is None else address[0]

    @property
    def port(self) -> int | None:
        """Its port."""
        address = self._connected("address")
        return None if address is None else address[1]

    @property
    def max_bson_size(self) -> int:
        """Bytes that a document may have on the connected server; 16 MB if not connected."""
        return self._connected("max_bson_size") or _MAX_BSON_SIZE

    @property
    def max_message_size(self) -> int:
        """Bytes that a message may have on the connected server; 32 MB if not connected."""
        return self._connected("max_message_size") or _MAX_MESSAGE_SIZE

    @property
    def max_wire_version(self) -> int:
        """The newest protocol version of the connected server; 0 if not connected."""
        return self._connected("max_wire_version") or 0

    @property
    def min_wire_version(self) -> int:
        """Its oldest protocol version; 0 if not connected."""
        return self._connected("min_wire_version") or 0

    def _connected(self, attribute: str) -> Any:
        description = self.delegate.topology_description
        for server in description.known_servers:
            if server.is_writable:
                return getattr(server, attribute)
        return None

    @property
    def max_pool_size(self) -> int | None:
        """Connections that a pool opens at most; further operations wait for one, up to `waitQueueTimeoutMS`."""
        return self.delegate.options.pool_options.max_pool_size

    @property
    def secondary_acceptable_latency_ms(self) -> float:
        """Members whose ping time is that many milliseconds above the nearest one's may still be read from."""
        return self.delegate.options.local_threshold_ms

    @property
    def tag_sets(self) -> Sequence[Mapping[str, Any]]:
        """The tags of members that may be read from, in the order of preference. It can be set."""
        return self.delegate.read_preference.tag_sets

    @tag_sets.setter
    def tag_sets(self, value: Sequence[Mapping[str, Any]]) -> None:
        mode = self.delegate.read_preference.mode
        self._replace_options(None, make_read_preference(mode, list(value)), None)
