"""What the driver asks of a runtime, and the deadline that every wait carries.

A runtime owns how to wait, connect, lock and tell the time. It knows nothing of MongoDB but this: a
message on the wire begins with its length as a little-endian int32, so a stream can hand over whole
messages. A third runtime, with a virtual clock, implements the same protocols in `tests/simulation`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from petiole._runtime.socks import Proxy
    from petiole._runtime.tls import TlsContext

T = TypeVar("T")

HEADER_SIZE = 16
"""Bytes of a message header: length, request id, response to, opcode."""

Address = tuple[str, int | None]
"""Host and port; the port is None for a Unix domain socket, whose path is the host."""


class Malformed(OSError):
    """What came over a stream cannot be a message."""


class Deadline:
    """A point in time by which an operation must have ended, or never.

    One object is made per operation and handed down to every wait within it.
    """

    __slots__ = ("_clock", "at", "seconds")

    def __init__(self, at: float | None, clock: Callable[[], float], seconds: float | None = None) -> None:
        self.at = at
        self._clock = clock
        self.seconds = seconds
        """How many seconds the operation was given; the waits within it keep that, for errors to tell."""

    def remaining(self) -> float | None:
        """Seconds left, never negative; None when there is no deadline."""
        if self.at is None:
            return None
        return max(0.0, self.at - self._clock())

    def expired(self) -> bool:
        """Whether the point in time has passed."""
        return self.at is not None and self._clock() >= self.at

    def share(self, parts: int) -> Deadline:
        """The deadline for the first of so many steps, none of which may use up what belongs to the others."""
        remaining = self.remaining()
        return self if remaining is None or parts == 1 else self.sooner(remaining / parts)

    def sooner(self, seconds: float | None) -> Deadline:
        """The earlier of this deadline and `seconds` from now; this one when `seconds` is None."""
        if seconds is None:
            return self
        at = self._clock() + seconds
        return self if self.at is not None and self.at <= at else Deadline(at, self._clock, self.seconds)


class Waiter(Protocol):
    """A one-shot signal between two parts of the driver, possibly on different threads."""

    def set(self) -> None:
        """Wake whoever waits. Callable from any thread, any number of times."""

    async def wait(self, deadline: Deadline) -> bool:
        """Wait for `set`; False when the deadline passed first."""
        ...


class Stream(Protocol):
    """A connected byte stream that carries whole wire messages.

    Errors are `OSError` (with `TimeoutError` for a passed deadline). After any exception, cancellation
    included, the stream is in an unknown state and its owner must close it.
    """

    async def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of `data`, with back-pressure from the peer."""

    async def receive(self, max_size: int, deadline: Deadline) -> bytes | memoryview:
        """The next whole message, header included; at most `max_size` bytes long."""
        ...

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> bytes | memoryview:
        """Send `data` and return the next whole message."""
        ...

    def alive(self) -> bool:
        """False when the peer has closed the stream, or sent something unasked."""
        ...

    def close(self) -> None:
        """Close without waiting: by its owner, any number of times."""

    def interrupt(self) -> None:
        """Make its owner's calls fail, now and later. Callable from any thread; the owner has to close it yet."""

    def forget(self) -> None:
        """Drop this process's descriptor only: a forked child lets go of its parent's connection."""


class ByteStream(Protocol):
    """A connected stream of bytes, for services that do not speak in wire messages.

    Errors, and what becomes of it after one, are as with `Stream`.
    """

    async def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of `data`."""

    async def read(self, most: int, deadline: Deadline) -> bytes:
        """What has come, up to `most` bytes; waits until there is something. Empty when the peer has ended."""
        ...

    def peer_chain(self) -> list[bytes]:
        """The peer's certificate and its issuers, as DER; empty without TLS."""
        ...

    def close(self) -> None:
        """Close without waiting: by its owner, any number of times."""


Reach: TypeAlias = Callable[[], Any]
"""Connects in the runtime's place: a function that returns a connected socket, or on an event loop what gives one when
it is awaited."""


class StreamOptions:
    """How to connect: `tls` is None for plain TCP, else the context; and the name to ask for and to verify.

    `proxy` is who connects instead; nobody does to a Unix domain socket.
    """

    __slots__ = ("connect_timeout", "keep_alive", "proxy", "server_hostname", "tls")

    def __init__(
        self,
        connect_timeout: float | None = 20.0,
        tls: TlsContext | None = None,
        server_hostname: str | None = None,
        proxy: Proxy | None = None,
        keep_alive: bool = True,
    ) -> None:
        self.connect_timeout = connect_timeout
        self.keep_alive = keep_alive
        self.proxy = proxy
        self.tls = tls
        self.server_hostname = server_hostname


class Task(Protocol):
    """A coroutine that runs by itself."""

    def cancel(self) -> None:
        """Ask it to end. Callable from any thread."""


class Background(Protocol):
    """Where work goes on that belongs to no caller: monitors and housekeeping."""

    @property
    def runtime(self) -> Runtime:
        """The runtime that this work waits and connects by."""
        ...

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Task:
        """Run a coroutine there. Callable from any thread."""
        ...


class Runtime(Protocol):
    """How to wait, connect, lock, draw and tell the time."""

    @property
    def background(self) -> Background:
        """Where monitors run."""
        ...

    @property
    def never(self) -> Deadline:
        """The deadline that does not pass."""
        ...

    def deadline(self, seconds: float | None) -> Deadline:
        """A deadline that many seconds from now; `never` for None.

        Errors tell it as the time that an operation was given: a wait of the driver's own is `never.sooner`.
        """
        ...

    def random_bytes(self, count: int, /) -> bytes:
        """Bytes nobody can guess."""
        ...

    def clock(self) -> float:
        """Monotonic seconds."""
        ...

    def key(self) -> object:
        """What sockets belong to here: the running event loop, or None for threads."""
        ...

    def ended(self, key: object) -> bool:
        """Whether the event loop that is this key has been closed, its sockets with it."""
        ...

    def guard(self) -> AbstractContextManager[Any]:
        """A lock for a few statements; it never spans an `await`.

        Its holder may take it again: a signal handler, or a finalizer that the garbage collector runs, may come in
        between any two steps and close a client, or end the task that waited for something.
        """
        ...

    def waiter(self) -> Waiter:
        """A new one-shot signal."""
        ...

    def draw(self, below: int) -> int:
        """A random integer from 0 up to and excluding `below`."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""

    async def breathe(self) -> None:
        """Let others run, in the middle of long work: nothing under threads, one turn of an event loop."""

    async def offload(self, work: Callable[[], T], deadline: Deadline) -> T:
        """The result of a function that takes long, run where it stops nobody but the caller."""
        ...

    async def connect(self, address: Address, options: StreamOptions, deadline: Deadline) -> Stream:
        """Resolve, connect and, where asked, complete the TLS handshake, all before the deadline."""
        ...

    async def connect_bytes(
        self, address: Address, options: StreamOptions, deadline: Deadline, reach: Reach | None = None
    ) -> ByteStream:
        """As `connect`, for a stream of bytes; over the socket that `reach` gives, if it is there."""
        ...

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Task:
        """Run a coroutine beside the caller, where the caller's sockets live."""
        ...

    def spawn_at(self, key: object, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine where the sockets of that key live. Callable from any thread."""
