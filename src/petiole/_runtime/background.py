"""The one background thread of the process, and the event loop on it.

All monitors of all clients run here as coroutines, so a hundred clients cost one thread, and a blocked
user loop delays no heartbeat. The thread starts with the first monitor, and again in a forked child.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import TYPE_CHECKING, Any

from petiole._runtime.fork import after_fork_in_child

if TYPE_CHECKING:
    import asyncio

    from petiole._runtime.base import Runtime


_FAREWELL = 1.0
"""Seconds that the end of the process waits for the background work to end."""


class BackgroundThread:
    """Starts the thread on first use; `spawn` may be called from any thread."""

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inherited: list[asyncio.AbstractEventLoop | None] = []
        self._thread: threading.Thread | None = None

    @property
    def runtime(self) -> Runtime:
        """The asyncio runtime, which the background loop runs on."""
        from petiole._runtime.aio import AIO  # Imports asyncio, which takes as long as all of petiole.

        return AIO

    def loop(self) -> asyncio.AbstractEventLoop:
        """The background event loop, started when it was not."""
        with self._guard:
            if self._loop is None or self._loop.is_closed():
                self._loop, self._thread = _start()
            return self._loop

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> BackgroundTask:
        """Run a coroutine on the background loop."""
        return BackgroundTask(self.loop(), work)

    def stop(self) -> None:
        """End the loop and its thread: at exit of the process."""
        with self._guard:
            loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None and loop.is_running():
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(_FAREWELL)

    def renew_after_fork(self) -> None:
        """In a forked child: the thread is gone, and the loop belongs to the parent."""
        self._guard = threading.RLock()
        # Kept, not dropped: its end would end tasks, and they would close what they hold in common with the parent.
        self._inherited.append(self._loop)
        self._loop = None


class BackgroundTask:
    """A coroutine on the background loop."""

    __slots__ = ("_cancelled", "_loop", "_task")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        self._loop = loop
        self._task: asyncio.Task[None] | None = None
        self._cancelled = False
        # A context of its own: what the code that spawned it is in the midst of is none of the work's business.
        loop.call_soon_threadsafe(self._start, work, context=Context())

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if not self._cancelled:
            self._task = self._loop.create_task(work())

    def cancel(self) -> None:
        """Ask the coroutine to end."""
        try:
            self._loop.call_soon_threadsafe(self._cancel)
        except RuntimeError:
            pass  # The loop has been closed at exit, and the task with it.

    def _cancel(self) -> None:
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()


def _start() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    import asyncio  # Costs 20 ms and is needed only once a client connects.

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(loop,), name="petiole-monitors", daemon=True)
    thread.start()
    return loop, thread


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.run_until_complete(asyncio.sleep(0))  # Closed transports let go of their sockets.
    finally:
        loop.close()


BACKGROUND = BackgroundThread()
atexit.register(BACKGROUND.stop)
after_fork_in_child(BACKGROUND.renew_after_fork)
