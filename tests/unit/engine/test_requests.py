"""Requests: threads that keep their connection, with connections that a fake makes."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.engine.sides import Threads
from tests.unit.engine.test_pool import ADDRESS, Bench, stream_of

from petiole._net.pool_parts import PoolCleared, PoolLimits
from petiole._net.requests import RequestPool, Requests


class RequestBench(Bench):
    """The same bench, with a pool that heeds requests."""

    pool: RequestPool

    def __init__(self, *, automatic: bool, **limits: Any) -> None:
        super().__init__(Threads(), **limits)
        runtime: Any = self.clock
        self.requests = Requests(automatic=automatic)
        self.pool = self.requests.pool(
            ADDRESS, PoolLimits(**limits), runtime, self._establish, None, self._note
        )


def elsewhere(work: Callable[[], Any]) -> Any:
    """What another thread, which dies then, gets from `work`."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_a_thread_gets_its_own_connection_again() -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    bench.pool.check_in(own)
    assert bench.state() == (0, 1, 0, 0)
    other = elsewhere(bench.get)
    assert other is not own
    bench.pool.check_in(other)
    assert bench.get() is own


def test_at_the_end_it_goes_back() -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    bench.pool.check_in(own)
    bench.requests.end()
    assert bench.state() == (1, 0, 0, 0)
    assert elsewhere(bench.get) is own


def test_without_a_request_it_is_a_pool_as_any() -> None:
    bench = RequestBench(automatic=False)
    own = bench.get()
    bench.pool.check_in(own)
    assert bench.state() == (1, 0, 0, 0)
    bench.requests.end()
    assert bench.requests.depth == 0


def test_requests_are_nested() -> None:
    bench = RequestBench(automatic=False)
    bench.requests.begin()
    bench.requests.begin()
    bench.pool.check_in(bench.get())
    bench.requests.end()
    assert bench.state() == (0, 1, 0, 0)
    bench.requests.end()
    assert bench.state() == (1, 0, 0, 0)


def test_a_request_that_ends_during_an_operation() -> None:
    bench = RequestBench(automatic=False)
    bench.requests.begin()
    own = bench.get()
    bench.requests.end()
    bench.pool.check_in(own)
    assert bench.state() == (1, 0, 0, 0)


@pytest.mark.parametrize("flaw", ["dirty", "closed"])
def test_what_is_not_sound_is_not_kept(flaw: str) -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    setattr(own, flaw, True)
    bench.pool.check_in(own)
    assert bench.state() == (0, 0, 0, 0)
    assert bench.get() is not own


def test_a_second_one_at_the_same_time_is_not_kept() -> None:
    """A signal handler may run an operation amid another."""
    bench = RequestBench(automatic=True)
    own, other = bench.get(), bench.get()
    bench.pool.check_in(own)
    bench.pool.check_in(other)
    assert bench.state() == (1, 1, 0, 0)
    bench.pool.check_in(other)
    assert bench.state() == (1, 1, 0, 0)


def test_one_that_the_server_has_ended_is_replaced() -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    bench.pool.check_in(own)
    stream_of(own).living = False
    bench.clock.time += 2
    assert bench.get() is not own
    assert stream_of(own).closed == 1


def test_an_expired_one_is_replaced() -> None:
    bench = RequestBench(automatic=True, max_idle=5.0)
    own = bench.get()
    bench.pool.check_in(own)
    bench.clock.time += 6
    assert bench.get() is not own
    assert stream_of(own).closed == 1


def test_one_that_was_kept_for_too_long_is_not_lent_to_others() -> None:
    bench = RequestBench(automatic=True, max_idle=5.0)
    own = bench.get()
    bench.pool.check_in(own)
    bench.clock.time += 6
    bench.requests.end()
    assert bench.state() == (0, 0, 0, 0)
    assert stream_of(own).closed == 1


def test_clearing_closes_what_threads_keep() -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    bench.pool.check_in(own)
    bench.pool.clear(None)
    assert stream_of(own).closed == 1
    assert bench.state() == (0, 0, 0, 0)
    bench.pool.ready()
    assert bench.get() is not own


def test_one_in_use_when_the_pool_is_cleared_is_not_kept() -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    bench.pool.clear(None)
    bench.pool.check_in(own)
    assert stream_of(own).closed == 1


def test_a_closed_pool_keeps_nothing() -> None:
    bench = RequestBench(automatic=True)
    own, other = bench.get(), bench.get()
    bench.pool.check_in(own)
    bench.pool.close()
    bench.pool.check_in(other)
    assert stream_of(own).closed == stream_of(other).closed == 1
    with pytest.raises(PoolCleared):
        bench.get()


def test_the_connection_of_a_dead_thread_makes_room() -> None:
    bench = RequestBench(automatic=False, max_size=1)

    def work() -> None:
        bench.requests.begin()
        bench.pool.check_in(bench.get())

    elsewhere(work)
    gc.collect()
    assert bench.get(10) is not None
    assert bench.streams[0].closed == 1


def test_where_the_limit_is_reached_an_idle_one_is_taken_from_who_never_asked() -> None:
    bench = RequestBench(automatic=True, max_size=1)
    own = bench.get()
    bench.pool.check_in(own)
    assert elsewhere(lambda: bench.get(10)) is own


def test_but_not_from_who_asked() -> None:
    bench = RequestBench(automatic=True, max_size=1)
    bench.requests.entered()
    bench.requests.begin()
    bench.pool.check_in(bench.get())
    assert elsewhere(lambda: bench.ask(0.01).exception(10)) is not None
    assert bench.get() is not None


def test_who_waits_at_the_limit_is_served_first() -> None:
    bench = RequestBench(automatic=True, max_size=1)
    own = bench.get()
    waiting = bench.ask()
    bench.asked(1)
    bench.pool.check_in(own)
    assert waiting.result(10) is own


def test_who_waits_for_leave_to_connect_takes_nothing_from_others() -> None:
    """Only at most two connect at a time; a thread that has its connection keeps it meanwhile."""
    bench = RequestBench(automatic=True, max_connecting=1)
    own = bench.get()
    gate = bench.close_gate()
    asked = [bench.ask(), bench.ask()]
    bench.asked(1)
    bench.pool.check_in(own)
    assert bench.get() is own
    gate.set()
    assert own not in [one.result(10) for one in asked]


def test_a_child_lets_go_of_what_is_kept() -> None:
    bench = RequestBench(automatic=True)
    own = bench.get()
    bench.pool.check_in(own)
    bench.pool.forget()
    assert stream_of(own).forgotten == 1
