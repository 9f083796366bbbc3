"""What the executor sends a second time, and which error is raised in the end: on both faces, against a script.

What PyMongo 4.20 does with the same replies was observed with the same script; its answers are the expectations.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig, on
from tests.unit.engine.sides import until
from tests.unit.engine.wire_server import Bytes, Drop, Peer, Silence, WireServer, message

from petiole._engine import housekeeper
from petiole._sdam.server import describe_server
from petiole.cursor import CursorType
from petiole.errors import (
    AutoReconnect,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from petiole.operations import DeleteMany
from petiole.write_concern import WriteConcern

BUSY = {"ok": 0, "code": 462, "errmsg": "busy", "errorLabels": ["SystemOverloadedError", "RetryableError"]}
SHUTDOWN = {"ok": 0, "code": 91, "errmsg": "down", "errorLabels": ["RetryableWriteError"]}


# Writes.


def test_a_write_is_sent_again_with_the_same_number(rig: Rig) -> None:
    rig.server.replica_set().script = on("insert", Drop, {"ok": 1, "n": 1})
    client = rig.client()
    rig.do(lambda: client.t.c.insert_one({"_id": 1}))
    first, second = rig.server.bodies
    assert first["txnNumber"] == second["txnNumber"] == 1
    assert first["lsid"] == second["lsid"]


def test_a_connection_from_before_its_server_was_elected_retries_writes(rig: Rig) -> None:
    server = rig.server.replica_set()
    server.hello |= {"isWritablePrimary": False, "ismaster": False, "secondary": True}
    server.script = on("insert", Drop, {"ok": 1, "n": 1})
    client = rig.client(readPreference="secondaryPreferred")
    rig.do(lambda: client.t.c.find_one())
    server.hello |= {"isWritablePrimary": True, "ismaster": True, "secondary": False}
    rig.do(lambda: client.t.c.insert_one({"_id": 1}))
    first, second = server.bodies[1:]
    assert first["txnNumber"] == second["txnNumber"] == 1


def test_a_standalone_server_gets_a_write_once(rig: Rig) -> None:
    rig.server.script = on("insert", Drop)
    client = rig.client()
    error = rig.fail(lambda: client.t.c.insert_one({"_id": 1}), AutoReconnect)
    assert rig.server.seen == ["insert"]
    assert "txnNumber" not in rig.server.bodies[0]
    assert not error.has_error_label("RetryableWriteError")


def test_no_retries_when_the_option_says_so(rig: Rig) -> None:
    rig.server.replica_set().script = on("insert", Drop)
    client = rig.client(retryWrites=False)
    error = rig.fail(lambda: client.t.c.insert_one({"_id": 1}), AutoReconnect)
    assert rig.server.seen == ["insert"]
    assert not error.has_error_label("RetryableWriteError")


def test_a_write_of_many_is_sent_once(rig: Rig) -> None:
    rig.server.replica_set().script = on("update", Drop)
    client = rig.client()
    error = rig.fail(lambda: client.t.c.update_many({}, {"$set": {"a": 1}}), AutoReconnect)
    assert rig.server.seen == ["update"]
    assert not error.has_error_label("RetryableWriteError")


def test_an_unacknowledged_write_is_retried_only_before_it_is_sent(rig: Rig) -> None:
    handshakes = []

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        if "client" not in body:
            return None
        handshakes.append(peer)
        return Drop

    rig.server.replica_set().script = on("find", Silence)
    client = rig.client(maxAdaptiveRetries=1)
    rig.do(lambda: client.admin.command("ping"))
    waiting = rig.start(lambda: client.t.c.find_one({}))
    until(lambda: "find" in rig.server.seen)
    rig.server.greeting = greeting
    collection = client.t.get_collection("c", write_concern=WriteConcern(w=0))
    error = rig.fail(lambda: collection.insert_one({}), AutoReconnect)
    assert not error.has_error_label("RetryableWriteError")
    assert len(handshakes) == 2
    rig.server.drop_all()
    with pytest.raises(PyMongoError):
        waiting.result(10)


def test_a_write_that_fails_twice_raises_the_second_error(rig: Rig) -> None:
    rig.server.replica_set().script = on("insert", Drop, SHUTDOWN)
    client = rig.client()
    error = rig.fail(lambda: client.t.c.insert_one({"_id": 1}), NotPrimaryError)
    assert rig.server.seen == ["insert", "insert"]
    assert error.has_error_label("RetryableWriteError")


def test_unless_the_second_one_wrote_nothing(rig: Rig) -> None:
    vain = SHUTDOWN | {"errmsg": "second", "errorLabels": ["RetryableWriteError", "NoWritesPerformed"]}
    rig.server.replica_set().script = on("insert", SHUTDOWN, vain)
    client = rig.client()
    error = rig.fail(lambda: client.t.c.insert_one({"_id": 1}), NotPrimaryError)
    assert "second" not in str(error)
    assert "second" in str(error.__cause__)


def test_or_no_server_was_found_for_it(rig: Rig) -> None:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        rig.server.greeting = lambda peer, body: Drop
        return SHUTDOWN

    rig.server.replica_set().script = script
    client = rig.client(serverSelectionTimeoutMS=700)
    error = rig.fail(lambda: client.t.c.insert_one({"_id": 1}), NotPrimaryError)
    assert isinstance(error.__cause__, ServerSelectionTimeoutError)


def test_a_write_concern_error_may_be_retried(rig: Rig) -> None:
    doubtful = {
        "ok": 1,
        "n": 1,
        "writeConcernError": {"code": 91, "errmsg": "down"},
        "errorLabels": ["RetryableWriteError"],
    }
    rig.server.replica_set().script = on("insert", doubtful, {"ok": 1, "n": 1})
    client = rig.client()
    rig.do(lambda: client.t.c.insert_one({"_id": 1}))
    assert rig.server.seen == ["insert", "insert"]


def test_an_error_is_retried_only_when_its_label_says_so(rig: Rig) -> None:
    rig.server.replica_set().script = on("insert", {"ok": 0, "code": 189, "errmsg": "stepping down"})
    client = rig.client()
    error = rig.fail(lambda: client.t.c.insert_one({"_id": 1}), NotPrimaryError)
    assert rig.server.seen == ["insert"]
    assert not error.has_error_label("RetryableWriteError")


# Reads.


def test_a_read_is_sent_again(rig: Rig) -> None:
    rig.server.script = on("find", Drop, EMPTY_BATCH)
    client = rig.client()
    assert rig.do(lambda: client.t.c.find_one({})) is None
    assert rig.server.seen == ["find", "find"]


def test_a_read_is_sent_twice_at_most_and_the_later_error_raised(rig: Rig) -> None:
    rig.server.script = on("find", SHUTDOWN, SHUTDOWN | {"errmsg": "second"})
    client = rig.client()
    error = rig.fail(lambda: client.t.c.find_one({}), NotPrimaryError)
    assert rig.server.seen == ["find", "find"]
    assert "second" in str(error)


def test_reads_are_not_retried_when_the_option_says_so(rig: Rig) -> None:
    rig.server.script = on("find", Drop)
    client = rig.client(retryReads=False)
    rig.fail(lambda: client.t.c.find_one({}), AutoReconnect)
    assert rig.server.seen == ["find"]


def test_a_made_up_command_is_sent_once(rig: Rig) -> None:
    rig.server.script = on("ping", Drop)
    client = rig.client()
    rig.fail(lambda: client.admin.command("ping"), AutoReconnect)
    assert rig.server.seen == ["ping"]


def test_an_error_of_the_operation_itself_is_not_retried(rig: Rig) -> None:
    rig.server.script = on("find", {"ok": 0, "code": 2, "errmsg": "bad"})
    client = rig.client()
    rig.fail(lambda: client.t.c.find_one({}), OperationFailure)
    assert rig.server.seen == ["find"]


def test_with_a_deadline_reads_are_retried_until_it_passes_and_not_in_a_storm(rig: Rig) -> None:
    rig.server.script = on("find", {"ok": 0, "code": 262, "errmsg": "slow"})
    client = rig.client(timeoutMS=400)
    rig.fail(lambda: client.t.c.find_one({}))
    assert 3 <= len(rig.server.seen) <= 12


def test_a_deployment_without_retryable_writes_says_what_to_do(rig: Rig) -> None:
    """Retryable writes, prose test 1."""
    refusal = {"ok": 0, "code": 20, "errmsg": "Transaction numbers are only allowed on a replica set member"}
    rig.server.replica_set()
    client = rig.client()
    operations: dict[str, Callable[[], Any]] = {
        "insert": lambda: client.t.c.insert_one({}),
        "findAndModify": lambda: client.t.c.find_one_and_delete({}),
        "update": lambda: client.t.c.update_many({}, {"$set": {"a": 1}}),
    }
    for name, operation in operations.items():
        rig.server.script = on(name, refusal)
        error = rig.fail(operation, OperationFailure)
        assert error.code == 20
        assert error.details == refusal
        advice = (
            "This MongoDB deployment does not support retryable writes. Please add retryWrites=false to your"
        )
        assert str(error).startswith(advice) is (name != "update")


@pytest.mark.parametrize("retry_writes", [True, False])
def test_that_no_server_was_found_is_labelled_only_where_writes_are_retried(
    rig: Rig, retry_writes: bool
) -> None:
    rig.server.replica_set().hello |= {"isWritablePrimary": False, "ismaster": False}
    client = rig.client(serverSelectionTimeoutMS=50, replicaSet="rs", retryWrites=retry_writes)
    error = rig.fail(lambda: client.t.c.insert_one({}), ServerSelectionTimeoutError)
    assert error.has_error_label("RetryableWriteError") is retry_writes


def test_closing_a_cursor_does_not_wait_for_an_overloaded_server(rig: Rig) -> None:
    first = {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"a": 1}]}}
    rig.server.script = lambda peer, body: first if "find" in body else BUSY
    client = rig.client()
    cursor = client.t.c.find({})
    rig.do(cursor.next)
    rig.do(cursor.close)
    assert rig.server.seen == ["find", "killCursors"]


# Many servers.


@pytest.fixture
def routers(rig: Rig) -> Iterator[list[WireServer]]:
    servers = [rig.server, WireServer()]
    for server in servers:
        server.hello |= {"msg": "isdbgrid"}
    yield servers
    servers[1].close()


NETWORK_TROUBLE = {"ok": 0, "code": 6, "errmsg": "no way", "errorLabels": ["RetryableWriteError"]}


@pytest.mark.parametrize(
    ("name", "operation", "answer"),
    [
        ("find", lambda things: things.find_one({}), NETWORK_TROUBLE),
        ("insert", lambda things: things.insert_one({}), NETWORK_TROUBLE),
        ("update", lambda things: things.update_many({}, {"$set": {"a": 1}}), BUSY),
    ],
)
def test_the_other_mongos_is_asked(
    rig: Rig, routers: list[WireServer], name: str, operation: Callable[[Any], Any], answer: Any
) -> None:
    """Retryable reads, prose test 2.1; retryable writes, prose test 4."""
    for server in routers:
        server.script = on(name, answer)
    addresses = ",".join(server.address for server in routers)
    client = rig.client_of(f"mongodb://{addresses}", maxAdaptiveRetries=1)
    Hurried(client)
    rig.do(lambda: client.admin.command("ping"))
    until(lambda: len(client.topology_description.known_servers) == 2)
    for server in routers:
        server.seen.clear()
    for _ in range(8):
        rig.fail(lambda: operation(client.t.c), OperationFailure)
    assert [server.seen for server in routers] == [[name] * 8] * 2


def test_the_only_mongos_is_asked_again(rig: Rig) -> None:
    """Retryable reads, prose test 2.2; retryable writes, prose test 5."""
    rig.server.hello |= {"msg": "isdbgrid"}
    client = rig.client(directConnection=False)
    rig.server.script = on("find", NETWORK_TROUBLE, EMPTY_BATCH)
    rig.do(lambda: client.t.c.find_one({}))
    rig.server.script = on("insert", NETWORK_TROUBLE, {"ok": 1, "n": 1})
    rig.do(lambda: client.t.c.insert_one({}))
    assert rig.server.seen == ["find", "find", "insert", "insert"]


# Overload.


class Hurried:
    """The runtime of a client whose operations note their pauses, at the longest, instead of making them."""

    def __init__(self, client: Any) -> None:
        executor = client._engine.executor
        self._runtime = executor.runtime
        self.pauses: list[float] = []
        executor.runtime = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    def draw(self, below: int) -> int:
        return below

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def test_whatever_an_overloaded_server_refuses_is_sent_again_later(rig: Rig) -> None:
    rig.server.replica_set()
    client = rig.client(maxAdaptiveRetries=3)
    hurried = Hurried(client)
    things, unacknowledged = client.t.c, client.t.get_collection("c", write_concern=WriteConcern(w=0))
    operations: dict[str, Callable[[], Any]] = {
        "find": lambda: things.find_one({}),
        "insert": lambda: things.insert_one({}),
        "update": lambda: things.update_many({}, {"$set": {"a": 1}}),
        "delete": lambda: things.bulk_write([DeleteMany({})]),
        "aggregate": lambda: things.aggregate([{"$out": "d"}]),
        "createIndexes": lambda: things.create_index("a"),
        "create": lambda: client.t.create_collection("e", check_exists=False),
        "ping": lambda: client.admin.command("ping"),
    }
    rig.do(lambda: unacknowledged.insert_one({}))
    for name, operation in operations.items():
        hurried.pauses.clear()
        rig.server.script = on(name, BUSY)
        seen = len(rig.server.bodies)
        error = rig.fail(operation, OperationFailure)
        assert error.has_error_label("SystemOverloadedError")
        assert error.has_error_label("RetryableError")
        bodies = [body for body in rig.server.bodies[seen:] if next(iter(body)) == name]
        assert len(bodies) == 4, name
        assert len({body.get("txnNumber") for body in bodies}) == 1, name
        assert len({body["lsid"]["id"] for body in bodies}) == 1, name
        assert hurried.pauses == pytest.approx([0.2, 0.4, 0.8])


def test_the_server_may_ask_for_other_pauses(rig: Rig) -> None:
    rig.server.script = on("find", BUSY | {"baseBackoffMS": 10}, BUSY, EMPTY_BATCH)
    client = rig.client()
    hurried = Hurried(client)
    rig.do(lambda: client.t.c.find_one({}))
    assert hurried.pauses == pytest.approx([0.02, 0.4])


def test_other_errors_in_between_are_not_paused_for_but_count(rig: Rig) -> None:
    rig.server.replica_set().script = on("find", BUSY, {"ok": 0, "code": 89, "errmsg": "slow"}, BUSY)
    client = rig.client()
    hurried = Hurried(client)
    rig.fail(lambda: client.t.c.find_one({}), OperationFailure)
    assert rig.server.seen == ["find"] * 3
    assert hurried.pauses == pytest.approx([0.2])


def test_no_pause_goes_beyond_the_deadline(rig: Rig) -> None:
    rig.server.script = on("find", BUSY | {"baseBackoffMS": 60_000})
    client = rig.client(timeoutMS=4_000)
    hurried = Hurried(client)
    error = rig.fail(lambda: client.t.c.find_one({}), OperationFailure)
    assert error.code == 462
    assert rig.server.seen == ["find"]
    assert not hurried.pauses


@pytest.mark.parametrize("labels", [["SystemOverloadedError"], ["RetryableError"]])
def test_one_label_alone_is_no_leave_to_retry(rig: Rig, labels: list[str]) -> None:
    rig.server.script = on("find", BUSY | {"errorLabels": labels})
    client = rig.client()
    rig.fail(lambda: client.t.c.find_one({}), OperationFailure)
    assert rig.server.seen == ["find"]


def test_the_cursor_of_an_overloaded_server_goes_on(rig: Rig) -> None:
    first = {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"a": 1}]}}
    last = {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "nextBatch": [{"a": 2}]}}
    for exhaust in (CursorType.NON_TAILABLE, CursorType.EXHAUST):
        answers = [BUSY, BUSY, last]
        rig.server.script = lambda peer, body, left=answers: first if "find" in body else left.pop(0)
        client = rig.client()
        Hurried(client)
        cursor = client.t.c.find({}, cursor_type=exhaust)
        assert rig.do(lambda: cursor.to_list()) == [{"a": 1}, {"a": 2}]  # noqa: B023
        assert not answers


def test_the_last_error_is_raised_or_the_first_if_nothing_was_written(rig: Rig) -> None:
    """Retryable writes, prose test 6."""
    vain = [*BUSY["errorLabels"], "NoWritesPerformed"]  # type: ignore[misc]
    rig.server.replica_set()
    client = rig.client()
    Hurried(client)
    for labels, code in (
        ((BUSY["errorLabels"],) * 2, 10107),
        ((vain, vain), 91),
        ((BUSY["errorLabels"], vain), 91),
    ):
        first = BUSY | {"code": 91, "errorLabels": labels[0]}
        second = BUSY | {"code": 10107, "errorLabels": labels[1]}
        rig.server.script = on("insert", first, second)
        error = rig.fail(lambda: client.t.c.insert_one({}), NotPrimaryError)
        assert error.details["code"] == code
        rig.server.script = on("update", first | {"code": 1}, second | {"code": 2})
        error = rig.fail(lambda: client.t.c.update_many({}, {"$set": {"a": 1}}), OperationFailure)
        assert error.code == (2 if code == 10107 else 1)


@pytest.mark.parametrize("lost", ["logicalSessionTimeoutMinutes", "setName"])
def test_a_write_with_a_number_is_not_sent_to_a_server_that_takes_none(rig: Rig, lost: str) -> None:
    """It would be applied twice."""
    rig.server.replica_set().script = on("insert", Drop, {"ok": 1, "n": 1})

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        without = {key: value for key, value in rig.server.hello.items() if key != lost}
        return without if "client" in body and "insert" in rig.server.seen else None

    rig.server.greeting = greeting
    client = rig.client()
    rig.fail(lambda: client.t.c.insert_one({}), AutoReconnect)
    assert rig.server.seen == ["insert"]


# Deadlines.


def test_the_server_is_told_how_long_it_may_take(rig: Rig) -> None:
    batch = {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"a": 1}]}}
    last = {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "nextBatch": []}}
    rig.server.replica_set().script = lambda peer, body: {"find": batch, "getMore": last}.get(
        next(iter(body))
    )
    client = rig.client(timeoutMS=5_000)
    things = client.t.c
    rig.do(lambda: things.insert_one({}))
    rig.do(lambda: things.find().to_list())
    rig.do(lambda: things.find_one({}, max_time_ms=60_000))
    rig.do(lambda: client.admin.command("ping"))
    limits: list[tuple[str, Any]] = [(next(iter(body)), body.get("maxTimeMS")) for body in rig.server.bodies]
    told = [limit for name, limit in limits if name in ("insert", "find", "ping")]
    assert all(1_000 < limit <= 5_000 for limit in told)
    assert len(told) == 4
    assert [limit for name, limit in limits if name in ("getMore", "killCursors")] == [None] * (
        len(limits) - 4
    )


def test_without_a_deadline_it_is_not(rig: Rig) -> None:
    client = rig.client(socketTimeoutMS=5_000)
    rig.do(lambda: client.t.c.insert_one({}))
    rig.do(client.close)
    assert all("maxTimeMS" not in body for body in rig.server.bodies)


def test_nothing_is_sent_when_the_way_takes_longer_than_is_left(rig: Rig) -> None:
    client = rig.client(timeoutMS=300, maxPoolSize=1)
    rig.do(lambda: client.admin.command("ping"))
    (address,) = client.topology_description.server_descriptions()
    hello = rig.server.hello
    far = describe_server(address, hello, round_trip_time=1.0, min_round_trip_time=1.0, last_update_time=1.0)
    client._engine.topology.apply(far)
    error = rig.fail(lambda: client.admin.command("ping"), ExecutionTimeout)
    assert error.timeout
    assert error.code == 50
    assert rig.server.seen == ["ping"]
    (pool,) = client._engine.topology.snapshot.servers[address].pools.values()
    assert len(pool._idle) == 1


# Connections.


def test_a_server_that_drops_new_connections_is_said_to_be_overloaded(rig: Rig) -> None:
    rig.server.replica_set().script = on("find", Silence)
    client = rig.client()
    rig.do(lambda: client.admin.command("ping"))
    waiting = rig.start(lambda: client.t.c.find_one({}))
    until(lambda: "find" in rig.server.seen)
    rig.server.greeting = lambda peer, body: Drop if "client" in body else None
    error = rig.fail(lambda: client.t.c.insert_one({}), AutoReconnect)
    for label in ("SystemOverloadedError", "RetryableError", "RetryableWriteError"):
        assert error.has_error_label(label)
    assert client.topology_description.known_servers
    rig.server.drop_all()
    with pytest.raises(PyMongoError):
        waiting.result(10)


def test_a_slow_reply_is_a_network_timeout_and_leaves_the_server_known(rig: Rig) -> None:
    rig.server.script = on("ping", Silence)
    client = rig.client(socketTimeoutMS=50)
    error = rig.fail(lambda: client.admin.command("ping"), NetworkTimeout)
    assert f"{rig.server.address}: timed out" in str(error)
    assert client.topology_description.known_servers


def test_a_reply_after_the_timeout_goes_to_nobody(rig: Rig) -> None:
    late: list[Peer] = []

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "slow" in body:
            late.append(peer)
            return Silence
        return {"ok": 1, "for": next(iter(body))}

    rig.server.script = script
    client = rig.client(socketTimeoutMS=50)
    rig.fail(lambda: client.admin.command("slow"), NetworkTimeout)
    rig.server.send(late[0], message({"ok": 1, "for": "slow"}, late[0].request_id))
    assert rig.do(lambda: client.admin.command("ping"))["for"] == "ping"
    assert rig.server.peers[-1] is not late[0]


# Closing.


def test_a_closed_client_refuses_every_command(rig: Rig) -> None:
    client = rig.client()
    rig.do(lambda: client.admin.command("ping"))
    rig.do(client.close)
    for operation in (
        lambda: client.admin.command("ping"),
        lambda: client.t.c.insert_one({}),
        lambda: client.t.c.find_one({}),
    ):
        assert str(rig.fail(operation, InvalidOperation)) == f"Cannot use {type(client).__name__} after close"


def test_closing_ends_the_wait_for_a_server(rig: Rig) -> None:
    rig.server.greeting = lambda peer, body: Drop
    client = rig.client(serverSelectionTimeoutMS=20_000)

    waiting = rig.start(lambda: client.admin.command("ping"))
    time.sleep(0.1)
    rig.do(client.close)
    with pytest.raises(InvalidOperation):
        waiting.result(5)


def test_closing_does_not_wait_for_ever(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeper, "_FAREWELL", 0.1)
    rig.server.script = on("endSessions", Silence)
    client = rig.client()
    rig.do(lambda: client.t.c.find_one({}))
    before = time.monotonic()
    rig.do(client.close)
    assert time.monotonic() - before < 3


# Rubbish.


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff\xff\xff\x7f" + b"x" * 60,
        b"\x0f\x00\x00\x00" + b"x" * 60,
        b"\x00\x00\x00\x80" + b"x" * 60,
        b"\x20\x00\x00\x00" + b"\xff" * 28,
    ],
    ids=["too long", "too short", "negative", "no opcode"],
)
def test_rubbish_is_an_error_and_the_connection_is_given_up(rig: Rig, rubbish: bytes) -> None:
    rig.server.script = on("ping", Bytes(rubbish), {"ok": 1})
    client = rig.client()
    rig.fail(lambda: client.admin.command("ping"), PyMongoError)
    assert rig.do(lambda: client.admin.command("ping"))["ok"] == 1
