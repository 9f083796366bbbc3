"""The listeners of one client, by kind, and how they are called.

A listener that raises is the application's defect: its traceback goes to the standard error stream, as with
PyMongo, and the operation goes on.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager


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


class Outbox:
    """Events noted where nobody may be called, under a guard say, and published in their order soon after.

    Several threads may flush at once: one of them publishes what all have noted, so the order is kept.
    """

    __slots__ = ("_guard", "_noted", "_publishing", "listeners")

    def __init__(self, listeners: tuple[Any, ...], guard: AbstractContextManager[Any]) -> None:
        self.listeners = listeners
        self._guard = guard
        self._noted: deque[tuple[str, Any]] = deque()
        self._publishing = False

    def note(self, method: str, event: Any) -> None:
        """Keep an event for the next `flush`."""
        self._noted.append((method, event))

    def flush(self) -> None:
        """Publish what has been noted, unless somebody is at it."""
        while self._noted:
            with self._guard:
                if self._publishing:
                    return
                self._publishing = True
            try:
                while self._noted:
                    publish(self.listeners, *self._noted.popleft())
            finally:
                self._publishing = False


def report() -> None:
    """Write the present exception to the standard error stream, if there is one."""
    if sys.stderr is not None:
        import traceback  # Late: it takes a while to import.

        try:
            traceback.print_exc(file=sys.stderr)
        except OSError:
            pass
