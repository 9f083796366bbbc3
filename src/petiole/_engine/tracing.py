"""Traces operations and commands with OpenTelemetry. It is imported only for clients that are to be traced.

Owns the spans: one for each operation, in it one for each command that is sent (so one for each attempt), and one
from the start of a transaction to its end. They are made through opentelemetry-api alone; where they go, and whether
anywhere, is the application's affair. An ordinary executor knows nothing of it: that of a traced client is of the
class below. What spans are called is decided in `_commands.tracing`. Follows the OpenTelemetry specification.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from traceback import format_exception
from typing import TYPE_CHECKING, Any
from uuid import UUID

from petiole._command_events import is_sensitive
from petiole._commands.end_sessions import EndSessions
from petiole._commands.errors import write_error
from petiole._commands.kill_cursors import KillCursors
from petiole._commands.run_command import RunCommand
from petiole._commands.tracing import (
    Place,
    command_place,
    cursor_sent,
    operation_name,
    operation_place,
    shown,
)
from petiole._commands.transaction import AbortTransaction, EndTransaction
from petiole._engine.command_watch import CommandWatch, Watched
from petiole._engine.executor import Executor
from petiole._engine.forgiving import FORGIVING
from petiole._engine.scope import CURRENT
from petiole._native import op_msg_parts
from petiole._version import __version__
from petiole.errors import ConfigurationError, OperationFailure, ProtocolError, PyMongoError

try:
    from opentelemetry import context, trace
except ImportError as error:
    raise ConfigurationError(
        "Tracing needs the package opentelemetry-api: pip install 'petiole[opentelemetry]'"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from petiole._commands.base import Command
    from petiole._engine.attempt import Attempt
    from petiole._engine.server import Server
    from petiole._engine.server_session import ServerSession
    from petiole._engine.session import Session
    from petiole._native import Reply
    from petiole._net.connection import Connection
    from petiole._net.pool import Pool
    from petiole._runtime.base import Runtime

_MAX_LENGTH = "OTEL_PYTHON_INSTRUMENTATION_MONGODB_QUERY_TEXT_MAX_LENGTH"
_SYSTEM = {"db.system.name": "mongodb"}
_CLEANUP = (KillCursors, EndSessions)
"""Not what an application asked for: no operations of their own."""

_tracer = trace.get_tracer("petiole", __version__)


def trace_client(executor: Executor, watch: CommandWatch, options: Mapping[str, Any]) -> None:
    """Trace all that an executor does from now on.

    :param watch: whom its commands are told, with or without listeners
    """
    executor.__class__ = TracingExecutor
    executor._watch = TracingWatch(watch, _text_length(options))


def _text_length(options: Mapping[str, Any]) -> int:
    """How many characters of a command are shown; 0 for none. What is no number in the environment is none."""
    length = options.get("query_text_max_length")
    if length is None:
        setting = os.environ.get(_MAX_LENGTH, "")
        length = int(setting) if setting.strip().isdecimal() else 0
    return int(length)


class Operation:
    """One call of the application, from its beginning to its end; its span is the current one meanwhile.

    Without a span, what is sent is nobody's operation, and its commands belong to whatever span is current.
    """

    __slots__ = ("_outer", "_token", "alone", "command", "failure", "span")

    def __init__(self, span: Span | None, alone: Command | None = None) -> None:
        self.span = span
        self.alone = alone
        """The command that it is; None if all commands that are run meanwhile are parts of it."""
        self.command: Span | None = None
        """The span of the command under way."""
        self.failure: PyMongoError | None = None
        """What the caller is going to raise, though the command went well."""

    def __enter__(self) -> Operation:
        self._outer = _OPERATION.get()
        _OPERATION.set(self)
        self._token = None if self.span is None else context.attach(trace.set_span_in_context(self.span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if _OPERATION.get() is self:  # A coroutine that is thrown away may end in another context.
            _OPERATION.set(self._outer)
            if self._token is not None:
                context.detach(self._token)
        if self.span is None:
            return
        error, alone = error or self.failure, self.alone
        if error is not None and (alone is None or not _is_harmless(error, alone)):
            _fail(self.span, error, hidden=alone is not None and alone.sensitive)
        self.span.end()


_OPERATION: ContextVar[Operation | None] = ContextVar("petiole_operation", default=None)


class TransactionSpan:
    """The span of a transaction."""

    __slots__ = ("_span", "inside")

    def __init__(self) -> None:
        self._span: Span | None = _tracer.start_span(
            "transaction", kind=trace.SpanKind.CLIENT, attributes=_SYSTEM
        )
        self.inside: Context = trace.set_span_in_context(self._span)
        """Where its operations begin."""

    def end(self) -> None:
        """It is over, however it went. May be called again: a commit can be repeated."""
        span, self._span = self._span, None
        if span is not None:
            span.end()


class TracingExecutor(Executor):
    """What the executor of a traced client is."""

    _unwatched = False
    """Whether it runs what no application has asked for."""

    def on(self, runtime: Runtime) -> Executor:
        """For housekeeping, which is not traced."""
        other = super().on(runtime)
        assert isinstance(other, TracingExecutor)
        other._unwatched = True
        return other

    def transaction_span(self) -> TransactionSpan:
        return TransactionSpan()

    def operation(
        self, name: str, database: str, collection: str | None = None, session: Session | None = None
    ) -> Operation:
        return Operation(_begin(name, Place(database, collection), _transaction(session, None)))

    async def run(
        self, command: Command, session: Session | None = None, lease: ServerSession | None = None
    ) -> Reply | None:
        operation = self._entered(command, session, lease)
        if operation is None:
            return await super().run(command, session, lease)
        with operation:
            reply = await super().run(command, session, lease)
            if reply is not None and not reply.clean and not isinstance(command, RunCommand):
                operation.failure = write_error(reply.document(FORGIVING))
        return reply

    async def run_on(
        self,
        command: Command,
        server: Server,
        connection: Connection,
        session: Session | None,
        lease: ServerSession | None,
    ) -> Reply | None:
        operation = self._entered(command, session, lease)
        if operation is None:
            return await super().run_on(command, server, connection, session, lease)
        with operation:
            return await super().run_on(command, server, connection, session, lease)

    def _entered(
        self, command: Command, session: Session | None, lease: ServerSession | None
    ) -> Operation | None:
        """The operation that a command alone makes up; None if it is a part of one, or of nobody's."""
        outer = _OPERATION.get()
        if self._unwatched or (outer is not None and outer.alone is None):
            return None
        if isinstance(command, _CLEANUP):
            return Operation(None, command)
        parent = _transaction(session, lease, ends=isinstance(command, EndTransaction))
        return Operation(_begin(operation_name(command), operation_place(command), parent), command)

    async def _exchange(
        self, command: Command, attempt: Attempt, server: Server, pool: Pool, connection: Connection
    ) -> Reply | None:
        operation = _OPERATION.get()
        if operation is None:
            return await super()._exchange(command, attempt, server, pool, connection)
        operation.command = None
        try:
            reply = await super()._exchange(command, attempt, server, pool, connection)
        except BaseException as error:
            if operation.command is not None:
                _fail(operation.command, error, _status_code(error))
            raise
        else:
            if reply is not None and operation.command is not None:
                self._note_cursor(operation, operation.command, command, reply)
            return reply
        finally:
            span, operation.command = operation.command, None
            if span is not None:
                span.end()

    def _note_cursor(self, operation: Operation, span: Span, command: Command, reply: Reply) -> None:
        sent = cursor_sent(command.body)
        try:
            cursor_id = sent or reply.cursor_value("id", self.codec)
        except ProtocolError:  # It is no cursor's reply.
            return
        if cursor_id and isinstance(cursor_id, int):
            span.set_attribute("db.mongodb.cursor_id", int(cursor_id))
            if operation.span is not None and not (sent and operation.alone is None):
                operation.span.set_attribute("db.mongodb.cursor_id", int(cursor_id))


_TELEMETRY_WIRE_VERSION = 29
"""MongoDB 9.0."""
_TELEMETRY = 3
"""The kind of section of an OP_MSG that says which trace the command is a part of."""


class TracingWatch(CommandWatch):
    """Begins the spans of commands, and tells the listeners, if there are any."""

    __slots__ = ("_dumps", "_length")

    def __init__(self, watch: CommandWatch, length: int) -> None:
        from petiole.bson.json_util import dumps

        super().__init__(watch._listeners, watch.clock)
        self._dumps = dumps
        self._length = length

    def start(self, command: Command, message: bytes | None, connection: Connection) -> Watched | None:
        operation = _OPERATION.get()
        if operation is not None:
            operation.command = self._begin(operation, command, message, connection)
        if self._listeners or self.log:
            return super().start(command, message, connection)
        return None

    def completed(self, message: bytes, connection: Connection) -> bytes:
        """Tell servers that understand it which span the command is ("Propagating Trace Context to the Server").

        Not with a message that is as long as the server bears already.
        """
        operation = _OPERATION.get()
        span = None if operation is None else operation.command
        if span is None or connection.limits.max_wire_version < _TELEMETRY_WIRE_VERSION:
            return message
        known = span.get_span_context()
        if not known.is_valid:
            return message
        parent = f"00-{known.trace_id:032x}-{known.span_id:016x}-{known.trace_flags:02x}"
        section = bytes([_TELEMETRY]) + self.codec.encode({"otel": {"traceparent": parent}})
        length = len(message) + len(section)
        if length > connection.limits.max_message_size:
            return message
        return length.to_bytes(4, "little") + message[4:] + section

    def _begin(
        self, operation: Operation, command: Command, message: bytes | None, connection: Connection
    ) -> Span | None:
        document = dict(command.body) if message is None else self.codec.decode(op_msg_parts(message)[1])
        name = next(iter(document))
        if command.sensitive or is_sensitive(name, document):
            return None
        attributes = {"db.command.name": name, **_about(command, document), **_where(connection)}
        inside = None if operation.span is None else trace.set_span_in_context(operation.span)
        span = _tracer.start_span(name, inside, trace.SpanKind.CLIENT, attributes)
        if self._length and span.is_recording():
            whole = document if message is None else self._shown(message)[1]
            text = self._dumps(shown(whole))
            cut = text if len(text) <= self._length else text[: self._length] + "..."
            span.set_attribute("db.query.text", cut)
        return span


def _begin(name: str, place: Place, parent: Context | None) -> Span:
    summary = f"{name} {place}"
    attributes = {
        **_at(place),
        "db.operation.name": name,
        "db.operation.summary": summary,
    }
    return _tracer.start_span(summary, parent, trace.SpanKind.CLIENT, attributes)


def _transaction(session: Any, lease: ServerSession | None, *, ends: bool = False) -> Context | None:
    """The inside of the transaction that a command belongs to; None for where the application is."""
    if session is None and lease is None:
        session = getattr(CURRENT.get(), "session", None)
    span = getattr(session, "_span", None)
    return (
        span.inside if session is not None and span is not None and (ends or session.in_transaction) else None
    )


def _at(place: Place) -> dict[str, str]:
    attributes = {**_SYSTEM, "db.namespace": place.database}
    if place.collection is not None:
        attributes["db.collection.name"] = place.collection
    return attributes


def _about(command: Command, document: Mapping[str, Any]) -> dict[str, Any]:
    place = command_place(command.database, document)
    attributes: dict[str, Any] = {**_at(place), "db.query.summary": f"{next(iter(document))} {place}"}
    lsid = document.get("lsid")
    if lsid is not None:
        attributes["db.mongodb.lsid"] = str(UUID(bytes=bytes(lsid["id"])))
    if "txnNumber" in document:
        attributes["db.mongodb.txn_number"] = int(document["txnNumber"])
    return attributes


def _where(connection: Connection) -> dict[str, Any]:
    host, port = connection.address
    attributes: dict[str, Any] = {
        "server.address": host,
        "network.transport": "unix" if port is None else "tcp",
        "db.mongodb.driver_connection_id": connection.number,
    }
    if port is not None:
        attributes["server.port"] = port
    server_id = connection.hello.get("connectionId")
    if server_id is not None:
        attributes["db.mongodb.server_connection_id"] = int(server_id)
    return attributes


def _status_code(error: BaseException) -> str | None:
    """The server's own word for what went wrong, if it was the server's."""
    code = getattr(error, "code", None)
    if code is None:
        details = getattr(error, "details", None)
        code = details.get("code") if isinstance(details, dict) else None
    return None if code is None or not isinstance(error, PyMongoError) else str(code)


def _is_harmless(error: BaseException, command: Command) -> bool:
    """Whether the operation takes that error for a success."""
    if isinstance(command, AbortTransaction):  # The server forgets the transaction anyhow.
        return isinstance(error, PyMongoError)
    allowed = getattr(command, "allowed", ())
    return isinstance(error, OperationFailure) and (allowed is None or error.code in allowed)


def _fail(span: Span, error: BaseException, status_code: str | None = None, *, hidden: bool = False) -> None:
    """Record an error, as an event and as attributes; `error.type` is of few values.

    :param hidden: whether the error is about a command with credentials, so that its words are nobody's
    """
    if not span.is_recording():
        return
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    described = {"exception.type": name}
    if not hidden:
        described["exception.message"] = str(error)
        described["exception.stacktrace"] = "".join(format_exception(error))
    span.add_event("exception", described)
    span.set_attributes(described)
    span.set_attribute("error.type", status_code or name)
    if status_code is not None:
        span.set_attribute("db.response.status_code", status_code)
    span.set_status(trace.Status(trace.StatusCode.ERROR, described.get("exception.message")))
