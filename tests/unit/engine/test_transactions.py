"""Transactions against scripted servers: pinning, recovery tokens, sessions in use, cancellation."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig, on
from tests.unit.engine.sides import until
from tests.unit.engine.wire_server import Drop, Peer, Silence, WireServer, message

from petiole import timeout
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.bson.objectid import ObjectId
from petiole.errors import AutoReconnect, ExecutionTimeout, InvalidOperation, OperationFailure, PyMongoError
from petiole.mongo_client import MongoClient

TRANSIENT = {"ok": 0, "code": 251, "errmsg": "gone", "errorLabels": ["TransientTransactionError"]}
NOT_NOW = {"ok": 0, "code": 91, "errmsg": "down", "errorLabels": ["RetryableWriteError"]}


def started(rig: Rig, client: Any) -> Any:
    session = client.start_session()
    rig.do(session.start_transaction)
    return session


# One operation at a time.


def test_a_session_serves_one_operation_at_a_time(rig: Rig) -> None:
    rig.server.replica_set().script = lambda _peer, body: Silence if "find" in body else None
    client = rig.client()
    session = client.start_session()
    first = rig.start(lambda: client.t.c.find_one(session=session))
    until(lambda: rig.server.seen == ["find"])
    for operation in (
        lambda: client.t.c.insert_one({}, session=session),
        lambda: client.t.c.find(session=session).to_list(),
        lambda: client.t.command("ping", session=session),
    ):
        error = rig.fail(operation, InvalidOperation)
        assert "for two operations at the same time" in str(error)
    peer = next(peer for peer in rig.server.peers if not peer.monitors)
    rig.server.send(peer, message(EMPTY_BATCH, peer.request_id))
    assert first.result(10) is None
    rig.do(lambda: client.t.c.insert_one({}, session=session))
    assert rig.server.seen == ["find", "insert"]


def test_a_transaction_is_not_ended_under_an_operation(rig: Rig) -> None:
    rig.server.replica_set().script = lambda _peer, body: Silence if "find" in body else None
    client = rig.client()
    session = started(rig, client)
    rig.do(lambda: client.t.c.insert_one({}, session=session))
    first = rig.start(lambda: client.t.c.find_one(session=session))
    until(lambda: rig.server.seen == ["insert", "find"])
    for end in (session.commit_transaction, session.abort_transaction):
        rig.fail(end, InvalidOperation)
        assert session.in_transaction
    peer = next(peer for peer in rig.server.peers if not peer.monitors)
    rig.server.send(peer, message(EMPTY_BATCH, peer.request_id))
    assert first.result(10) is None
    rig.do(session.commit_transaction)
    assert rig.server.seen == ["insert", "find", "commitTransaction"]


def test_a_server_session_in_use_is_not_handed_on(rig: Rig) -> None:
    rig.server.replica_set().script = lambda _peer, body: Silence if "find" in body else None
    client = rig.client()
    session = client.start_session()
    first = rig.start(lambda: client.t.c.find_one(session=session))
    until(lambda: rig.server.seen == ["find"])
    rig.do(session.end_session)
    rig.do(lambda: client.t.c.insert_one({}))
    find, insert = rig.server.bodies
    assert find["lsid"] != insert["lsid"]
    peer = next(peer for peer in rig.server.peers if not peer.monitors)
    rig.server.send(peer, message(EMPTY_BATCH, peer.request_id))
    first.result(10)


def test_a_refused_operation_leaves_the_session_free(rig: Rig) -> None:
    rig.server.replica_set()
    client = rig.client()
    other = rig.client()
    session = client.start_session()
    rig.fail(lambda: other.t.c.insert_one({}, session=session), InvalidOperation)
    rig.fail(lambda: client.t.c.insert_one({"a": object()}, session=session), Exception)
    rig.do(lambda: client.t.c.insert_one({}, session=session))


# What the first command says, and what those after it.


def test_an_operation_that_cannot_be_encoded_does_not_start_the_transaction(rig: Rig) -> None:
    rig.server.replica_set()
    client = rig.client()
    session = started(rig, client)
    rig.fail(lambda: client.t.c.insert_one({"a": object()}, session=session), Exception)
    for _ in range(2):
        rig.do(lambda: client.t.c.insert_one({}, session=session))
    assert [body.get("startTransaction") for body in rig.server.bodies] == [True, None]


def test_a_cut_connection_leaves_a_transaction_to_abort(rig: Rig) -> None:
    rig.server.replica_set().script = on("insert", Drop, None)
    client = rig.client()
    session = started(rig, client)
    error = rig.fail(lambda: client.t.c.insert_one({}, session=session), AutoReconnect)
    assert error.has_error_label("TransientTransactionError")
    assert not error.has_error_label("RetryableWriteError")
    rig.do(session.abort_transaction)
    assert rig.server.seen == ["insert", "abortTransaction"]


def test_a_commit_whose_time_is_over_leaves_a_transaction_to_abort(rig: Rig) -> None:
    rig.server.replica_set()
    client = rig.client()
    session = started(rig, client)
    rig.do(lambda: client.t.c.insert_one({}, session=session))

    async def commit_too_late() -> None:
        with timeout(1e-9):
            committed = session.commit_transaction()
            if committed is not None:
                await committed

    rig.fail(commit_too_late, ExecutionTimeout)
    assert session.in_transaction
    rig.do(session.end_session)
    assert rig.server.seen == ["insert", "abortTransaction"]


def test_what_an_application_says_of_read_concern_is_not_said_twice(rig: Rig) -> None:
    rig.server.replica_set()
    client = rig.client(readConcernLevel="majority")
    session = started(rig, client)
    rig.do(lambda: client.t.command("find", "c", readConcern={"level": "local"}, session=session))
    assert rig.server.bodies[0]["readConcern"] == {"level": "local"}


def test_an_abandoned_commit_goes_to_a_majority(rig: Rig) -> None:
    """A commit that was cut off may have been carried out; so the next one is not the first."""
    rig.server.replica_set().script = on("commitTransaction", Drop, Drop, None)
    client = rig.client()
    session = started(rig, client)
    rig.do(lambda: client.t.c.insert_one({}, session=session))
    error = rig.fail(session.commit_transaction, AutoReconnect)
    assert error.has_error_label("UnknownTransactionCommitResult")
    rig.do(session.commit_transaction)
    concerns = [body.get("writeConcern") for body in rig.server.bodies if "commitTransaction" in body]
    assert concerns == [None, *[{"w": "majority", "wtimeout": 10_000}] * 2]


def test_an_overloaded_server_is_asked_with_the_same_write_concern(rig: Rig) -> None:
    overloaded = {
        "ok": 0,
        "code": 462,
        "errmsg": "busy",
        "errorLabels": ["SystemOverloadedError", "RetryableError"],
    }
    rig.server.replica_set().script = on("commitTransaction", overloaded, NOT_NOW, None)
    client = rig.client()
    session = started(rig, client)
    rig.do(lambda: client.t.c.insert_one({}, session=session))
    rig.do(session.commit_transaction)
    concerns = [body.get("writeConcern") for body in rig.server.bodies if "commitTransaction" in body]
    assert concerns == [None, None, {"w": "majority", "wtimeout": 10_000}]


def test_a_session_ends_with_its_transaction(rig: Rig) -> None:
    rig.server.replica_set().script = on("abortTransaction", {"ok": 0, "code": 1, "errmsg": "no"})
    client = rig.client()
    session = started(rig, client)
    rig.do(lambda: client.t.c.insert_one({}, session=session))
    rig.do(session.end_session)
    assert rig.server.seen == ["insert", "abortTransaction"]
    assert not session.in_transaction


# Behind a load balancer.


def test_a_forgotten_session_gives_its_connection_back(rig: Rig) -> None:
    rig.server.hello |= {"msg": "isdbgrid", "serviceId": ObjectId()}
    client = rig.client(loadBalanced=True)
    sessions = [started(rig, client)]
    rig.do(lambda: client.t.c.insert_one({}, session=sessions[0]))

    def in_use() -> int:
        return sum(server.in_use for server in client._engine.topology.servers)

    assert in_use() == 1
    sessions.clear()
    gc.collect()
    until(lambda: in_use() == 0)
    rig.do(lambda: client.t.c.insert_one({}))
    first, second = rig.server.bodies
    assert first["lsid"] == second["lsid"]


# Several mongoses.


class Cluster:
    """Two mongoses, and a client that takes either; nothing of it ran on real ones."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.routers = [WireServer(self.answer, msg="isdbgrid") for _ in range(2)]
        self.errors: dict[str, list[Any]] = {}
        self.tokens = 0
        kind = MongoClient if rig.side.name == "blocking" else AsyncMongoClient
        hosts = ",".join(router.address for router in self.routers)
        self.client: Any = kind(f"mongodb://{hosts}", localThresholdMS=5000, serverSelectionTimeoutMS=3000)
        rig.do(lambda: self.client.admin.command("ping"))
        until(lambda: len(self.client.nodes) == 2)
        self.session = self.client.start_session()
        self.things = self.client.t.c

    def answer(self, _peer: Peer, body: dict[str, Any]) -> Any:
        name = next(iter(body))
        if self.errors.get(name):
            return self.errors[name].pop(0)
        reply: dict[str, Any] = {"ok": 1, "n": 1}
        if "autocommit" in body:
            self.tokens += 1
            reply["recoveryToken"] = {"number": self.tokens}
        return reply

    def insert(self) -> None:
        self.rig.do(lambda: self.things.insert_one({}, session=self.session))

    def start(self) -> None:
        self.rig.do(self.session.start_transaction)

    def used(self, name: str) -> list[int]:
        """How many commands of that name each router has had."""
        return [router.seen.count(name) for router in self.routers]

    def bodies(self, name: str) -> list[dict[str, Any]]:
        return [body for router in self.routers for body in router.bodies if name in body]

    @property
    def pinned(self) -> bool:
        return self.session._pin is not None

    def close(self) -> None:
        self.rig.do(self.client.close)
        for router in self.routers:
            router.close()


@pytest.fixture
def cluster(rig: Rig) -> Iterator[Cluster]:
    made = Cluster(rig)
    yield made
    made.close()


def test_a_transaction_stays_on_its_mongos(cluster: Cluster) -> None:
    cluster.start()
    for _ in range(20):
        cluster.insert()
    cluster.rig.do(cluster.session.commit_transaction)
    cluster.rig.do(cluster.session.commit_transaction)
    assert sorted(cluster.used("insert")) == [0, 20]
    assert sorted(cluster.used("commitTransaction")) == [0, 2]
    assert cluster.pinned
    tokens = [body["recoveryToken"]["number"] for body in cluster.bodies("commitTransaction")]
    assert tokens == [20, 21]
    assert all("recoveryToken" not in body for body in cluster.bodies("insert"))


def test_the_next_transaction_may_run_on_another_mongos(cluster: Cluster) -> None:
    """Prose test 1 of the transactions specification."""
    for _ in range(50):
        cluster.start()
        cluster.insert()
        cluster.rig.do(cluster.session.commit_transaction)
    assert min(cluster.used("insert")) > 0
    assert cluster.used("insert") == cluster.used("commitTransaction")


def test_an_operation_after_the_transaction_may_run_on_another_mongos(cluster: Cluster) -> None:
    """Prose test 2 of the transactions specification."""
    cluster.start()
    cluster.insert()
    cluster.rig.do(cluster.session.commit_transaction)
    for _ in range(50):
        cluster.insert()
    assert not cluster.pinned
    assert min(cluster.used("insert")) > 0


def test_an_abort_lets_go_of_the_mongos(cluster: Cluster) -> None:
    cluster.start()
    cluster.insert()
    assert cluster.pinned
    cluster.rig.do(cluster.session.abort_transaction)
    assert not cluster.pinned
    assert cluster.used("abortTransaction") == cluster.used("insert")
    assert cluster.bodies("abortTransaction")[0]["recoveryToken"] == {"number": 1}


@pytest.mark.parametrize("answer", [TRANSIENT, Drop], ids=["an error of the server", "a cut connection"])
def test_an_error_that_passes_lets_go_of_the_mongos(cluster: Cluster, answer: Any) -> None:
    cluster.start()
    cluster.insert()
    cluster.errors["insert"] = [answer]
    error = cluster.rig.fail(lambda: cluster.things.insert_one({}, session=cluster.session), PyMongoError)
    assert error.has_error_label("TransientTransactionError")
    assert not cluster.pinned


def test_another_error_does_not(cluster: Cluster) -> None:
    cluster.start()
    cluster.insert()
    cluster.errors["insert"] = [{"ok": 0, "code": 1, "errmsg": "bad"}]
    cluster.rig.fail(lambda: cluster.things.insert_one({}, session=cluster.session), OperationFailure)
    assert cluster.pinned


def test_a_commit_in_doubt_goes_to_another_mongos_with_the_token(cluster: Cluster) -> None:
    cluster.start()
    cluster.insert()
    cluster.errors["commitTransaction"] = [NOT_NOW]
    cluster.rig.do(cluster.session.commit_transaction)
    assert cluster.used("commitTransaction") == [1, 1]
    first, second = sorted(cluster.bodies("commitTransaction"), key=lambda body: "writeConcern" in body)
    assert first["recoveryToken"] == second["recoveryToken"] == {"number": 1}
    assert first["txnNumber"] == second["txnNumber"]
    assert "writeConcern" not in first
    assert second["writeConcern"] == {"w": "majority", "wtimeout": 10_000}


def test_the_end_of_the_session_lets_go_of_the_mongos(cluster: Cluster) -> None:
    cluster.start()
    cluster.insert()
    cluster.rig.do(cluster.session.end_session)
    assert not cluster.pinned
    assert cluster.used("abortTransaction") == cluster.used("insert")
