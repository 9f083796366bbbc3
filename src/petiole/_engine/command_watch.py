"""Tells command listeners what is sent and what comes back. It exists only where somebody listens.

Follows the command logging and monitoring specification: a command's event shows the whole command, as if
its document sequences were arrays; commands that carry credentials are shown empty.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from petiole._command_events import (
    CommandFailedEvent,
    CommandStartedEvent,
    CommandSucceededEvent,
    is_sensitive,
)
from petiole._engine.forgiving import FORGIVING
from petiole._native import op_msg_parts
from petiole._net.listeners import publish
from petiole.errors import OperationFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._commands.base import Command
    from petiole._engine.logs import CommandLog
    from petiole._native import Reply
    from petiole._net.connection import Connection


class CommandWatch:
    """The command listeners of one client, and its log."""

    __slots__ = ("_listeners", "clock", "codec", "log")

    def __init__(self, listeners: tuple[Any, ...], clock: Callable[[], float]) -> None:
        self._listeners = listeners
        self.log: tuple[CommandLog, ...] = ()
        """At most one."""
        self.codec = FORGIVING
        self.clock = clock

    def tell(self, method: str, event: Any, connection: int) -> None:
        """Publish an event of a command; the log is told the connection's number too."""
        if self.log:
            publish(self.log, method, (event, connection))
        publish(self._listeners, method, event)

    def start(self, command: Command, message: bytes | None, connection: Connection) -> Watched | None:
        """Announce a command; without a message the server sends the reply unasked (exhaust)."""
        if message is None:
            request_id, document = 0, dict(command.body)
        else:
            request_id, document = self._shown(message)
        if command.operation_id is None:
            command.operation_id = request_id
        return Watched(self, command, document, connection, request_id)

    def completed(self, message: bytes, connection: Connection) -> bytes:
        """The message of a command that has been announced, with what only watches add: nothing, but for traces."""
        return message

    def _shown(self, message: bytes) -> tuple[int, dict[str, Any]]:
        request_id, body, sequences = op_msg_parts(message)
        document: dict[str, Any] = self.codec.decode(body)
        for identifier, documents in sequences:
            document[identifier] = self.codec.decode_all(documents)
        return request_id, document


class Watched:
    """One command under way: what its events have in common."""

    __slots__ = ("_common", "_connection", "_name", "_sensitive", "_started_at", "_watch")

    def __init__(
        self,
        watch: CommandWatch,
        command: Command,
        document: dict[str, Any],
        connection: Connection,
        request_id: int,
    ) -> None:
        self._watch = watch
        self._name = next(iter(document))
        self._sensitive = command.sensitive or is_sensitive(self._name, document)
        server_id = connection.hello.get("connectionId")
        service_id = connection.hello.get("serviceId")
        self._common: dict[str, Any] = {
            "request_id": request_id,
            "connection_id": connection.address,
            "operation_id": command.operation_id,
            "service_id": service_id,
            "server_connection_id": None if server_id is None else int(server_id),
            "database_name": command.database,
        }
        event = CommandStartedEvent(document, **self._common)
        self._connection = connection.number
        watch.tell("started", event, self._connection)
        self._started_at = watch.clock()

    def _duration(self) -> timedelta:
        return timedelta(seconds=self._watch.clock() - self._started_at)

    def sent(self) -> None:
        """An unacknowledged command has left: that counts as success."""
        self._succeeded({"ok": 1})

    def answered(self, reply: Reply) -> None:
        """The server has answered."""
        document = reply.document(self._watch.codec)
        if reply.ok:
            self._succeeded(document)
        else:
            self._refused(document)

    def broke_off(self, error: BaseException) -> None:
        """There will be no answer. What the driver itself says of that carries no credentials."""
        details = error.details if isinstance(error, OperationFailure) else None
        if details:
            self._refused(dict(details))
        else:
            self._failed({"errmsg": str(error), "errtype": type(error).__name__})

    def _succeeded(self, document: dict[str, Any]) -> None:
        shown = {} if self._sensitive else document
        event = CommandSucceededEvent(self._duration(), shown, command_name=self._name, **self._common)
        self._watch.tell("succeeded", event, self._connection)

    def _refused(self, document: dict[str, Any]) -> None:
        if self._sensitive:
            document = {key: document[key] for key in _HARMLESS if key in document}
        self._failed(document)

    def _failed(self, failure: dict[str, Any]) -> None:
        event = CommandFailedEvent(self._duration(), failure, command_name=self._name, **self._common)
        self._watch.tell("failed", event, self._connection)


_HARMLESS = ("ok", "code", "codeName", "errorLabels")
"""What of a failed sensitive command's reply is shown."""
