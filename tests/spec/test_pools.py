"""Runs the cmap-format tree of connection monitoring and pooling: one pool of one server, without its monitor.

The pool is that of a client's `Server`, over both runtimes, and connects to a real server. The test takes the places of
the monitor, by the operations `ready` and `clear`, and of the housekeeping.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest
from tests.unit.engine.sides import PATIENCE, Loop, Side, Threads, until

from petiole import monitoring
from petiole._engine.server import Server
from petiole._net.connection import Connection
from petiole._net.pool import Pool
from petiole._net.pool_parts import PoolCleared
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import WaitQueueTimeoutError
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient

ERRORS = {"PoolClosedError": PoolCleared, "WaitQueueTimeoutError": WaitQueueTimeoutError}
EVENTS = {
    "ConnectionPoolCreated": monitoring.PoolCreatedEvent,
    "ConnectionPoolReady": monitoring.PoolReadyEvent,
    "ConnectionPoolCleared": monitoring.PoolClearedEvent,
    "ConnectionPoolClosed": monitoring.PoolClosedEvent,
    "ConnectionCreated": monitoring.ConnectionCreatedEvent,
    "ConnectionReady": monitoring.ConnectionReadyEvent,
    "ConnectionClosed": monitoring.ConnectionClosedEvent,
    "ConnectionCheckOutStarted": monitoring.ConnectionCheckOutStartedEvent,
    "ConnectionCheckOutFailed": monitoring.ConnectionCheckOutFailedEvent,
    "ConnectionCheckedOut": monitoring.ConnectionCheckedOutEvent,
    "ConnectionCheckedIn": monitoring.ConnectionCheckedInEvent,
}
FIELDS = {
    "address": "address",
    "connectionId": "connection_id",
    "duration": "duration",
    "interruptInUseConnections": "interrupt_connections",
    "options": "options",
    "reason": "reason",
}
ANY = 42


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer() as local:
        yield local


@pytest.fixture(params=[Threads, Loop], ids=["blocking", "asyncio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    chosen: Side = request.param()
    yield chosen
    chosen.close()


class Recorder(monitoring.ConnectionPoolListener):
    """Notes every event of the pool."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def _note(self, event: Any) -> None:
        self.events.append(event)

    pool_created = pool_ready = pool_cleared = pool_closed = _note
    connection_created = connection_ready = connection_closed = _note
    connection_check_out_started = connection_check_out_failed = _note
    connection_checked_out = connection_checked_in = _note

    def count(self, name: str) -> int:
        return sum(isinstance(event, EVENTS[name]) for event in self.events)


class Line:
    """A thread of the format: does one thing after the other, beside the test."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[tuple[Callable[[], None], Future[None]] | None] = queue.SimpleQueue()
        self._results: list[Future[None]] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            work, result = task
            try:
                result.set_result(work())
            except BaseException as error:
                result.set_exception(error)

    def add(self, work: Callable[[], None]) -> None:
        result: Future[None] = Future()
        self._results.append(result)
        self._tasks.put((work, result))

    def finish(self) -> None:
        """Wait until everything is done; the first error is raised."""
        for result in self._results:
            result.result(PATIENCE)

    def end(self) -> None:
        self._tasks.put(None)
        self._thread.join(PATIENCE)


class Bench:
    """The pool of a test, and what its operations refer to."""

    def __init__(self, side: Side, address: str, options: Mapping[str, Any]) -> None:
        options = dict(options)
        self._interval = options.pop("backgroundThreadIntervalMS", 10) / 1000
        self._side = side
        self.recorder = Recorder()
        face = MongoClient if isinstance(side, Threads) else AsyncMongoClient
        self._client: Any = face(
            f"mongodb://{address}", connect=False, event_listeners=[self.recorder], **options
        )
        host, port = address.split(":")
        connector = self._client._engine._connector((host, int(port)))
        self._server = Server((host, int(port)), connector, lambda server, pool, failure: None)
        self._pool: Pool = side.now(lambda: self._server.pool(side.runtime))
        self._lines: dict[str, Line] = {}
        self._labels: dict[str, Connection] = {}
        self._held: list[Connection] = []
        self._ended = threading.Event()
        self._background = threading.Thread(target=self._keep_house, daemon=True)
        if self._interval > 0:
            self._background.start()

    def _keep_house(self) -> None:
        while not self._ended.wait(self._interval):
            self._server.maintain(self._side.runtime)
            self._server.flush()

    def do(self, operation: Mapping[str, Any]) -> None:
        """Run one operation, on the thread it is for."""
        work = {
            "start": self._start,
            "wait": self._wait,
            "waitForThread": self._wait_for_thread,
            "waitForEvent": self._wait_for_event,
            "checkOut": self._check_out,
            "checkIn": self._check_in,
            "ready": self._ready,
            "clear": self._clear,
            "close": self._close,
        }[operation["name"]]
        if "thread" in operation:
            self._lines[operation["thread"]].add(lambda: work(operation))
        else:
            work(operation)

    def _start(self, operation: Mapping[str, Any]) -> None:
        self._lines[operation["target"]] = Line()

    def _wait(self, operation: Mapping[str, Any]) -> None:
        time.sleep(
            operation["ms"] / 1000
        )  # The format's own; what has to happen is waited for by its events.

    def _wait_for_thread(self, operation: Mapping[str, Any]) -> None:
        self._lines[operation["target"]].finish()

    def _wait_for_event(self, operation: Mapping[str, Any]) -> None:
        until(lambda: self.recorder.count(operation["event"]) >= operation["count"])

    def _check_out(self, operation: Mapping[str, Any]) -> None:
        pool, runtime = self._pool, self._side.runtime
        connection = self._side.now(pool.take) or self._side.call(lambda: pool.check_out(runtime.never))
        self._held.append(connection)
        if "label" in operation:
            self._labels[operation["label"]] = connection

    def _check_in(self, operation: Mapping[str, Any]) -> None:
        connection = self._labels[operation["connection"]]
        self._held.remove(connection)
        self._side.now(lambda: self._pool.check_in(connection))

    def _ready(self, operation: Mapping[str, Any]) -> None:
        self._server.ready()
        self._server.flush()

    def _clear(self, operation: Mapping[str, Any]) -> None:
        self._server.clear(None, interrupt=operation.get("interruptInUseConnections", False))
        self._server.flush()

    def _close(self, operation: Mapping[str, Any]) -> None:
        self._server.close()
        self._server.flush()

    def end(self) -> None:
        self._ended.set()
        if self._background.ident is not None:
            self._background.join(PATIENCE)
        self._server.clear(None, interrupt=True)
        for connection in self._held:
            self._side.now(partial(self._pool.check_in, connection))
        for line in self._lines.values():
            line.end()
        self._server.close()
        self._side.call(self._closed)

    async def _closed(self) -> None:
        await self._client._engine.close()


@pytest.mark.specification("connection-monitoring-and-pooling/tests/cmap-format")
def test_pool(case: Mapping[str, Any], side: Side, server: LocalServer) -> None:
    with MongoClient(server.uri) as control:
        if "failPoint" in case:
            control.admin.command(case["failPoint"])
        bench = Bench(side, f"127.0.0.1:{server.ports[0]}", case.get("poolOptions", {}))
        try:
            error = carry_out(bench, case["operations"])
            check_error(error, case.get("error"))
            check_events(bench.recorder, case["events"], case.get("ignore", ()))
        finally:
            if "failPoint" in case:
                control.admin.command("configureFailPoint", "failCommand", mode="off")
            bench.end()


def carry_out(bench: Bench, operations: list[Mapping[str, Any]]) -> Exception | None:
    """What the first operation that fails raises; it is the last one."""
    for operation in operations:
        try:
            bench.do(operation)
        except Exception as error:
            return error
    return None


def check_error(error: Exception | None, expected: Mapping[str, Any] | None) -> None:
    if expected is None:
        if error is not None:
            raise error
        return
    assert isinstance(error, ERRORS[expected["type"]])
    assert expected["message"] in str(error)


def check_events(recorder: Recorder, expected: list[Mapping[str, Any]], ignored: list[str]) -> None:
    passed_over = tuple(EVENTS[name] for name in ignored)

    def counted() -> list[Any]:
        return [event for event in tuple(recorder.events) if not isinstance(event, passed_over)]

    until(lambda: len(counted()) >= len(expected))
    for event, wanted in zip(counted(), expected, strict=False):
        assert isinstance(event, EVENTS[wanted["type"]]), recorder.events
        for name in wanted.keys() - {"type"}:
            check_field(getattr(event, FIELDS[name]), wanted[name])
    assert len(counted()) == len(expected), recorder.events


def check_field(actual: Any, expected: Any) -> None:
    if isinstance(expected, Mapping):
        assert expected.items() <= actual.items()
    elif expected == ANY and not isinstance(expected, bool):
        assert actual is not None
    else:
        assert actual == expected
