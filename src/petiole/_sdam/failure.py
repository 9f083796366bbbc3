"""Why no server could be selected, for people.

Owns: the sentence with which `ServerSelectionTimeoutError` begins: first a cause that somebody can act on,
then the whole description of the deployment.
Follows: Server Selection, "Error messages" ("why selection failed").
"""

from collections.abc import Sequence

from petiole._sdam.address import format_address
from petiole._sdam.selection import Wanted, suitable
from petiole._sdam.selectors import REPLICA_SET_TYPES, writable_server_selector
from petiole._sdam.server import ServerDescription
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.topology import TopologyDescription

_MODES = ("primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest")


def describe_failure(topology: TopologyDescription, wanted: Wanted, timeout: float | None = None) -> str:
    """The cause, how many seconds were waited, and the topology description."""
    waited = "" if timeout is None else f", Timeout: {timeout}s"
    return f"{cause(topology, wanted)}{waited}, Topology Description: {topology!r}"


def cause(topology: TopologyDescription, wanted: Wanted) -> str:
    """The likeliest reason why nothing suits, in one clause without the full stop."""
    servers = list(topology.server_descriptions().values())
    if not servers:
        return _nobody_left(topology)
    if suitable(topology, wanted, topology.known_servers):
        return "The application's server_selector refused every server that suits"
    if topology.known_servers and topology.topology_type in REPLICA_SET_TYPES:
        return _replica_set_cause(topology, wanted)
    return _errors_of(servers) or _silence_of(servers)


def _nobody_left(topology: TopologyDescription) -> str:
    name = topology.replica_set_name
    if topology.topology_type in REPLICA_SET_TYPES:
        return (
            f"No servers are left in the topology: none of the seeds is a member of replica set {name!r}. "
            "Check the option replicaSet and the seed list"
        )
    if topology.topology_type == TOPOLOGY_TYPE.Sharded:
        return "No mongos is left in the topology: check the seed list"
    return "No servers are left in the topology: the seeds are standalone servers, which need one client each"


def _replica_set_cause(topology: TopologyDescription, wanted: Wanted) -> str:
    servers = topology.server_descriptions().values()
    members = ", ".join(f"{format_address(s.address)} {s.server_type_name}" for s in servers)
    errors = _errors_of(list(servers))
    return f"{_lack(wanted)}; {topology.replica_set_name} has {members}" + (f" ({errors})" if errors else "")


def _lack(wanted: Wanted) -> str:
    """What the operation wanted and the replica set does not have."""
    mode = getattr(wanted, "mode", None)
    if mode == 0 or wanted is writable_server_selector:
        return "No primary available for writes" if mode is None else "No primary available for reads"
    if mode is None:
        return "No server matches the selector"
    text = f"No replica set member matches read preference {_MODES[mode]}"
    tag_sets = [dict(tag_set) for tag_set in getattr(wanted, "tag_sets", None) or ()]
    if any(tag_sets):
        text += f" with tag sets {tag_sets}"
    staleness = getattr(wanted, "max_staleness", -1)
    return f"{text} within {staleness} seconds of staleness" if staleness != -1 else text


def _errors_of(servers: Sequence[ServerDescription]) -> str:
    """The servers' errors, each said once."""
    return ", ".join(dict.fromkeys(str(s.error) or repr(s.error) for s in servers if s.error is not None))


def _silence_of(servers: Sequence[ServerDescription]) -> str:
    names = ", ".join(format_address(server.address) for server in servers)
    if any(server.is_server_type_known for server in servers):
        return f"The servers answer, but have not been configured as a replica set yet: {names}"
    return f"No server has answered yet: {names}"
