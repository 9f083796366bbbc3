"""Runs coroutines by a virtual clock, in an order drawn from a seed.

Owns: which task goes next, what time it is, and that nothing else decides either. A task runs until it awaits a
signal; while any task can run the clock stands still. May not: know what the tasks do.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from heapq import heappop, heappush
from random import Random
from typing import Any

_LATE = 0.005
"""Seconds by which a busy process now and then looks at its timers too late, so that several are due at once."""
_STEPS = 400_000
"""More steps than any honest run takes."""


class Cancelled(BaseException):
    """Thrown into a task that has been asked to end, as asyncio does."""


class Violation(AssertionError):
    """Something that must never happen has happened."""


class Signal:
    """What one task waits for: fired once, with a value."""

    __slots__ = ("_task", "fired", "value")

    def __init__(self) -> None:
        self.fired = False
        self.value: Any = None
        self._task: Task | None = None

    def fire(self, value: Any = None) -> None:
        """Wake the task. May be called again, in vain."""
        if not self.fired:
            self.fired = True
            self.value = value
            task, self._task = self._task, None
            if task is not None:
                task.wake()

    def __await__(self) -> Generator[Signal, None, Any]:
        if not self.fired:
            yield self
        return self.value


class Timer:
    """Something to call at a point in time."""

    __slots__ = ("at", "call")

    def __init__(self, at: float, call: Callable[[], object]) -> None:
        self.at = at
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Do not call it."""
        self.call = None


class Task:
    """A coroutine that runs by itself, in a home: an event loop, the background, or a server."""

    __slots__ = (
        "_cancel",
        "_context",
        "_coroutine",
        "_scheduler",
        "_signal",
        "done",
        "error",
        "home",
        "name",
    )

    def __init__(
        self,
        scheduler: Scheduler,
        coroutine: Coroutine[Any, Any, Any],
        home: Home,
        name: str,
        context: Context,
    ) -> None:
        self._scheduler = scheduler
        self._coroutine = coroutine
        self._context = context
        self._cancel = False
        self._signal: Signal | None = None
        self.home = home
        self.name = name
        self.done = Signal()
        self.error: BaseException | None = None

    def cancel(self) -> None:
        """Ask it to end: what it waits for is thrown over, even if that has come already.

        One that cancels itself goes on until it waits again.
        """
        if self.done.fired:
            return
        self._cancel = True
        signal, self._signal = self._signal, None
        if signal is not None and signal._task is self:
            signal._task = None
            self._scheduler.ready.append(self)

    def wake(self) -> None:
        """Let it go on."""
        self._signal = None
        self._scheduler.ready.append(self)

    def step(self) -> None:
        """Run until it waits again or ends."""
        try:
            if self._cancel:
                self._cancel = False
                signal = self._context.run(self._coroutine.throw, Cancelled())
            else:
                signal = self._context.run(self._coroutine.send, None)
        except StopIteration as end:
            self._end(end.value)
        except Cancelled:
            self._end(None)
        except BaseException as error:
            self.error = error
            self._end(None)
        else:
            if self._cancel:
                self._scheduler.ready.append(self)
                return
            self._signal = signal
            signal._task = self

    def close(self) -> None:
        """Tear it down where it stands."""
        try:
            self._context.run(self._coroutine.close)
        except Exception:
            pass  # It is torn down after a failure, which counts, or after everything has been checked.

    def _end(self, value: Any) -> None:
        self._scheduler.tasks.pop(self, None)
        self.done.fire(value)

    def __repr__(self) -> str:
        return f"<task {self.name} at {self.home}>"


class Home:
    """Where tasks run and their sockets live. One that has ended is an event loop that was closed."""

    __slots__ = ("client", "ended", "name")

    def __init__(self, name: str, *, client: bool) -> None:
        self.name = name
        self.client = client
        self.ended = False

    def __repr__(self) -> str:
        return self.name


class Scheduler:
    """The one place where things happen."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._timers: list[tuple[float, float, Timer]] = []
        self.now = 0.0
        self.steps = 0
        self.jumped = 0.0
        """Seconds by which the clock has jumped in all."""
        self.ready: list[Task] = []
        self.tasks: dict[Task, None] = {}
        self.current: Task | None = None
        self.after_step: Callable[[Task], None] = lambda task: None

    # Tasks.

    def spawn(
        self, coroutine: Coroutine[Any, Any, Any], home: Home, name: str, *, fresh: bool = False
    ) -> Task:
        """Begin to run a coroutine, in a copy of the current context, or in a fresh one."""
        task = Task(self, coroutine, home, name, Context() if fresh else copy_context())
        self.tasks[task] = None
        self.ready.append(task)
        return task

    def tasks_at(self, home: Home) -> list[Task]:
        """The tasks that run there, in the order they began."""
        return [task for task in self.tasks if task.home is home]

    # Time.

    def clock(self) -> float:
        """Virtual seconds."""
        return self.now

    def call_at(self, at: float, call: Callable[[], object]) -> Timer:
        """Call it at that time; what is due at the same time is called in a drawn order."""
        timer = Timer(max(at, self.now), call)
        heappush(self._timers, (timer.at, self._random.random(), timer))
        return timer

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call it after that time."""
        return self.call_at(self.now + seconds, call)

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await self.wait(Signal(), self.now + max(0.0, seconds))

    async def wait(self, signal: Signal, at: float | None) -> bool:
        """Wait for a signal; False when it has not been fired by that time."""
        if at is None or signal.fired:
            await signal
            return True
        passed = [False]

        def expire() -> None:
            passed[0] = not signal.fired
            signal.fire()

        timer = self.call_at(at, expire)
        try:
            await signal
        finally:
            timer.cancel()
        return not passed[0]

    def jump(self, seconds: float) -> None:
        """Let that much time pass while nothing runs: the process was stopped."""
        self.now += seconds
        self.jumped += seconds

    # Running.

    def run(self, until: Callable[[], bool]) -> None:
        """Go on until that is so."""
        while not until():
            if self.ready:
                self._step()
            else:
                self._advance()

    def _step(self) -> None:
        ready = self.ready
        index = int(self._random.random() * len(ready))
        ready[index], ready[-1] = ready[-1], ready[index]
        task = ready.pop()
        self.steps += 1
        if self.steps > _STEPS:
            raise Violation(f"no end: {task} runs for ever")
        self.current = task
        try:
            task.step()
        finally:
            self.current = None
        self.after_step(task)

    def _advance(self) -> None:
        timers = self._timers
        while timers and timers[0][2].call is None:
            heappop(timers)
        if not timers:
            raise Violation("nothing can go on, and nothing is due")
        late = _LATE if self._random.random() < 0.1 else 0.0
        end = max(self.now, timers[0][0] + late)
        while timers and timers[0][0] <= end:
            at, _, timer = heappop(timers)
            if timer.call is not None:
                self.now = max(self.now, at)
                timer.call()
                if not late:
                    return
