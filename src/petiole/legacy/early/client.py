"""The client of 1.x and 2.x, on today's blocking one: what `Connection` and the 2.x clients have in common.

Owns connecting at once, requests, attributes of then, and copying databases. Options are read by `options`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.database import CoreDatabase, check_database_name
from petiole._core.timeout import timeout
from petiole._native import run
from petiole._runtime.blocking import BLOCKING
from petiole.errors import ConnectionFailure
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.contact import make_contact
from petiole.legacy.early.copying import copy_database
from petiole.legacy.early.database import Database
from petiole.legacy.early.options import EarlySetup, read_options
from petiole.legacy.early.request import Request
from petiole.legacy.early.settings import ClientSettings
from petiole.legacy.mongo_client import MongoClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole._runtime.base import Runtime
    from petiole.client_options import ClientSetup
    from petiole.typings import _Address

_PATIENCE = 5.0
"""Seconds within which a server that is alive answers."""


class EarlyClient(ClientSettings, MongoClient):
    """A client that connects when it is made, keeps connections for threads, and opens itself again."""

    _acknowledges = True
    """Whether writes are acknowledged where nothing is said."""
    _automatic = False
    """Whether every thread is in a request from its first operation on."""
    _early: EarlySetup

    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        max_pool_size: int | None = None,
        document_class: type[Any] = dict,
        tz_aware: bool = False,
        **kwargs: Any,
    ) -> None:
        connect = kwargs.pop("_connect", True) and kwargs.pop("connect", True)
        if max_pool_size is not None:
            kwargs["maxPoolSize"] = max_pool_size
        super().__init__(host, port, document_class, tz_aware, connect=False, **kwargs)
        if connect:
            self._connect_now()

    def _connect_now(self) -> None:
        deadline = BLOCKING.never.sooner(self.options.server_selection_timeout)
        try:
            run(make_contact(self._engine, self._contact(), deadline))
        except BaseException:
            self._engine.topology.close()
            raise

    def _contact(self) -> Any:
        """The read preference of what is enough to have connected to, where no server takes writes."""
        return self._options.read_preference

    def _read_options(self, host: str | Sequence[str], port: int, keywords: dict[str, Any]) -> ClientSetup:
        setup, self._early = read_options(
            host, port, keywords, safe=self._acknowledges, automatic=self._automatic
        )
        return setup

    def _configure(
        self, runtime: Runtime, host: str | Sequence[str] | None, port: int | None, keywords: dict[str, Any]
    ) -> None:
        super()._configure(runtime, host, port, keywords)
        self._safe = self._early.safe

    # Databases.

    def __getitem__(self, name: str) -> Database:
        return Database(self, name)

    def __getattr__(self, name: str) -> Database:
        found: Any = super().__getattr__(name)
        return found  # type: ignore[no-any-return]

    def get_database(
        self,
        name: str | None = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        """A database with its own options; the one named in the connection string for None."""
        return Database(self, self._named(name), codec_options, read_preference, write_concern, read_concern)

    def get_default_database(self) -> Database:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """The database named in the connection string. Raises `ConfigurationError` if it names none."""
        return Database(self, self._default_name(None))

    def drop_database(self, name_or_database: Any) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Drop a database, which is given by its name or itself. Raises `TypeError` for anything else."""
        if not isinstance(name_or_database, (str, CoreDatabase)):
            raise TypeError("name_or_database must be an instance of (str, unicode, Database)")
        super().drop_database(name_or_database)

    def copy_database(
        self,
        from_name: str,
        to_name: str,
        from_host: str | None = None,
        username: str | None = None,
        password: str | None = None,
        mechanism: str = "DEFAULT",
    ) -> None:
        """Copy a database, potentially from another host: collections with their options and indexes, and views.

        Servers since 4.2 do it no more, so the client reads and writes.

        :param from_host: the host to copy from; this client's own for None.
        :param username: a user of the source database, or of admin, if the source demands one.
        :raises TypeError: if a name is none.
        :raises InvalidName: if `to_name` is not a valid name of a database.
        :raises ConfigurationError: for a user without a password.
        """
        for label, name in (("from_name", from_name), ("to_name", to_name)):
            if not isinstance(name, str):
                raise TypeError(f"{label} must be an instance of str")
        check_database_name(to_name)
        copy_database(self, from_name, to_name, from_host, (username, password, mechanism))

    # Requests.

    def start_request(self) -> Request:
        """Let the running thread keep its connection until `end_request`; with automatic requests it does anyway.

        What is returned ends it at the end of a `with` statement. Requests can be nested.
        """
        requests = self._requests
        if requests is not None:
            requests.entered()
            requests.begin()
        return Request(self)

    def in_request(self) -> bool:
        """Whether the running thread keeps its connection."""
        return self._requests is not None and self._requests.depth > 0

    def end_request(self) -> None:
        """Let the connection that is kept for this thread return to the pool, where others can use it."""
        if self._requests is not None:
            self._requests.end()

    @property
    def _requests(self) -> Any:
        return self._engine.setup.options.pool_options.requests

    @property
    def auto_start_request(self) -> bool:
        """Whether every thread is in a request from its first operation on."""
        return self._early.auto_start_request

    @property
    def use_greenlets(self) -> bool:
        """What was given; under gevent's monkey-patching it is so in any case."""
        return self._early.use_greenlets

    # Lifetime.

    def disconnect(self) -> None:
        """Close all connections. The client opens itself again when it is used next."""
        run(self._engine.disconnect_in_order())

    def close(self) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The same as `disconnect`."""
        self.disconnect()

    def alive(self) -> bool:
        """Whether the server answers, within five seconds."""
        with timeout(_PATIENCE):
            try:
                self["admin"].command("ping")
            except ConnectionFailure:
                return False
        return True

    # Where it is connected to.

    def _connected(self) -> Any:
        """The description of the server that operations go to; None while there is none."""
        description = self.topology_description
        known = description.known_servers
        if self._early.slave_okay and len(description.server_descriptions()) == 1:
            return next(iter(known), None)
        return next((one for one in known if one.is_writable), None)

    @property
    def host(self) -> str | None:
        """The host connected to at this moment; None if there is none."""
        server = self._connected()
        return None if server is None else server.address[0]

    @property
    def port(self) -> int | None:
        """The port connected to at this moment."""
        server = self._connected()
        return None if server is None else server.address[1]

    @property
    def nodes(self) -> frozenset[_Address]:
        """All nodes that are known: those given, and those that the replica set was found to have."""
        found: set[Any] = set(self._given.seeds)
        servers = self.topology_description.server_descriptions()
        if any(one.is_server_type_known for one in servers.values()):
            # A member may be known by another name than the one given.
            found = set(servers) if self._is_set() else found | set(servers)
        for server in servers.values():
            found |= set(server.all_hosts)
        return frozenset(found)

    def _is_set(self) -> bool:
        return not self.topology_description.settings.direct

    def __repr__(self) -> str:
        nodes = sorted(self.nodes, key=str)
        if len(nodes) == 1:
            return f"{type(self).__name__}({nodes[0][0]!r}, {nodes[0][1]!r})"
        return f"{type(self).__name__}({[f'{host}:{port}' for host, port in nodes]!r})"

    # What it was told.

    @property
    def max_pool_size(self) -> int | None:
        """The most connections at a time to each server; None for no limit."""
        return self.options.pool_options.max_pool_size

    @property
    def min_wire_version(self) -> int:
        """The oldest protocol version of the connected server; 0 if not connected."""
        server = self._connected()
        return 0 if server is None else server.min_wire_version

    @property
    def max_wire_version(self) -> int:
        """The newest protocol version of the connected server; 0 if not connected."""
        server = self._connected()
        return 0 if server is None else server.max_wire_version

    # Cursors.

    def close_cursor(self, cursor_id: int, address: Any = None) -> None:
        """Close a cursor by its id, as the cursor manager does that. Raises `TypeError` if it is no int."""
        if isinstance(cursor_id, int) and self._cursor_manager is not None and address is None:
            deprecated("close_cursor is deprecated. Use Cursor.close instead.")
            self._cursor_manager.close(cursor_id)
        else:
            super().close_cursor(cursor_id, address)
