"""The pool, over both runtimes, with connections that a fake makes."""

from __future__ import annotations

import gc
import linecache
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest
from tests.unit.engine.sides import Loop, Side, Threads, until

from petiole._native import run
from petiole._net.connection import Connection
from petiole._net.pool import Pool
from petiole._net.pool_parts import PoolCleared, PoolLimits
from petiole._runtime.base import Address, Deadline, Runtime, Waiter
from petiole._sdam.errors import Failure
from petiole.errors import AutoReconnect, ConnectionFailure, OperationFailure, WaitQueueTimeoutError

ADDRESS = ("db.example", 27017)


class FakeStream:
    """A stream that only remembers what happened to it."""

    def __init__(self) -> None:
        self.living = True
        self.closed = 0
        self.interrupted = 0
        self.forgotten = 0

    async def send(self, data: bytes, deadline: Deadline) -> None:
        raise AssertionError

    async def receive(self, max_size: int, deadline: Deadline) -> bytes:
        raise AssertionError

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> bytes:
        raise AssertionError

    def alive(self) -> bool:
        return self.living

    def close(self) -> None:
        self.closed += 1

    def interrupt(self) -> None:
        self.interrupted += 1

    def forget(self) -> None:
        self.forgotten += 1


class Clock:
    """Stands in for the runtime where the pool asks for the time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.time = 1000.0

    def clock(self) -> float:
        return self.time

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)


class Gate:
    """Holds up any number of coroutines until it is set."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiters: list[Waiter] = []
        self._open = False

    async def wait(self, deadline: Deadline) -> bool:
        waiter = self._runtime.waiter()
        self._waiters.append(waiter)
        if self._open:
            waiter.set()
        return await waiter.wait(deadline)

    def set(self) -> None:
        self._open = True
        for waiter in self._waiters:
            waiter.set()


class Bench:
    """A pool, and the fake that makes its connections: held back by a gate, or failing, when told so."""

    def __init__(self, side: Side, **limits: Any) -> None:
        self.side = side
        self.clock = Clock(side.runtime)
        runtime: Any = self.clock
        self.made: list[tuple[int, int]] = []
        self.streams: list[FakeStream] = []
        self.failure: BaseException | None = None
        self.gate: Gate | None = None
        self.shaking_hands: Gate | None = None
        self.failures: list[Exception] = []
        """What the pool has told of connections that could not be made."""
        self.pool = Pool(ADDRESS, PoolLimits(**limits), runtime, self._establish, None, self._note)

    def _note(self, pool: Pool, failure: Failure) -> None:
        assert pool is self.pool
        self.failures.append(failure.error)

    async def _establish(
        self, number: int, generation: int, deadline: Deadline, begun: Callable[[Connection], None]
    ) -> Connection:
        gate = self.gate
        self.made.append((number, generation))
        if gate is not None:
            await gate.wait(deadline)
        if self.failure is not None:
            raise self.failure
        stream = FakeStream()
        self.streams.append(stream)
        connection = Connection(ADDRESS, stream, number, generation)
        begun(connection)
        if self.shaking_hands is not None:
            await self.shaking_hands.wait(deadline)
        if stream.interrupted:
            raise AutoReconnect("connection closed")
        return connection

    def close_gate(self) -> Gate:
        """From now on connections wait to be made until the gate is set."""
        self.gate = Gate(self.side.runtime)
        return self.gate

    def ask(self, seconds: float | None = None) -> Any:
        """Begin to check out."""
        return self.side.start(lambda: self.pool.check_out(self.side.runtime.deadline(seconds)))

    def get(self, seconds: float | None = None) -> Connection:
        """A connection, as the executor gets one."""
        connection: Connection = self.pool.take() or self.ask(seconds).result(10)
        return connection

    def asked(self, count: int) -> None:
        """Wait until so many are in the queue."""
        until(lambda: len(self.pool._waiting) == count)

    def state(self) -> tuple[int, int, int, int]:
        """How many are idle, lent, being made and waited for."""
        pool = self.pool
        return len(pool._idle), pool.in_use, len(pool._connecting), len(pool._waiting)


def stream_of(connection: Connection) -> FakeStream:
    assert isinstance(connection.stream, FakeStream)
    return connection.stream


# Handing out.


def test_a_connection_is_made_once_and_lent_again(side: Side) -> None:
    bench = Bench(side)
    assert bench.pool.take() is None
    first = bench.get()
    assert bench.state() == (0, 1, 0, 0)
    bench.pool.check_in(first)
    assert bench.state() == (1, 0, 0, 0)
    assert bench.pool.take() is first
    assert bench.made == [(1, 0)]


def test_the_most_recently_used_is_lent_first(side: Side) -> None:
    bench = Bench(side)
    one, two = bench.get(), bench.get()
    bench.pool.check_in(two)
    bench.pool.check_in(one)
    assert bench.get() is one
    assert bench.get() is two


def test_a_second_check_in_changes_nothing(side: Side) -> None:
    bench = Bench(side)
    connection = bench.get()
    bench.pool.check_in(connection)
    bench.pool.check_in(connection)
    assert bench.state() == (1, 0, 0, 0)
    assert stream_of(connection).closed == 0


@pytest.mark.parametrize("flaw", ["dirty", "closed"])
def test_a_dirty_or_closed_connection_is_not_kept(side: Side, flaw: str) -> None:
    bench = Bench(side, max_size=1)
    connection = bench.get()
    setattr(connection, flaw, True)
    bench.pool.check_in(connection)
    assert bench.state() == (0, 0, 0, 0)
    assert stream_of(connection).closed == 1
    assert bench.get() is not connection


def test_a_dirty_check_in_makes_room_for_who_waits(side: Side) -> None:
    bench = Bench(side, max_size=1)
    connection = bench.get()
    waiting = bench.ask()
    bench.asked(1)
    connection.dirty = True
    side.now(lambda: bench.pool.check_in(connection))
    assert waiting.result(10) is not connection


def test_a_full_pool_lends_in_the_order_of_asking(side: Side) -> None:
    bench = Bench(side, max_size=1)
    connection = bench.get()
    waiting = []
    for count in (1, 2, 3):
        waiting.append(bench.ask())
        bench.asked(count)
    for asked in waiting:
        side.now(lambda: bench.pool.check_in(connection))
        assert asked.result(10) is connection
    assert bench.made == [(1, 0)]


def test_nobody_overtakes_those_who_wait(side: Side) -> None:
    bench = Bench(side, max_size=2, max_connecting=1)
    gate = bench.close_gate()
    making, waiting = bench.ask(), bench.ask()
    bench.asked(1)
    assert bench.pool.take() is None
    gate.set()
    held = [making.result(10), waiting.result(10)]
    assert len(held) == 2
    assert bench.state() == (0, 2, 0, 0)


def test_so_many_connect_at_once_as_allowed(side: Side) -> None:
    bench = Bench(side, max_size=10, max_connecting=2)
    gate = bench.close_gate()
    asked = [bench.ask() for _ in range(5)]
    until(lambda: bench.state() == (0, 0, 2, 3) and len(gate._waiters) == 2)
    bench.gate = None
    gate.set()
    assert len({one.result(10).number for one in asked}) == 5


def test_who_waits_for_leave_to_connect_is_served_by_a_check_in(side: Side) -> None:
    bench = Bench(side, max_size=10, max_connecting=1)
    connection = bench.get()
    gate = bench.close_gate()
    making = bench.ask()
    until(lambda: gate._waiters)
    waiting = bench.ask()
    bench.asked(1)
    side.now(lambda: bench.pool.check_in(connection))
    assert waiting.result(10) is connection
    gate.set()
    making.result(10)


def test_no_limit(side: Side) -> None:
    bench = Bench(side, max_size=0)
    assert len({bench.get().number for _ in range(150)}) == 150


# Waiting in vain.


def test_the_queue_has_a_timeout(side: Side) -> None:
    bench = Bench(side, max_size=1, wait_queue_timeout=0.02)
    held = bench.get()
    with pytest.raises(WaitQueueTimeoutError) as caught:
        bench.ask().result(10)
    assert str(caught.value).startswith(
        "Timed out while checking out a connection from connection pool. maxPoolSize: 1, timeout: 0.02"
    )
    assert not isinstance(caught.value, AutoReconnect)
    assert isinstance(caught.value, ConnectionFailure)
    assert bench.state() == (0, 1, 0, 0)
    bench.pool.check_in(held)


def test_the_operations_deadline_counts_too(side: Side) -> None:
    bench = Bench(side, max_size=1, wait_queue_timeout=60)
    held = bench.get()
    with pytest.raises(WaitQueueTimeoutError):
        bench.ask(0.02).result(10)
    bench.pool.check_in(held)


def test_the_queues_timeout_is_not_that_of_connecting(side: Side) -> None:
    bench = Bench(side, max_size=1, wait_queue_timeout=0.01)
    gate = bench.close_gate()
    asked = bench.ask()
    until(lambda: gate._waiters)
    with pytest.raises(TimeoutError):
        asked.result(0.05)
    gate.set()
    assert asked.result(10).number == 1


def test_who_gave_up_is_not_served(side: Side) -> None:
    bench = Bench(side, max_size=1, wait_queue_timeout=0.02)
    connection = bench.get()
    impatient = bench.ask()
    with pytest.raises(WaitQueueTimeoutError):
        impatient.result(10)
    side.now(lambda: bench.pool.check_in(connection))
    assert bench.state() == (1, 0, 0, 0)


# Failing to connect.


@pytest.mark.parametrize("failure", [AutoReconnect("refused"), OperationFailure("no"), MemoryError()])
def test_a_failed_connection_leaves_its_place_to_the_next(side: Side, failure: Exception) -> None:
    bench = Bench(side, max_size=1)
    bench.failure = failure
    with pytest.raises(type(failure)):
        bench.ask().result(10)
    assert bench.state() == (0, 0, 0, 0)
    # What is no affair of the server's says nothing about it.
    assert bench.failures == [failure] * (not isinstance(failure, MemoryError))
    bench.failure = None
    assert bench.get().number == 2


def test_one_that_fails_lets_the_next_in_the_queue_try(side: Side) -> None:
    bench = Bench(side, max_size=1)
    gate = bench.close_gate()
    first = bench.ask()
    until(lambda: gate._waiters)
    second = bench.ask()
    bench.asked(1)
    bench.failure = AutoReconnect("refused")
    gate.set()
    for asked in (first, second):
        with pytest.raises(AutoReconnect):
            asked.result(10)
    assert len(bench.made) == 2
    assert bench.state() == (0, 0, 0, 0)


# Cancelled tasks.


@pytest.fixture
def loop_side() -> Any:
    made = Loop()
    yield made
    made.close()


def test_cancelled_while_waiting(loop_side: Loop) -> None:
    bench = Bench(loop_side, max_size=1)
    connection = bench.get()
    cancelled, patient = bench.ask(), bench.ask()
    bench.asked(2)
    cancelled.cancel()
    bench.asked(1)
    loop_side.now(lambda: bench.pool.check_in(connection))
    assert patient.result(10) is connection


def test_cancelled_while_connecting(loop_side: Loop) -> None:
    bench = Bench(loop_side, max_size=1)
    gate = bench.close_gate()
    cancelled = bench.ask()
    until(lambda: gate._waiters)
    patient = bench.ask()
    bench.asked(1)
    bench.gate = None
    cancelled.cancel()
    assert patient.result(10).number == 2
    assert bench.state() == (0, 1, 0, 0)


def test_cancelled_when_a_connection_has_been_assigned_already(loop_side: Loop) -> None:
    bench = Bench(loop_side, max_size=1)
    connection = bench.get()

    async def work() -> Connection:
        waiting = loop_side.loop.create_task(bench.pool.check_out(loop_side.runtime.never))
        patient = loop_side.loop.create_task(bench.pool.check_out(loop_side.runtime.never))
        while len(bench.pool._waiting) < 2:
            await loop_side.runtime.breathe()
        bench.pool.check_in(connection)
        assert len(bench.pool._waiting) == 1
        waiting.cancel()
        found = await patient
        assert waiting.cancelled()
        return found

    assert loop_side.call(work) is connection


def test_cancelled_when_leave_to_connect_has_been_given_already(loop_side: Loop) -> None:
    bench = Bench(loop_side, max_size=1)
    connection = bench.get()

    async def work() -> Connection:
        waiting = loop_side.loop.create_task(bench.pool.check_out(loop_side.runtime.never))
        patient = loop_side.loop.create_task(bench.pool.check_out(loop_side.runtime.never))
        while len(bench.pool._waiting) < 2:
            await loop_side.runtime.breathe()
        connection.dirty = True
        bench.pool.check_in(connection)
        waiting.cancel()
        return await patient

    assert loop_side.call(work).number == 2
    assert bench.state() == (0, 1, 0, 0)


def test_cancelled_task_whose_loop_has_ended_leaves_the_queue() -> None:
    loop_side = Loop()
    bench = Bench(loop_side, max_size=1)
    held = bench.get()
    asked = bench.ask()
    bench.asked(1)
    asked.cancel()
    loop_side.close()
    with pytest.raises(CancelledError):
        asked.result(10)
    assert bench.state() == (0, 1, 0, 0)
    bench.pool.check_in(held)


# Clearing.


def test_clear_closes_what_is_idle_and_refuses_until_ready(side: Side) -> None:
    bench = Bench(side)
    lent, idle = bench.get(), bench.get()
    bench.pool.check_in(idle)
    cause = AutoReconnect("it broke")
    bench.pool.clear(cause)
    assert stream_of(idle).closed == 1
    assert stream_of(lent).closed == 0
    with pytest.raises(PoolCleared, match=r"db.example:27017: connection pool paused \(it broke\)") as caught:
        bench.ask().result(10)
    assert caught.value.__cause__ is cause
    bench.pool.check_in(lent)
    assert stream_of(lent).closed == 1
    assert bench.state() == (0, 0, 0, 0)
    bench.pool.ready()
    assert bench.get().generation == 1


def test_clear_fails_those_who_wait(side: Side) -> None:
    bench = Bench(side, max_size=1)
    held = bench.get()
    asked = [bench.ask() for _ in range(3)]
    bench.asked(3)
    bench.pool.clear(AutoReconnect("it broke"))
    for one in asked:
        with pytest.raises(PoolCleared):
            one.result(10)
    assert bench.state() == (0, 1, 0, 0)
    bench.pool.check_in(held)


def test_clear_without_a_pause_goes_on(side: Side) -> None:
    bench = Bench(side, max_size=1)
    connection = bench.get()
    waiting = bench.ask()
    bench.asked(1)
    bench.pool.clear(None, pause=False)
    side.now(lambda: bench.pool.check_in(connection))
    assert waiting.result(10).generation == 1
    assert stream_of(connection).closed == 1


def test_clear_interrupts_what_is_in_use_when_told(side: Side) -> None:
    bench = Bench(side)
    lent, idle = bench.get(), bench.get()
    bench.pool.check_in(idle)
    bench.pool.clear(None, interrupt=True)
    assert (stream_of(lent).interrupted, stream_of(lent).closed) == (1, 0)
    assert (stream_of(idle).interrupted, stream_of(idle).closed) == (0, 1)
    bench.pool.check_in(lent)
    assert stream_of(lent).closed == 1


def test_clear_interrupts_a_handshake_when_told(side: Side) -> None:
    bench = Bench(side)
    bench.shaking_hands = Gate(side.runtime)
    asked = bench.ask()
    until(lambda: bench.streams)
    bench.pool.clear(OSError("gone"), interrupt=True)
    assert bench.streams[0].interrupted == 1
    bench.shaking_hands.set()
    with pytest.raises(PoolCleared, match=r"paused \(gone\)") as caught:
        asked.result(10)
    assert not caught.value.has_error_label("SystemOverloadedError")
    assert bench.failures == []


def test_clear_interrupts_a_handshake_that_begins_only_then(side: Side) -> None:
    bench = Bench(side)
    gate = bench.close_gate()
    asked = bench.ask()
    until(lambda: gate._waiters)
    bench.pool.clear(None, interrupt=True)
    gate.set()
    with pytest.raises(PoolCleared):
        asked.result(10)
    assert bench.streams[0].interrupted == 1


def test_clear_leaves_alone_what_is_made_of_the_new_generation(side: Side) -> None:
    bench = Bench(side)
    bench.shaking_hands = Gate(side.runtime)
    bench.pool.clear(None, interrupt=True)
    bench.pool.ready()
    asked = bench.ask()
    until(lambda: bench.streams)
    bench.shaking_hands.set()
    assert stream_of(asked.result(10)).interrupted == 0


def test_one_that_was_being_made_when_the_pool_was_cleared_is_not_kept(side: Side) -> None:
    bench = Bench(side)
    gate = bench.close_gate()
    asked = bench.ask()
    until(lambda: gate._waiters)
    bench.pool.clear(None, pause=False)
    gate.set()
    connection = asked.result(10)
    assert connection.generation == 0
    bench.pool.check_in(connection)
    assert stream_of(connection).closed == 1


def test_a_closed_pool_stays_closed(side: Side) -> None:
    bench = Bench(side, max_size=2)
    lent, idle = bench.get(), bench.get()
    bench.pool.check_in(idle)
    bench.pool.close()
    bench.pool.ready()
    assert stream_of(idle).closed == 1
    with pytest.raises(PoolCleared, match="closed connection pool"):
        bench.ask().result(10)
    bench.pool.check_in(lent)
    assert stream_of(lent).closed == 1
    assert not bench.pool.due()


# Growing old.


def test_one_that_was_idle_for_a_while_is_looked_at(side: Side) -> None:
    bench = Bench(side)
    dead, living = bench.get(), bench.get()
    bench.pool.check_in(living)
    bench.pool.check_in(dead)
    stream_of(dead).living = False
    bench.clock.time += 0.5
    assert bench.pool.take() is dead
    bench.pool.check_in(dead)
    bench.clock.time += 2
    assert bench.pool.take() is living
    assert stream_of(dead).closed == 1
    assert bench.state() == (0, 1, 0, 0)


def test_an_expired_one_is_not_lent(side: Side) -> None:
    bench = Bench(side, max_idle=30)
    connection = bench.get()
    bench.pool.check_in(connection)
    bench.clock.time += 31
    assert bench.pool.take() is None
    assert stream_of(connection).closed == 1


def test_maintenance_closes_the_expired_and_keeps_the_rest(side: Side) -> None:
    bench = Bench(side, max_idle=30)
    old, young = bench.get(), bench.get()
    bench.pool.check_in(old)
    bench.clock.time += 20
    bench.pool.check_in(young)
    assert not bench.pool.due()
    bench.clock.time += 11
    assert bench.pool.due()
    side.call(bench.pool.maintain)
    assert (stream_of(old).closed, stream_of(young).closed) == (1, 0)
    assert bench.state() == (1, 0, 0, 0)
    assert not bench.pool.due()


def test_maintenance_keeps_the_minimum(side: Side) -> None:
    bench = Bench(side, min_size=3, max_connecting=2)
    assert bench.pool.due()
    side.call(bench.pool.maintain)
    assert bench.state() == (3, 0, 0, 0)
    assert not bench.pool.due()
    lent = bench.get()
    lent.dirty = True
    bench.pool.check_in(lent)
    assert bench.pool.due()
    side.call(bench.pool.maintain)
    assert bench.state() == (3, 0, 0, 0)


def test_maintenance_is_asked_for_once_at_a_time(side: Side) -> None:
    bench = Bench(side, min_size=1)
    assert bench.pool.due()
    assert not bench.pool.due()
    side.call(bench.pool.maintain)
    bench.pool.clear(None, pause=False)
    assert bench.pool.due()


@pytest.mark.parametrize("failure", [AutoReconnect("refused"), OperationFailure("not authenticated")])
def test_maintenance_that_fails_is_nobodys_error(side: Side, failure: Exception) -> None:
    bench = Bench(side, min_size=2)
    bench.failure = failure
    assert bench.pool.due()
    side.call(bench.pool.maintain)
    assert bench.state() == (0, 0, 0, 0)
    assert len(bench.made) == 1
    assert bench.failures == [failure]  # But the topology's business.
    assert bench.pool.due()


def test_a_paused_pool_does_not_grow(side: Side) -> None:
    bench = Bench(side, min_size=2)
    bench.pool.clear(None)
    assert not bench.pool.due()


def test_maintenance_serves_who_waits(side: Side) -> None:
    bench = Bench(side, min_size=1, max_size=1)
    gate = bench.close_gate()
    assert bench.pool.due()
    work = side.start(bench.pool.maintain)
    until(lambda: gate._waiters)
    waiting = bench.ask()
    bench.asked(1)
    gate.set()
    work.result(10)
    assert waiting.result(10).number == 1
    assert bench.state() == (0, 1, 0, 0)


# Losing things.


def test_the_place_of_a_lost_connection_is_free_again(side: Side) -> None:
    bench = Bench(side, max_size=1)
    connection: Connection | None = bench.get()
    connection = None
    gc.collect()
    assert connection is None
    assert bench.get().number == 2
    assert bench.streams[0].closed == 1
    assert bench.state() == (0, 1, 0, 0)


def test_housekeeping_serves_who_waits_for_a_lost_connection(side: Side) -> None:
    bench = Bench(side, max_size=1)
    connection: Connection | None = bench.get()
    waiting = bench.ask()
    bench.asked(1)
    connection = None
    gc.collect()
    assert connection is None
    side.now(bench.pool.due)
    assert waiting.result(10).number == 2


class Interrupter:
    """Raises KeyboardInterrupt at the nth line of the pool that the traced thread executes.

    But not when a `with` block of the guard ends, where only tracing could raise: the interpreter looks for
    signals after calls and at jumps, and there is neither between the end of the block and the guard's release.
    """

    def __init__(self, line: int) -> None:
        self._left = line
        self.struck = False

    def __call__(self, frame: Any, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.endswith("_net/pool.py"):
            return None
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        if event in ("line", "return") and "with self._guard:" not in line:
            self._left -= 1
            if self._left == 0:
                self.struck = True
                raise KeyboardInterrupt
        return self


def use_once(bench: Bench) -> None:
    connection = bench.pool.take()
    if connection is None:
        connection = run(bench.pool.check_out(bench.side.runtime.never))
    bench.pool.check_in(connection)


@pytest.fixture
def little_garbage() -> Iterator[None]:
    """Let collections look at what is made from now on only: many of them over the heap of a whole run take minutes."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("little_garbage")
@pytest.mark.parametrize("idle", [False, True])
def test_an_interrupt_at_any_line_costs_no_place(idle: bool) -> None:
    side = Threads()
    line, struck = 0, True
    while struck:
        line += 1
        bench = Bench(side, max_size=1, wait_queue_timeout=5)
        if idle:
            use_once(bench)
        interrupter = Interrupter(line)
        before = sys.gettrace()
        sys.settrace(interrupter)
        try:
            use_once(bench)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        struck = interrupter.struck
        gc.collect()
        use_once(bench)
        use_once(bench)
        assert bench.state() == (1, 0, 0, 0), f"interrupted at step {line}"
    assert line > 20


@pytest.mark.usefixtures("little_garbage")
def test_an_interrupted_check_in_leaves_nobody_waiting() -> None:
    side = Threads()
    line, struck = 0, True
    while struck:
        line += 1
        bench = Bench(side, max_size=1, wait_queue_timeout=5)
        connection: Connection | None = bench.get()
        assert connection is not None
        waiting = bench.ask()
        bench.asked(1)
        interrupter = Interrupter(line)
        before = sys.gettrace()
        sys.settrace(interrupter)
        try:
            bench.pool.check_in(connection)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        struck = interrupter.struck
        connection = None
        gc.collect()
        bench.pool.due()  # As the housekeeper does every second.
        bench.pool.check_in(waiting.result(10))
    assert line > 10


def test_a_finalizer_may_use_the_pool_that_is_being_used(side: Side) -> None:
    bench = Bench(side)
    connection = bench.get()

    class Meddler:
        def __del__(self) -> None:
            bench.pool.check_in(connection)
            bench.pool.close()

    meddlers = [Meddler()]

    def clock() -> float:
        meddlers.clear()  # The pool asks for the time while it holds its guard.
        return 1000.0

    bench.clock.clock = clock  # type: ignore[method-assign]
    other = bench.side.call(lambda: bench.pool.check_out(side.runtime.deadline(1)))
    bench.pool.check_in(other)
    assert bench.state() == (0, 0, 0, 0)


# Forking.


def test_a_child_lets_go_of_all_connections(side: Side) -> None:
    bench = Bench(side)
    lent, idle = bench.get(), bench.get()
    bench.pool.check_in(idle)
    bench.pool.forget()
    for connection in (lent, idle):
        assert (stream_of(connection).forgotten, stream_of(connection).closed) == (1, 0)


def test_addresses_without_a_port_are_paths() -> None:
    address: Address = ("/tmp/mongodb.sock", None)
    side = Threads()
    bench = Bench(side, wait_queue_timeout=0.01)
    bench.pool.address = address
    bench.pool.clear(None)
    with pytest.raises(PoolCleared, match=r"^/tmp/mongodb.sock: connection pool paused$"):
        bench.get()
