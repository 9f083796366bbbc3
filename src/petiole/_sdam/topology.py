"""What is known about the whole deployment.

Owns: `TopologyDescription`, the immutable snapshot that operations read without a lock, and its questions.
May not: decide how a reply changes it (`transitions` does).
Follows: Server Discovery and Monitoring, "TopologyDescription", "Checking wire protocol compatibility" and
"logicalSessionTimeoutMinutes".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from petiole._sdam.address import Address, format_address
from petiole._sdam.immutable import Immutable
from petiole._sdam.preference import PRIMARY, ReadPreferenceLike
from petiole._sdam.selection import check_wire_version, narrow
from petiole._sdam.selectors import Selection, any_server_selector, writable_server_selector
from petiole._sdam.server import ServerDescription, unknown_server
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.settings import ServerSelector
from petiole.errors import ConfigurationError

MIN_SUPPORTED_WIRE_VERSION: Final = 9
MIN_SUPPORTED_SERVER_VERSION: Final = "4.4"
MAX_SUPPORTED_WIRE_VERSION: Final = 29

_ADDRESS_DOES_NOT_MATTER: Final = (TOPOLOGY_TYPE.Single, TOPOLOGY_TYPE.LoadBalanced, TOPOLOGY_TYPE.Unknown)
"""With one server there is no choice, and in a topology of unknown type nothing is selected at all."""


class TopologyDescription(Immutable):
    """Representation of a deployment of MongoDB servers.

    :param topology_type: one of `TOPOLOGY_TYPE`
    :param server_descriptions: descriptions by address
    :param replica_set_name: replica set name or None
    :param max_set_version: greatest setVersion seen from a primary, or None
    :param max_election_id: greatest electionId seen from a primary, or None
    :param topology_settings: a TopologySettings
    """

    __slots__ = (
        "_servers",
        "common_wire_version",
        "compatibility_error",
        "known_servers",
        "logical_session_timeout_minutes",
        "max_election_id",
        "max_set_version",
        "replica_set_name",
        "settings",
        "topology_type",
    )

    _servers: dict[Address, ServerDescription]
    topology_type: int
    replica_set_name: str | None
    max_set_version: int | None
    max_election_id: Any
    settings: Any
    known_servers: list[ServerDescription]
    common_wire_version: int | None
    logical_session_timeout_minutes: int | None
    compatibility_error: str | None

    def __init__(
        self,
        topology_type: int,
        server_descriptions: Mapping[Address, ServerDescription],
        replica_set_name: str | None,
        max_set_version: int | None,
        max_election_id: Any,
        topology_settings: Any,
    ) -> None:
        servers = dict(server_descriptions)
        known = [server for server in servers.values() if server.is_server_type_known]
        balanced = topology_type == TOPOLOGY_TYPE.LoadBalanced
        self.fill(
            {
                "_servers": servers,
                "topology_type": topology_type,
                "replica_set_name": replica_set_name,
                "max_set_version": max_set_version,
                "max_election_id": max_election_id,
                "settings": topology_settings,
                "known_servers": known,
                "common_wire_version": min((server.max_wire_version for server in known), default=None),
                "logical_session_timeout_minutes": _session_timeout(known),
                "compatibility_error": None if balanced else _incompatibility(known),
            }
        )

    @property
    def topology_type_name(self) -> str:
        """The topology type as a human readable string."""
        return TOPOLOGY_TYPE._fields[self.topology_type]

    @property
    def topology_id(self) -> Any:
        """The ObjectId that names this topology."""
        settings = self.settings
        return settings.topology_id if hasattr(settings, "topology_id") else settings._topology_id

    @property
    def heartbeat_frequency(self) -> float:
        """Seconds between checks of a server."""
        frequency: float = self.settings.heartbeat_frequency
        return frequency

    @property
    def srv_max_hosts(self) -> int:
        """The greatest number of hosts to take from SRV records; 0 for all."""
        count: int = self.settings.srv_max_hosts
        return count

    @property
    def has_known_servers(self) -> bool:
        """Whether there are any servers of types besides Unknown."""
        return bool(self.known_servers)

    @property
    def candidate_servers(self) -> list[ServerDescription]:
        """The servers that selection starts from."""
        return list(self._servers.values())

    @property
    def readable_servers(self) -> list[ServerDescription]:
        """The servers that bear data."""
        return [server for server in self.known_servers if server.is_readable]

    def server_descriptions(self) -> dict[Address, ServerDescription]:
        """The server descriptions by address, in a new dict."""
        return self._servers.copy()

    def has_server(self, address: Address) -> bool:
        """Whether the address belongs to the deployment."""
        return address in self._servers

    def get(self, address: Address) -> ServerDescription | None:
        """The description of one server, or None if it does not belong to the deployment."""
        return self._servers.get(address)

    def reset_server(self, address: Address) -> "TopologyDescription":
        """A copy of this description, with one server marked Unknown."""
        from petiole._sdam.transitions import update

        return update(self, unknown_server(address))

    def reset(self) -> "TopologyDescription":
        """A copy of this description, with all servers marked Unknown."""
        with_primary = self.topology_type == TOPOLOGY_TYPE.ReplicaSetWithPrimary
        return self.replaced(
            {address: unknown_server(address) for address in self._servers},
            topology_type=TOPOLOGY_TYPE.ReplicaSetNoPrimary if with_primary else self.topology_type,
        )

    def replaced(self, servers: Mapping[Address, ServerDescription], **changes: Any) -> "TopologyDescription":
        """A copy with other servers, and other values of the constructor's parameters where given."""
        values = {
            "topology_type": self.topology_type,
            "replica_set_name": self.replica_set_name,
            "max_set_version": self.max_set_version,
            "max_election_id": self.max_election_id,
            "topology_settings": self.settings,
        }
        return TopologyDescription(server_descriptions=servers, **{**values, **changes})

    def check_compatible(self) -> None:
        """Raise ConfigurationError if any server's wire versions do not overlap with petiole's."""
        if self.compatibility_error is not None:
            raise ConfigurationError(self.compatibility_error)

    def apply_selector(
        self,
        selector: ReadPreferenceLike | Callable[[Selection], Selection] | None,
        address: Address | None = None,
        custom_selector: ServerSelector | None = None,
        deprioritized_servers: Iterable[ServerDescription] | None = None,
    ) -> list[ServerDescription]:
        """List of servers matching the provided selector(s), within the local threshold.

        :param selector: a read preference, or a callable from Selection to Selection
        :param address: select this server only, if it is known
        :param custom_selector: takes and returns a list of server descriptions, and narrows the selection
        :param deprioritized_servers: servers to use only if no other suits
        """
        wanted = any_server_selector if selector is None else selector
        if address is not None and self.topology_type not in _ADDRESS_DOES_NOT_MATTER:
            check_wire_version(self, wanted)
            server = self._servers.get(address)
            return [server] if server is not None and server.is_server_type_known else []
        return list(
            narrow(
                self,
                wanted,
                local_threshold=self.settings.local_threshold_ms / 1000,
                server_selector=custom_selector,
                deprioritized=deprioritized_servers or (),
            )
        )

    def has_readable_server(self, read_preference: ReadPreferenceLike = PRIMARY) -> bool:
        """Whether the topology has a server that matches the read preference."""
        return bool(self.apply_selector(read_preference))

    def has_writable_server(self) -> bool:
        """Whether the topology has a server that takes writes."""
        return bool(self.apply_selector(writable_server_selector))

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        servers = [self._servers[address] for address in sorted(self._servers, key=str)]
        return (
            f"<{type(self).__name__} id: {self.topology_id}, "
            f"topology_type: {self.topology_type_name}, servers: {servers!r}>"
        )


def _session_timeout(known: Sequence[ServerDescription]) -> int | None:
    """The least timeout of the data-bearing servers; None if one of them has no sessions."""
    timeouts = [server.logical_session_timeout_minutes for server in known if server.is_readable]
    present = [timeout for timeout in timeouts if timeout is not None]
    return min(present) if present and len(present) == len(timeouts) else None


def _incompatibility(known: Sequence[ServerDescription]) -> str | None:
    """The reason why petiole cannot talk to one of the servers, or None."""
    for server in known:
        name = format_address(server.address)
        if server.min_wire_version > MAX_SUPPORTED_WIRE_VERSION:
            return (
                f"Server at {name} requires wire version {server.min_wire_version}, "
                f"but this version of petiole only supports up to {MAX_SUPPORTED_WIRE_VERSION}."
            )
        if server.max_wire_version < MIN_SUPPORTED_WIRE_VERSION:
            return (
                f"Server at {name} reports wire version {server.max_wire_version}, "
                f"but this version of petiole requires at least {MIN_SUPPORTED_WIRE_VERSION} "
                f"(MongoDB {MIN_SUPPORTED_SERVER_VERSION})."
            )
    return None
