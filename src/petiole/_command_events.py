"""Events of commands: started, succeeded, failed; and what of a command may be shown to anybody.

Follows command logging and monitoring, "Security": commands that carry credentials are shown empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from petiole.bson.objectid import ObjectId

_Address = tuple[str, "int | None"]

_SENSITIVE = frozenset(
    {
        "authenticate",
        "saslstart",
        "saslcontinue",
        "getnonce",
        "createuser",
        "updateuser",
        "copydbgetnonce",
        "copydbsaslstart",
        "copydb",
    }
)
_GREETINGS = frozenset({"hello", "ismaster"})


def is_sensitive(command_name: str, document: Mapping[str, Any]) -> bool:
    """Whether a command, or the reply to it, carries credentials."""
    name = command_name.lower()
    return name in _SENSITIVE or (name in _GREETINGS and "speculativeAuthenticate" in document)


class _CommandEvent:
    """What all events of one command share."""

    __slots__ = (
        "command_name",
        "connection_id",
        "database_name",
        "operation_id",
        "request_id",
        "server_connection_id",
        "service_id",
    )

    def __init__(
        self,
        command_name: str,
        request_id: int,
        connection_id: _Address,
        operation_id: int | None,
        service_id: ObjectId | None = None,
        database_name: str = "",
        server_connection_id: int | None = None,
    ) -> None:
        self.command_name = command_name
        """The command's name."""
        self.request_id = request_id
        """The request id of the message."""
        self.connection_id = connection_id
        """Host and port of the server."""
        self.operation_id = operation_id
        """What the commands of one operation have in common."""
        self.service_id = service_id
        """The service behind a load balancer, or None."""
        self.database_name = database_name
        """The database the command runs on."""
        self.server_connection_id = server_connection_id
        """The server's own number of the connection, or None."""

    def _head(self) -> str:
        return (
            f"<{type(self).__name__} {self.connection_id} db: {self.database_name!r}, "
            f"command: {self.command_name!r}, operation_id: {self.operation_id}, "
        )

    def _tail(self) -> str:
        return f"service_id: {self.service_id}, server_connection_id: {self.server_connection_id}>"


class CommandStartedEvent(_CommandEvent):
    """A command is about to be sent."""

    __slots__ = ("command",)

    def __init__(
        self,
        command: Mapping[str, Any],
        database_name: str,
        request_id: int,
        connection_id: _Address,
        operation_id: int | None,
        service_id: ObjectId | None = None,
        server_connection_id: int | None = None,
    ) -> None:
        if not command:
            raise ValueError(f"{command!r} is not a valid command")
        name = next(iter(command))
        super().__init__(
            name, request_id, connection_id, operation_id, service_id, database_name, server_connection_id
        )
        self.command: Mapping[str, Any] = {} if is_sensitive(name, command) else command
        """The command document; empty where it carries credentials."""

    def __repr__(self) -> str:
        return self._head() + self._tail()


class _CommandEndedEvent(_CommandEvent):
    __slots__ = ("duration_micros",)

    def __init__(self, duration: timedelta, *args: Any) -> None:
        super().__init__(*args)
        self.duration_micros = int(duration.total_seconds() * 1_000_000)
        """How long it took, in microseconds."""


class CommandSucceededEvent(_CommandEndedEvent):
    """The server answered `ok: 1`."""

    __slots__ = ("reply",)

    def __init__(
        self,
        duration: timedelta,
        reply: Mapping[str, Any],
        command_name: str,
        request_id: int,
        connection_id: _Address,
        operation_id: int | None,
        service_id: ObjectId | None = None,
        database_name: str = "",
        server_connection_id: int | None = None,
    ) -> None:
        super().__init__(
            duration,
            command_name,
            request_id,
            connection_id,
            operation_id,
            service_id,
            database_name,
            server_connection_id,
        )
        self.reply: Mapping[str, Any] = {} if is_sensitive(command_name, reply) else reply
        """The server's reply; empty where it carries credentials."""

    def __repr__(self) -> str:
        return f"{self._head()}duration_micros: {self.duration_micros}, {self._tail()}"


class CommandFailedEvent(_CommandEndedEvent):
    """The server answered with an error, or not at all."""

    __slots__ = ("failure",)

    def __init__(
        self,
        duration: timedelta,
        failure: Mapping[str, Any],
        command_name: str,
        request_id: int,
        connection_id: _Address,
        operation_id: int | None,
        service_id: ObjectId | None = None,
        database_name: str = "",
        server_connection_id: int | None = None,
    ) -> None:
        super().__init__(
            duration,
            command_name,
            request_id,
            connection_id,
            operation_id,
            service_id,
            database_name,
            server_connection_id,
        )
        self.failure: Mapping[str, Any] = failure
        """The server's error reply, or what went wrong on the way as `errmsg` and `errtype`."""

    def __repr__(self) -> str:
        return (
            f"{self._head()}duration_micros: {self.duration_micros}, failure: {self.failure!r}, "
            f"{self._tail()}"
        )
