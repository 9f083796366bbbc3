"""Something goes wrong at every point of I/O of every kind of operation, one at a time, on both faces.

At each point in turn: an error of the network, a timeout, the end of the stream, and an interruption (Ctrl-C, the
cancellation of the task, a check that is given up). Each time the caller gets a documented error or the right result,
the connection is not used again, places in the pool and server sessions are given back, and the next operation works.
"""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from inspect import isawaitable
from typing import Any, NamedTuple

import bson
import pytest
from tests.simulation.invariants import CountedSessions
from tests.unit.engine.points import FAULTS, Plan, plans, watch
from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import Side, Threads, until
from tests.unit.engine.wire_server import MORE_TO_COME, Bytes, Peer, Silence, message

from petiole._engine import seedlist
from petiole._engine.housekeeper import kill_abandoned
from petiole._net.connector import EXHAUST_ALLOWED
from petiole._runtime.aio import AIO
from petiole._runtime.dns import SrvAnswer
from petiole._sdam import schedule
from petiole.cursor import CursorType
from petiole.errors import PyMongoError
from petiole.write_concern import WriteConcern

CURSOR = 77


# The server: its replies tell what they answer.


class Script:
    """Three batches for every cursor that is read to its end; a stream of them where the client accepts one."""

    def __init__(self) -> None:
        self._batches = 0

    def __call__(self, peer: Peer, body: dict[str, Any]) -> Any:
        name = next(iter(body))
        if name in ("find", "aggregate"):
            single = body.get("singleBatch", name == "aggregate")
            batch = [{"for": body["filter"]["for"]}] if single and name == "find" else [{"n": 1}]
            return {"ok": 1, "cursor": {"id": 0 if single else CURSOR, "ns": "t.c", "firstBatch": batch}}
        if name == "getMore":
            return self._more(peer)
        if name == "saslStart":
            return {"ok": 1, "conversationId": 1, "done": True, "payload": b""}
        return None

    def _more(self, peer: Peer) -> Any:
        replies = [
            {"ok": 1, "cursor": {"id": number, "ns": "t.c", "nextBatch": [{"n": 2}]}}
            for number in (CURSOR, 0)
        ]
        if peer.flags & EXHAUST_ALLOWED:
            first = message(replies[0], peer.request_id, MORE_TO_COME)
            return Bytes(first + message(replies[1], peer.request_id + 1))
        self._batches += 1
        return replies[(self._batches - 1) % 2]


# The operations.


async def done(result: Any) -> Any:
    """What either face's method returns."""
    return await result if isawaitable(result) else result


async def step(cursor: Any) -> Any:
    return await anext(cursor, None) if hasattr(cursor, "__anext__") else next(cursor, None)


async def find_one(client: Any) -> None:
    assert await done(client.t.c.find_one({"for": 5})) == {"for": 5}


async def insert(client: Any) -> None:
    await done(client.t.c.insert_one({"_id": 1}))


async def update_many(client: Any) -> None:
    await done(client.t.c.update_many({}, {"$set": {"a": 1}}))


async def insert_unacknowledged(client: Any) -> None:
    await done(client.t.c.with_options(write_concern=WriteConcern(0)).insert_one({"_id": 1}))


async def insert_many(client: Any) -> None:
    await done(client.t.c.insert_many([{"_id": 1}, {"_id": 2}]))


async def read_to_the_end(client: Any) -> None:
    cursor = client.t.c.find({"for": 1})
    assert [await step(cursor) for _ in range(4)] == [{"n": 1}, {"n": 2}, {"n": 2}, None]


async def read_and_close(client: Any) -> None:
    cursor = client.t.c.find({"for": 1})
    assert await step(cursor) == {"n": 1}
    await done(cursor.close())


async def read_a_stream(client: Any) -> None:
    cursor = client.t.c.find({"for": 1}, cursor_type=CursorType.EXHAUST)
    assert [await step(cursor) for _ in range(4)] == [{"n": 1}, {"n": 2}, {"n": 2}, None]


async def leave_a_stream(client: Any) -> None:
    cursor = client.t.c.find({"for": 1}, cursor_type=CursorType.EXHAUST)
    assert [await step(cursor) for _ in range(2)] == [{"n": 1}, {"n": 2}]
    await done(cursor.close())


async def aggregate(client: Any) -> None:
    assert await step(await done(client.t.c.aggregate([]))) == {"n": 1}


async def in_a_session(client: Any) -> None:
    session = client.start_session()
    try:
        await done(client.t.c.insert_one({"_id": 1}, session=session))
        await done(client.t.c.find_one({"for": 1}, session=session))
    finally:
        await done(session.end_session())


async def run_command(client: Any) -> None:
    assert (await done(client.admin.command("ping")))["ok"] == 1


async def ping_and_close(client: Any) -> None:
    await done(client.admin.command("ping"))
    await done(client.close())


class Case(NamedTuple):
    """An operation on a new client, and what is special about that client."""

    work: Callable[[Any], Awaitable[None]]
    options: dict[str, Any] = {}
    scheme: str = "mongodb"


CASES = {
    work.__name__: Case(work)
    for work in (
        find_one,
        insert,
        update_many,
        insert_unacknowledged,
        insert_many,
        read_to_the_end,
        read_and_close,
        read_a_stream,
        leave_a_stream,
        aggregate,
        in_a_session,
        run_command,
        ping_and_close,
    )
} | {
    "authenticate": Case(find_one, {"username": "u", "password": "p", "authMechanism": "PLAIN"}),
    "look_up": Case(find_one, {"tls": False}, "mongodb+srv"),
}


POINTS = {
    "read_to_the_end": ("send getMore", "receive getMore"),
    "read_and_close": ("send killCursors", "receive killCursors"),
    "read_a_stream": ("send getMore", "receive getMore", "receive"),
    "ping_and_close": ("send endSessions", "receive endSessions"),
    "authenticate": ("send saslStart", "receive saslStart"),
    "look_up": ("look up", "resolve", "connect"),
    "insert_unacknowledged": ("send insert",),
}
"""Points that must have been passed, or the case misses what it is there for."""


# The sweep.


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Points are passed; monitors come back at once."""
    monkeypatch.setattr(schedule, "MIN_HEARTBEAT", 0.001)
    watch(monkeypatch)
    yield
    plans.clear()


class Run:
    """One client, one operation, and one thing that goes wrong."""

    def __init__(self, side: Side, case: Case, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rig = Rig(side)
        self.server = self.rig.server.replica_set()
        self.server.script = Script()
        self.plan = plan
        self.case = case
        host = f"node.petiole.test:{self.server.port}"
        self.server.hello |= {"hosts": [host], "me": host}
        hosts = [("node.petiole.test", self.server.port)]
        monkeypatch.setattr(seedlist, "look_up", lambda *asked: SrvAnswer(hosts, 60.0, None))
        plans[self.server.port] = plan

    def stream(self, peer: Peer, body: dict[str, Any]) -> Any:
        """Stream one change to who waits for changes; no more come."""
        if "topologyVersion" not in body:
            return None
        version = body["topologyVersion"] | {"counter": body["topologyVersion"]["counter"] + 1}
        if version["counter"] > 2:
            return Silence
        return Bytes(message(self.server.hello | {"topologyVersion": version}, peer.request_id, MORE_TO_COME))

    def client(self) -> Any:
        srv = self.case.scheme == "mongodb+srv"
        host = "name.petiole.test" if srv else f"node.petiole.test:{self.server.port}"
        client = self.rig.client_of(f"{self.case.scheme}://{host}", connect=False, **self.case.options)
        executor = client._engine.executor
        executor.sessions = client._engine.sessions = client._engine.topology._sessions = CountedSessions(
            self.rig.side.runtime
        )
        return client

    def operate(self, client: Any) -> BaseException | None:
        """Run the operation; how it failed, if it did. Nothing of its frames is left."""
        try:
            self.rig.do(lambda: self.case.work(client))
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)
            return error.with_traceback(None)
        return None

    def check(self, client: Any, error: BaseException | None) -> None:
        """Whether the caller was told the right thing, and the client is in order."""
        if self.plan.fault == "interrupt" and not self.plan.monitors:
            kind = KeyboardInterrupt if isinstance(self.rig.side, Threads) else asyncio.CancelledError
            assert isinstance(error, kind) or type(error).__name__ == "CancelledError"
        elif error is not None:
            assert isinstance(error, PyMongoError), repr(error)
        self.check_order(client)
        if self.case.work is not ping_and_close:
            for number in (8, 9):
                found = self.rig.do(lambda: client.t.c.find_one({"for": number}))  # noqa: B023
                assert found == {"for": number}
        self.check_order(client)
        self.rig.do(client.close)
        assert not client._engine.executor.abandoned
        until(lambda: all(stream.closed for stream in self.plan.streams))
        assert not self.plan.reused

    def check_order(self, client: Any) -> None:
        engine = client._engine
        if engine.executor.abandoned:
            self.rig.do(lambda: kill_abandoned(engine.executor, engine.executor))
        if engine.sessions.lent:
            gc.collect()
        assert not engine.sessions.lent
        assert not engine.topology._waiters
        for server in engine.topology.servers:
            for pool in server.pools.values():
                assert (pool.in_use, len(pool._connecting), len(pool._waiting)) == (0, 0, 0)
                assert not any(one.stream.spoilt or one.stream.closed for one in pool._idle)

    def close(self) -> None:
        del plans[self.server.port]
        self.rig.close()


def sweep(side: Side, case: Case, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The points that were passed when nothing went wrong; at each of them everything goes wrong once."""
    names: list[str] = []
    for fault in ("", *FAULTS):
        for at in range(len(names)) if fault else (-1,):
            run = Run(side, case, Plan(fault, at), monkeypatch)
            try:
                client = run.client()
                error = run.operate(client)
                names = names or list(run.plan.names)
                assert fault or error is None, repr(error)
                assert run.plan.struck == bool(fault)
                run.check(client, error)
            except BaseException as wrong:
                wrong.add_note(f"{fault or 'nothing'} at {names[at] if fault else 'no point'}")
                raise
            finally:
                run.close()
    return names


@pytest.mark.parametrize("name", CASES)
def test_whatever_goes_wrong_wherever_nothing_is_left_behind(
    side: Side, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sweep(side, CASES[name], monkeypatch)
    assert names[:4] == ["connect", "resolve", "send isMaster", "receive isMaster"] or name == "look_up"
    assert set(POINTS.get(name, ())) <= set(names)


MONITORS_POINTS = 13
"""Of a handshake, a check and its stream; of a second handshake and a first measurement of the round trip."""


@pytest.mark.parametrize("fault", [*FAULTS, "defect"])
@pytest.mark.parametrize("at", range(MONITORS_POINTS))
def test_whatever_goes_wrong_in_a_monitor_it_comes_back(
    fault: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    nap = AIO.sleep
    monkeypatch.setattr(AIO, "sleep", lambda seconds: nap(min(seconds, 0.01)))
    run = Run(Threads(), Case(find_one), Plan(fault, at, monitors=True), monkeypatch)
    run.server.hello["topologyVersion"] = {"processId": bson.ObjectId(), "counter": 1}
    run.server.greeting = run.stream
    try:
        client = run.client()
        run.plan.give_up = partial(give_up, client)
        error = run.operate(client)
        until(lambda: run.plan.struck)
        run.rig.do(lambda: client.t.c.find_one({"for": 7}))
        now = AIO.clock()
        run.server.drop_all()
        until(lambda: any(known.last_update_time > now for known in known_of(client)))
        run.check(client, error)
    finally:
        run.close()


def known_of(client: Any) -> Any:
    return client.topology_description.known_servers


def give_up(client: Any) -> None:
    for monitor, _ in client._engine.topology._monitors.values():
        monitor.cancel_check()
