"""The blocking runtime: every awaitable here runs to its end without suspending.

`petiole._native.run` drives a coroutine over it with one `send(None)`. A `KeyboardInterrupt` surfaces in
the blocking call it interrupts; the connection that was in use is then dirty and closed at check-in.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from petiole._native import message_memory, run
from petiole._runtime.background import BACKGROUND
from petiole._runtime.base import (
    HEADER_SIZE,
    Address,
    ByteStream,
    Deadline,
    Malformed,
    Reach,
    Stream,
    StreamOptions,
)
from petiole._runtime.clock import NEVER, deadline_in, draw, monotonic, random_bytes
from petiole._runtime.sockets import Candidate, limit, literal, open_socket, resolve
from petiole._runtime.supervision import close_quietly, supervised
from petiole._runtime.trouble import is_tls_error

if TYPE_CHECKING:
    from ssl import SSLSocket

    from petiole._runtime.socks import Proxy, Step
    from petiole._runtime.tls import TlsContext

T = TypeVar("T")

_SMALL = 16 * 1024


class BlockingWaiter:
    """A lock that starts locked: cheaper than `threading.Event`, and just as interruptible."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def set(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:
            pass  # Already set.

    async def wait(self, deadline: Deadline) -> bool:
        remaining = deadline.remaining()
        if not self._lock.acquire(timeout=-1 if remaining is None else remaining):
            return False
        self.set()
        return True


class BlockingStream:
    """A blocking socket that reads whole messages through one small buffer."""

    __slots__ = ("_buffer", "_left", "_socket", "_timeout", "_view")

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._timeout: float | None = sock.gettimeout()
        self._left = b""
        self._buffer = bytearray(_SMALL)
        self._view = memoryview(self._buffer)

    async def send(self, data: bytes, deadline: Deadline) -> None:
        self._arm(deadline)
        self._socket.sendall(data)

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> bytes | memoryview:
        if self._timeout is not None or deadline.at is not None:
            self._arm(deadline)
        self._socket.sendall(data)
        return self._read(max_size, deadline)

    async def receive(self, max_size: int, deadline: Deadline) -> bytes | memoryview:
        return self._read(max_size, deadline)

    def _read(self, max_size: int, deadline: Deadline) -> bytes | memoryview:
        if self._left:
            filled = len(self._left)
            self._buffer[:filled] = self._left
            self._left = b""
        else:
            filled = self._more(self._view, deadline, 0)
        while filled < 4:
            filled += self._more(self._view[filled:], deadline, filled)
        length = int.from_bytes(self._buffer[:4], "little")
        if not HEADER_SIZE <= length <= max_size:
            raise Malformed(f"the server sent a message of {length} bytes; allowed are 16 to {max_size}")
        if filled >= length:
            if filled > length:  # An exhaust stream sends the next reply unasked.
                self._left = bytes(self._view[length:filled])
            return bytes(self._view[:length])
        message = message_memory(length)
        message[:filled] = self._view[:filled]
        while filled < length:
            filled += self._more(message[filled:], deadline, filled)
        return message

    def _more(self, into: memoryview, deadline: Deadline, filled: int) -> int:
        if self._timeout is not None or deadline.at is not None:
            self._arm(deadline)
        count = self._socket.recv_into(into)
        if count == 0:
            raise ConnectionError(
                "connection closed" + (f" after {filled} bytes of a message" if filled else "")
            )
        return count

    def _arm(self, deadline: Deadline) -> None:
        remaining = deadline.remaining()
        if remaining is not None and remaining <= 0:
            raise TimeoutError("timed out")
        if remaining != self._timeout:
            self._socket.settimeout(remaining)
            self._timeout = remaining

    def alive(self) -> bool:
        try:
            if hasattr(select, "poll"):
                poll = select.poll()
                poll.register(self._socket, select.POLLIN | select.POLLPRI)
                return not poll.poll(0)
            return not select.select([self._socket], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        self.interrupt()
        self._socket.close()

    def interrupt(self) -> None:
        # Not `close`: a thread that is about to read would read from whatever gets the descriptor's number next.
        try:
            # Of the plain socket: that of `ssl` would drop its state under the thread that reads.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass  # It is not connected any more.

    def forget(self) -> None:
        self._socket.close()


class TlsStream(BlockingStream):
    """Keeps the TLS session once a reply has come: TLS 1.3 sends tickets only after the handshake."""

    __slots__ = ("_context",)

    def __init__(self, sock: socket.socket, context: TlsContext) -> None:
        super().__init__(sock)
        self._context: TlsContext | None = context

    def peer_chain(self) -> list[bytes]:
        """The server's certificate and its issuers, as DER; empty on a resumed session."""
        from petiole._runtime.tls import peer_chain

        return peer_chain(cast("SSLSocket", self._socket))

    def _read(self, max_size: int, deadline: Deadline) -> bytes | memoryview:
        message = super()._read(max_size, deadline)
        if self._context is not None:
            self._context.keep_session(cast("SSLSocket", self._socket))
            self._context = None
        return message


def _resolve(address: Address, deadline: Deadline) -> list[Candidate]:
    """Resolve; within a deadline on a thread of its own, for the system's resolver has none and hears no Ctrl-C."""
    known = literal(address)
    if known or deadline.at is None:
        return known or resolve(address)
    return supervised(partial(resolve, address), deadline, "petiole-resolve")


def dial(
    address: Address,
    proxy: Proxy | None,
    deadline: Deadline,
    secure: Callable[[socket.socket, Deadline], T],
) -> T:
    """What `secure` makes of a socket that is connected to the first address that does it.

    :raises OSError: if there is none; one of TLS rather than another.
    """
    error: OSError | None = None
    if address[1] is None:
        proxy = None  # Nobody else could connect to a Unix domain socket.
    blaming = nullcontext() if proxy is None else proxy.blaming()
    with blaming:
        candidates = _resolve(address if proxy is None else proxy[:2], deadline)
    for index, (family, target) in enumerate(candidates):
        own = deadline.share(len(candidates) - index)
        sock = open_socket(family)
        try:
            with blaming:
                limit(sock, own)
                sock.connect(target)
                if proxy is not None:
                    _tunnel(sock, proxy.converse(address), own)
            return secure(sock, own)
        except OSError as failure:
            sock.close()
            error = failure if error is None or not is_tls_error(error) else error
        except BaseException:
            sock.close()
            raise
    raise error or OSError(f"no address found for {address[0]}")


def _tunnel(sock: socket.socket, conversation: Generator[Step, bytes, None], deadline: Deadline) -> None:
    """Converse with a proxy until it has connected the socket further."""
    received = b""
    try:
        data, count = next(conversation)
        while True:
            limit(sock, deadline)
            sock.sendall(data)
            received = b""
            while len(received) < count:
                limit(sock, deadline)
                more = sock.recv(count - len(received))
                if not more:
                    raise ConnectionError("connection closed")
                received += more
            data, count = conversation.send(received)
    except StopIteration:
        pass


def _wrap(sock: socket.socket, context: TlsContext, name: str | None) -> socket.socket:
    try:
        return context.wrap_socket(sock, server_hostname=name or None)
    except OSError:
        raise
    except ValueError as error:  # A name that no certificate can have. (Some of ssl's errors are both.)
        raise OSError(f"{name!r} is no name for TLS: {error}") from error


class BlockingTask:
    """A thread that runs one coroutine; it ends with its work."""

    def cancel(self) -> None:
        """Threads cannot be cancelled: the work ends at its own deadline."""


class BlockingRuntime:
    """Waits by blocking the calling thread."""

    background = BACKGROUND
    never = NEVER
    deadline = staticmethod(deadline_in)
    clock = staticmethod(monotonic)
    random_bytes = staticmethod(random_bytes)
    draw = staticmethod(draw)
    guard = staticmethod(threading.RLock)
    waiter = BlockingWaiter

    def key(self) -> object:
        return None

    def ended(self, key: object) -> bool:
        return False

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def breathe(self) -> None:
        return

    async def offload(self, work: Callable[[], T], deadline: Deadline) -> T:
        return work()

    async def connect(self, address: Address, options: StreamOptions, deadline: Deadline) -> Stream:
        def secure(sock: socket.socket, own: Deadline) -> Stream:
            if not options.keep_alive:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
            if options.tls is None:
                sock.settimeout(None)
                return BlockingStream(sock)
            limit(sock, own)
            secured = _wrap(sock, options.tls, options.server_hostname)
            secured.settimeout(None)
            return TlsStream(secured, options.tls)

        return dial(address, options.proxy, deadline, secure)

    async def connect_bytes(
        self, address: Address, options: StreamOptions, deadline: Deadline, reach: Reach | None = None
    ) -> ByteStream:
        from petiole._runtime.blocking_bytes import BlockingByteStream  # Few programs speak HTTP.

        def secure(sock: socket.socket, own: Deadline) -> ByteStream:
            if options.tls is None:
                return BlockingByteStream(sock, secured=False)
            limit(sock, own)
            return BlockingByteStream(_wrap(sock, options.tls, options.server_hostname), secured=True)

        if reach is None:
            return dial(address, options.proxy, deadline, secure)
        sock: socket.socket = supervised(reach, deadline, "petiole-reach", close_quietly)
        try:
            return secure(sock, deadline)
        except BaseException:
            sock.close()
            raise

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> BlockingTask:
        self.spawn_at(None, work)
        return BlockingTask()

    def spawn_at(self, key: object, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        threading.Thread(target=lambda: run(work()), name="petiole-work", daemon=True).start()


BLOCKING = BlockingRuntime()
