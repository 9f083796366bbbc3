"""Functions that know no deadline and hear no Ctrl-C, on threads of their own that end with them.

What such a function returns when nobody waits for it any more is handed to `late`, so that a socket is closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from petiole._runtime.base import Deadline

T = TypeVar("T")


class Errand(Generic[T]):
    """A function under way. `tell` is called on its thread when it has ended, in time or not."""

    def __init__(
        self, work: Callable[[], T], tell: Callable[[], None], late: Callable[[T], None] | None = None
    ) -> None:
        self._work = work
        self._tell = tell
        self._late = late
        self._lock = threading.Lock()
        self._abandoned = False
        self._result: list[T] = []
        self._failure: BaseException | None = None

    def start(self, name: str) -> None:
        context = copy_context()
        threading.Thread(target=context.run, args=(self._run,), name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            result = self._work()
        except BaseException as failure:
            self._failure = failure
        else:
            with self._lock:
                in_time = not self._abandoned
                if in_time:
                    self._result.append(result)
            if not in_time and self._late is not None:
                self._late(result)
        self._tell()

    def abandon(self) -> None:
        """Nobody waits for it any more."""
        with self._lock:
            self._abandoned = True
            unclaimed, self._result = self._result, []
        if self._late is not None:
            for result in unclaimed:
                self._late(result)

    def result(self) -> T:
        """What it returned, or the error that ended it."""
        if self._failure is not None:
            raise self._failure
        return self._result.pop()


def supervised(
    work: Callable[[], T], deadline: Deadline, name: str, late: Callable[[T], None] | None = None
) -> T:
    """The result of `work`; `TimeoutError` when the deadline passes first."""
    done = threading.Lock()
    done.acquire()
    errand = Errand(work, done.release, late)
    errand.start(name)
    remaining = deadline.remaining()
    try:
        if not done.acquire(timeout=-1 if remaining is None else remaining):
            raise TimeoutError("timed out")
    except BaseException:
        errand.abandon()
        raise
    return errand.result()


def close_quietly(thing: Any) -> None:
    """Close what came too late to be used, if it can be closed."""
    close = getattr(thing, "close", None)
    if close is not None:
        try:
            close()
        except Exception:
            pass  # Nobody is there to be told.
