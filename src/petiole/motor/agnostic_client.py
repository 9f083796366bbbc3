"""Motor's client: databases, sessions, the deployment, and the loop that operations run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.client_repr import client_repr
from petiole._version import __version__
from petiole.asynchronous.client_session import AsyncClientSession
from petiole.asynchronous.command_cursor import AsyncCommandCursor
from petiole.asynchronous.database import AsyncDatabase
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.driver_info import DriverInfo
from petiole.motor.agnostic_change_stream import AgnosticChangeStream
from petiole.motor.agnostic_cursor import AgnosticCommandCursor
from petiole.motor.agnostic_database import AgnosticDatabase
from petiole.motor.agnostic_session import AgnosticClientSession
from petiole.motor.deployment import Deployment
from petiole.motor.documented import DocumentedClient
from petiole.motor.metaprogramming import delegated, future, future_of_wrapped, future_or_callback
from petiole.motor.properties import AgnosticBaseProperties, immutable

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

    from petiole.errors import InvalidOperation

_MongoClient: Any = AsyncMongoClient  # Bare of its types, which are those of another `self`.


class AgnosticClient(Deployment, DocumentedClient, AgnosticBaseProperties):
    """Client for a MongoDB instance, a replica set, or a set of mongoses, with pools built in.

    Takes the arguments of `MongoClient`, and `io_loop`: the loop that operations run on, for which otherwise each takes
    the one it is called on. So one client can serve several loops. It opens itself on demand.
    """

    delegate: AsyncMongoClient[Any]
    _io_loop: Any = None
    _refusal: Callable[[], InvalidOperation] | None = None
    """Makes the error of operations, once the client is closed."""

    list_database_names = future(_MongoClient.list_database_names)
    list_databases = future_of_wrapped(_MongoClient.list_databases)
    drop_database = future_or_callback(_MongoClient.drop_database)
    server_info = future_or_callback(_MongoClient.server_info)
    bulk_write = future(_MongoClient.bulk_write)
    HOST = delegated("The host of clients that are given none.")
    PORT = delegated("The port of hosts that name none.")
    options = delegated("The configuration options for this client.")
    append_metadata = delegated("Tell servers of one more library that is built on the driver.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        loop = kwargs.pop("io_loop", None)
        if loop is not None:
            self._framework.check_event_loop(loop)
            self._io_loop = loop
        args, kwargs = self._todays(args, kwargs)
        kwargs.setdefault("connect", False)
        kwargs.setdefault("driver", DriverInfo("Motor", __version__, self._framework.platform_info()))
        super().__init__(AsyncMongoClient(*args, **kwargs))
        self._motor_client = self

    def get_io_loop(self) -> Any:
        """The loop that operations run on: that given as `io_loop`, or else the current one."""
        return self._framework.get_event_loop() if self._io_loop is None else self._io_loop

    @property
    def io_loop(self) -> Any:
        """The same as `get_io_loop()`."""
        return self.get_io_loop()

    def __getattr__(self, name: str) -> AgnosticDatabase:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} database, "
                f"use client[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AgnosticDatabase:
        return self._of_framework(AgnosticDatabase)(self, name)

    __iter__ = None
    """`__getitem__` would make clients iterable, without end."""

    def _inner(self) -> str:
        return client_repr("MongoClient", self.delegate._engine.setup)

    def get_database(
        self,
        name: str | None = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> AgnosticDatabase:
        """A database with its own options; the one named in the connection string for None."""
        concern = immutable(write_concern)
        return self.wrap(  # type: ignore[no-any-return]
            self.delegate.get_database(name, codec_options, read_preference, concern, read_concern)
        )

    def get_default_database(
        self,
        default: str | None = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> AgnosticDatabase:
        """The database named in the connection string, or else `default`."""
        concern = immutable(write_concern)
        return self.wrap(  # type: ignore[no-any-return]
            self.delegate.get_default_database(default, codec_options, read_preference, concern, read_concern)
        )

    def wrap(self, obj: Any) -> Any:
        """The Motor object for one of the asyncio face; other values themselves."""
        if isinstance(obj, AsyncDatabase):
            return self._of_framework(AgnosticDatabase)(self, obj.name, _delegate=obj)
        if isinstance(obj, AsyncCommandCursor):
            return self._of_framework(AgnosticCommandCursor)(obj, self["admin"]["$cmd"])
        if isinstance(obj, AsyncClientSession):
            return self._of_framework(AgnosticClientSession)(obj, self)
        return obj

    def start_session(self, *args: Any, **kwargs: Any) -> Future[AgnosticClientSession]:
        """A Future of a session, for one task at a time; takes what `AsyncMongoClient.start_session` takes."""

        async def started() -> AgnosticClientSession:
            return self.wrap(self.delegate.start_session(*args, **kwargs))  # type: ignore[no-any-return]

        return self._launch(started())  # type: ignore[no-any-return]

    def watch(self, *args: Any, **kwargs: Any) -> AgnosticChangeStream:
        """Events of all databases, from when the first is asked for."""
        return self._of_framework(AgnosticChangeStream)(self, *args, **kwargs)

    def close(self) -> None:
        """Close the client, for good. Nothing has to be awaited: it says farewell to its servers in the background.

        To close the connections and go on later, there is `disconnect`.
        """
        if self._refusal is None:
            self._refusal = self.delegate._engine.topology.refusal
            self.delegate._engine.leave()
