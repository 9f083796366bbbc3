"""Tornado as the Motor face sees it. Its loops stand on asyncio's, so that only their names differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tornado import version as tornado_version
from tornado.ioloop import IOLoop

from petiole.motor.frameworks import asyncio as plain
from petiole.motor.frameworks.asyncio import is_future

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Coroutine

__all__ = [
    "CLASS_PREFIX",
    "MODULE",
    "add_future",
    "call_soon",
    "check_event_loop",
    "get_event_loop",
    "get_future",
    "is_event_loop",
    "is_future",
    "platform_info",
    "start",
]

T = TypeVar("T")

CLASS_PREFIX = ""
MODULE = "petiole.motor.motor_tornado"


def get_event_loop() -> IOLoop:
    """The current `IOLoop`."""
    return IOLoop.current()


def is_event_loop(loop: Any) -> bool:
    """Whether that is a loop of this framework."""
    return isinstance(loop, IOLoop)


def check_event_loop(loop: Any) -> None:
    """Raise `TypeError` if it is none."""
    if not is_event_loop(loop):
        raise TypeError(f"io_loop must be instance of IOLoop, not {loop!r}")


def _asyncio_loop(loop: IOLoop) -> AbstractEventLoop:
    found: AbstractEventLoop = loop.asyncio_loop  # type: ignore[attr-defined]  # All loops of Tornado 6 have it.
    return found


def start(loop: IOLoop | None, work: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on a loop, the current one for None; it need not be running yet, nor the Future be awaited."""
    return plain.start(_asyncio_loop(loop or IOLoop.current()), work)


def get_future(loop: IOLoop) -> Future[Any]:
    """A new Future of that loop."""
    return _asyncio_loop(loop).create_future()


def call_soon(loop: IOLoop, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Call it in the next turn of the loop."""
    loop.add_callback(callback, *args, **kwargs)


def add_future(loop: IOLoop, future: Future[Any], callback: Callable[..., Any], *args: Any) -> None:
    """Call `callback(*args, future)` once the Future is done."""
    loop.add_future(future, lambda done: callback(*args, done))


def platform_info() -> str:
    """What servers are told of the framework."""
    return f"Tornado {tornado_version}"
