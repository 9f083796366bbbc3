"""A master and its slaves as one client: writes and commands go to the master, queries to the slaves.

Servers since 4.0 replicate to no slaves any more, so for replica sets there is `read_preference`. What is left is the
division of work between clients that the application makes itself, for instance of two members, or of a server and
copies of its data that are kept by other means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from petiole._net.requests import Requests
from petiole._runtime.blocking import BLOCKING
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early import collection, database
from petiole.legacy.early.client import EarlyClient
from petiole.legacy.early.request import Request
from petiole.legacy.early.settings import ClientSettings
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole.legacy.cursor_manager import CursorManager

__all__ = ["MasterSlaveConnection"]


class MasterSlaveConnection(ClientSettings):
    """Behaves as its master does, but for queries."""

    def __init__(
        self,
        master: EarlyClient,
        slaves: list[Any] | None = None,
        document_class: type[Any] | None = None,
        tz_aware: bool | None = None,
    ) -> None:
        """
        :param master: the client that writes and commands go to.
        :param slaves: clients that queries go to, one chosen at random; made with `slave_okay` for members of a set.
        :param document_class: what documents are decoded into; as the master does for None.
        :param tz_aware: whether datetimes know their time zone; as the master has it for None.
        :raises TypeError: if `master` is no client, or `slaves` no list of one or more.
        """
        if not isinstance(master, EarlyClient):
            raise TypeError("master must be a Connection instance")
        if not isinstance(slaves, list) or not slaves:
            raise TypeError("slaves must be a list of length >= 1")
        for slave in slaves:
            if not isinstance(slave, EarlyClient):
                raise TypeError(f"slave {slave!r} is not an instance of Connection")
        deprecated(
            "MasterSlaveConnection is deprecated. MongoDB has no master/slave replication since version 4.0."
        )
        self._master = master
        self._slaves = slaves
        self._executor = master._executor
        self._safe = master._safe
        given = {"document_class": document_class, "tz_aware": tz_aware}
        codec = {name: value for name, value in given.items() if value is not None}
        self._options = master._options.replaced(
            master._options.codec_options.with_options(**codec), None, None, None
        )
        self._in_order = Requests(automatic=False)

    # Its parts.

    @property
    def master(self) -> EarlyClient:
        """The client that writes and commands go to."""
        return self._master

    @property
    def slaves(self) -> list[Any]:
        """The clients that queries go to."""
        return list(self._slaves)

    @property  # type: ignore[misc]
    def slave_okay(self) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Whether queries go to slaves: that is what it is for."""
        return True

    def _slave(self) -> EarlyClient:
        """Where a query goes: any slave that is connected; the master in a request, and where there is none."""
        if self._in_order.depth:
            return self._master
        connected = [slave for slave in self._slaves if slave.host is not None] or self._slaves
        chosen: EarlyClient = connected[BLOCKING.draw(len(connected))]
        return chosen

    # Databases.

    def __getitem__(self, name: str) -> Database:
        return Database(self, name)

    def __getattr__(self, name: str) -> Database:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self[name]

    def database_names(self) -> list[str]:
        """The names of all databases of the master."""
        return self._master.database_names()

    def drop_database(self, name_or_database: Any) -> None:
        """Drop a database of the master. Raises `TypeError` if it is neither a name nor a database."""
        self._master.drop_database(name_or_database)

    def server_info(self) -> dict[str, Any]:
        """What the master tells of itself."""
        return self._master.server_info()

    # Requests and lifetime.

    def start_request(self) -> Request:
        """Let all operations of the running thread, queries too, go to the master, in order, until `end_request`."""
        self._in_order.begin()
        self._master.start_request()
        return Request(self)

    def in_request(self) -> bool:
        """Whether the running thread's queries go to the master."""
        return self._in_order.depth > 0

    def end_request(self) -> None:
        """Let this thread's queries go to slaves again. Harmless without `start_request`."""
        if self._in_order.depth:
            self._in_order.end()
            self._master.end_request()

    def disconnect(self) -> None:
        """Close all connections, of the master and the slaves. They open themselves again."""
        for client in (self._master, *self._slaves):
            client.disconnect()

    close = disconnect

    # Cursors.

    def set_cursor_manager(self, manager_class: type[CursorManager]) -> None:
        """Let cursors of all of them be closed by that subclass of `CursorManager`."""
        for client in (self._master, *self._slaves):
            client.set_cursor_manager(manager_class)

    def close_cursor(self, cursor_id: int, connection_id: int) -> None:
        """Close a cursor by its id.

        :param connection_id: -1 for the master, or else the number of the slave.
        """
        client = self._master if connection_id == -1 else self._slaves[connection_id]
        client.close_cursor(cursor_id)

    # What the master tells.

    @property
    def is_mongos(self) -> bool:
        """Whether the master is a mongos."""
        return self._master.is_mongos

    @property
    def use_greenlets(self) -> bool:
        """As the master was told."""
        return self._master.use_greenlets

    @property
    def max_bson_size(self) -> int:
        """The largest document the master accepts, in bytes."""
        return self._master.max_bson_size

    @property
    def max_message_size(self) -> int:
        """The largest message the master accepts, in bytes."""
        return self._master.max_message_size

    @property
    def max_write_batch_size(self) -> int:
        """The most statements the master accepts in one message."""
        return self._master.max_write_batch_size

    @property
    def min_wire_version(self) -> int:
        """The oldest protocol version of the master."""
        return self._master.min_wire_version

    @property
    def max_wire_version(self) -> int:
        """The newest protocol version of the master."""
        return self._master.max_wire_version

    # What comparisons and mistakes give.

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MasterSlaveConnection):
            return (self._master, self._slaves) == (other._master, other._slaves)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._master)

    def __repr__(self) -> str:
        return f"MasterSlaveConnection({self._master!r})"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> NoReturn:
        raise TypeError("'MasterSlaveConnection' object is not iterable")

    next = __next__


class Database(database.Database):
    """A database whose collections' queries go to slaves."""

    def __getitem__(self, name: str) -> Collection:
        return Collection(self, name)


class Collection(collection.Collection):
    """A collection whose queries go to slaves."""

    def _for_queries(self) -> collection.Collection:
        connection: Any = self._database._client
        client = connection._slave()
        if client is connection._master:
            return self
        return client[self._database_name].get_collection(  # type: ignore[no-any-return]
            self._name, self._options.codec_options, ReadPreference.SECONDARY_PREFERRED
        )
