"""Motor and petiole, each on asyncio and on Tornado: running a coroutine function on one of these four.

Owns the names that a test sees: without their prefixes, so that one text serves all.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar

from tornado.ioloop import IOLoop

T = TypeVar("T")


class Side(NamedTuple):
    """A package and a framework."""

    package: str
    framework: str

    def names(self) -> SimpleNamespace:
        """`Client`, `Collection`, …; and the package's errors and values."""
        module = importlib.import_module(f"{self.package}.motor_{self.framework}")
        prefix = "AsyncIOMotor" if self.framework == "asyncio" else "Motor"
        found = {
            name.removeprefix(prefix): value
            for name, value in vars(module).items()
            if name.startswith(prefix)
        }
        values = "pymongo" if self.package == "motor" else "petiole"
        for part in ("errors", "read_preferences", "write_concern", "read_concern", "operations"):
            found |= vars(importlib.import_module(f"{values}.{part}"))
        found["bson"] = importlib.import_module("bson" if values == "pymongo" else "petiole.bson")
        return SimpleNamespace(**found)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run it on a new loop of the framework."""
        if self.framework == "asyncio":
            return asyncio.run(_awaited(work))
        loop = IOLoop(make_current=False)
        try:
            result: T = loop.run_sync(work, timeout=30)
            return result
        finally:
            loop.close()

    def loop(self) -> Any:
        """The loop that runs."""
        return asyncio.get_running_loop() if self.framework == "asyncio" else IOLoop.current()


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


OURS = [Side("petiole.motor", "asyncio"), Side("petiole.motor", "tornado")]
THEIRS = [Side("motor", "asyncio"), Side("motor", "tornado")]
