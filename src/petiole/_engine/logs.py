"""Structured log messages: one line of JSON for each event, under a logger for each component.

The loggers are `petiole.command`, `petiole.connection`, `petiole.serverSelection` and `petiole.topology`. Which of
them are enabled is looked up when a client is made, and costs nothing afterwards where none is; a logger that is
disabled later is heeded at once. Documents are cut at MONGODB_LOG_MAX_DOCUMENT_LENGTH characters, 1000 by default
("unlimited": not at all); those with credentials come here empty already.
Follows the logging specification, and those of commands, pools, discovery and server selection on what is logged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from petiole._engine.executor import Executor
from petiole._sdam.selectors import writable_server_selector
from petiole.errors import ServerSelectionTimeoutError

if TYPE_CHECKING:
    from logging import Logger

    from petiole._commands.base import Command
    from petiole._engine.executor import Attempt
    from petiole._engine.server import Server
    from petiole._runtime.base import Address
    from petiole.bson.objectid import ObjectId

DEBUG, INFO = 10, 20
_DEFAULT_LENGTH = 1000


def enabled(component: str, level: int = DEBUG) -> Logger | None:
    """A component's logger, if anybody wants what it says; `logging` is not imported for that."""
    logging = sys.modules.get("logging")
    if logging is None:
        return None
    logger: Logger = logging.getLogger(f"petiole.{component}")
    return logger if logger.isEnabledFor(level) else None


class Log:
    """Writes the messages of one component of one client."""

    def __init__(self, logger: Logger, **identity: ObjectId) -> None:
        from petiole.bson.json_util import dumps

        self._logger = logger
        self._identity = identity
        self._dumps = dumps
        self._length = _max_length(os.environ.get("MONGODB_LOG_MAX_DOCUMENT_LENGTH"))

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
    """An executor that logs how it selects servers; others are not even asked whether they do."""

    def __init__(self, log: SelectionLog, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._selection_log = log

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


def executor_class(client_id: ObjectId, selection_timeout: float) -> Callable[..., Executor]:
    """What to make a client's executor with."""
    logger = enabled("serverSelection", INFO)
    if logger is None:
        return Executor
    return partial(LoggingExecutor, SelectionLog(Log(logger, clientId=client_id), selection_timeout))


def command_log(client_id: ObjectId) -> CommandLog | None:
    """What logs a client's commands, where that is wanted."""
    logger = enabled("command")
    return None if logger is None else CommandLog(Log(logger, clientId=client_id))


def log_listeners(client_id: ObjectId) -> tuple[Any, ...]:
    """Listeners that log what happens to pools and what is found out of the topology, where that is wanted."""
    connection, topology = enabled("connection"), enabled("topology")
    if connection is None and topology is None:
        return ()
    from petiole._engine import log_listeners as kinds  # Late: it needs the public listeners.

    found: list[Any] = []
    if connection is not None:
        found.append(kinds.PoolLog(Log(connection, clientId=client_id)))
    if topology is not None:
        log = Log(topology, topologyId=client_id)
        found += (kinds.TopologyLog(log), kinds.ServerLog(log), kinds.HeartbeatLog(log))
    return tuple(found)
