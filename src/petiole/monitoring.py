"""Listeners for what the driver does: commands, servers, heartbeats, topologies and connection pools.

Give them to a client as `event_listeners`, or to all clients made later with `register`. Listeners are
called where the event happens, so a slow one slows the driver down; what they raise is written to the
standard error stream and dropped. A method that a listener does not define raises NotImplementedError.
Values only: who publishes is the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from petiole._command_events import CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent
from petiole._pool_events import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutFailedReason,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionClosedReason,
    ConnectionCreatedEvent,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)
from petiole._topology_events import (
    ServerClosedEvent,
    ServerDescriptionChangedEvent,
    ServerHeartbeatFailedEvent,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
    ServerOpeningEvent,
    TopologyClosedEvent,
    TopologyDescriptionChangedEvent,
    TopologyEvent,
    TopologyOpenedEvent,
)

__all__ = [
    "CommandFailedEvent",
    "CommandListener",
    "CommandStartedEvent",
    "CommandSucceededEvent",
    "ConnectionCheckOutFailedEvent",
    "ConnectionCheckOutFailedReason",
    "ConnectionCheckOutStartedEvent",
    "ConnectionCheckedInEvent",
    "ConnectionCheckedOutEvent",
    "ConnectionClosedEvent",
    "ConnectionClosedReason",
    "ConnectionCreatedEvent",
    "ConnectionPoolListener",
    "ConnectionReadyEvent",
    "PoolClearedEvent",
    "PoolClosedEvent",
    "PoolCreatedEvent",
    "PoolReadyEvent",
    "ServerClosedEvent",
    "ServerDescriptionChangedEvent",
    "ServerHeartbeatFailedEvent",
    "ServerHeartbeatListener",
    "ServerHeartbeatStartedEvent",
    "ServerHeartbeatSucceededEvent",
    "ServerListener",
    "ServerOpeningEvent",
    "TopologyClosedEvent",
    "TopologyDescriptionChangedEvent",
    "TopologyEvent",
    "TopologyListener",
    "TopologyOpenedEvent",
    "register",
]


class _EventListener:
    """What every listener is."""


class CommandListener(_EventListener):
    """Is told of every command but those that carry credentials."""

    def started(self, event: CommandStartedEvent) -> None:
        """A command is about to be sent."""
        raise NotImplementedError

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """The server answered `ok: 1`."""
        raise NotImplementedError

    def failed(self, event: CommandFailedEvent) -> None:
        """The server answered with an error, or not at all."""
        raise NotImplementedError


class ConnectionPoolListener(_EventListener):
    """Is told what happens to connection pools and their connections."""

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """A pool was made."""
        raise NotImplementedError

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """A pool lets operations in."""
        raise NotImplementedError

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """All of a pool's connections have become stale."""
        raise NotImplementedError

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """A pool was closed for good."""
        raise NotImplementedError

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """A connection is about to be made."""
        raise NotImplementedError

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """A connection has completed its handshake."""
        raise NotImplementedError

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """A connection was closed."""
        raise NotImplementedError

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """An operation asks for a connection."""
        raise NotImplementedError

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """An operation got no connection."""
        raise NotImplementedError

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """An operation got a connection."""
        raise NotImplementedError

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """An operation gave its connection back."""
        raise NotImplementedError


class ServerHeartbeatListener(_EventListener):
    """Is told of the checks of servers."""

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """A check began."""
        raise NotImplementedError

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """A check was answered."""
        raise NotImplementedError

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """A check failed."""
        raise NotImplementedError


class TopologyListener(_EventListener):
    """Is told what is found out of the topology."""

    def opened(self, event: TopologyOpenedEvent) -> None:
        """A topology begins to be discovered."""
        raise NotImplementedError

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        """The description of a topology changed."""
        raise NotImplementedError

    def closed(self, event: TopologyClosedEvent) -> None:
        """A topology was closed."""
        raise NotImplementedError


class ServerListener(_EventListener):
    """Is told what is found out of servers."""

    def opened(self, event: ServerOpeningEvent) -> None:
        """A server begins to be monitored."""
        raise NotImplementedError

    def description_changed(self, event: ServerDescriptionChangedEvent) -> None:
        """The description of a server changed."""
        raise NotImplementedError

    def closed(self, event: ServerClosedEvent) -> None:
        """A server is no longer monitored."""
        raise NotImplementedError


registered: list[Any] = []
"""The listeners of all clients made from now on."""


def check_listeners(option: str, listeners: Any) -> Any:
    """The listeners as they are. Raises `TypeError` for anything that is none."""
    if not isinstance(listeners, Sequence):
        raise TypeError(f"{option} must be a list or tuple, not {type(listeners)}")
    for listener in listeners:
        if not isinstance(listener, _EventListener):
            raise TypeError(_no_listener(option, listener))
    return listeners


def register(listener: _EventListener) -> None:
    """Tell `listener` of what all clients made from now on do."""
    if not isinstance(listener, _EventListener):
        raise TypeError(_no_listener(listener, listener))
    registered.append(listener)


def _no_listener(where: Any, listener: Any) -> str:
    return (
        f"Listeners for {where} must be either a CommandListener, ServerHeartbeatListener, "
        f"ServerListener, TopologyListener, or ConnectionPoolListener,not {type(listener)}"
    )
