"""Ctrl-C at random moments, by real signals: what a client must survive without losing a place in its pool."""

from __future__ import annotations

import gc
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.unit.engine.wire_server import Peer, WireServer

from petiole.mongo_client import MongoClient

ROUNDS = 400

# These tests use the timer that pytest-timeout would use itself.
pytestmark = pytest.mark.timeout(240, method="thread")


@pytest.fixture
def server() -> Iterator[WireServer]:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" in body:
            return {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "firstBatch": [{"for": body["filter"]["for"]}]}}
        return None

    server = WireServer(script)
    yield server
    server.close()


def interrupt_soon(chance: random.Random) -> None:
    signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-6, 8e-4))


@pytest.fixture
def alarm() -> Iterator[None]:
    def strike(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, strike)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # Struck before it began.
def test_a_client_survives_interrupts_at_any_moment(server: WireServer) -> None:
    chance = random.Random(1)
    client: Any = MongoClient(f"mongodb://{server.address}", maxPoolSize=1, waitQueueTimeoutMS=5_000)
    assert client.t.c.find_one({"for": -1}) == {"for": -1}
    struck = 0
    for number in range(ROUNDS):
        try:
            interrupt_soon(chance)
            end = time.monotonic() + 1
            # Python drops what strikes in a finalizer or a callback: then there is nothing to wait for.
            while time.monotonic() < end:
                # Never the reply to an earlier question.
                assert client.t.c.find_one({"for": number}) == {"for": number}
        except KeyboardInterrupt:
            struck += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    assert struck > ROUNDS * 0.9
    gc.collect()
    assert client.t.c.find_one({"for": ROUNDS}) == {"for": ROUNDS}
    (pool,) = next(iter(client._engine.topology.servers)).pools.values()
    assert (pool.in_use, len(pool._idle), len(pool._connecting), len(pool._waiting)) == (0, 1, 0, 0)
    client.close()


def test_a_signal_handler_may_use_and_close_the_client(server: WireServer) -> None:
    client: Any = MongoClient(f"mongodb://{server.address}")
    client.t.c.find_one({"for": 0})
    chance = random.Random(2)
    handled: list[Any] = []

    def handler(number: int, frame: Any) -> None:
        handled.append(client.t.c.find_one({"for": "handler"}))

    before = signal.signal(signal.SIGALRM, handler)
    try:
        end = time.monotonic() + 10
        while len(handled) < 100 and time.monotonic() < end:
            interrupt_soon(chance)
            for number in range(20):
                assert client.t.c.find_one({"for": number}) == {"for": number}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(handled) >= 100
    assert all(found == {"for": "handler"} for found in handled)
    client.close()


def strike_at(wanted: int) -> Callable[..., Any]:
    """A tracer that raises before the so manyth bytecode of the executor's and of sessions."""
    left = wanted

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.endswith(("_engine/executor.py", "_engine/session.py")):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return trace

    return trace


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # Struck before it began.
def test_an_interrupt_before_any_bytecode_leaves_a_session_free(server: WireServer) -> None:
    """Python looks for signals at fewer places; which ones is its own affair."""
    server.replica_set()
    client: Any = MongoClient(f"mongodb://{server.address}", maxPoolSize=1, waitQueueTimeoutMS=5_000)
    session = client.start_session()
    before = sys.gettrace()
    struck = True
    at = 0
    while struck:
        at += 1
        try:
            sys.settrace(strike_at(at))
            client.t.c.find_one({"for": at}, session=session)
            struck = False
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        assert not session._user, f"before bytecode {at}"
    assert at > 200
    client.close()
