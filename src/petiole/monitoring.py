"""Listeners for what the driver does: commands, servers, heartbeats, topologies and connection pools.

Give them to a client as `event_listeners`, or to all clients made later with `register`. Listeners are
called where the event happens, so a slow one slows the driver down; what they raise is logged and dropped.
Values only: who publishes is the engine.
"""

from __future__ import annotations

import abc
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


class CommandListener(_EventListener, abc.ABC):
    """Is told of every command but those that carry credentials."""

    @abc.abstractmethod
    def started(self, event: CommandStartedEvent) -> None:
        """A command is about to be sent."""

    @abc.abstractmethod
    def succeeded(self, event: CommandSucceededEvent) -> None:
        """The server answered `ok: 1`."""

    @abc.abstractmethod
    def failed(self, event: CommandFailedEvent) -> None:
        """The server answered with an error, or not at all."""


class ConnectionPoolListener(_EventListener, abc.ABC):
    """Is told what happens to connection pools and their connections."""

    @abc.abstractmethod
    def pool_created(self, event: PoolCreatedEvent) -> None:
        """A pool was made."""

    @abc.abstractmethod
    def pool_ready(self, event: PoolReadyEvent) -> None:
        """A pool lets operations in."""

    @abc.abstractmethod
    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """All of a pool's connections have become stale."""

    @abc.abstractmethod
    def pool_closed(self, event: PoolClosedEvent) -> None:
        """A pool was closed for good."""

    @abc.abstractmethod
    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """A connection is about to be made."""

    @abc.abstractmethod
    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """A connection has completed its handshake."""

    @abc.abstractmethod
    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """A connection was closed."""

    @abc.abstractmethod
    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """An operation asks for a connection."""

    @abc.abstractmethod
    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """An operation got no connection."""

    @abc.abstractmethod
    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """An operation got a connection."""

    @abc.abstractmethod
    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """An operation gave its connection back."""


class ServerHeartbeatListener(_EventListener, abc.ABC):
    """Is told of the checks of servers."""

    @abc.abstractmethod
    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """A check began."""

    @abc.abstractmethod
    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """A check was answered."""

    @abc.abstractmethod
    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """A check failed."""


class TopologyListener(_EventListener, abc.ABC):
    """Is told what is found out of the topology."""

    @abc.abstractmethod
    def opened(self, event: TopologyOpenedEvent) -> None:
        """A topology begins to be discovered."""

    @abc.abstractmethod
    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        """The description of a topology changed."""

    @abc.abstractmethod
    def closed(self, event: TopologyClosedEvent) -> None:
        """A topology was closed."""


class ServerListener(_EventListener, abc.ABC):
    """Is told what is found out of servers."""

    @abc.abstractmethod
    def opened(self, event: ServerOpeningEvent) -> None:
        """A server begins to be monitored."""

    @abc.abstractmethod
    def description_changed(self, event: ServerDescriptionChangedEvent) -> None:
        """The description of a server changed."""

    @abc.abstractmethod
    def closed(self, event: ServerClosedEvent) -> None:
        """A server is no longer monitored."""


_KINDS = (CommandListener, ServerHeartbeatListener, ServerListener, TopologyListener, ConnectionPoolListener)

registered: list[Any] = []
"""The listeners of all clients made from now on."""


def check_listeners(option: str, listeners: Any) -> list[Any]:
    """The listeners as a list. Raises `TypeError` for anything that is none."""
    if not isinstance(listeners, (list, tuple)):
        raise TypeError(f"{option} must be a list or tuple, not {type(listeners)}")
    for listener in listeners:
        if not isinstance(listener, _KINDS):
            kinds = ", ".join(kind.__name__ for kind in _KINDS)
            raise TypeError(f"Listeners for {option} must be one of {kinds}, not {listener!r}")
    return list(listeners)


def register(listener: _EventListener) -> None:
    """Tell `listener` of what all clients made from now on do."""
    if not isinstance(listener, _EventListener):
        kinds = ", ".join(kind.__name__ for kind in _KINDS)
        raise TypeError(f"Listeners for {listener!r} must be either one of {kinds}")
    registered.extend(check_listeners("listener", [listener]))
