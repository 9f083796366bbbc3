"""The asyncio runtime: transports and futures of whichever loop is running.

A stream is a `BufferedProtocol` that cuts the bytes into messages itself, so a reply wakes its task once
and small replies are copied once. It works on every loop that has transports, uvloop and the proactor
loop among them, and TLS comes from the loop.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from petiole._runtime.background import BACKGROUND
from petiole._runtime.base import HEADER_SIZE, Address, Deadline, Malformed, Stream, StreamOptions
from petiole._runtime.clock import NEVER, deadline_in, draw, monotonic, random_bytes
from petiole._runtime.sockets import Candidate, literal, open_socket, plain, resolve
from petiole._runtime.trouble import is_tls_error

if TYPE_CHECKING:
    from petiole._runtime.tls import TlsContext

T = TypeVar("T")

_SMALL = 16 * 1024
_HIGH_WATER = 256 * 1024


def _settle(future: asyncio.Future[Any], result: object = None) -> None:
    if not future.done():
        future.set_result(result)


def _settle_error(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


def _time_out(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(TimeoutError("timed out"))


async def _until(future: asyncio.Future[T], deadline: Deadline) -> T:
    """Await a future; `TimeoutError` when the deadline passes first."""
    remaining = deadline.remaining()
    if remaining is None:
        return await future
    timer = future.get_loop().call_later(remaining, _time_out, future)
    try:
        return await future
    finally:
        timer.cancel()


class AioWaiter:
    """A future of the loop that waits, made when it starts to wait.

    Needs no lock: `set` says that it is done and then looks for a future, `wait` leaves a future and then looks
    whether it is done, so one of the two sees the other.
    """

    __slots__ = ("_done", "_future")

    def __init__(self) -> None:
        self._done = False
        self._future: asyncio.Future[None] | None = None

    def set(self) -> None:
        self._done = True
        future = self._future
        if future is not None:
            try:
                future.get_loop().call_soon_threadsafe(_settle, future)
            except RuntimeError:
                pass  # That loop has been closed, and nobody waits on it any more.

    async def wait(self, deadline: Deadline) -> bool:
        future = self._future = asyncio.get_running_loop().create_future()
        if self._done:
            return True
        try:
            await _until(future, deadline)
        except TimeoutError:
            return False
        return True


class AioStream(asyncio.BufferedProtocol):
    """Cuts incoming bytes into messages and hands each to the one task that waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._error: BaseException | None = None
        self._small = bytearray(_SMALL)
        self._small_view = memoryview(self._small)
        self._message: bytearray | None = None
        """The large message being read, when it did not fit the small buffer."""
        self._into = self._small_view
        self._filled = 0
        self._max_size = HEADER_SIZE
        self._ready: deque[bytes | bytearray] = deque()
        self._reader: asyncio.Future[bytes | bytearray] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._paused = False

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, since uvloop's TLS transports are no subclass of it.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_HIGH_WATER)

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
            _settle(self._writer)

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
        self._message = bytearray(length)
        self._message[:have] = self._small_view[start : self._filled]
        self._into = memoryview(self._message)
        self._filled = have

    def _deliver(self, message: bytes | bytearray) -> None:
        reader = self._reader
        if reader is not None and not reader.done():
            reader.set_result(message)
        else:
            self._ready.append(message)

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        for future in (self._reader, self._writer):
            if future is not None and not future.done():
                future.set_exception(self._error)

    # What the driver calls.

    async def send(self, data: bytes, deadline: Deadline) -> None:
        self._write(data)
        if self._paused:
            self._writer = self._loop.create_future()
            try:
                await _until(self._writer, deadline)
            finally:
                self._writer = None

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> bytes | bytearray:
        self._max_size = max_size
        if self._error is not None or self._transport is None:
            raise ConnectionError("connection closed") from self._error
        reader: asyncio.Future[bytes | bytearray] = self._loop.create_future()
        self._reader = reader
        self._transport.write(data)
        try:
            if deadline.at is None:
                return await reader
            return await _until(reader, deadline)
        finally:
            self._reader = None

    async def receive(self, max_size: int, deadline: Deadline) -> bytes | bytearray:
        self._max_size = max_size
        if self._ready:
            return self._ready.popleft()
        if self._error is not None:
            raise ConnectionError("connection closed") from self._error
        reader: asyncio.Future[bytes | bytearray] = self._loop.create_future()
        self._reader = reader
        try:
            return await _until(reader, deadline)
        finally:
            self._reader = None

    def _write(self, data: bytes) -> None:
        if self._error is not None or self._transport is None:
            raise ConnectionError("connection closed") from self._error
        self._transport.write(data)

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
    """Keeps the TLS session once a reply has come: TLS 1.3 sends tickets only after the handshake."""

    def __init__(self, loop: asyncio.AbstractEventLoop, context: TlsContext) -> None:
        super().__init__(loop)
        self._context: TlsContext | None = context

    def _deliver(self, message: bytes | bytearray) -> None:
        super()._deliver(message)
        if self._context is not None and self._transport is not None:
            self._context.keep_session(self._transport.get_extra_info("ssl_object"))
            self._context = None


async def _reach(loop: asyncio.AbstractEventLoop, sock: socket.socket, target: Any) -> None:
    try:
        await loop.sock_connect(sock, target)
    except OSError as error:
        raise plain(error) from None


async def _start_stream(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, options: StreamOptions
) -> AioStream:
    if options.tls is None:
        return (await loop.create_connection(partial(AioStream, loop), sock=sock))[1]
    name = options.server_hostname or ""
    make = partial(TlsAioStream, loop, options.tls)
    try:
        return (await loop.create_connection(make, sock=sock, ssl=options.tls, server_hostname=name))[1]
    except ConnectionError as error:  # The loop's has no message.
        raise ConnectionResetError("the connection was closed during the TLS handshake") from error
    except OSError:
        raise
    except ValueError as error:  # A name that no certificate can have. (Some of ssl's errors are both.)
        raise OSError(f"{name!r} is no name for TLS: {error}") from error


def _close_orphan(transport: asyncio.Transport) -> None:
    """Close the socket under a transport whose loop will not run again."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # The socket object is closed, not its descriptor: that number may belong to another file by now.
        getattr(sock, "_sock", sock).close()


async def _resolve(loop: asyncio.AbstractEventLoop, address: Address, deadline: Deadline) -> list[Candidate]:
    """Resolve on a thread of its own that ends at once: the loop's executor would keep idle threads."""
    return literal(address) or await _on_thread(loop, partial(resolve, address), deadline)


async def _on_thread(loop: asyncio.AbstractEventLoop, work: Callable[[], T], deadline: Deadline) -> T:
    """Run `work` on a thread of its own that ends at once: the loop's executor would keep idle threads."""
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            finish = partial(_settle, done, work())
        except BaseException as failure:
            finish = partial(_settle_error, done, failure)
        try:
            loop.call_soon_threadsafe(finish)
        except RuntimeError:
            pass  # The loop closed meanwhile.

    threading.Thread(target=run, name="petiole-work", daemon=True).start()
    return await _until(done, deadline)


class AioTask:
    """An asyncio task that can be cancelled from any thread."""

    __slots__ = ("_loop", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
        self._loop = loop
        self._task = task

    def cancel(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:
            pass  # The loop has been closed, and the task with it.


class AioRuntime:
    """Waits by suspending the running task."""

    background = BACKGROUND
    never = NEVER
    deadline = staticmethod(deadline_in)
    clock = staticmethod(monotonic)
    random_bytes = staticmethod(random_bytes)
    draw = staticmethod(draw)
    guard = staticmethod(threading.RLock)  # Several loops, and the monitors, share what it protects.
    waiter = AioWaiter
    key = staticmethod(asyncio.get_running_loop)

    def ended(self, key: object) -> bool:
        return isinstance(key, asyncio.AbstractEventLoop) and key.is_closed()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def breathe(self) -> None:
        await asyncio.sleep(0)

    async def offload(self, work: Callable[[], T], deadline: Deadline) -> T:
        return await _on_thread(asyncio.get_running_loop(), work, deadline)

    async def connect(self, address: Address, options: StreamOptions, deadline: Deadline) -> Stream:
        loop = asyncio.get_running_loop()
        error: OSError | None = None
        candidates = await _resolve(loop, address, deadline)
        for index, (family, target) in enumerate(candidates):
            sock = open_socket(family)
            sock.setblocking(False)
            try:
                async with asyncio.timeout(deadline.share(len(candidates) - index).remaining()):
                    await _reach(loop, sock, target)
                    return await _start_stream(loop, sock, options)
            except OSError as failure:
                sock.close()
                error = failure if error is None or not is_tls_error(error) else error
            except BaseException:
                sock.close()
                raise
        raise error or OSError(f"no address found for {address[0]}")

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> AioTask:
        loop = asyncio.get_running_loop()
        return AioTask(loop, _start(loop, work))

    def spawn_at(self, key: object, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        assert isinstance(key, asyncio.AbstractEventLoop)
        try:
            key.call_soon_threadsafe(_start, key, work)
        except RuntimeError:
            pass  # That loop has been closed.


def _start(
    loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, None]]
) -> asyncio.Task[None]:
    task = loop.create_task(work())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


_running: set[asyncio.Task[None]] = set()
"""Tasks without another owner: a loop itself keeps only weak references."""

AIO = AioRuntime()
