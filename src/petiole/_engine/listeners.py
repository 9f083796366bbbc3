"""The listeners of one client, by kind, and how they are called.

A listener that raises is the application's defect: its traceback goes to the standard error stream, as with
PyMongo, and the operation goes on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Listeners:
    """Tuples by kind; empty ones are falsy, so that publishing costs one check where nobody listens."""

    __slots__ = ("commands", "heartbeats", "pools", "servers", "topologies")

    def __init__(self, listeners: Iterable[Any] = ()) -> None:
        found = tuple(listeners)
        if not found:
            self.commands: tuple[Any, ...] = ()
            self.heartbeats: tuple[Any, ...] = ()
            self.pools: tuple[Any, ...] = ()
            self.servers: tuple[Any, ...] = ()
            self.topologies: tuple[Any, ...] = ()
            return
        from petiole import monitoring

        self.commands = tuple(one for one in found if isinstance(one, monitoring.CommandListener))
        self.heartbeats = tuple(one for one in found if isinstance(one, monitoring.ServerHeartbeatListener))
        self.pools = tuple(one for one in found if isinstance(one, monitoring.ConnectionPoolListener))
        self.servers = tuple(one for one in found if isinstance(one, monitoring.ServerListener))
        self.topologies = tuple(one for one in found if isinstance(one, monitoring.TopologyListener))


def registered_listeners() -> tuple[Any, ...]:
    """Those that were registered for all clients; none while nobody has imported `petiole.monitoring`."""
    monitoring = sys.modules.get("petiole.monitoring")
    return () if monitoring is None else tuple(monitoring.registered)


def publish(listeners: tuple[Any, ...], method: str, event: Any) -> None:
    """Call that method of all listeners; what one raises does not keep the event from the next."""
    for listener in listeners:
        try:
            getattr(listener, method)(event)
        except Exception:
            report()


def report() -> None:
    """Write the present exception to the standard error stream, if there is one."""
    if sys.stderr is not None:
        import traceback  # Late: it takes a while to import.

        try:
            traceback.print_exc(file=sys.stderr)
        except OSError:
            pass
