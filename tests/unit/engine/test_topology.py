"""The topology, with descriptions fed by hand: what it publishes, whom it wakes, and what it makes of failures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.unit.engine.sides import Loop, Side, Threads, until

from petiole._engine.server import Server
from petiole._engine.server_session import SessionPool
from petiole._engine.topology import MOST_KEPT, Topology
from petiole._net.connection import Connection
from petiole._net.pool import Pool
from petiole._net.pool_parts import PoolCleared, PoolLimits
from petiole._runtime.base import Address, Deadline, Runtime, StreamOptions
from petiole._sdam.errors import Decision, ErrorKind, Failure, Phase
from petiole._sdam.selectors import writable_server_selector
from petiole._sdam.server import describe_server, unknown_server
from petiole._sdam.settings import TopologySettings
from petiole.bson.objectid import ObjectId
from petiole.errors import AutoReconnect, InvalidOperation, NetworkTimeout, ServerSelectionTimeoutError
from petiole.read_preferences import Nearest, ReadPreference, Secondary

A, B, C = ("a", 1), ("b", 1), ("c", 1)
SET = {"ok": 1, "setName": "rs", "hosts": ["a:1", "b:1"], "minWireVersion": 0, "maxWireVersion": 17}
PRIMARY = SET | {"isWritablePrimary": True, "setVersion": 1, "electionId": ObjectId(b"e" * 12)}
SECONDARY = SET | {"isWritablePrimary": False, "secondary": True}


class IdleTask:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class IdleBackground:
    """Where nothing runs: the test plays the monitors."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.tasks: list[IdleTask] = []

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> IdleTask:
        self.tasks.append(IdleTask())
        return self.tasks[-1]


class Faked:
    """The side's runtime with an idle background."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.background = IdleBackground(runtime)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)


class FakeConnector:
    """Makes connections over streams that are none."""

    def __init__(self, address: Address, runtime: Runtime) -> None:
        self.address = address
        self.runtime = runtime
        self.pool_limits = PoolLimits()
        self.requests = None
        self.stream_options = StreamOptions()

    def on(self, runtime: Runtime) -> FakeConnector:
        return self

    for_monitoring = on

    def watch_pool(self, runtime: Runtime) -> None:
        return None

    async def establish(
        self, number: int, generation: int, deadline: Deadline, begun: Callable[[Connection], None]
    ) -> Connection:
        return Connection(self.address, FakeStream(), number, generation)  # type: ignore[arg-type]


class FakeStream:
    def close(self) -> None:
        pass

    interrupt = forget = close


class Stage:
    """A topology of a replica set with the seeds a and b, and the side it is used from."""

    def __init__(self, side: Side, *, timeout: float = 10.0, **settings: Any) -> None:
        self.side = side
        self.runtime: Any = Faked(side.runtime)
        given: dict[str, Any] = {"seeds": (A, B), "replica_set_name": "rs", "topology_id": ObjectId()}
        self.topology = Topology(
            TopologySettings(**(given | settings)),
            self.runtime,
            lambda address: FakeConnector(address, self.runtime),  # type: ignore[arg-type,return-value]
            timeout,
            SessionPool(side.runtime),
        )

    def select(self, wanted: Any = writable_server_selector, seconds: float | None = None) -> Any:
        """Begin to select."""
        return self.side.start(lambda: self.topology.select(wanted, self.side.runtime.deadline(seconds)))

    def report(self, address: Address, reply: dict[str, Any], decision: Decision | None = None) -> None:
        """Be the monitor of that server."""
        me = f"{address[0]}:{address[1]}"
        description = describe_server(address, reply | {"me": me}, round_trip_time=0.01, last_update_time=1.0)
        self.topology.apply(description, decision)

    def waiting(self, count: int) -> None:
        until(lambda: len(self.topology._waiters) == count)

    def primary(self) -> Server:
        """Open, with a as primary and b as secondary; the server a."""
        self.topology.open()
        self.report(A, PRIMARY)
        self.report(B, SECONDARY)
        found: Server = self.topology.snapshot.servers[A]
        return found

    def pool(self, server: Server) -> Pool:
        found: Pool = self.side.now(lambda: server.pool(self.side.runtime))
        return found


# Opening and closing.


def test_opening_watches_every_seed_once(side: Side) -> None:
    stage = Stage(side)
    assert not {server.address for server in stage.topology.servers}
    stage.topology.open()
    stage.topology.open()
    assert {server.address for server in stage.topology.servers} == {A, B}
    assert len(stage.runtime.background.tasks) == 2


def test_selecting_opens(side: Side) -> None:
    stage = Stage(side)
    asked = stage.select()
    stage.waiting(1)
    assert stage.topology.opened
    stage.report(A, PRIMARY)
    assert asked.result(10).address == A


def test_closing_ends_monitors_and_pools_and_waits(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    waiting = stage.select(Secondary(tag_sets=[{"no": "where"}]))
    stage.waiting(1)
    stage.topology.close()
    stage.topology.close()
    with pytest.raises(InvalidOperation, match="Cannot use MongoClient after close"):
        waiting.result(10)
    assert all(task.cancelled for task in stage.runtime.background.tasks)
    with pytest.raises(PoolCleared):
        side.call(lambda: pool.check_out(side.runtime.never))
    stage.report(A, PRIMARY)
    assert stage.topology.snapshot.writable is None


def test_a_pool_asked_for_after_closing_is_closed(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    stage.topology.close()
    pool = stage.pool(server)
    with pytest.raises(PoolCleared, match="closed connection pool"):
        side.call(lambda: pool.check_out(side.runtime.never))


# Selecting.


def test_the_primary_is_known_without_selecting(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    assert stage.topology.snapshot.writable is server
    assert stage.select().result(10) is server
    assert stage.select(ReadPreference.SECONDARY).result(10).address == B


def test_one_mongos_of_several_is_not_the_only_choice_because_it_is_near(side: Side) -> None:
    stage = Stage(side, replica_set_name=None)
    router = {"ok": 1, "msg": "isdbgrid", "minWireVersion": 0, "maxWireVersion": 17}
    for address, round_trip in ((A, 0.001), (B, 0.5)):
        stage.topology.apply(
            describe_server(address, router, round_trip_time=round_trip, last_update_time=0.0)
        )
    assert [server.address for server in stage.topology.snapshot.select(writable_server_selector)] == [A]
    assert stage.topology.snapshot.writable is None


def test_the_application_may_refuse_the_primary(side: Side) -> None:
    stage = Stage(side, server_selector=lambda servers: [])
    stage.topology.apply(describe_server(A, PRIMARY, round_trip_time=0.001, last_update_time=0.0))
    assert stage.topology.snapshot.writable is None
    with pytest.raises(ServerSelectionTimeoutError):
        stage.select(seconds=0.0).result(10)


def test_waiting_ends_with_the_deadline(side: Side) -> None:
    stage = Stage(side)
    before = time.monotonic()
    with pytest.raises(ServerSelectionTimeoutError, match="No server has answered yet"):
        stage.select(seconds=0.05).result(10)
    assert time.monotonic() - before < 5
    assert not stage.topology._waiters


def test_waiting_ends_with_the_selection_timeout(side: Side) -> None:
    stage = Stage(side, timeout=0.05)
    with pytest.raises(ServerSelectionTimeoutError, match=r"Timeout: 0.05s"):
        stage.select().result(10)


def test_all_who_wait_are_woken_and_those_without_luck_wait_on(side: Side) -> None:
    stage = Stage(side)
    writers = [stage.select() for _ in range(3)]
    reader = stage.select(ReadPreference.SECONDARY)
    stage.waiting(4)
    stage.report(B, SECONDARY)
    assert reader.result(10).address == B
    stage.waiting(3)
    stage.report(A, PRIMARY)
    assert {writer.result(10).address for writer in writers} == {A}
    assert not stage.topology._waiters


def test_waiting_asks_the_monitors(side: Side) -> None:
    stage = Stage(side)
    stage.topology.open()
    asked = stage.select()
    stage.waiting(1)
    until(lambda: all(monitor._asked for monitor, _ in stage.topology._monitors.values()))
    stage.topology.close()
    assert asked.exception(10) is not None


def test_an_interrupted_wake_is_made_up_for_by_the_next(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(side)
    asked = stage.select()
    stage.waiting(1)
    monkeypatch.setattr(stage.topology, "_announce", lambda: None)
    stage.report(A, PRIMARY)
    monkeypatch.undo()
    stage.report(B, SECONDARY)
    assert asked.result(10).address == A


def test_a_selection_is_made_once_for_a_snapshot(side: Side) -> None:
    made: list[Any] = []

    def selector(servers: Any) -> Any:
        made.append(servers)
        return servers

    stage = Stage(side, server_selector=selector)
    stage.primary()
    made.clear()
    preference = Nearest()
    for _ in range(3):
        stage.select(preference).result(10)
    assert len(made) == 1
    stage.report(B, SECONDARY | {"tags": {"new": "1"}})
    stage.select(preference).result(10)
    assert len(made) >= 2


def test_preferences_made_for_one_operation_are_not_hoarded(side: Side) -> None:
    stage = Stage(side)
    stage.primary()
    snapshot = stage.topology.snapshot
    for _ in range(3 * MOST_KEPT):
        assert snapshot.select(Nearest())
    assert len(snapshot._selections) <= MOST_KEPT


def test_the_less_busy_server_is_taken(side: Side) -> None:
    stage = Stage(side)
    busy = stage.primary()
    pool = stage.pool(busy)
    held = side.call(lambda: pool.check_out(side.runtime.never))
    nearest = Nearest()
    assert {stage.select(nearest).result(10).address for _ in range(10)} == {B}
    pool.check_in(held)


def test_a_server_that_failed_the_operation_is_avoided(side: Side) -> None:
    stage = Stage(side)
    stage.primary()
    chosen = {
        side.call(lambda: stage.topology.select(Nearest(), side.runtime.never, deprioritized=[A])).address
        for _ in range(5)
    }
    assert chosen == {B}


# Changes.


def test_unknown_addresses_are_ignored(side: Side) -> None:
    stage = Stage(side)
    stage.topology.open()
    before = stage.topology.snapshot
    stage.report(C, PRIMARY)
    assert stage.topology.snapshot is before


def test_servers_come_and_go(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(stage.topology.snapshot.servers[B])
    gone = stage.topology._monitors[B][1]
    stage.report(A, PRIMARY | {"hosts": ["a:1", "c:1"]})
    assert {server.address for server in stage.topology.servers} == {A, C}
    assert stage.topology.snapshot.servers[A] is server
    assert isinstance(gone, IdleTask)
    assert gone.cancelled
    with pytest.raises(PoolCleared):
        side.call(lambda: pool.check_out(side.runtime.never))


def test_the_pool_is_ready_before_anybody_can_select_its_server(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    stage.topology.apply(unknown_server(A, AutoReconnect("gone")), Decision("", clear_pool=True))
    assert not pool._ready
    publish = stage.topology._publish
    seen: list[bool] = []

    def watched(description: Any) -> None:
        seen.append(pool._ready)
        publish(description)

    stage.topology._publish = watched  # type: ignore[method-assign]
    stage.report(A, PRIMARY)
    assert seen == [True]


def test_sessions_are_kept_for_as_long_as_all_servers_say(side: Side) -> None:
    stage = Stage(side)
    stage.topology.open()
    stage.report(A, PRIMARY | {"logicalSessionTimeoutMinutes": 10})
    stage.report(B, SECONDARY | {"logicalSessionTimeoutMinutes": 5})
    assert stage.topology._sessions.timeout == 300
    stage.topology.apply(unknown_server(A))
    stage.topology.apply(unknown_server(B))
    assert stage.topology._sessions.timeout == 300


# Failures of operations.


def broken(generation: int = 0, kind: ErrorKind = ErrorKind.NETWORK) -> Failure:
    error = NetworkTimeout("slow") if kind is ErrorKind.TIMEOUT else AutoReconnect("broke")
    return Failure(kind, Phase.READY, error, generation)


def test_a_broken_connection_makes_its_server_unknown(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    stage.topology.handle(server, pool, broken())
    assert stage.topology.snapshot.writable is None
    assert pool.generation == 1
    assert stage.topology._monitors[A][0]._asked
    with pytest.raises(PoolCleared, match="broke"):
        side.call(lambda: pool.check_out(side.runtime.never))


def test_of_several_that_broke_at_once_the_first_counts(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    stage.topology.handle(server, pool, broken())
    stage.report(A, PRIMARY)
    stage.topology.handle(server, pool, broken())
    assert stage.topology.snapshot.writable is server
    assert pool.generation == 1


def test_a_timeout_says_nothing_about_the_server(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    stage.topology.handle(server, pool, broken(kind=ErrorKind.TIMEOUT))
    assert stage.topology.snapshot.writable is server
    assert pool.generation == 0


def test_a_server_that_stepped_down_keeps_its_connections(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    reply = {"ok": 0, "code": 10107, "errmsg": "not primary"}
    stage.topology.handle(server, pool, Failure(ErrorKind.COMMAND, Phase.READY, AutoReconnect(""), 0, reply))
    assert stage.topology.snapshot.writable is None
    assert pool.generation == 0
    assert stage.topology._monitors[A][0]._asked


def test_one_that_shuts_down_does_not(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    reply = {"ok": 0, "code": 91, "errmsg": "shutting down"}
    stage.topology.handle(server, pool, Failure(ErrorKind.COMMAND, Phase.READY, AutoReconnect(""), 0, reply))
    assert pool.generation == 1


def test_the_failure_of_a_server_that_was_replaced_is_not_its_successors(side: Side) -> None:
    stage = Stage(side)
    old = stage.primary()
    pool = stage.pool(old)
    stage.report(B, PRIMARY | {"hosts": ["b:1"], "setVersion": 2})
    stage.report(B, PRIMARY | {"setVersion": 3})
    stage.report(A, SECONDARY)
    successor = stage.topology.snapshot.servers[A]
    assert successor is not old
    before = stage.topology.snapshot
    stage.topology.handle(old, pool, broken(generation=pool.generation))
    assert stage.topology.snapshot is before


def test_a_failed_check_interrupts_when_told(side: Side) -> None:
    stage = Stage(side)
    server = stage.primary()
    pool = stage.pool(server)
    held = side.call(lambda: pool.check_out(side.runtime.never))
    stage.topology.apply(
        unknown_server(A, NetworkTimeout("hung")), Decision("", clear_pool=True, close_in_use=True)
    )
    assert held.closed
    pool.check_in(held)


# Forking.


def test_a_child_begins_anew_from_what_is_known() -> None:
    side = Threads()
    stage = Stage(side)
    old = stage.primary()
    stage.topology.renew_after_fork()
    assert old.inherited
    assert not stage.topology.opened
    server = stage.select().result(10)
    assert server.address == A
    assert server is not old
    assert len(stage.runtime.background.tasks) == 4


# Event loops.


def test_every_loop_has_a_pool_and_that_of_an_ended_one_is_closed() -> None:
    first, second = Loop(), Loop()
    stage = Stage(first)
    server = stage.primary()
    one = first.now(lambda: server.pool(first.runtime))
    two = second.now(lambda: server.pool(second.runtime))
    assert one is not two
    held = first.call(lambda: one.check_out(first.runtime.never))
    one.check_in(held)
    first.close()
    server.maintain(second.runtime)
    assert held.closed
    assert set(server.pools.values()) == {two}
    second.close()


def test_who_waits_on_a_loop_that_has_ended_disturbs_nobody() -> None:
    first, second = Loop(), Loop()
    stage = Stage(first)
    lost = stage.select()
    stage.waiting(1)
    first.close()
    stage.side = second
    asked = stage.select()
    stage.waiting(2)
    stage.report(A, PRIMARY)
    assert asked.result(10).address == A
    assert not lost.done()
    for task in asyncio.all_tasks(first.loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # It was meant to be lost.
    second.close()
