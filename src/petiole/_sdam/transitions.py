"""How one server's new description changes the deployment.

Owns: `update`, the state machine of topology types, `with_srv_hosts`, and the description to start with.
May not: remember anything: the previous snapshot comes in, the next one goes out.

Follows: Server Discovery and Monitoring, "TopologyType table" (the tables below are that table, in its order)
and the actions named beneath it; Polling SRV Records for mongos Discovery.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from petiole._sdam.address import Address
from petiole._sdam.server import ServerDescription, load_balancer, unknown_server
from petiole._sdam.server_type import SERVER_TYPE, SRV_POLLING_TOPOLOGIES, TOPOLOGY_TYPE
from petiole._sdam.settings import TopologySettings
from petiole._sdam.topology import TopologyDescription
from petiole.errors import ConfigurationError, NotPrimaryError

_ELECTION_FIRST_WIRE_VERSION: Final = 17
"""MongoDB 6.0: from there on the electionId outranks the setVersion."""

STALE_BY_ELECTION: Final = "primary marked stale due to electionId/setVersion mismatch"
STALE_BY_NEWER: Final = "primary marked stale due to discovery of newer primary"


def initial(settings: TopologySettings) -> TopologyDescription:
    """The description of a topology none of whose seeds has been asked yet."""
    servers = {address: unknown_server(address) for address in settings.seeds}
    return TopologyDescription(
        settings.initial_type, servers, settings.replica_set_name, None, None, settings
    )


def with_load_balancer(topology: TopologyDescription, last_update_time: float = 0.0) -> TopologyDescription:
    """The load balanced deployment once opened: its one server is taken for granted, never checked."""
    (address,) = topology.server_descriptions()
    return topology.replaced({address: load_balancer(address, last_update_time)})


def is_stale(current: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    """Whether a topologyVersion is older than the one known ("topologyVersion Comparison").

    Versions of different processes cannot be compared, and then the new one counts.
    """
    if not _comparable(current, new):
        return False
    return bool(current["counter"] > new["counter"])  # type: ignore[index]


def is_not_newer(current: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    """Whether an error's topologyVersion tells nothing that is not known already."""
    if not _comparable(current, new):
        return False
    return bool(current["counter"] >= new["counter"])  # type: ignore[index]


def _comparable(current: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    return bool(current and new and current.get("processId") == new.get("processId"))


def update(topology: TopologyDescription, server: ServerDescription) -> TopologyDescription:
    """The deployment after a check of one server, successful or not.

    A server that does not belong to the deployment, or an outdated description, changes nothing: then the
    same object comes back.
    """
    current = topology.get(server.address)
    if current is None or is_stale(current.topology_version, server.topology_version):
        return topology
    draft = _Draft(topology)
    draft.servers[server.address] = server
    if topology.topology_type == TOPOLOGY_TYPE.Single:
        _check_single(draft, server)
    else:
        action = _ACTIONS[topology.topology_type].get(server.server_type)
        if action is not None:
            action(draft, server)
    return draft.finish()


class _Draft:
    """The next description while its parts are being decided."""

    __slots__ = ("kind", "max_election_id", "max_set_version", "servers", "set_name", "topology")

    def __init__(self, topology: TopologyDescription) -> None:
        self.topology = topology
        self.servers = topology.server_descriptions()
        self.kind = topology.topology_type
        self.set_name = topology.replica_set_name
        self.max_set_version = topology.max_set_version
        self.max_election_id = topology.max_election_id

    def finish(self) -> TopologyDescription:
        return self.topology.replaced(
            self.servers,
            topology_type=self.kind,
            replica_set_name=self.set_name,
            max_set_version=self.max_set_version,
            max_election_id=self.max_election_id,
        )

    def add_missing(self, addresses: set[tuple[str, int]]) -> None:
        for address in sorted(addresses):
            if address not in self.servers:
                self.servers[address] = unknown_server(address)

    def accept_set_name(self, server: ServerDescription) -> bool:
        """Take the first set name seen; whether the server's name is the deployment's."""
        if self.set_name is None:
            self.set_name = server.replica_set_name
        return self.set_name == server.replica_set_name

    def mark_stale(self, server: ServerDescription, reason: str) -> None:
        # NotPrimaryError, so that an application waiting for a server reads the reason as the cause.
        self.servers[server.address] = unknown_server(
            server.address, NotPrimaryError(reason), last_update_time=server.last_update_time
        )


def _check_single(draft: _Draft, server: ServerDescription) -> None:
    """A direct connection keeps its server, but refuses one of another set ("TopologyType Single")."""
    expected = draft.set_name
    if expected is None or not server.is_server_type_known or server.replica_set_name == expected:
        return
    error = ConfigurationError(
        "client is configured to connect to a replica set named "
        f"{expected!r} but this node belongs to a set named {server.replica_set_name!r}"
    )
    draft.servers[server.address] = unknown_server(
        server.address, error, last_update_time=server.last_update_time
    )


def _remove(draft: _Draft, server: ServerDescription) -> None:
    del draft.servers[server.address]


def _remove_and_check_primary(draft: _Draft, server: ServerDescription) -> None:
    _remove(draft, server)
    _check_if_has_primary(draft, server)


def _check_if_has_primary(draft: _Draft, _server: ServerDescription) -> None:
    has_primary = any(s.server_type == SERVER_TYPE.RSPrimary for s in draft.servers.values())
    draft.kind = TOPOLOGY_TYPE.ReplicaSetWithPrimary if has_primary else TOPOLOGY_TYPE.ReplicaSetNoPrimary


def _update_unknown_with_standalone(draft: _Draft, server: ServerDescription) -> None:
    # A standalone among several seeds is a mistake in the seed list, or a member taken out for maintenance.
    if len(draft.topology.settings.seeds) == 1:
        draft.kind = TOPOLOGY_TYPE.Single
    else:
        _remove(draft, server)


def _become_sharded(draft: _Draft, _server: ServerDescription) -> None:
    draft.kind = TOPOLOGY_TYPE.Sharded


def _update_without_primary(draft: _Draft, server: ServerDescription) -> None:
    """updateRSWithoutPrimary."""
    draft.kind = TOPOLOGY_TYPE.ReplicaSetNoPrimary
    if not draft.accept_set_name(server):
        _remove(draft, server)
        return
    draft.add_missing(server.all_hosts)
    if server.me is not None and server.me != server.address:
        _remove(draft, server)


def _update_with_primary_from_member(draft: _Draft, server: ServerDescription) -> None:
    """updateRSWithPrimaryFromMember: the primary's list of hosts outranks this member's."""
    mismatched = server.me is not None and server.me != server.address
    if draft.set_name != server.replica_set_name or mismatched:
        _remove(draft, server)
    _check_if_has_primary(draft, server)


def _update_from_primary(draft: _Draft, server: ServerDescription) -> None:
    """updateRSFromPrimary."""
    if not draft.accept_set_name(server):
        _remove_and_check_primary(draft, server)
        return
    if not _advance_election(draft, server):
        draft.mark_stale(server, STALE_BY_ELECTION)
        _check_if_has_primary(draft, server)
        return
    for other in list(draft.servers.values()):
        if other.server_type == SERVER_TYPE.RSPrimary and other.address != server.address:
            draft.mark_stale(other, STALE_BY_NEWER)
    draft.add_missing(server.all_hosts)
    for address in draft.servers.keys() - server.all_hosts:
        del draft.servers[address]
    _check_if_has_primary(draft, server)


def _advance_election(draft: _Draft, server: ServerDescription) -> bool:
    """Whether this primary is not older than the newest seen; if so, it is the newest."""
    if server.max_wire_version < _ELECTION_FIRST_WIRE_VERSION:
        return _advance_election_before_60(draft, server)
    order = _compare(server.election_id, draft.max_election_id) or _compare(
        server.set_version, draft.max_set_version
    )
    if order < 0:
        return False
    draft.max_election_id = server.election_id
    draft.max_set_version = server.set_version
    return True


def _advance_election_before_60(draft: _Draft, server: ServerDescription) -> bool:
    """The older rule: setVersion outranks electionId, and without an electionId nothing is stale."""
    if server.set_version is not None and server.election_id is not None:
        known = draft.max_set_version is not None and draft.max_election_id is not None
        order = _compare(server.set_version, draft.max_set_version) or _compare(
            server.election_id, draft.max_election_id
        )
        if known and order < 0:
            return False
        draft.max_election_id = server.election_id
    if _compare(server.set_version, draft.max_set_version) > 0:
        draft.max_set_version = server.set_version
    return True


def _compare(one: Any, two: Any) -> int:
    """-1, 0 or 1; None is less than anything else."""
    if one is None or two is None:
        return (one is not None) - (two is not None)
    return int(one > two) - int(one < two)


_Action = Callable[[_Draft, ServerDescription], None]


def _become_with_primary(draft: _Draft, server: ServerDescription) -> None:
    draft.kind = TOPOLOGY_TYPE.ReplicaSetWithPrimary
    _update_from_primary(draft, server)


# What is absent changes nothing but the server itself.
_ACTIONS: Final[Mapping[int, Mapping[int, _Action]]] = {
    TOPOLOGY_TYPE.Unknown: {
        SERVER_TYPE.Standalone: _update_unknown_with_standalone,
        SERVER_TYPE.Mongos: _become_sharded,
        SERVER_TYPE.RSPrimary: _become_with_primary,
        SERVER_TYPE.RSSecondary: _update_without_primary,
        SERVER_TYPE.RSArbiter: _update_without_primary,
        SERVER_TYPE.RSOther: _update_without_primary,
    },
    TOPOLOGY_TYPE.Sharded: {
        SERVER_TYPE.Standalone: _remove,
        SERVER_TYPE.RSPrimary: _remove,
        SERVER_TYPE.RSSecondary: _remove,
        SERVER_TYPE.RSArbiter: _remove,
        SERVER_TYPE.RSOther: _remove,
        SERVER_TYPE.RSGhost: _remove,
    },
    TOPOLOGY_TYPE.ReplicaSetNoPrimary: {
        SERVER_TYPE.Standalone: _remove,
        SERVER_TYPE.Mongos: _remove,
        SERVER_TYPE.RSPrimary: _become_with_primary,
        SERVER_TYPE.RSSecondary: _update_without_primary,
        SERVER_TYPE.RSArbiter: _update_without_primary,
        SERVER_TYPE.RSOther: _update_without_primary,
    },
    TOPOLOGY_TYPE.ReplicaSetWithPrimary: {
        SERVER_TYPE.Unknown: _check_if_has_primary,
        SERVER_TYPE.Standalone: _remove_and_check_primary,
        SERVER_TYPE.Mongos: _remove_and_check_primary,
        SERVER_TYPE.RSPrimary: _update_from_primary,
        SERVER_TYPE.RSSecondary: _update_with_primary_from_member,
        SERVER_TYPE.RSArbiter: _update_with_primary_from_member,
        SERVER_TYPE.RSOther: _update_with_primary_from_member,
        SERVER_TYPE.RSGhost: _check_if_has_primary,
    },
    TOPOLOGY_TYPE.LoadBalanced: {},
}


def with_srv_hosts(
    topology: TopologyDescription, hosts: Sequence[Address], draw: Callable[[int], int]
) -> TopologyDescription:
    """The deployment after its SRV records named these hosts.

    :param draw: `draw(n)` gives a random integer from 0 to n - 1, to choose if more than srvMaxHosts

    Known hosts that are still named stay, so that their connections survive. No hosts, or a topology that
    tells its own members, change nothing.
    """
    if not hosts or topology.topology_type not in SRV_POLLING_TOPOLOGIES:
        return topology
    servers = {a: s for a, s in topology.server_descriptions().items() if a in set(hosts)}
    fresh = [address for address in dict.fromkeys(hosts) if address not in servers]
    limit = topology.srv_max_hosts
    room = len(fresh) if limit == 0 else max(0, limit - len(servers))
    while fresh and room:
        address = fresh.pop(draw(len(fresh)) if limit else 0)
        servers[address] = unknown_server(address)
        room -= 1
    if servers.keys() == topology.server_descriptions().keys():
        return topology
    return topology.replaced(servers)
