"""Waiting for what a server or a background thread does in its own time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether a condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


async def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """The same, while the event loop goes on."""
    return await asyncio.to_thread(eventually, condition, seconds)
