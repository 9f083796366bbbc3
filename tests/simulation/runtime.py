"""The third runtime: what the engine asks of a runtime, answered by the scheduler and the simulated network.

Owns: that every clock, every draw and every start of work goes through here. Checks what a real runtime would
punish: a lock held across an `await`, a socket used on another event loop than its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from tests.simulation.scheduler import Home, Scheduler, Signal, Task, Violation

from petiole._runtime.base import Address, ByteStream, Deadline, Reach, Stream, StreamOptions

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.simulation.network import Network

T = TypeVar("T")


class SimulatedGuard:
    """A lock that nobody ever waits for: the scheduler lets nobody in between. It may be taken again."""

    __slots__ = ("_runtime",)

    def __init__(self, runtime: SimulatedRuntime) -> None:
        self._runtime = runtime

    def __enter__(self) -> None:
        self._runtime.held += 1

    def __exit__(self, *exc: object) -> None:
        self._runtime.held -= 1


class SimulatedWaiter:
    """One task waits, anybody sets."""

    __slots__ = ("_scheduler", "_signal")

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._signal = Signal()
        self._signal.value = False

    def set(self) -> None:
        self._signal.fire(True)

    async def wait(self, deadline: Deadline) -> bool:
        if self._signal.fired:
            return True
        return await self._scheduler.wait(self._signal, deadline.at)


class SimulatedBackground:
    """Monitors and housekeeping, in a home of their own."""

    def __init__(self, runtime: SimulatedRuntime) -> None:
        self.runtime = runtime
        self.home = Home("background", client=True)

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Task:
        """Run a coroutine there, in a context of its own."""
        return self.runtime.scheduler.spawn(work(), self.home, _name(work), fresh=True)


class SimulatedRuntime:
    """Waits by virtual time."""

    def __init__(self, scheduler: Scheduler, network: Network, random: Random) -> None:
        self.scheduler = scheduler
        self.held = 0
        """Guards held at this moment."""
        self._network = network
        self._random = random
        self.background = SimulatedBackground(self)
        self.never = Deadline(None, scheduler.clock)
        self.clock = scheduler.clock
        self.sleep = scheduler.sleep

    def deadline(self, seconds: float | None) -> Deadline:
        return (
            self.never
            if seconds is None
            else Deadline(self.scheduler.now + seconds, self.scheduler.clock, seconds)
        )

    def random_bytes(self, count: int, /) -> bytes:
        return self._random.randbytes(count)

    def draw(self, below: int) -> int:
        return self._random.randrange(below)

    def key(self) -> object:
        return self._home()

    def ended(self, key: object) -> bool:
        assert isinstance(key, Home)
        return key.ended

    def guard(self) -> AbstractContextManager[Any]:
        return SimulatedGuard(self)

    def waiter(self) -> SimulatedWaiter:
        return SimulatedWaiter(self.scheduler)

    async def breathe(self) -> None:
        await self.scheduler.sleep(0)

    async def offload(self, work: Callable[[], T], deadline: Deadline) -> T:
        await self.breathe()
        return work()

    async def connect(self, address: Address, options: StreamOptions, deadline: Deadline) -> Stream:
        return await self._network.connect(address, self._home(), deadline.sooner(options.connect_timeout))

    async def connect_bytes(
        self, address: Address, options: StreamOptions, deadline: Deadline, reach: Reach | None = None
    ) -> ByteStream:
        raise OSError(f"there is no {address[0]} in this world: it has servers only")

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Task:
        return self.scheduler.spawn(work(), self._home(), _name(work))

    def spawn_at(self, key: object, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        assert isinstance(key, Home)
        if not key.ended:
            self.scheduler.spawn(work(), key, _name(work))

    def _home(self) -> Home:
        task = self.scheduler.current
        if task is None:
            raise Violation("the runtime was asked from outside of any task")
        return task.home


def _name(work: Callable[..., Any]) -> str:
    return getattr(work, "__qualname__", repr(work))
