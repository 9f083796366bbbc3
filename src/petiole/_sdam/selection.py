"""Which servers suit an operation, and which one of them gets it.

Owns: the rules from (snapshot of the deployment, what is wanted) to the suitable servers within the latency
window, and the choice of one by load. May not: wait, retry or remember; the engine caches per snapshot.
Read preferences are used by their attributes `mode`, `tag_sets`, `max_staleness` and `min_wire_version` only.

Follows: Server Selection, "Server Selection Algorithm" of multi-threaded drivers; Max Staleness.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from petiole._sdam.address import Address
from petiole._sdam.preference import PRIMARY, ReadPreferenceLike, by_preference
from petiole._sdam.selectors import Selection
from petiole._sdam.server import ServerDescription
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.settings import ServerSelector
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from petiole._sdam.topology import TopologyDescription

_AGGREGATE_WRITES_ON_SECONDARIES: Final = 13
"""Wire version of MongoDB 5.0, the first whose secondaries run $out and $merge."""


Wanted: TypeAlias = "ReadPreferenceLike | Callable[[Selection], Selection]"
"""A read preference, or a step of `selectors`: `writable_server_selector` for writes."""


def select(
    topology: "TopologyDescription",
    wanted: Wanted,
    *,
    local_threshold: float = 0.015,
    server_selector: ServerSelector | None = None,
    deprioritized: Iterable[ServerDescription | Address] = (),
) -> tuple[ServerDescription, ...]:
    """The suitable servers within the latency window; empty if the caller must wait for a better snapshot.

    :param local_threshold: seconds that a server may be slower than the fastest suitable one
    :param server_selector: the application's own filter, applied before the latency window
    :param deprioritized: servers to use only if no other suits, because they just failed this operation

    Raises ConfigurationError if a server speaks no common protocol or the wanted staleness cannot be told.
    """
    topology.check_compatible()
    return narrow(
        topology,
        wanted,
        local_threshold=local_threshold,
        server_selector=server_selector,
        deprioritized=deprioritized,
    )


def narrow(
    topology: "TopologyDescription",
    wanted: Wanted,
    *,
    local_threshold: float,
    server_selector: ServerSelector | None = None,
    deprioritized: Iterable[ServerDescription | Address] = (),
) -> tuple[ServerDescription, ...]:
    """`select` without the question whether petiole speaks every server's protocol."""
    check_wire_version(topology, wanted)
    known = topology.known_servers
    if topology.topology_type in (TOPOLOGY_TYPE.Single, TOPOLOGY_TYPE.LoadBalanced):
        return tuple(known)
    avoided = {
        server.address if isinstance(server, ServerDescription) else server for server in deprioritized
    }
    fresh = [server for server in known if server.address not in avoided]
    # "If there are no suitable servers, repeat with the deprioritized": a bad server is better than none.
    for candidates in (fresh, known) if len(fresh) < len(known) else (known,):
        servers = suitable(topology, wanted, candidates)
        if servers and server_selector is not None:
            servers = list(server_selector(servers))
        if servers:
            return in_latency_window(servers, local_threshold)
    return ()


def check_wire_version(topology: "TopologyDescription", wanted: Wanted) -> None:
    """Raise ConfigurationError if some server is too old for what the read preference asks."""
    needed = getattr(wanted, "min_wire_version", 0)
    common = topology.common_wire_version
    if needed and common is not None and common < needed:
        raise ConfigurationError(
            f"{wanted} requires min wire version {needed}, but topology's min wire version is {common}"
        )


def suitable(
    topology: "TopologyDescription", wanted: Wanted, candidates: Sequence[ServerDescription]
) -> list[ServerDescription]:
    """The candidates that may run the operation, wherever they are ("Topology type: ...")."""
    kind = topology.topology_type
    if kind == TOPOLOGY_TYPE.Unknown:
        return []
    if kind in (TOPOLOGY_TYPE.Single, TOPOLOGY_TYPE.Sharded, TOPOLOGY_TYPE.LoadBalanced):
        # The server, or the mongos, applies the read preference itself.
        return list(candidates)
    selection = Selection.among(topology, candidates)
    if callable(wanted) and not hasattr(wanted, "mode"):
        return wanted(selection).server_descriptions
    return by_preference(wanted, selection).server_descriptions  # type: ignore[arg-type]


def in_latency_window(
    servers: Sequence[ServerDescription], local_threshold: float
) -> tuple[ServerDescription, ...]:
    """The servers at most `local_threshold` seconds slower than the fastest of them."""
    fastest = min(server.round_trip_time or 0.0 for server in servers)
    return tuple(s for s in servers if (s.round_trip_time or 0.0) <= fastest + local_threshold)


def for_aggregate_write(
    topology: "TopologyDescription", preference: ReadPreferenceLike
) -> ReadPreferenceLike:
    """The read preference of an aggregation with $out or $merge: primary, if a server is older than 5.0.

    Follows: CRUD, "Read preferences and server selection" of aggregate with write stages.
    """
    common = topology.common_wire_version
    if common is not None and topology.readable_servers and common < _AGGREGATE_WRITES_ON_SECONDARIES:
        return PRIMARY
    return preference


def pick(
    candidates: Sequence[ServerDescription],
    in_use: Mapping[Address, int] | Callable[[Address], int],
    draw: Callable[[int], int],
) -> ServerDescription:
    """Draw two different candidates and take the one with fewer operations under way.

    :param in_use: number of operations under way, by address
    :param draw: `draw(n)` gives a random integer from 0 to n - 1
    """
    if len(candidates) == 1:
        return candidates[0]
    first = draw(len(candidates))
    second = draw(len(candidates) - 1)
    one, two = candidates[first], candidates[second + (second >= first)]
    count = in_use if callable(in_use) else lambda address: in_use.get(address, 0)
    return one if count(one.address) <= count(two.address) else two
