"""One connection: a stream, what its server said in the handshake, and whether it is clean.

A connection is dirty from the first byte sent until the last byte of the last reply is parsed. A dirty
one is closed at check-in, so that a cancelled task, a Ctrl-C or a timeout never leaves a half-read reply
to the next user. It knows nothing of commands beyond the bytes of one message.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from petiole._commands.base import Limits
from petiole._native import parse_reply
from petiole._runtime.base import Malformed
from petiole._runtime.trouble import ProxyTimedOut
from petiole._sdam.address import format_address
from petiole._sdam.server_type import SERVER_TYPE
from petiole.errors import AutoReconnect, NetworkTimeout, ProtocolError, PyMongoError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from petiole._native import Reply
    from petiole._runtime.base import Address, Deadline, Stream
    from petiole._sdam.server import ServerDescription

    Timeouts = Callable[[Deadline], str]
    """What an error tells of the timeouts that were in force."""

_MESSAGE_OVERHEAD = 16 * 1024


class Connection:
    """Owned by one operation at a time, between check-out and check-in."""

    __slots__ = (
        "__weakref__",
        "address",
        "closed",
        "compress",
        "description",
        "dirty",
        "generation",
        "hello",
        "idle_since",
        "kept_for",
        "limits",
        "number",
        "reauthenticate",
        "ref",
        "reply_limit",
        "retryable_writes",
        "service_id",
        "sessions",
        "stream",
        "timeouts",
    )

    def __init__(
        self, address: Address, stream: Stream, number: int, generation: int, timeouts: Timeouts | None = None
    ) -> None:
        self.address = address
        self.stream = stream
        self.number = number
        self.generation = generation
        self.timeouts = timeouts or partial(describe_timeouts, None, None)
        """For the messages of errors."""
        self.service_id: Any = None
        """Which service behind a load balancer this leads to."""
        self.kept_for = ""
        """What it is kept for from one command to the next, if it is."""
        self.dirty = False
        self.closed = False
        self.sessions = False
        """Whether the server keeps sessions: as it said itself, whatever becomes of the deployment meanwhile."""
        self.retryable_writes = False
        """Whether a write may carry a transaction number, once the server takes writes."""
        self.idle_since = 0.0
        self.compress: Callable[[bytes], bytes] | None = None
        self.reauthenticate: Callable[[Deadline], Awaitable[None]] | None = None
        """For when the server wants another token; None where it never does."""
        self.description: ServerDescription | None = None
        self.hello: dict[str, Any] = {}
        self.ref = ref(self)
        """What its pool knows it by while it is lent."""
        self.limits = Limits()
        self.reply_limit = 48_000_000 + _MESSAGE_OVERHEAD

    def welcome(self, hello: dict[str, Any], description: ServerDescription, limits: Limits) -> None:
        """Keep what the server said of itself in the handshake."""
        self.hello = hello
        self.description = description
        self.limits = limits
        self.service_id = hello.get("serviceId")
        # Behind a load balancer there always are sessions (load balancer specification, "Session Support").
        timeout = description.logical_session_timeout_minutes
        self.sessions = timeout is not None or self.service_id is not None
        # Not only of a primary: a secondary that is elected keeps its connections (retryable writes specification,
        # "Supported Server Versions"; the deployment is what has to support them).
        self.retryable_writes = self.sessions and description.server_type != SERVER_TYPE.Standalone
        self.reply_limit = max(limits.max_message_size, limits.max_bson_size) + _MESSAGE_OVERHEAD

    async def exchange(self, message: bytes, deadline: Deadline) -> Reply:
        """Send one message and read its reply."""
        self.dirty = True
        try:
            data = await self.stream.exchange(message, self.reply_limit, deadline)
        except OSError as error:
            raise self._error(error, deadline) from error
        return self._parse(data, message)

    async def send(self, message: bytes, deadline: Deadline) -> None:
        """Send one message that has no reply."""
        self.dirty = True
        try:
            await self.stream.send(message, deadline)
        except OSError as error:
            raise self._error(error, deadline) from error
        self.dirty = False

    async def receive(self, deadline: Deadline) -> Reply:
        """Read a reply that comes unasked: the next one of an exhaust stream."""
        try:
            data = await self.stream.receive(self.reply_limit, deadline)
        except OSError as error:
            raise self._error(error, deadline) from error
        return self._parse(data)

    def _parse(self, data: bytes | memoryview, request: bytes | None = None) -> Reply:
        reply = parse_reply(data, request)
        self.dirty = reply.more_to_come
        return reply

    def _error(self, error: OSError, deadline: Deadline) -> PyMongoError:
        if isinstance(error, Malformed):
            return ProtocolError(str(error))
        return network_error(self.address, error, self.timeouts(deadline))

    def close(self) -> None:
        """Close the stream, as its owner. May be called again."""
        self.closed = True
        self.stream.close()

    def interrupt(self) -> None:
        """Break the stream under its owner, who then closes it. Callable from any thread."""
        self.closed = True
        self.stream.interrupt()


def network_error(address: Address, error: Exception, timeouts: str = "") -> AutoReconnect:
    """What is raised for a failed exchange: `NetworkTimeout` or `AutoReconnect`, naming the host."""
    where = format_address(address)
    if isinstance(error, TimeoutError):
        what = str(error) if isinstance(error, ProxyTimedOut) else "timed out"
        return NetworkTimeout(f"{where}: {what}{timeouts}")
    return AutoReconnect(f"{where}: {error}{timeouts}")


def describe_timeouts(socket_timeout: float | None, connect_timeout: float | None, deadline: Deadline) -> str:
    """What a person may want to change after an error of the network within that deadline; times are seconds."""
    limit = (
        ("socketTimeoutMS", socket_timeout) if deadline.seconds is None else ("timeoutMS", deadline.seconds)
    )
    given = (limit, ("connectTimeoutMS", connect_timeout))
    texts = [f"{name}: {seconds * 1000}ms" for name, seconds in given if seconds]
    return f" (configured timeouts: {', '.join(texts)})" if texts else ""
