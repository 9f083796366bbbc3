"""Both runtimes behind one way to run coroutines beside the test, so that each test is written once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from petiole._native import run
from petiole._runtime.aio import AIO
from petiole._runtime.base import Runtime
from petiole._runtime.blocking import BLOCKING

PATIENCE = 10.0
"""Seconds after which a test that waits has failed."""


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)


class Side:
    """One runtime, and a place where coroutines run over it."""

    name: str
    runtime: Runtime

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Future[Any]:
        """Run a coroutine beside the test."""
        raise AssertionError

    def call(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine to its end."""
        return self.start(work).result(PATIENCE)

    def now(self, function: Callable[[], Any]) -> Any:
        """Call a plain function where the coroutines run."""

        async def work() -> Any:
            return function()

        return self.call(work)

    def close(self) -> None:
        """Stop running."""


class Threads(Side):
    """Each coroutine on a thread of its own, over the blocking runtime."""

    name = "blocking"
    runtime = BLOCKING

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Future[Any]:
        future: Future[Any] = Future()

        def target() -> None:
            try:
                future.set_result(run(work()))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=target, daemon=True).start()
        return future


class Loop(Side):
    """All coroutines on one event loop, which runs on a thread."""

    name = "asyncio"
    runtime = AIO

    def __init__(self, make: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop) -> None:
        self.loop = make()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work(), self.loop)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
