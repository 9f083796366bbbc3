"""The field `$readPreference` (specification: Server Selection, "Passing read preference to mongos and load
balancers" and "Topology type: Single").

Pure. OP_MSG only: the old wrapping in `$query` is for servers this driver does not speak to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._sdam.server_type import SERVER_TYPE, TOPOLOGY_TYPE

if TYPE_CHECKING:
    from petiole.read_preferences import _ServerMode

_PRIMARY = 0
_SINGLE_WITHOUT_MEMBERS = (SERVER_TYPE.Mongos, SERVER_TYPE.LoadBalancer)


def read_preference_document(
    preference: _ServerMode, topology_type: int, server_type: int
) -> dict[str, Any] | None:
    """What a read is sent with, or None for no field: a server takes that as primary.

    A standalone knows no preferences. A member of a replica set that the user chose to connect to directly must
    answer whatever its state, so primary is sent as primaryPreferred there.
    """
    if server_type == SERVER_TYPE.Standalone:
        return None
    if preference.mode != _PRIMARY:
        return preference.document
    if topology_type == TOPOLOGY_TYPE.Single and server_type not in _SINGLE_WITHOUT_MEMBERS:
        return {"mode": "primaryPreferred"}
    return None
