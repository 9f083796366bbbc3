"""The names and numbers of server and topology types.

Owns: `SERVER_TYPE` and `TOPOLOGY_TYPE`, with the numbers that PyMongo publishes. The specification's type
"PossiblePrimary" is meant for single-threaded drivers and is "Unknown" here, as it allows.
Follows: Server Discovery and Monitoring, "TopologyType" and "ServerType".
"""

from typing import Final, NamedTuple


class _ServerType(NamedTuple):
    Unknown: int
    Mongos: int
    RSPrimary: int
    RSSecondary: int
    RSArbiter: int
    RSOther: int
    RSGhost: int
    Standalone: int
    LoadBalancer: int


class _TopologyType(NamedTuple):
    Single: int
    ReplicaSetNoPrimary: int
    ReplicaSetWithPrimary: int
    Sharded: int
    Unknown: int
    LoadBalanced: int


SERVER_TYPE: Final = _ServerType(*range(len(_ServerType._fields)))
TOPOLOGY_TYPE: Final = _TopologyType(*range(len(_TopologyType._fields)))
SRV_POLLING_TOPOLOGIES: Final = (TOPOLOGY_TYPE.Unknown, TOPOLOGY_TYPE.Sharded)
"""The topologies whose hosts SRV records may replace; a replica set tells its own members."""
