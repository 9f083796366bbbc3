"""The first contact of a client of 1.x or 2.x, which fails at once where nobody answers.

Owns when to give up: once every server that is known has been asked. Later operations wait, as today's do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._sdam.failure import describe_failure
from petiole._sdam.selectors import writable_server_selector
from petiole.errors import AutoReconnect, ConnectionFailure

if TYPE_CHECKING:
    from petiole._engine.engine import Engine
    from petiole._engine.topology import Snapshot


async def make_contact(engine: Engine, preference: Any, deadline: Any) -> None:
    """Wait for a server that takes writes, or until all have been asked: then one that suits is enough.

    :param preference: the read preference of what is enough.
    :raises AutoReconnect: if there are servers that answer, and none suits.
    :raises ConnectionFailure: if none answers.
    """
    topology = engine.topology
    await topology.begin(deadline)
    while True:
        snapshot = topology.snapshot
        if snapshot.select(writable_server_selector):
            return
        if _all_tried(snapshot) or deadline.expired():
            if snapshot.select(preference):
                return
            answered = any(one.is_server_type_known for one in _servers(snapshot))
            kind = AutoReconnect if answered else ConnectionFailure
            raise kind(describe_failure(snapshot.description, preference))
        await topology._next_snapshot(snapshot, deadline)


def _servers(snapshot: Snapshot) -> Any:
    return snapshot.description.server_descriptions().values()


def _all_tried(snapshot: Snapshot) -> bool:
    return all(one.is_server_type_known or one.error is not None for one in _servers(snapshot))
