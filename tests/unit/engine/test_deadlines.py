"""What a deadline takes the place of, and what it does to retries, queues, establishment and cursors."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig, on
from tests.unit.engine.sides import until
from tests.unit.engine.wire_server import Peer, Silence, message

import petiole
from petiole.bson.timestamp import Timestamp
from petiole.cursor import CursorType
from petiole.errors import (
    ClientBulkWriteException,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)
from petiole.write_concern import WriteConcern

FAILED_TWICE = [{"ok": 0, "code": 262, "errmsg": "slow"}] * 2


def within(seconds: float | None, operation: Callable[[], Any]) -> Callable[[], Any]:
    """The operation in a block with that timeout, on either face."""

    async def work() -> Any:
        with petiole.timeout(seconds):
            result = operation()
            return await result if inspect.isawaitable(result) else result

    return work


# A timeoutMS of 0.


def test_zero_is_no_limit_and_tells_the_server_none(rig: Rig) -> None:
    client = rig.client(timeoutMS=0)
    rig.do(lambda: client.t.c.insert_one({}))
    assert "maxTimeMS" not in rig.server.bodies[0]


@pytest.mark.parametrize("seconds", [0, "client"])
def test_zero_lets_retries_go_on(rig: Rig, seconds: Any) -> None:
    rig.server.script = on("find", *FAILED_TWICE, EMPTY_BATCH)
    client = rig.client(**({"timeoutMS": 0} if seconds == "client" else {}))

    def find() -> Any:
        return client.t.c.find_one({})

    rig.do(find if seconds == "client" else within(seconds, find))
    assert rig.server.seen == ["find"] * 3


def test_none_leaves_retries_as_they_are(rig: Rig) -> None:
    rig.server.script = on("find", *FAILED_TWICE, EMPTY_BATCH)
    client = rig.client()
    rig.fail(within(None, lambda: client.t.c.find_one({})))
    assert rig.server.seen == ["find"] * 2


def test_none_leaves_the_timeout_of_the_client(rig: Rig) -> None:
    client = rig.client(timeoutMS=5_000)

    def ping() -> Any:
        return client.admin.command("ping")

    rig.do(within(None, ping))
    rig.do(within(0, within(None, ping)))
    rig.do(within(60, within(None, ping)))
    limits = [body.get("maxTimeMS", 0) for body in rig.server.bodies]
    assert [limit > 0 for limit in limits] == [True, True, True]
    assert limits[0] <= 5_000
    assert limits[2] > 5_000


# What it takes the place of.


def concern_sent(rig: Rig, concern: WriteConcern, **options: Any) -> Any:
    client = rig.client(**options)
    things = client.t.get_collection("c", write_concern=concern)
    rig.do(lambda: things.insert_one({}))
    return rig.server.bodies[-1].get("writeConcern")


@pytest.mark.parametrize("timeout", [5_000, 0])
def test_wtimeout_gives_way(rig: Rig, timeout: int) -> None:
    assert concern_sent(rig, WriteConcern("majority", wtimeout=9), timeoutMS=timeout) == {"w": "majority"}
    assert concern_sent(rig, WriteConcern(wtimeout=9), timeoutMS=timeout) is None


def test_without_a_deadline_wtimeout_is_sent(rig: Rig) -> None:
    assert concern_sent(rig, WriteConcern(1, wtimeout=9)) == {"w": 1, "wtimeout": 9}


def test_wtimeout_gives_way_beside_a_read_concern_of_the_session(rig: Rig) -> None:
    rig.server.replica_set()
    client = rig.client(timeoutMS=5_000)
    things = client.t.get_collection("c", write_concern=WriteConcern(1, wtimeout=9))

    async def write() -> None:
        session = client.start_session(causal_consistency=True)
        session.advance_operation_time(Timestamp(7, 1))
        for result in (things.insert_one({}, session=session), session.end_session()):
            if inspect.isawaitable(result):
                await result

    rig.do(write)
    body = next(body for body in rig.server.bodies if "insert" in body)
    assert body["writeConcern"] == {"w": 1}
    assert "afterClusterTime" in body["readConcern"]


def test_the_limit_of_the_queue_gives_way(rig: Rig) -> None:
    asked: list[Peer] = []

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" not in body:
            return None
        asked.append(peer)
        return Silence

    rig.server.script = script
    client = rig.client(maxPoolSize=1, waitQueueTimeoutMS=1)
    holding = rig.start(lambda: client.t.c.find_one({}))
    until(lambda: asked)
    assert rig.fail(lambda: client.admin.command("ping"), WaitQueueTimeoutError).timeout
    waiting = [rig.start(within(seconds, lambda: client.admin.command("ping"))) for seconds in (60, 0)]
    (server,) = client._engine.topology.servers
    (pool,) = server.pools.values()
    until(lambda: len(pool._waiting) == 2)
    # The pool's limit is over for whoever asks after them.
    assert rig.fail(lambda: client.admin.command("ping"), WaitQueueTimeoutError).timeout
    rig.server.send(asked[0], message(EMPTY_BATCH, asked[0].request_id))
    holding.result(20)
    assert [future.result(20)["ok"] for future in waiting] == [1, 1]


# Running out of time.


def test_who_would_be_retried_but_for_the_time_gets_a_timeout(rig: Rig) -> None:
    rig.server.script = on("find", {"ok": 0, "code": 262, "errmsg": "slow"})
    client = rig.client(timeoutMS=300)
    error = rig.fail(lambda: client.t.c.find_one({}), ExecutionTimeout)
    assert error.timeout
    assert error.__cause__.code == 262


@pytest.mark.parametrize("silent", ["hello", "saslStart"])
def test_a_connection_that_is_not_made_in_time(rig: Rig, silent: str) -> None:
    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        return Silence if silent == "hello" and "saslSupportedMechs" in body else None

    rig.server.greeting = greeting
    rig.server.script = on("saslStart", Silence)
    client = rig.client(timeoutMS=100, username="u", password="p")
    error = rig.fail(lambda: client.t.c.find_one({}), NetworkTimeout)
    assert error.timeout
    assert not isinstance(error, ServerSelectionTimeoutError)
    assert "find" not in rig.server.seen


# Operations of several commands.


def endless(seconds: float) -> Callable[[Peer, dict[str, Any]], Any]:
    """A script: what every command finds has more to it, for so long."""
    end = time.monotonic() + seconds

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        name = next(iter(body))
        if name not in {"find", "getMore", "listCollections", "listIndexes", "bulkWrite"}:
            return {"ok": 1, "n": 1}
        more = 7 if name != "bulkWrite" and time.monotonic() < end else 0
        batch = [{"name": "x", "key": {"_id": 1}, "ok": 1, "idx": 0}]
        return {"ok": 1, "cursor": {"id": more, "ns": "t.c", "firstBatch": batch, "nextBatch": batch}}

    return script


@pytest.mark.parametrize(
    "operation",
    [
        lambda client: client.t.c.find({}).to_list(),
        lambda client: client.t.list_collection_names(),
        lambda client: client.t.create_collection("x"),
        lambda client: client.t.c.index_information(),
        lambda client: client.t.c.insert_many([{} for _ in range(9_000)]),
        lambda client: client.t.c.bulk_write([petiole.InsertOne({}), petiole.DeleteOne({})] * 4_500),
        lambda client: client.bulk_write([petiole.InsertOne({}, "t.c")] * 9_000),
    ],
    ids=["to_list", "names", "create", "indexes", "insert_many", "bulk_write", "client_bulk_write"],
)
def test_the_clients_timeout_is_for_all_commands_of_an_operation(
    rig: Rig, operation: Callable[[Any], Any]
) -> None:
    rig.server.hello |= {"maxWriteBatchSize": 1, "maxWireVersion": 25}
    rig.server.script = endless(1.0)
    client = rig.client(timeoutMS=100)
    error = rig.fail(lambda: operation(client))
    if isinstance(error, ClientBulkWriteException):
        assert error.error is not None
        error = error.error
    assert error.timeout


def test_what_has_arrived_can_be_listed_without_time(rig: Rig) -> None:
    batch = {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "firstBatch": [{"a": 1}] * 3}}
    rig.server.script = on("find", batch)
    cursor = rig.client().t.c.find({})
    advance = cursor.next if hasattr(cursor, "__next__") else cursor.__anext__
    rig.do(advance)
    assert rig.do(within(1e-9, lambda: cursor.to_list(2))) == [{"a": 1}] * 2


# Cursors.


def test_a_getmore_waits_no_longer_than_is_left(rig: Rig) -> None:
    batch = {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"a": 0}]}}
    last = {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "nextBatch": [{"a": 1}]}}
    rig.server.script = lambda peer, body: {"find": batch, "getMore": last}.get(next(iter(body)))
    client = rig.client(timeoutMS=5_000)
    for limit in (60_000, 10):
        cursor = client.t.c.find({}, cursor_type=CursorType.TAILABLE_AWAIT).max_await_time_ms(limit)
        advance = cursor.next if hasattr(cursor, "__next__") else cursor.__anext__
        assert [rig.do(advance), rig.do(advance)] == [{"a": 0}, {"a": 1}]
    waits = [body["maxTimeMS"] for body in rig.server.bodies if "getMore" in body]
    assert 10 < waits[0] <= 5_000
    assert waits[1:] == [10]
