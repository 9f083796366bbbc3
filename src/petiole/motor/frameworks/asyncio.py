"""asyncio as the Motor face sees it: loops, futures, and how a coroutine is started on a loop."""

from __future__ import annotations

import asyncio
from asyncio import get_running_loop
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

CLASS_PREFIX = "AsyncIO"
MODULE = "petiole.motor.motor_asyncio"

_running: set[asyncio.Task[Any]] = set()
"""Operations under way: a loop keeps only weak references to tasks, and nobody has to await a Future."""


def get_event_loop() -> asyncio.AbstractEventLoop:
    """The running loop, or else the one that the thread would run."""
    try:
        return get_running_loop()
    except RuntimeError:
        return asyncio.get_event_loop_policy().get_event_loop()


def is_event_loop(loop: Any) -> bool:
    """Whether that is a loop of this framework."""
    return isinstance(loop, asyncio.AbstractEventLoop)


def check_event_loop(loop: Any) -> None:
    """Raise `TypeError` if it is none."""
    if not is_event_loop(loop):
        raise TypeError(f"io_loop must be instance of asyncio-compatible event loop, not {loop!r}")


def start(loop: asyncio.AbstractEventLoop | None, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
    """Run a coroutine on a loop, the current one for None; it need not be running yet, nor the Future be awaited."""
    try:
        task = (loop or get_event_loop()).create_task(work)
    except BaseException:
        work.close()
        raise
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


def get_future(loop: asyncio.AbstractEventLoop) -> asyncio.Future[Any]:
    """A new Future of that loop."""
    return loop.create_future()


def is_future(f: Any) -> bool:
    """Whether that can be awaited by the framework as a Future."""
    return asyncio.isfuture(f)


def call_soon(
    loop: asyncio.AbstractEventLoop, callback: Callable[..., Any], *args: Any, **kwargs: Any
) -> None:
    """Call it in the next turn of the loop."""
    loop.call_soon(lambda: callback(*args, **kwargs))


def add_future(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], callback: Callable[..., Any], *args: Any
) -> None:
    """Call `callback(*args, future)` once the Future is done."""
    future.add_done_callback(lambda done: callback(*args, done))


def platform_info() -> str:
    """What servers are told of the framework."""
    return "asyncio"
