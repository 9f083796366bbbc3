"""The monitor of one server, against a server that does what the test says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.engine.sides import Loop, until
from tests.unit.engine.wire_server import MORE_TO_COME, Bytes, Drop, Peer, Silence, WireServer, message

from petiole._engine.monitor import Monitor
from petiole._net.connector import Connector
from petiole._net.pool_parts import PoolLimits
from petiole._runtime.aio import AIO
from petiole._runtime.base import StreamOptions
from petiole._sdam.errors import Decision
from petiole._sdam.server import ServerDescription
from petiole._sdam.server_type import SERVER_TYPE
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS
from petiole.bson.objectid import ObjectId

PROCESS = ObjectId(b"process-one!")


class Watch:
    """A monitor that runs, and what it has reported."""

    def __init__(self, server: WireServer) -> None:
        self.server = server
        self.loop = Loop()
        self.reports: list[tuple[ServerDescription, Decision | None]] = []
        self.monitor: Monitor
        self._task: Any = None

    def begin(self, *, frequency: float = 60.0, mode: str = "auto", connect_timeout: float = 5.0) -> None:
        """Start to monitor."""
        connector = Connector(
            ("127.0.0.1", self.server.port),
            AIO,
            DEFAULT_CODEC_OPTIONS._codec,
            stream_options=StreamOptions(connect_timeout=connect_timeout),
            pool_limits=PoolLimits(),
            metadata={"driver": {"name": "test"}},
            compressors=[],
        ).for_monitoring(AIO)

        async def work() -> None:
            self.monitor = Monitor(connector, self._report, heartbeat_frequency=frequency, mode=mode)
            self._task = self.loop.loop.create_task(self.monitor.run())

        self.loop.call(work)

    def _report(self, description: ServerDescription, decision: Decision | None) -> None:
        self.reports.append((description, decision))

    def reported(self, count: int) -> list[tuple[ServerDescription, Decision | None]]:
        """The reports, when there are so many."""
        until(lambda: len(self.reports) >= count)
        return self.reports

    def types(self) -> list[int]:
        return [description.server_type for description, _ in self.reports]

    def end(self) -> None:
        if self._task is not None:
            self.loop.now(self._task.cancel)
            until(self._task.done)
        self.loop.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    server = WireServer()
    watch = Watch(server)
    yield watch
    watch.end()
    server.close()


def streams(server: WireServer, counter: int = 1) -> None:
    """Let the server hold back its replies, as one does that knows the streaming protocol."""
    server.hello["topologyVersion"] = {"processId": PROCESS, "counter": counter}

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        return Silence if "topologyVersion" in body else None

    server.greeting = greeting


def pushed(peer: Peer, server: WireServer, counter: int, **changes: Any) -> bytes:
    """A reply that announces another one."""
    version = {"processId": PROCESS, "counter": counter}
    body = {**server.hello, "topologyVersion": version, **changes}
    return message(body, peer.request_id, MORE_TO_COME)


def watching(server: WireServer) -> Peer:
    """The connection on which the server is to hold back its replies."""
    until(lambda: any(peer.flags & 1 << 16 for peer in server.peers))
    return next(peer for peer in server.peers if peer.flags & 1 << 16)


# Polling.


def test_the_first_check_is_the_handshake(watch: Watch) -> None:
    watch.begin()
    description, decision = watch.reported(1)[0]
    assert (description.server_type, decision) == (SERVER_TYPE.Standalone, None)
    assert description.round_trip_time is not None
    assert len(watch.server.peers) == 1


def test_it_polls_over_the_same_connection(watch: Watch) -> None:
    watch.begin(frequency=0.5)
    watch.reported(3)
    assert len(watch.server.peers) == 1
    assert set(watch.types()) == {SERVER_TYPE.Standalone}


def test_a_request_is_heard_early_but_not_before_the_minimum(watch: Watch) -> None:
    watch.begin(frequency=60)
    watch.reported(1)
    before = time.monotonic()
    watch.monitor.request_check()
    watch.reported(2)
    assert 0.2 < time.monotonic() - before < 5
    time.sleep(0.1)
    assert len(watch.reports) == 2


# Streaming.


def test_changes_are_reported_as_the_server_sends_them(watch: Watch) -> None:
    streams(watch.server.replica_set())
    watch.begin()
    watch.reported(1)
    peer = watching(watch.server)
    watch.server.send(
        peer, pushed(peer, watch.server, 2, isWritablePrimary=False, ismaster=False, secondary=True)
    )
    watch.reported(2)
    watch.server.send(peer, pushed(peer, watch.server, 3))
    watch.server.send(
        peer, pushed(peer, watch.server, 4, isWritablePrimary=False, ismaster=False, secondary=True)
    )
    watch.reported(4)
    secondary, primary = SERVER_TYPE.RSSecondary, SERVER_TYPE.RSPrimary
    assert watch.types() == [primary, secondary, primary, secondary]


def test_the_round_trip_is_measured_beside(watch: Watch) -> None:
    streams(watch.server)
    watch.begin()
    peer = watching(watch.server)
    until(lambda: len(watch.server.peers) == 2)  # Already while the server holds its first reply back.
    watch.server.send(peer, pushed(peer, watch.server, 2))
    watch.reported(2)


def test_in_poll_mode_nothing_is_held_back(watch: Watch) -> None:
    streams(watch.server)
    watch.begin(mode="poll", frequency=0.5)
    watch.reported(2)
    assert not any(peer.flags for peer in watch.server.peers)


def test_a_server_that_ends_the_stream_is_asked_again(watch: Watch) -> None:
    asked: list[Peer] = []
    streams(watch.server)

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        if "topologyVersion" not in body:
            return None
        asked.append(peer)
        return Silence

    watch.server.greeting = greeting
    watch.begin()
    until(lambda: asked)
    peer = asked[0]
    last = {**watch.server.hello, "topologyVersion": {"processId": PROCESS, "counter": 2}}
    watch.server.send(peer, message(last, peer.request_id))
    until(lambda: len(asked) == 2)
    assert asked[1] is peer
    assert len(watch.reports) == 2


# Failing.


def test_a_broken_connection_is_reported_and_the_server_asked_at_once(watch: Watch) -> None:
    streams(watch.server)
    watch.begin()
    watch.reported(1)
    watching(watch.server)
    watch.server.drop_all()
    reports = watch.reported(3)
    assert watch.types()[:3] == [SERVER_TYPE.Standalone, SERVER_TYPE.Unknown, SERVER_TYPE.Standalone]
    failed, decision = reports[1]
    assert decision is not None
    assert (decision.clear_pool, decision.close_in_use) == (True, False)
    assert "connection closed" in str(failed.error)


def test_a_server_that_is_silent_for_too_long(watch: Watch) -> None:
    streams(watch.server)
    watch.begin(frequency=0.5, connect_timeout=0.2)
    description, decision = watch.reported(2)[1]
    assert description.server_type == SERVER_TYPE.Unknown
    assert decision is not None
    assert (decision.clear_pool, decision.close_in_use) == (True, True)
    assert f"127.0.0.1:{watch.server.port}: timed out" in str(description.error)
    assert "(configured timeouts: socketTimeoutMS: 200.0ms, connectTimeoutMS: 200.0ms)" in str(
        description.error
    )


def test_a_server_that_cannot_be_reached_is_asked_no_more_than_twice_a_second(watch: Watch) -> None:
    asked: list[float] = []

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        asked.append(time.monotonic())
        return Drop

    watch.server.greeting = greeting
    watch.begin(frequency=60)
    for _ in range(120):
        time.sleep(0.01)
        watch.monitor.request_check()
    assert 2 <= len(asked) <= 4
    assert set(watch.types()) == {SERVER_TYPE.Unknown}


@pytest.mark.parametrize(
    "answer",
    [
        Bytes(b"\xff\xff\xff\xff" + b"x" * 40),
        Bytes(b"\x24\x00\x00\x00" + b"\x00" * 32),
        {"ok": 0, "errmsg": "no hello for you", "code": 18},
        {"ok": 1, "maxWireVersion": "seventeen"},
        {"ok": 1, "hosts": 7, "setName": {}},
    ],
    ids=["length", "opcode", "error", "wire version", "hosts"],
)
def test_an_answer_that_makes_no_sense_does_not_end_the_monitor(watch: Watch, answer: Any) -> None:
    watch.server.greeting = lambda peer, body: answer
    watch.begin(frequency=0.5)
    watch.reported(1)
    watch.server.greeting = None
    until(lambda: watch.reports[-1][0].server_type == SERVER_TYPE.Standalone)


# Giving up a check.


def test_a_check_that_is_given_up_is_not_reported(watch: Watch) -> None:
    streams(watch.server)
    watch.begin()
    watch.reported(1)
    peer = watching(watch.server)
    watch.monitor.cancel_check()
    watch.reported(2)
    assert watch.types() == [SERVER_TYPE.Standalone, SERVER_TYPE.Standalone]
    assert peer is not watch.server.peers[-1]


def test_giving_up_between_checks(watch: Watch) -> None:
    watch.begin(frequency=60)
    watch.reported(1)
    watch.monitor.cancel_check()
    watch.reported(2)
    assert watch.types() == [SERVER_TYPE.Standalone, SERVER_TYPE.Standalone]


def test_after_a_failed_handshake_the_next_check_is_made_when_somebody_asks(watch: Watch) -> None:
    streams(watch.server)
    watch.begin(frequency=60)
    watch.reported(1)
    peer = watching(watch.server)
    watch.monitor.cancel_check(at_once=False)
    until(lambda: peer.writer.is_closing() and watch.monitor._connection is None)
    assert len(watch.types()) == 1
    watch.monitor.request_check()
    watch.reported(2)


def test_a_real_failure_after_one_that_was_given_up_is_reported(watch: Watch) -> None:
    streams(watch.server)
    watch.begin()
    watch.reported(1)
    watching(watch.server)
    watch.server.greeting = lambda peer, body: Drop
    watch.monitor.cancel_check()
    watch.reported(2)
    assert watch.types() == [SERVER_TYPE.Standalone, SERVER_TYPE.Unknown]


# Ending.


def test_its_connections_end_with_it() -> None:
    server = WireServer()
    watch = Watch(server)
    streams(server)
    watch.begin()
    peer = watching(server)
    server.send(peer, pushed(peer, server, 2))
    until(lambda: len(server.peers) == 2)
    watch.end()
    until(lambda: all(peer.writer.is_closing() for peer in server.peers))
    server.close()
