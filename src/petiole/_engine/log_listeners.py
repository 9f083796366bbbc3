"""Listeners that log: what happens to connection pools, and what is found out of a topology and its servers.

Follows the sections on logging of connection monitoring and pooling, and of discovery logging and monitoring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole import monitoring
from petiole._engine.logs import host

if TYPE_CHECKING:
    from petiole._engine.logs import Log

_CLOSED_BECAUSE = {
    monitoring.ConnectionClosedReason.STALE: "Connection became stale because the pool was cleared",
    monitoring.ConnectionClosedReason.IDLE: (
        "Connection has been available but unused for longer than the configured max idle time"
    ),
    monitoring.ConnectionClosedReason.ERROR: "An error occurred while using the connection",
    monitoring.ConnectionClosedReason.POOL_CLOSED: "Connection pool was closed",
}
_FAILED_BECAUSE = {
    monitoring.ConnectionCheckOutFailedReason.TIMEOUT: (
        "Wait queue timeout elapsed without a connection becoming available"
    ),
    monitoring.ConnectionCheckOutFailedReason.POOL_CLOSED: "Connection pool was closed",
    monitoring.ConnectionCheckOutFailedReason.CONN_ERROR: (
        "An error occurred while trying to establish a new connection"
    ),
}
# A monitor's connection belongs to no pool, so it has no number there.
_MONITORS_CONNECTION = 0


class PoolLog(monitoring.ConnectionPoolListener):
    """Logs what happens to pools."""

    def __init__(self, log: Log) -> None:
        self._write = log.write

    def pool_created(self, event: monitoring.PoolCreatedEvent) -> None:
        self._write("Connection pool created", host(event.address) | event.options)

    def pool_ready(self, event: monitoring.PoolReadyEvent) -> None:
        self._write("Connection pool ready", host(event.address))

    def pool_cleared(self, event: monitoring.PoolClearedEvent) -> None:
        fields = host(event.address)
        if event.service_id is not None:
            fields["serviceId"] = event.service_id
        self._write("Connection pool cleared", fields)

    def pool_closed(self, event: monitoring.PoolClosedEvent) -> None:
        self._write("Connection pool closed", host(event.address))

    def connection_created(self, event: monitoring.ConnectionCreatedEvent) -> None:
        self._write("Connection created", _connection(event))

    def connection_ready(self, event: monitoring.ConnectionReadyEvent) -> None:
        self._write("Connection ready", _connection(event) | _duration(event.duration))

    def connection_closed(self, event: monitoring.ConnectionClosedEvent) -> None:
        why = {"reason": _CLOSED_BECAUSE[event.reason], "error": event.reason}
        self._write("Connection closed", _connection(event) | why)

    def connection_check_out_started(self, event: monitoring.ConnectionCheckOutStartedEvent) -> None:
        self._write("Connection checkout started", host(event.address))

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        why = {"reason": _FAILED_BECAUSE[event.reason], "error": event.reason}
        self._write("Connection checkout failed", host(event.address) | why | _duration(event.duration))

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        self._write("Connection checked out", _connection(event) | _duration(event.duration))

    def connection_checked_in(self, event: monitoring.ConnectionCheckedInEvent) -> None:
        self._write("Connection checked in", _connection(event))


class TopologyLog(monitoring.TopologyListener):
    """Logs what is found out of a topology."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def opened(self, event: monitoring.TopologyOpenedEvent) -> None:
        self._log.write("Starting topology monitoring", {})

    def description_changed(self, event: monitoring.TopologyDescriptionChangedEvent) -> None:
        shortened = self._log.shortened
        fields = {
            "previousDescription": shortened(repr(event.previous_description)),
            "newDescription": shortened(repr(event.new_description)),
        }
        self._log.write("Topology description changed", fields)

    def closed(self, event: monitoring.TopologyClosedEvent) -> None:
        self._log.write("Stopped topology monitoring", {})


class ServerLog(monitoring.ServerListener):
    """Logs which servers are monitored; how they change is in the messages of the topology."""

    def __init__(self, log: Log) -> None:
        self._write = log.write

    def opened(self, event: monitoring.ServerOpeningEvent) -> None:
        self._write("Starting server monitoring", host(event.server_address))

    def description_changed(self, event: monitoring.ServerDescriptionChangedEvent) -> None:
        pass

    def closed(self, event: monitoring.ServerClosedEvent) -> None:
        self._write("Stopped server monitoring", host(event.server_address))


class HeartbeatLog(monitoring.ServerHeartbeatListener):
    """Logs the checks of servers."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._server_ids: dict[Any, Any] = {}
        """The servers' own numbers of the monitors' connections, by address."""

    def started(self, event: monitoring.ServerHeartbeatStartedEvent) -> None:
        self._log.write("Server heartbeat started", self._check(event))

    def succeeded(self, event: monitoring.ServerHeartbeatSucceededEvent) -> None:
        document = event.reply.document
        if "connectionId" in document:
            self._server_ids[event.connection_id] = document["connectionId"]
        fields = self._check(event) | _duration(event.duration)
        self._log.write("Server heartbeat succeeded", fields | {"reply": self._log.document(document)})

    def failed(self, event: monitoring.ServerHeartbeatFailedEvent) -> None:
        why = {"failure": self._log.shortened(repr(event.reply))}
        self._log.write("Server heartbeat failed", self._check(event) | _duration(event.duration) | why)
        self._server_ids.pop(event.connection_id, None)

    def _check(self, event: Any) -> dict[str, Any]:
        fields = host(event.connection_id)
        fields |= {"awaited": event.awaited, "driverConnectionId": _MONITORS_CONNECTION}
        if event.connection_id in self._server_ids:
            fields["serverConnectionId"] = self._server_ids[event.connection_id]
        return fields


def _connection(event: Any) -> dict[str, Any]:
    return host(event.address) | {"driverConnectionId": event.connection_id}


def _duration(seconds: float | None) -> dict[str, Any]:
    return {} if seconds is None else {"durationMS": seconds * 1000}
