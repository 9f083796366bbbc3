"""`run`: a coroutine to its end, without an event loop."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from typing import Any

import pytest

from petiole._native import run


class Suspend:
    """Suspends whoever awaits it."""

    def __await__(self) -> Any:
        yield "now"


async def give(value: Any) -> Any:
    return value


def test_results() -> None:
    for value in (None, 5, (), (1, 2), StopIteration(3), [1]):
        assert run(give(value)) is value


def test_nested_coroutines() -> None:
    async def outer(depth: int) -> int:
        return 0 if depth == 0 else 1 + await outer(depth - 1)

    assert run(outer(100)) == 100


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_errors_are_those_of_the_coroutine(error: BaseException) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run(fail())
    assert caught.value is error
    names = []
    trace = caught.value.__traceback__
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert names[-1] == "fail"


def test_a_stop_iteration_is_an_error() -> None:
    async def fail() -> None:
        raise StopIteration(5)

    with pytest.raises(RuntimeError, match="StopIteration"):
        run(fail())


def test_suspending_is_a_defect_and_the_coroutine_is_closed() -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            await Suspend()
        finally:
            done.append("closed")

    with pytest.raises(RuntimeError, match="work suspended, which a blocking operation never may"):
        run(work())
    assert done == ["closed"]


def test_an_asyncio_sleep_suspends() -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="suspended"):
        run(work())


def test_one_that_suspends_and_will_not_close() -> None:
    async def work() -> None:
        try:
            await Suspend()
        except GeneratorExit:
            await Suspend()

    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        run(work())


def test_one_that_fails_while_closing() -> None:
    async def work() -> None:
        try:
            await Suspend()
        finally:
            raise ValueError("while closing")

    with pytest.raises(ValueError, match="while closing"):
        run(work())


@pytest.mark.parametrize("thing", [None, 5, "text", object(), give, [1], iter([1])])
def test_what_is_no_coroutine(thing: Any) -> None:
    with pytest.raises((AttributeError, TypeError, RuntimeError, StopIteration)):
        run(thing)


def test_a_coroutine_runs_once() -> None:
    coroutine = give(1)
    assert run(coroutine) == 1
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        run(coroutine)


def test_inside_a_running_event_loop() -> None:
    async def main() -> Any:
        return run(give("blocking"))

    assert asyncio.run(main()) == "blocking"


def test_nothing_is_kept() -> None:
    class Thing:
        pass

    async def work(thing: Thing) -> Thing:
        return thing

    thing = Thing()
    gone = weakref.ref(thing)
    before = sys.getrefcount(thing)
    for _ in range(10):
        run(work(thing))
    assert sys.getrefcount(thing) == before
    del thing
    gc.collect()
    assert gone() is None
