"""Waiting on asyncio: futures with a deadline, and the one-shot signal that any thread may give."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from petiole._runtime.base import Deadline

T = TypeVar("T")


def settle(future: asyncio.Future[Any], result: object = None) -> None:
    """Give a future its result, unless it is done."""
    if not future.done():
        future.set_result(result)


def settle_error(future: asyncio.Future[Any], error: BaseException) -> None:
    """Give a future its error, unless it is done."""
    if not future.done():
        future.set_exception(error)


def _time_out(future: asyncio.Future[Any]) -> None:
    settle_error(future, TimeoutError("timed out"))


async def until(future: asyncio.Future[T], deadline: Deadline) -> T:
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
                future.get_loop().call_soon_threadsafe(settle, future)
            except RuntimeError:
                pass  # That loop has been closed, and nobody waits on it any more.

    async def wait(self, deadline: Deadline) -> bool:
        future = self._future = asyncio.get_running_loop().create_future()
        if self._done:
            return True
        try:
            await until(future, deadline)
        except TimeoutError:
            return False
        return True
