"""What is known about the whole deployment. The code is in `petiole._sdam.topology` and `transitions`."""

from petiole._sdam.server_type import SRV_POLLING_TOPOLOGIES, TOPOLOGY_TYPE
from petiole._sdam.topology import TopologyDescription
from petiole._sdam.transitions import update as updated_topology_description

__all__ = ["SRV_POLLING_TOPOLOGIES", "TOPOLOGY_TYPE", "TopologyDescription", "updated_topology_description"]
