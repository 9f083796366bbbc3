"""Structured log messages: one line of JSON for each event, under a logger for each component.

The loggers are `petiole.command`, `petiole.connection`, `petiole.serverSelection` and `petiole.topology`. A client
begins to log when one of them is enabled (`log_switch` tells), and pays nothing before; a logger that is disabled
later is heeded at once. Documents are cut at MONGODB_LOG_MAX_DOCUMENT_LENGTH characters, 1000 by default
("unlimited": not at all); those with credentials come here empty already.
Follows the logging specification, and those of commands, pools, discovery and server selection on what is logged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from petiole._engine import log_switch
from petiole._engine.command_watch import CommandWatch
from petiole._engine.executor import Executor
from petiole._engine.log_switch import COMPONENTS
from petiole._sdam.selectors import writable_server_selector
from petiole.errors import ServerSelectionTimeoutError

if TYPE_CHECKING:
    from logging import Logger

    from petiole._commands.base import Command
    from petiole._engine.attempt import Attempt
    from petiole._engine.server import Server
    from petiole._net.listeners import Listeners
    from petiole._runtime.base import Address
    from petiole.bson.objectid import ObjectId

DEBUG, INFO = 10, 20
_DEFAULT_LENGTH = 1000
_LENGTH_VARIABLES = ("MONGODB_LOG_MAX_DOCUMENT_LENGTH", "MONGOB_LOG_MAX_DOCUMENT_LENGTH")
"""The specification's, and how PyMongo spells it."""


def enabled(component: str, level: int = DEBUG) -> Logger | None:
    """A component's logger, if anybody wants what it says."""
    logger = log_switch.logger_of(component)
    return logger if logger is not None and logger.isEnabledFor(level) else None


class Log:
    """Writes the messages of one component of one client."""

    def __init__(self, logger: Logger, **identity: ObjectId) -> None:
        from petiole.bson.json_util import dumps

        self._logger = logger
        self._identity = identity
        self._dumps = dumps
        self._length = _max_length(next(filter(None, map(os.environ.get, _LENGTH_VARIABLES)), None))

    def write(self, message: str, fields: Mapping[str, Any], level: int = DEBUG) -> None:
        """Log a message with its fields."""
        if self._logger.isEnabledFor(level):
            self._logger.log(level, self._dumps({"message": message, **self._identity, **fields}))

    def document(self, value: Any) -> str:
        """A document as extended JSON, not too long."""
        return self.shortened(self._dumps(value))

    def shortened(self, text: str) -> str:
        """A text, not too long."""
        length = self._length
        return text if length is None or len(text) <= length else text[:length] + "..."


def _max_length(setting: str | None) -> int | None:
    if setting == "unlimited":
        return None
    try:
        length = int(setting or _DEFAULT_LENGTH)
    except ValueError:
        return _DEFAULT_LENGTH
    return length if length >= 0 else _DEFAULT_LENGTH


def host(address: Address) -> dict[str, Any]:
    """The fields of a server's address; Unix sockets have no port."""
    name, port = address
    return {"serverHost": name} if port is None else {"serverHost": name, "serverPort": port}


class CommandLog:
    """Logs the events of commands. Each comes with the number of its connection."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @staticmethod
    def _fields(event: Any, number: int) -> dict[str, Any]:
        fields = {
            "commandName": event.command_name,
            "databaseName": event.database_name,
            "requestId": event.request_id,
            "operationId": event.operation_id,
            "driverConnectionId": number,
            **host(event.connection_id),
        }
        if event.server_connection_id is not None:
            fields["serverConnectionId"] = event.server_connection_id
        if event.service_id is not None:
            fields["serviceId"] = event.service_id
        return fields

    def started(self, told: tuple[Any, int]) -> None:
        """A command is about to be sent."""
        fields = self._fields(*told)
        fields["command"] = self._log.document(told[0].command)
        self._log.write("Command started", fields)

    def succeeded(self, told: tuple[Any, int]) -> None:
        """The server answered `ok: 1`."""
        fields = self._fields(*told)
        fields["durationMS"] = told[0].duration_micros / 1000
        fields["reply"] = self._log.document(told[0].reply)
        self._log.write("Command succeeded", fields)

    def failed(self, told: tuple[Any, int]) -> None:
        """The server answered with an error, or not at all."""
        fields = self._fields(*told)
        fields["durationMS"] = told[0].duration_micros / 1000
        fields["failure"] = self._log.document(told[0].failure)
        self._log.write("Command failed", fields)


class SelectionLog:
    """Logs how servers are selected for operations."""

    def __init__(self, log: Log, selection_timeout: float) -> None:
        self.write = log.write
        self.shortened = log.shortened
        self.selection_timeout = selection_timeout
        self.operations = count(1 << 32)  # Beyond the request ids that other operations are known by.


class LoggingExecutor(Executor):
    """What an executor becomes that is to log how it selects servers; others are not even asked whether they do."""

    _selection_log: SelectionLog

    async def _select(self, command: Command, attempt: Attempt) -> Server:
        log, topology = self._selection_log, self.topology
        if command.operation_id is None:
            command.operation_id = next(log.operations)
        preference = command.read_preference if command.reads else None
        wanted = writable_server_selector if preference is None else preference
        fields: dict[str, Any] = {
            "selector": "writable server" if preference is None else repr(preference),
            "operation": command.name,
            "operationId": command.operation_id,
            "topologyDescription": log.shortened(repr(topology.description)),
        }
        log.write("Server selection started", fields)
        if not topology.closed and not topology.snapshot.select(wanted):
            remaining = attempt.deadline.sooner(log.selection_timeout).remaining()
            left = {"remainingTimeMS": max(int((remaining or 0) * 1000), 0)}
            log.write("Waiting for suitable server to become available", fields | left, INFO)
        try:
            server = await super()._select(command, attempt)
        except ServerSelectionTimeoutError as error:
            fields["topologyDescription"] = log.shortened(repr(topology.description))
            log.write("Server selection failed", fields | {"failure": str(error)})
            raise
        fields["topologyDescription"] = log.shortened(repr(topology.description))
        log.write("Server selection succeeded", fields | host(server.address))
        return server


class ClientLogs:
    """What one client logs: nothing of a component, until somebody wants to hear of it."""

    def __init__(
        self, executor: Executor, listeners: Listeners, client_id: ObjectId, selection_timeout: float
    ) -> None:
        self._executor = executor
        self._listeners = listeners
        self._client_id = client_id
        self._selection_timeout = selection_timeout
        self._begun: set[str] = set()
        for component in COMPONENTS:
            self.heed(component)
        log_switch.register(self)

    def heed(self, component: str) -> None:
        """Begin to log a component if it is enabled by now. Callable from any thread; takes no guard."""
        begin, level = _BEGINNINGS[component]
        if component not in self._begun:
            logger = enabled(component, level)
            if logger is not None:
                self._begun.add(component)
                begin(self, logger)

    def _log_commands(self, logger: Logger) -> None:
        executor, log = self._executor, CommandLog(Log(logger, clientId=self._client_id))
        if executor._watch is None:
            executor._watch = CommandWatch((), executor.runtime.clock)
        executor._watch.log = (log,)

    def _log_selection(self, logger: Logger) -> None:
        log = SelectionLog(Log(logger, clientId=self._client_id), self._selection_timeout)
        executor = self._executor
        kind = type(executor)  # That of a traced client stays traced.
        logging = LoggingExecutor if kind is Executor else type(kind.__name__, (LoggingExecutor, kind), {})
        executor.__class__, executor.__dict__["_selection_log"] = logging, log

    def _log_pools(self, logger: Logger) -> None:
        from petiole._engine.log_listeners import PoolLog  # Late: it needs the public listeners.

        listener = PoolLog(Log(logger, clientId=self._client_id))
        self._listeners.pools += (listener,)
        for server in self._executor.topology.servers:
            server.add_listener(listener)

    def _log_topology(self, logger: Logger) -> None:
        from petiole._engine import log_listeners as kinds

        log, listeners = Log(logger, topologyId=self._client_id), self._listeners
        listeners.topologies += (kinds.TopologyLog(log),)
        listeners.servers += (kinds.ServerLog(log),)
        listeners.heartbeats += (kinds.HeartbeatLog(log),)
        self._executor.topology.listen(listeners)


_BEGINNINGS: dict[str, tuple[Callable[[ClientLogs, Logger], None], int]] = {
    "command": (ClientLogs._log_commands, DEBUG),
    "connection": (ClientLogs._log_pools, DEBUG),
    "serverSelection": (ClientLogs._log_selection, INFO),
    "topology": (ClientLogs._log_topology, DEBUG),
}
