"""A client: its options, and the engine that all its databases and collections run on.

Owns construction, comparison, closing and what is known of the deployment; operations are in the classes it is made of.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from petiole._core.client_bulk import ClientBulk
from petiole._core.client_repr import client_repr
from petiole._core.document import Document
from petiole._core.options import Options
from petiole._engine.engine import Engine
from petiole._sdam.server import unknown_server
from petiole._sdam.server_type import SERVER_TYPE, TOPOLOGY_TYPE
from petiole._uri.defaults import SRV_SERVICE_NAME
from petiole.client_options import build_client_options
from petiole.errors import ConfigurationError, InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from petiole._runtime.base import Runtime
    from petiole._sdam.server import ServerDescription
    from petiole._sdam.topology import TopologyDescription
    from petiole.client_options import ClientOptions, ClientSetup
    from petiole.driver_info import DriverInfo
    from petiole.pool_options import PoolOptions
    from petiole.typings import _Address

_REPLICA_SETS = (TOPOLOGY_TYPE.ReplicaSetWithPrimary, TOPOLOGY_TYPE.ReplicaSetNoPrimary)


class CoreClient(ClientBulk[Document]):
    """What the blocking and the asyncio client share."""

    HOST = "localhost"
    PORT = 27017

    _engine: Engine
    _given: ClientSetup
    _face = "MongoClient"
    """What errors call the class."""

    def _configure(
        self, runtime: Runtime, host: str | Sequence[str] | None, port: int | None, keywords: dict[str, Any]
    ) -> None:
        """Read the options and build the engine; nothing is connected yet."""
        setup = self._read_options(
            self.HOST if host is None else host, self.PORT if port is None else port, keywords
        )
        options = setup.options
        self._given = setup
        self._default_database_name = setup.database
        self._introduction = _Introduction(options.pool_options)
        self._options = Options(
            options.codec_options, options.read_preference, options.write_concern, options.read_concern
        )
        self._engine = Engine(setup, runtime, self._introduction)
        self._engine.topology.owner = self._face
        self._executor = self._engine.executor
        self._opened_at = _stack(sys._getframe(2))

    def _read_options(self, host: str | Sequence[str], port: int, keywords: dict[str, Any]) -> ClientSetup:
        """What was given to the constructor, checked; other generations of options read it in their own way."""
        return build_client_options(host, port, keywords)

    def append_metadata(self, driver_info: DriverInfo) -> None:
        """Tell servers, from the next connection on, of one more library that is built on the driver."""
        from petiole.driver_info import DriverInfo as Info

        if not isinstance(driver_info, Info):
            raise TypeError(f"driver_info must be an instance of DriverInfo, not {type(driver_info)}")
        if driver_info not in self._introduction.drivers:
            self._introduction.drivers.append(driver_info)
            self._engine.renew_metadata()

    # Closing.

    def __del__(self) -> None:
        engine = self.__dict__.get("_engine")
        if engine is not None and engine.abandon():
            warnings.warn(
                f"Unclosed {self._face} opened at:\n{self._opened_at}"
                f"Call {self._face}.close() to safely shut down your client and free up resources.",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )

    async def _close(self) -> None:
        """End the sessions, close all connections and stop the monitors. May be called again."""
        await self._engine.close()

    # Identity.

    def eq_props(self) -> tuple[tuple[_Address, ...], str | None, str | None, str]:
        """What clients are compared by: hosts, replica set, SRV host and SRV service."""
        # As given: what an SRV name is resolved to comes later, and a hash must not change.
        given = self._given
        fqdn = given.parsed.fqdn
        if given.srv is None or fqdn is None:
            return tuple(sorted(given.seeds)), given.options.replica_set_name, fqdn, SRV_SERVICE_NAME
        return ((fqdn, None),), given.options.replica_set_name, fqdn, given.srv.service_name

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return self.eq_props() == other.eq_props()
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.eq_props())

    def __repr__(self) -> str:
        return client_repr(type(self).__name__, self._engine.setup)

    __iter__ = None
    """`__getitem__` would make clients iterable, without end."""

    def __next__(self) -> NoReturn:
        """Say that this is no iterator: without it, `next` would be a database."""
        raise TypeError(f"{type(self).__name__!r} object is not iterable")

    next = __next__

    def _default_name(self, given: str | None) -> str:
        name = given if self._default_database_name is None else self._default_database_name
        if name is None:
            raise ConfigurationError("No default database name defined or provided.")
        return name

    def _named(self, given: str | None) -> str:
        name = self._default_database_name if given is None else given
        if name is None:
            raise ConfigurationError("No default database defined")
        return name

    # The deployment.

    @property
    def options(self) -> ClientOptions:
        """The configuration options for this client."""
        return self._engine.setup.options

    @property
    def topology_description(self) -> TopologyDescription:
        """What is known of the deployment at this moment; a snapshot that never changes."""
        return self._engine.topology.description

    @property
    def nodes(self) -> frozenset[_Address]:
        """The addresses of the servers that have been discovered so far."""
        return frozenset(server.address for server in self.topology_description.known_servers)

    async def _members(self, server_type: int) -> set[_Address]:
        """The addresses of a replica set's members of one type; none where there is no replica set."""
        await self._engine.open()
        description = self.topology_description
        if description.topology_type not in _REPLICA_SETS:
            return set()
        return {server.address for server in description.known_servers if server.server_type == server_type}

    async def _primary(self) -> _Address | None:
        """The address of the replica set's primary, or None when there is none or no replica set."""
        return next(iter(await self._members(SERVER_TYPE.RSPrimary)), None)

    async def _secondaries(self) -> set[_Address]:
        """The addresses of the replica set's secondaries that are known so far."""
        return await self._members(SERVER_TYPE.RSSecondary)

    async def _arbiters(self) -> set[_Address]:
        """The addresses of the replica set's arbiters that are known so far."""
        return await self._members(SERVER_TYPE.RSArbiter)

    async def _address(self) -> _Address | None:
        """The address of the server that writes go to; waits until one is known.

        Raises `InvalidOperation` where there are several mongoses, which take turns.
        """
        description = self.topology_description
        if description.topology_type == TOPOLOGY_TYPE.Sharded and len(description.server_descriptions()) > 1:
            raise InvalidOperation(
                'Cannot use "address" property when load balancing among mongoses, use "nodes" instead.'
            )
        return (await self._writable()).address

    async def _is_primary(self) -> bool:
        """Whether a server that takes writes can be found; waits until one is."""
        return (await self._writable()).is_writable

    async def _is_mongos(self) -> bool:
        """Whether the server that writes go to is a mongos; waits until it is known."""
        return (await self._writable()).server_type == SERVER_TYPE.Mongos

    async def _writable(self) -> ServerDescription:
        topology = self._engine.topology
        server = await self._executor.discover(None)
        return topology.description.get(server.address) or unknown_server(server.address)


class _Introduction:
    """Makes the handshake's metadata. Knows no client, so that a client dies when its last reference does."""

    def __init__(self, pool: PoolOptions) -> None:
        self.app_name = pool.appname
        self.drivers = [] if pool.driver is None else [pool.driver]

    def __call__(self) -> dict[str, Any]:
        from petiole._commands.metadata import client_metadata  # Asked for by the first connection.
        from petiole._net.environment import facts

        return client_metadata(facts(), self.app_name, self.drivers)


def _stack(frame: FrameType | None) -> str:
    """The calls that led to a frame. Without their source lines: reading those takes time a client rarely owes."""
    lines: list[str] = []
    while frame is not None:
        code = frame.f_code
        lines.append(f'  File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}\n')
        frame = frame.f_back
    return "".join(reversed(lines))
