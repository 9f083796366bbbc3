"""Streams on asyncio: a protocol that cuts the bytes into messages itself.

So a reply wakes its task once and small replies are copied once. It works on every loop that has transports, uvloop
and the proactor loop among them, and TLS comes from the loop.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from petiole._native import message_memory
from petiole._runtime.aio_wait import settle, until
from petiole._runtime.base import HEADER_SIZE, Deadline, Malformed, StreamOptions
from petiole._runtime.sockets import plain

if TYPE_CHECKING:
    from collections.abc import Generator

    from petiole._runtime.socks import Step
    from petiole._runtime.tls import TlsContext

_SMALL = 16 * 1024
_PIECE = 64 * 1024
_LOOK_AGAIN = 0.002
"""Seconds between looks at a transport that does not say when it is empty."""
_MOST_READY = 4
"""Messages that came unasked and wait to be received; then reading stops."""


class AioStream(asyncio.BufferedProtocol):
    """Cuts incoming bytes into messages and hands each to the one task that waits for it."""

    _high_water = 0
    """Bytes that the transport may hold back before `send` waits: none, so it ends when all is with the system."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._error: BaseException | None = None
        self._small = bytearray(_SMALL)
        self._small_view = memoryview(self._small)
        self._message: memoryview | None = None
        """The large message being read, when it did not fit the small buffer."""
        self._into = self._small_view
        self._filled = 0
        self._max_size = HEADER_SIZE
        self._ready: deque[bytes | memoryview] = deque()
        self._reader: asyncio.Future[bytes | memoryview] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._paused = False

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, since uvloop's TLS transports are no subclass of it.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._high_water)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("connection closed"))

    def eof_received(self) -> bool:
        self._fail(ConnectionError("connection closed"))
        return False

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._writer is not None:
            settle(self._writer)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._into[self._filled :] if self._filled else self._into

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        if self._message is not None:
            if self._filled == len(self._message):
                self._deliver(self._message)
                self._message = None
                self._into = self._small_view
                self._filled = 0
            return
        self._cut()

    # How the bytes become messages.

    def _cut(self) -> None:
        start = 0
        while self._filled - start >= 4:
            length = int.from_bytes(self._small[start : start + 4], "little")
            if not HEADER_SIZE <= length <= self._max_size:
                limit = self._max_size
                self._fail(
                    Malformed(f"the server sent a message of {length} bytes; allowed are 16 to {limit}")
                )
                self.close()
                return
            if self._filled - start < length:
                if length > _SMALL:
                    self._grow(start, length)
                    return
                break
            self._deliver(bytes(self._small_view[start : start + length]))
            start += length
        if start:
            rest = self._filled - start
            if rest:
                self._small[:rest] = self._small[start : self._filled]
            self._filled = rest

    def _grow(self, start: int, length: int) -> None:
        """Read the rest of a large message straight into its own memory."""
        have = self._filled - start
        self._into = self._message = message_memory(length)
        self._into[:have] = self._small_view[start : self._filled]
        self._filled = have

    def _deliver(self, message: bytes | memoryview) -> None:
        reader = self._reader
        if reader is not None and not reader.done():
            reader.set_result(message)
            return
        self._ready.append(message)
        if len(self._ready) >= _MOST_READY and self._transport is not None:
            self._transport.pause_reading()  # Who streams faster than we read has to wait.

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        for future in (self._reader, self._writer):
            if future is not None and not future.done():
                future.set_exception(self._error)

    # What the driver calls.

    async def send(self, data: bytes, deadline: Deadline) -> None:
        if self._error is not None or self._transport is None:
            raise ConnectionError("connection closed") from self._error
        self._transport.write(data)
        if self._paused:
            self._writer = self._loop.create_future()
            try:
                await until(self._writer, deadline)
            finally:
                self._writer = None

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> bytes | memoryview:
        self._max_size = max_size
        if self._error is not None or self._transport is None:
            raise ConnectionError("connection closed") from self._error
        if self._ready:
            raise Malformed("the server sent a message unasked")
        reader: asyncio.Future[bytes | memoryview] = self._loop.create_future()
        self._reader = reader
        self._transport.write(data)
        try:
            if deadline.at is None:
                return await reader
            return await until(reader, deadline)
        finally:
            self._reader = None

    async def receive(self, max_size: int, deadline: Deadline) -> bytes | memoryview:
        self._max_size = max_size
        if self._ready:
            message = self._ready.popleft()
            if len(self._ready) == _MOST_READY - 1 and self._transport is not None:
                self._transport.resume_reading()
            return message
        if self._error is not None:
            raise ConnectionError("connection closed") from self._error
        reader: asyncio.Future[bytes | memoryview] = self._loop.create_future()
        self._reader = reader
        try:
            return await until(reader, deadline)
        finally:
            self._reader = None

    def alive(self) -> bool:
        return self._error is None and not self._filled and not self._ready

    def forget(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            # Not through the transport: the loop's epoll is shared with the parent process.
            _close_orphan(transport)

    def close(self) -> None:
        if self._error is None:
            self._error = ConnectionError("connection closed")
        transport = self._transport
        if transport is None:
            return
        self._transport = None
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            transport.abort()
            return
        try:
            self._loop.call_soon_threadsafe(transport.abort)
        except RuntimeError:  # The loop has been closed: nobody else will close the socket.
            _close_orphan(transport)

    interrupt = close


class TlsAioStream(AioStream):
    """Keeps the TLS session once a reply has come: TLS 1.3 sends tickets only after the handshake.

    What its transport has encrypted goes to another one under it, whose buffer it does not count. So `send` hands over
    a piece at a time, and looks itself whether the last few of them are with the system yet: nobody says so, and a
    stream that is closed before would lose them.
    """

    under: asyncio.WriteTransport | None = None
    """The transport that what is encrypted goes to."""

    _high_water = 1
    """Not 0: asyncio's TLS transports would then pause and resume in turn, whatever they hold."""

    def __init__(self, loop: asyncio.AbstractEventLoop, context: TlsContext) -> None:
        super().__init__(loop)
        self._context: TlsContext | None = context

    def peer_chain(self) -> list[bytes]:
        """The server's certificate and its issuers, as DER; empty on a resumed session."""
        from petiole._runtime.tls import peer_chain

        assert self._transport is not None
        return peer_chain(self._transport.get_extra_info("ssl_object"))

    async def send(self, data: bytes, deadline: Deadline) -> None:
        for start in range(0, len(data), _PIECE):
            await super().send(data[start : start + _PIECE], deadline)
        while self.under is not None and self.under.get_write_buffer_size():
            if self._error is not None:
                raise ConnectionError("connection closed") from self._error
            if deadline.expired():
                raise TimeoutError("timed out")
            await asyncio.sleep(_LOOK_AGAIN)

    def _deliver(self, message: bytes | memoryview) -> None:
        super()._deliver(message)
        if self._context is not None and self._transport is not None:
            self._context.keep_session(self._transport.get_extra_info("ssl_object"))
            self._context = None


async def reach(loop: asyncio.AbstractEventLoop, sock: socket.socket, target: Any) -> None:
    """Connect a socket; an error is in the system's words."""
    try:
        await loop.sock_connect(sock, target)
    except OSError as error:
        raise plain(error) from None


async def tunnel(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, conversation: Generator[Step, bytes, None]
) -> None:
    """Converse with a proxy until it has connected the socket further."""
    try:
        data, count = next(conversation)
        while True:
            await loop.sock_sendall(sock, data)
            received = b""
            while len(received) < count:
                more = await loop.sock_recv(sock, count - len(received))
                if not more:
                    raise ConnectionError("connection closed")
                received += more
            data, count = conversation.send(received)
    except StopIteration:
        pass


async def start_stream(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, options: StreamOptions
) -> AioStream:
    """A stream over a connected socket, after the TLS handshake where one is asked for."""
    if options.tls is None:
        return (await loop.create_connection(partial(AioStream, loop), sock=sock))[1]
    transport, stream = await loop.create_connection(partial(TlsAioStream, loop, options.tls), sock=sock)
    stream.connection_made(await secure(loop, transport, stream, options.tls, options.server_hostname or ""))
    stream.under = transport
    return stream


async def secure(
    loop: asyncio.AbstractEventLoop,
    transport: asyncio.Transport,
    protocol: asyncio.BaseProtocol,
    context: TlsContext,
    name: str,
) -> asyncio.BaseTransport:
    """The transport over a connected one after the TLS handshake; that one is closed if there is none."""
    try:
        # Not by `create_connection`: cancelled early, it leaves behind a transport that nobody can close.
        return await _handshake(loop, transport, protocol, context, name)
    except BaseException:
        transport.abort()
        raise


async def _handshake(
    loop: asyncio.AbstractEventLoop,
    transport: asyncio.Transport,
    protocol: asyncio.BaseProtocol,
    context: TlsContext,
    name: str,
) -> asyncio.BaseTransport:
    try:
        secured = await loop.start_tls(transport, protocol, context, server_hostname=name)
    except ConnectionError as error:  # The loop's has no message.
        raise ConnectionResetError("the connection was closed during the TLS handshake") from error
    except OSError:
        raise
    except ValueError as error:  # A name that no certificate can have. (Some of ssl's errors are both.)
        raise OSError(f"{name!r} is no name for TLS: {error}") from error
    if secured is None:
        raise ConnectionResetError("the connection was closed during the TLS handshake")
    return secured


def _close_orphan(transport: asyncio.Transport) -> None:
    """Close the socket under a transport whose loop will not run again."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # The socket object is closed, not its descriptor: that number may belong to another file by now.
        try:
            getattr(sock, "_sock", sock).close()
        except TypeError:
            pass  # uvloop's transports do not give their sockets away.
