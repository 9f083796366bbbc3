"""Tells topology, server and heartbeat listeners what is found out. It exists only where somebody listens.

What has changed is computed by `_sdam.events`; this makes the public events of it, noted under the topology's
guard and published when the topology has let go of it. Heartbeats take the same way, from the monitors' thread:
so nobody hears of a server's heartbeat before hearing of the server.
Follows server discovery and monitoring logging and monitoring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole import _topology_events as public
from petiole._net.listeners import Outbox, publish
from petiole._sdam import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from petiole._net.listeners import Listeners
    from petiole._runtime.base import Runtime
    from petiole._sdam.server import ServerDescription
    from petiole._sdam.topology import TopologyDescription

_Kind = tuple[str, "Callable[[Any], Any]"]
"""A listener's method, and how the public event is made of the difference that was computed."""

_TOPOLOGY: dict[type, _Kind] = {
    events.TopologyOpenedEvent: ("opened", lambda event: public.TopologyOpenedEvent(event.topology_id)),
    events.TopologyClosedEvent: ("closed", lambda event: public.TopologyClosedEvent(event.topology_id)),
    events.TopologyDescriptionChangedEvent: (
        "description_changed",
        lambda event: public.TopologyDescriptionChangedEvent(
            event.previous_description, event.new_description, event.topology_id
        ),
    ),
}
_SERVER: dict[type, _Kind] = {
    events.ServerOpeningEvent: (
        "opened",
        lambda event: public.ServerOpeningEvent(event.server_address, event.topology_id),
    ),
    events.ServerClosedEvent: (
        "closed",
        lambda event: public.ServerClosedEvent(event.server_address, event.topology_id),
    ),
    events.ServerDescriptionChangedEvent: (
        "description_changed",
        lambda event: public.ServerDescriptionChangedEvent(
            event.previous_description, event.new_description, event.server_address, event.topology_id
        ),
    ),
}


class TopologyWatch:
    """The topology, server and heartbeat listeners of one client; itself a heartbeat listener of its monitors."""

    def __init__(self, listeners: Listeners, runtime: Runtime) -> None:
        self._all = Outbox((self,), runtime.guard())
        self._listeners = listeners
        self.flush = self._all.flush

    def opened(self, description: TopologyDescription) -> None:
        """Keep for the next `flush` that the client begins with this description."""
        self._note(events.opening(description))

    def changed(
        self,
        previous: TopologyDescription,
        new: TopologyDescription,
        server: ServerDescription | None = None,
    ) -> None:
        """Keep for the next `flush` what is different now; `server` is the description that caused it."""
        self._note(events.changes(previous, new, server))

    def closed(self, description: TopologyDescription) -> None:
        """Keep for the next `flush` that the client closes."""
        self._note(events.closing(description))

    def _note(self, found: Iterable[events.TopologyEvent]) -> None:
        for event in found:
            self._all.note("tell", event)

    def tell(self, event: Any) -> None:
        """Publish one event to those who listen to its kind. Called by the outbox."""
        kind = type(event)
        if kind in _TOPOLOGY:
            method, make = _TOPOLOGY[kind]
            listeners = self._listeners.topologies
        else:
            method, make = _SERVER[kind]
            listeners = self._listeners.servers
        if listeners:
            publish(listeners, method, make(event))

    def started(self, event: Any) -> None:
        """A check began."""
        self._relay("started", event)

    def succeeded(self, event: Any) -> None:
        """A check was answered."""
        self._relay("succeeded", event)

    def failed(self, event: Any) -> None:
        """A check failed."""
        self._relay("failed", event)

    def _relay(self, method: str, event: Any) -> None:
        self._all.note("tell_heartbeat", (method, event))
        self.flush()

    def tell_heartbeat(self, told: tuple[str, Any]) -> None:
        """Publish one event of a check. Called by the outbox."""
        publish(self._listeners.heartbeats, *told)
