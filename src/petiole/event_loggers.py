"""Ready-made listeners that write every event to the root logger, to be given to a client or registered.

A demonstration of how listeners are written, and of use as it is. Structured messages, under loggers of
their own, are logged without any listener.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from petiole import monitoring

if TYPE_CHECKING:
    from petiole.monitoring import (
        CommandFailedEvent,
        CommandStartedEvent,
        CommandSucceededEvent,
        ConnectionCheckedInEvent,
        ConnectionCheckedOutEvent,
        ConnectionCheckOutFailedEvent,
        ConnectionCheckOutStartedEvent,
        ConnectionClosedEvent,
        ConnectionCreatedEvent,
        ConnectionReadyEvent,
        PoolClearedEvent,
        PoolClosedEvent,
        PoolCreatedEvent,
        PoolReadyEvent,
        ServerClosedEvent,
        ServerDescriptionChangedEvent,
        ServerHeartbeatFailedEvent,
        ServerHeartbeatStartedEvent,
        ServerHeartbeatSucceededEvent,
        ServerOpeningEvent,
        TopologyClosedEvent,
        TopologyDescriptionChangedEvent,
        TopologyOpenedEvent,
    )

__all__ = ["CommandLogger", "ConnectionPoolLogger", "HeartbeatLogger", "ServerLogger", "TopologyLogger"]


class CommandLogger(monitoring.CommandListener):
    """Logs that commands start and end, without what they carry; `logging.INFO`."""

    def started(self, event: CommandStartedEvent) -> None:
        """Log a command that is about to be sent."""
        logging.info("%s started on server %s", _command(event), event.connection_id)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Log a command that succeeded."""
        logging.info("%s", _ended(event, "succeeded"))

    def failed(self, event: CommandFailedEvent) -> None:
        """Log a command that failed."""
        logging.info("%s", _ended(event, "failed"))


class ServerLogger(monitoring.ServerListener):
    """Logs what is found out of servers: `logging.INFO`, those removed `logging.WARNING`."""

    def opened(self, event: ServerOpeningEvent) -> None:
        """Log a server that begins to be monitored."""
        logging.info("Server %s added to topology %s", event.server_address, event.topology_id)

    def description_changed(self, event: ServerDescriptionChangedEvent) -> None:
        """Log a server that became of another type."""
        previous, new = event.previous_description, event.new_description
        if new.server_type != previous.server_type:
            names = previous.server_type_name, new.server_type_name
            logging.info("Server %s changed type from %s to %s", event.server_address, *names)

    def closed(self, event: ServerClosedEvent) -> None:
        """Log a server that is no longer monitored."""
        logging.warning("Server %s removed from topology %s", event.server_address, event.topology_id)


class HeartbeatLogger(monitoring.ServerHeartbeatListener):
    """Logs the checks of servers: `logging.INFO`, those that fail `logging.WARNING`."""

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """Log a check that begins."""
        logging.info("Heartbeat sent to server %s", event.connection_id)

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """Log a check's reply."""
        document = event.reply.document
        logging.info("Heartbeat to server %s succeeded with reply %s", event.connection_id, document)

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """Log a check that failed, and why."""
        logging.warning("Heartbeat to server %s failed with error %s", event.connection_id, event.reply)


class TopologyLogger(monitoring.TopologyListener):
    """Logs what is found out of topologies: `logging.INFO`; that no server suits `logging.WARNING`."""

    def opened(self, event: TopologyOpenedEvent) -> None:
        """Log a topology that begins to be discovered."""
        logging.info("Topology with id %s opened", event.topology_id)

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        """Log a change, and what cannot be done now."""
        previous, new = event.previous_description, event.new_description
        logging.info("Topology description updated for topology id %s", event.topology_id)
        if new.topology_type != previous.topology_type:
            names = previous.topology_type_name, new.topology_type_name
            logging.info("Topology %s changed type from %s to %s", event.topology_id, *names)
        if not new.has_writable_server():
            logging.warning("No writable servers available.")
        if not new.has_readable_server():
            logging.warning("No readable servers available.")

    def closed(self, event: TopologyClosedEvent) -> None:
        """Log a topology that was closed."""
        logging.info("Topology with id %s closed", event.topology_id)


class ConnectionPoolLogger(monitoring.ConnectionPoolListener):
    """Logs what happens to connection pools and their connections; `logging.INFO`."""

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Log a pool that was made."""
        logging.info("[pool %s] pool created", event.address)

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Log a pool that lets operations in."""
        logging.info("[pool %s] pool ready", event.address)

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Log a pool whose connections have become stale."""
        logging.info("[pool %s] pool cleared", event.address)

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Log a pool that was closed."""
        logging.info("[pool %s] pool closed", event.address)

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """Log a connection that is about to be made."""
        logging.info("%s connection created", _connection(event))

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Log a connection that can be used."""
        logging.info("%s connection setup succeeded", _connection(event))

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """Log a connection that was closed, and why."""
        logging.info('%s connection closed, reason: "%s"', _connection(event), event.reason)

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Log an operation that asks for a connection."""
        logging.info("[pool %s] connection check out started", event.address)

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """Log an operation that got no connection, and why."""
        logging.info("[pool %s] connection check out failed, reason: %s", event.address, event.reason)

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """Log an operation that got a connection."""
        logging.info("%s connection checked out of pool", _connection(event))

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """Log an operation that gave its connection back."""
        logging.info("%s connection checked into pool", _connection(event))


def _command(event: CommandStartedEvent | CommandSucceededEvent | CommandFailedEvent) -> str:
    return f"Command {event.command_name} with request id {event.request_id}"


def _ended(event: CommandSucceededEvent | CommandFailedEvent, how: str) -> str:
    where = f"on server {event.connection_id}"
    return f"{_command(event)} {where} {how} in {event.duration_micros} microseconds"


def _connection(
    event: ConnectionCreatedEvent
    | ConnectionReadyEvent
    | ConnectionClosedEvent
    | ConnectionCheckedOutEvent
    | ConnectionCheckedInEvent,
) -> str:
    return f"[pool {event.address}][conn #{event.connection_id}]"
