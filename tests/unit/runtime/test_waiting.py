"""Deadlines, waiters, guards, tasks and the background thread, over both runtimes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest
from tests.unit.engine.sides import Loop, Side, Threads, until

from petiole._native import run
from petiole._runtime import aio
from petiole._runtime.aio import AIO
from petiole._runtime.background import BackgroundThread
from petiole._runtime.base import Deadline, Runtime
from petiole._runtime.blocking import BLOCKING
from petiole._runtime.driver import blocking, face

RUNTIMES: list[Runtime] = [BLOCKING, AIO]
"""That both are runtimes, the type checkers say."""


@pytest.fixture(params=[Threads, Loop], ids=["blocking", "asyncio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: Side = request.param()
    yield made
    made.close()


# Deadlines.


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_a_deadline_counts_down() -> None:
    clock = Clock()
    deadline = Deadline(105.0, clock)
    assert (deadline.remaining(), deadline.expired()) == (5.0, False)
    clock.time = 105.0
    assert (deadline.remaining(), deadline.expired()) == (0.0, True)
    clock.time = 200.0
    assert (deadline.remaining(), deadline.expired()) == (0.0, True)


def test_the_deadline_that_never_passes() -> None:
    for runtime in RUNTIMES:
        assert runtime.deadline(None) is runtime.never
        assert (runtime.never.remaining(), runtime.never.expired()) == (None, False)
        assert runtime.never.share(3) is runtime.never
        assert runtime.never.sooner(None) is runtime.never


def test_the_sooner_of_two() -> None:
    clock = Clock()
    deadline = Deadline(105.0, clock)
    assert deadline.sooner(None) is deadline
    assert deadline.sooner(5.0) is deadline
    assert deadline.sooner(9.0) is deadline
    assert deadline.sooner(2.0).at == 102.0
    assert Deadline(None, clock).sooner(2.0).at == 102.0


def test_shares() -> None:
    clock = Clock()
    deadline = Deadline(106.0, clock)
    assert deadline.share(3).at == 102.0
    assert deadline.share(1) is deadline
    clock.time = 110.0
    assert deadline.share(2).expired()


# Waiters.


def test_set_before_the_wait(side: Side) -> None:
    waiter = side.runtime.waiter()
    waiter.set()
    waiter.set()
    assert side.call(lambda: waiter.wait(side.runtime.never)) is True
    assert side.call(lambda: waiter.wait(side.runtime.deadline(0))) is True


def test_set_during_the_wait(side: Side) -> None:
    waiter = side.runtime.waiter()
    waiting = side.start(lambda: waiter.wait(side.runtime.never))
    time.sleep(0.02)
    waiter.set()
    assert waiting.result(10) is True


def test_a_wait_in_vain(side: Side) -> None:
    waiter = side.runtime.waiter()
    before = time.monotonic()
    assert side.call(lambda: waiter.wait(side.runtime.deadline(0.03))) is False
    assert 0.02 < time.monotonic() - before < 5
    assert side.call(lambda: waiter.wait(side.runtime.deadline(0))) is False


def test_set_and_wait_at_the_same_time(side: Side) -> None:
    for _ in range(300):
        waiter = side.runtime.waiter()
        thread = threading.Thread(target=waiter.set)
        thread.start()
        assert side.call(lambda: waiter.wait(side.runtime.deadline(5)))  # noqa: B023 - called at once.
        thread.join()


def test_a_waiter_of_a_loop_that_has_ended() -> None:
    loop = Loop()
    waiter = AIO.waiter()
    waiting = loop.start(lambda: waiter.wait(AIO.never))
    time.sleep(0.02)
    waiting.cancel()
    loop.close()
    waiter.set()
    with pytest.raises(CancelledError):
        waiting.result(10)


# Guards.


def test_a_guard_keeps_other_threads_out_but_not_its_holder(side: Side) -> None:
    guard = side.runtime.guard()
    entered = threading.Event()

    def enter() -> None:
        with guard:
            entered.set()

    with guard:
        with guard:
            pass
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(10)
    thread.join()


# Time and chance.


def test_clocks_and_chance(side: Side) -> None:
    runtime = side.runtime
    before = runtime.clock()
    side.call(lambda: runtime.sleep(0.02))
    assert runtime.clock() - before >= 0.02
    side.call(runtime.breathe)
    assert {runtime.draw(3) for _ in range(200)} == {0, 1, 2}
    assert len(runtime.random_bytes(16)) == 16
    assert runtime.random_bytes(16) != runtime.random_bytes(16)


# Keys and tasks.


def test_keys() -> None:
    loop = Loop()
    assert BLOCKING.key() is None
    assert not BLOCKING.ended(None)
    key = loop.now(AIO.key)
    assert key is loop.loop
    assert not AIO.ended(key)
    loop.close()
    assert AIO.ended(key)


def test_work_beside_the_caller(side: Side) -> None:
    done: list[Any] = []

    async def work() -> None:
        done.append(side.runtime.key())

    side.now(lambda: side.runtime.spawn(work))
    until(lambda: done)
    assert done == [side.now(side.runtime.key)]


def test_work_where_a_key_lives(side: Side) -> None:
    done: list[Any] = []

    async def work() -> None:
        done.append(side.runtime.key())

    key = side.now(side.runtime.key)
    side.runtime.spawn_at(key, work)
    until(lambda: done)
    assert done == [key]


def test_work_for_a_loop_that_has_ended_is_dropped() -> None:
    loop = Loop()
    loop.close()

    async def work() -> None:
        raise AssertionError

    AIO.spawn_at(loop.loop, work)


def test_tasks_are_cancelled_from_any_thread() -> None:
    loop = Loop()
    ended = threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    task = loop.now(lambda: AIO.spawn(work))
    time.sleep(0.02)
    task.cancel()
    assert ended.wait(10)
    loop.close()
    task.cancel()


def test_tasks_of_loops_that_were_closed_early_are_not_kept() -> None:
    early, late = Loop(), Loop()

    async def work() -> None:
        await asyncio.sleep(60)

    early.now(lambda: AIO.spawn(work))
    tasks = asyncio.all_tasks(early.loop)
    early.close()
    late.now(lambda: AIO.spawn(work))
    assert not tasks & aio._running
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # It was meant to be lost.
    for task in asyncio.all_tasks(late.loop):
        late.loop.call_soon_threadsafe(task.cancel)
    late.close()


def test_work_on_a_thread_of_its_own(side: Side) -> None:
    assert side.call(lambda: side.runtime.offload(lambda: 5, side.runtime.never)) == 5

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        side.call(lambda: side.runtime.offload(fail, side.runtime.never))


# The background thread.


def test_one_thread_for_all_work_and_again_after_a_stop() -> None:
    background = BackgroundThread()
    threads: list[int] = []

    async def work() -> None:
        threads.append(threading.get_ident())

    for _ in range(3):
        background.spawn(work)
    until(lambda: len(threads) == 3)
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    background.stop()
    background.spawn(work)
    until(lambda: len(threads) == 4)
    background.stop()
    background.stop()


def test_stopping_ends_the_work() -> None:
    background = BackgroundThread()
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    task = background.spawn(work)
    assert begun.wait(10)
    background.stop()
    assert ended.wait(10)
    task.cancel()


def test_work_that_is_cancelled_before_it_begins() -> None:
    background = BackgroundThread()
    begun = threading.Event()

    async def work() -> None:
        await asyncio.sleep(0.2)
        begun.set()

    background.spawn(work).cancel()
    assert not begun.wait(0.4)
    background.stop()


def test_spawning_from_many_threads_starts_one() -> None:
    background = BackgroundThread()
    threads: set[int] = set()
    count: list[int] = []

    async def work() -> None:
        threads.add(threading.get_ident())
        count.append(1)

    spawners = [threading.Thread(target=background.spawn, args=(work,)) for _ in range(10)]
    for spawner in spawners:
        spawner.start()
    for spawner in spawners:
        spawner.join()
    until(lambda: len(count) == 10)
    assert len(threads) == 1
    background.stop()


# Blocking functions.


@face
class Thing:
    async def _double(self, number: int, *, times: int = 2) -> int:
        """Multiply."""
        return number * times

    double = blocking(_double)


def test_a_blocking_function_is_the_coroutine_function_without_the_await() -> None:
    assert Thing().double(4) == 8
    assert Thing().double(4, times=3) == 12
    assert (Thing.double.__name__, Thing.double.__doc__) == ("double", "Multiply.")
    assert run(Thing()._double(4)) == 8
    with pytest.raises(TypeError):
        Thing().double()  # type: ignore[call-arg]
