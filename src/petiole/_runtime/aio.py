"""The asyncio runtime, on whichever loop is running: connecting, tasks, and threads for what would block the loop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from functools import partial
from typing import Any, TypeVar

from petiole._runtime.aio_bytes import start_bytes
from petiole._runtime.aio_stream import reach, start_stream, tunnel
from petiole._runtime.aio_wait import AioWaiter, settle_error, until
from petiole._runtime.background import BACKGROUND
from petiole._runtime.base import Address, ByteStream, Deadline, Reach, Stream, StreamOptions
from petiole._runtime.clock import NEVER, deadline_in, draw, monotonic, random_bytes
from petiole._runtime.sockets import Candidate, literal, open_socket, resolve
from petiole._runtime.trouble import is_tls_error

T = TypeVar("T")


async def _resolve(loop: asyncio.AbstractEventLoop, address: Address, deadline: Deadline) -> list[Candidate]:
    """Resolve on a thread of its own that ends at once: the loop's executor would keep idle threads."""
    return literal(address) or await on_thread(loop, partial(resolve, address), deadline)


async def on_thread(
    loop: asyncio.AbstractEventLoop,
    work: Callable[[], T],
    deadline: Deadline,
    late: Callable[[Any], None] = lambda result: None,
) -> T:
    """Run `work` on a thread of its own that ends at once: the loop's executor would keep idle threads.

    What it returns when nobody waits any more is handed to `late`.
    """
    done: asyncio.Future[T] = loop.create_future()

    def give(result: T) -> None:
        if done.done():
            late(result)
        else:
            done.set_result(result)

    def run() -> None:
        made = []
        finish: Callable[[], None]
        try:
            made.append(work())
            finish = partial(give, made[0])
        except BaseException as failure:
            finish = partial(settle_error, done, failure)
        try:
            loop.call_soon_threadsafe(finish)
        except RuntimeError:  # The loop closed meanwhile.
            for result in made:
                late(result)

    threading.Thread(target=run, name="petiole-work", daemon=True).start()
    try:
        return await until(done, deadline)
    except BaseException:
        if done.done() and not done.cancelled() and done.exception() is None:
            late(done.result())  # It came just before the task was cancelled.
        raise


async def _dial(
    address: Address,
    options: StreamOptions,
    deadline: Deadline,
    start: Callable[[asyncio.AbstractEventLoop, socket.socket, StreamOptions], Coroutine[Any, Any, T]],
) -> T:
    """What `start` makes of a socket that is connected to the first address that does it."""
    loop = asyncio.get_running_loop()
    error: OSError | None = None
    proxy = None if address[1] is None else options.proxy
    blaming = nullcontext() if proxy is None else proxy.blaming()
    with blaming:
        candidates = await _resolve(loop, address if proxy is None else proxy[:2], deadline)
    for index, (family, target) in enumerate(candidates):
        sock = open_socket(family)
        sock.setblocking(False)
        try:
            own = deadline.share(len(candidates) - index)
            with blaming:
                async with asyncio.timeout(own.remaining()):
                    await reach(loop, sock, target)
                    if proxy is not None:
                        await tunnel(loop, sock, proxy.converse(address))
            async with asyncio.timeout(own.remaining()):
                return await start(loop, sock, options)
        except OSError as failure:
            sock.close()
            error = failure if error is None or not is_tls_error(error) else error
        except BaseException:
            sock.close()
            raise
    raise error or OSError(f"no address found for {address[0]}")


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
        return await on_thread(asyncio.get_running_loop(), work, deadline)

    async def connect(self, address: Address, options: StreamOptions, deadline: Deadline) -> Stream:
        return await _dial(address, options, deadline, start_stream)

    async def connect_bytes(
        self, address: Address, options: StreamOptions, deadline: Deadline, reach: Reach | None = None
    ) -> ByteStream:
        if reach is None:
            return await _dial(address, options, deadline, start_bytes)
        async with asyncio.timeout(deadline.remaining()):
            sock: socket.socket = await reach()
            try:
                sock.setblocking(False)
                return await start_bytes(asyncio.get_running_loop(), sock, options)
            except BaseException:
                sock.close()
                raise

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
    for other in [other for other in tuple(_running) if other.get_loop().is_closed()]:
        _running.discard(other)
    task = loop.create_task(work())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


_running: set[asyncio.Task[None]] = set()
"""Tasks without another owner: a loop itself keeps only weak references."""

AIO = AioRuntime()
