"""The client of the 3.x API, on the blocking face.

Owns what 4.x removed or changed: options under their old names, the server's lock, cursors closed by id, and
reopening after `close`. Everything else is today's client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._engine.cursor import Abandoned
from petiole.legacy.client_attributes import ClientAttributes
from petiole.legacy.cursor_manager import CursorManager
from petiole.legacy.database import Database
from petiole.legacy.deprecation import deprecated
from petiole.legacy.options import read_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from petiole._runtime.base import Runtime
    from petiole.bson.codec_options import TypeRegistry
    from petiole.client_options import ClientSetup
    from petiole.typings import _Address

__all__ = ["MongoClient", "MongoReplicaSetClient"]


class MongoClient(ClientAttributes):
    """Client for a MongoDB instance, a replica set, or a set of mongoses, as PyMongo 3.x had it."""

    _cursor_manager: CursorManager | None = None

    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        document_class: type[Any] = dict,
        tz_aware: bool | None = None,
        connect: bool | None = None,
        type_registry: TypeRegistry | None = None,
        **kwargs: Any,
    ) -> None:
        """As today's client, with the options of 3.x.

        :param kwargs: besides today's options `wtimeout`, `j`, `socketKeepAlive`, `waitQueueMultiple`, `ssl_keyfile`,
            `ssl_certfile`, `ssl_cert_reqs`, `ssl_ca_certs`, `ssl_crlfile`, `ssl_pem_passphrase`,
            `ssl_match_hostname`, each with a warning that says what it is called today. UUIDs are written as
            `pythonLegacy` unless `uuidRepresentation` says otherwise.
        """
        super().__init__(host, port, document_class, tz_aware, connect, type_registry, **kwargs)

    def _read_options(self, host: str | Sequence[str], port: int, keywords: dict[str, Any]) -> ClientSetup:
        return read_options(host, port, keywords)

    def _configure(
        self, runtime: Runtime, host: str | Sequence[str] | None, port: int | None, keywords: dict[str, Any]
    ) -> None:
        super()._configure(runtime, host, port, keywords)
        self._authenticated: dict[str, Any] = {}
        """Who has logged in on the databases, by their names."""
        # Encryption cannot begin anew (3.x documents, `close`).
        self._engine.topology.reopens = self.options.auto_encryption_opts is None

    def __del__(self) -> None:
        engine = self.__dict__.get("_engine")
        if engine is not None:
            engine.abandon()  # No warning: 3.x clients need not be closed.

    # Databases.

    def __getitem__(self, name: str) -> Database:
        return Database(self, name)

    def __getattr__(self, name: str) -> Database:
        found: Any = super().__getattr__(name)
        return found  # type: ignore[no-any-return]

    def get_database(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        name: str | None = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        """A database with its own options; the one named in the connection string for None.

        Raises `ConfigurationError` if the connection string names none.
        """
        return Database(self, self._named(name), codec_options, read_preference, write_concern, read_concern)

    def get_default_database(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        default: str | None = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        """The database named in the connection string, or else `default`.

        Raises `ConfigurationError` if neither is given.
        """
        name = self._default_name(default)
        return Database(self, name, codec_options, read_preference, write_concern, read_concern)

    def database_names(self, session: Any = None) -> list[str]:
        """The names of all databases on the server."""
        deprecated("database_names is deprecated. Use list_database_names instead.")
        return self.list_database_names(session)

    # The server.

    @property
    def is_locked(self) -> bool:
        """Whether the server is locked, so that it lets nobody write. `unlock` ends that."""
        deprecated("is_locked is deprecated. Use client.admin.command('currentOp').get('fsyncLock') instead.")
        return bool(self["admin"].command("currentOp").get("fsyncLock", False))

    def fsync(self, **kwargs: Any) -> None:
        """Flush all writes to the data files.

        Options are `lock`, to let nobody write until `unlock`; `async`, not to wait for it (not together with `lock`,
        and nothing that servers since 4.0 heed); and `session`.
        """
        deprecated("fsync is deprecated. Use client.admin.command('fsync') instead.")
        self["admin"].command("fsync", **kwargs)

    def unlock(self, session: Any = None) -> None:
        """Unlock a server that was locked by `fsync`. Raises `OperationFailure` if it is not locked."""
        deprecated("unlock is deprecated. Use client.admin.command('fsyncUnlock') instead.")
        self["admin"].command("fsyncUnlock", session=session)

    # Cursors.

    def set_cursor_manager(self, manager_class: type[CursorManager]) -> None:
        """Let `close_cursor` be carried out by that subclass of `CursorManager`. Raises `TypeError` if it is none."""
        deprecated("set_cursor_manager is deprecated. There are no cursor managers since PyMongo 4.0.")
        if not (isinstance(manager_class, type) and issubclass(manager_class, CursorManager)):
            raise TypeError("manager_class must be a subclass of petiole.legacy.cursor_manager.CursorManager")
        self._cursor_manager = manager_class(self)

    def close_cursor(self, cursor_id: int, address: _Address | None = None) -> None:
        """Have a cursor closed soon, by the client's cursor manager.

        :param address: host and port of the cursor's server; the writable one, or a mongos, for None.
        :raises TypeError: if `cursor_id` is no int.
        """
        deprecated("close_cursor is deprecated. Use Cursor.close instead.")
        if not isinstance(cursor_id, int):
            raise TypeError("cursor_id must be an instance of (int, long)")
        if self._cursor_manager is None:
            self._kill([cursor_id], address)
        else:
            self._cursor_manager.close(cursor_id, address)

    def kill_cursors(self, cursor_ids: list[int], address: _Address | None = None) -> None:
        """Have several cursors of one server closed. Raises `TypeError` if `cursor_ids` is no list."""
        deprecated("kill_cursors is deprecated. Use Cursor.close instead.")
        if not isinstance(cursor_ids, list):
            raise TypeError("cursor_ids must be a list")
        self._kill(cursor_ids, address)

    def _kill(self, cursor_ids: list[int], address: _Address | None) -> None:
        """Kill cursors of any collection: servers need a namespace, but know a cursor by its id alone."""
        if any(not isinstance(cursor_id, int) for cursor_id in cursor_ids):
            raise TypeError("cursor_ids must be instances of int")
        topology = self._engine.topology
        server = next((known for known in topology.servers if known.address == address), None)
        if address is not None and server is None:
            return  # Another server's cursor of that number is none of ours.
        for cursor_id in cursor_ids:  # The housekeeper does it: this may be called by a finalizer.
            self._executor.abandoned.append(Abandoned(server, "admin.$cmd", cursor_id, None, None))

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)

    __hash__ = ClientAttributes.__hash__

    def __iter__(self) -> Self:  # type: ignore[override]
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__!r} object is not callable")


class MongoReplicaSetClient(MongoClient):
    """The client for replica sets of before 3.0; `MongoClient` is one too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        deprecated("MongoReplicaSetClient is deprecated, use MongoClient to connect to a replica set")
        super().__init__(*args, **kwargs)
