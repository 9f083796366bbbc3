"""What this process holds: threads, sockets, and what waits on event loops. So tests find what was left over."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Iterator

from petiole._runtime.background import BACKGROUND


def sockets() -> Iterator[str]:
    """The open sockets of this process, by their numbers at the kernel."""
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.startswith("socket:"):
            yield target


class Census:
    """Threads, sockets, and what waits on event loops."""

    def __init__(self) -> None:
        gc.collect()
        self._found: dict[object, str] = {thread: f"{thread}" for thread in threading.enumerate()}
        self._found |= {target: target for target in sockets()}
        for task in asyncio.all_tasks(BACKGROUND.loop()):
            self._found[id(task)] = f"{task}"
        for one in gc.get_objects():
            if (
                issubclass(type(one), asyncio.Future) and not one.done()
            ):  # Not isinstance: there are dead proxies.
                self._found[id(one)] = f"{one}"

    def new_since(self, before: Census) -> list[str]:
        """What was not there before."""
        return [text for key, text in self._found.items() if key not in before._found]
