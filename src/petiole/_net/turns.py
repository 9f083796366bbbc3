"""One at a time, on whatever runtime: for work that must not run twice at once, and may take long.

Not for the hot path: locks there are plain guards that never span an `await`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from petiole._runtime.base import Deadline, Runtime, Waiter


class Turns:
    """Whoever has taken the turn gives it back."""

    def __init__(self, guard: AbstractContextManager[Any]) -> None:
        self._guard = guard
        self._taken = False
        self._waiting: deque[Waiter] = deque()

    async def take(self, runtime: Runtime, deadline: Deadline) -> None:
        """Wait for the turn.

        :raises TimeoutError: if the deadline passes first.
        """
        while True:
            waiter = runtime.waiter()
            with self._guard:
                if not self._taken:
                    self._taken = True
                    return
                self._waiting.append(waiter)
            if not await waiter.wait(deadline):
                raise TimeoutError("timed out")

    def give(self) -> None:
        """Let all who wait try again: one that has stopped waiting cannot swallow the turn."""
        with self._guard:
            self._taken = False
            waiting, self._waiting = self._waiting, deque()
        for waiter in waiting:
            waiter.set()
