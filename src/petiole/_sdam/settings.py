"""What the user asked for that decides how the deployment is discovered.

Owns: `TopologySettings`, and the description a topology starts with.
May not: parse options; `petiole._uri` and the client do.
Follows: Server Discovery and Monitoring, "Initial TopologyType", and Polling SRV Records.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from petiole._sdam.address import Address
from petiole._sdam.server_type import TOPOLOGY_TYPE

ServerSelector = Callable[[Sequence[Any]], Sequence[Any]]
"""The application's own filter: from server descriptions to those it allows."""


class TopologySettings(NamedTuple):
    """The part of a client's options that discovery and selection need."""

    seeds: tuple[Address, ...] = (("localhost", 27017),)
    replica_set_name: str | None = None
    direct: bool = False
    load_balanced: bool = False
    topology_id: Any = None
    """An ObjectId made by the caller; it names the topology in events and in `repr`."""
    heartbeat_frequency: float = 10
    """Seconds."""
    local_threshold_ms: float = 15
    server_selector: ServerSelector | None = None
    srv_max_hosts: int = 0
    server_monitoring_mode: str = "auto"

    @property
    def initial_type(self) -> int:
        """The topology type before any server has answered."""
        if self.load_balanced:
            return TOPOLOGY_TYPE.LoadBalanced
        if self.direct:
            return TOPOLOGY_TYPE.Single
        if self.replica_set_name is not None:
            return TOPOLOGY_TYPE.ReplicaSetNoPrimary
        return TOPOLOGY_TYPE.Unknown
