"""Transactions on a real replica set, both faces: the convenient API, blocks, bound sessions, conflicts."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from inspect import isawaitable
from typing import Any

import pytest
from tests.integration.operations.conftest import Face
from tests.integration.parity.adapter import bare

import petiole
from petiole._native import run
from petiole._retry import transaction as policy
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import (
    ConfigurationError,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    OperationFailure,
)
from petiole.local import LocalServer
from petiole.monitoring import CommandListener
from petiole.write_concern import WriteConcern

Work = Callable[[Any, Any], Coroutine[Any, Any, Any]]


async def done(answer: Any) -> Any:
    """What either face's method returns."""
    return await answer if isawaitable(answer) else answer


class Transactions:
    """A client of one face whose commands are noted, and whose `with_transaction` takes one kind of callback."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.names: list[str] = []
        self.app = uuid.uuid4().hex
        self.client = face.make(event_listeners=[self._listener()], appname=self.app)
        self.things = self.client[face.db.name].things
        self.things.insert_one({"_id": 0, "n": 0})
        self.session = self.client.start_session()
        self.names.clear()

    def _listener(self) -> CommandListener:
        names = self.names

        class Listener(CommandListener):
            def started(self, event: Any) -> None:
                names.append(event.command_name)

            def succeeded(self, event: Any) -> None:
                pass

            def failed(self, event: Any) -> None:
                pass

        return Listener()

    def run(self, work: Work, **options: Any) -> Any:
        """Run a coroutine function of session and collection in a transaction."""
        things = bare(self.things)
        if self.face.is_async:

            async def call(session: Any) -> Any:
                return await work(session, things)

            return self.session.with_transaction(call, **options)
        return self.session.with_transaction(lambda session: run(work(session, things)), **options)

    def fail(self, name: str, times: int, **how: Any) -> None:
        """Let this client's commands of that name fail so many times."""
        data = {"failCommands": [name], "appName": self.app, **how}
        self.face.client.admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=data)


@pytest.fixture
def transactions(face: Face) -> Iterator[Transactions]:
    yield Transactions(face)
    face.client.admin.command("configureFailPoint", "failCommand", mode="off")
    face.client.admin.command("killAllSessions", [])  # What failed to end holds locks.


async def insert(session: Any, things: Any) -> Any:
    return (await done(things.insert_one({"_id": 1}, session=session))).inserted_id


# The convenient API.


def test_the_callbacks_value_is_returned(transactions: Transactions) -> None:
    assert transactions.run(insert) == 1
    assert transactions.names == ["insert", "commitTransaction"]
    assert transactions.things.count_documents({}) == 2
    assert not transactions.session.in_transaction


def test_the_callbacks_own_error_is_not_tried_again(transactions: Transactions) -> None:
    class Mine(Exception):
        pass

    async def work(session: Any, things: Any) -> None:
        await insert(session, things)
        raise Mine

    with pytest.raises(Mine):
        transactions.run(work)
    assert transactions.names == ["insert", "abortTransaction"]
    assert transactions.things.count_documents({}) == 1


def test_the_callback_may_end_the_transaction(transactions: Transactions) -> None:
    async def work(session: Any, things: Any) -> str:
        await insert(session, things)
        await done(session.abort_transaction())
        return "aborted"

    assert transactions.run(work) == "aborted"
    assert transactions.names == ["insert", "abortTransaction"]


def transient() -> OperationFailure:
    return OperationFailure("again", 112, {"errorLabels": [policy.TRANSIENT]})


async def give_up(session: Any, things: Any) -> None:
    await insert(session, things)
    raise transient()


def test_no_callback_is_tried_again_once_time_is_over(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "RETRY_LIMIT", 0.0)
    with pytest.raises(NetworkTimeout, match="again") as caught:
        transactions.run(give_up)
    assert caught.value.has_error_label(policy.TRANSIENT)
    assert isinstance(caught.value.__cause__, OperationFailure)
    assert transactions.names == ["insert", "abortTransaction"]


@pytest.mark.parametrize(
    ("code", "label", "commits"),
    [(64, policy.UNKNOWN_RESULT, 1), (10107, policy.UNKNOWN_RESULT, 2), (251, policy.TRANSIENT, 1)],
)
def test_no_commit_is_tried_again_once_time_is_over(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch, code: int, label: str, commits: int
) -> None:
    monkeypatch.setattr(policy, "RETRY_LIMIT", 0.0)
    transactions.fail("commitTransaction", 9, errorCode=code)
    with pytest.raises(NetworkTimeout) as caught:
        transactions.run(insert)
    assert caught.value.has_error_label(label)
    assert transactions.names == ["insert", *["commitTransaction"] * commits]


def test_a_commit_that_failed_for_good_is_told_though_time_is_over(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "RETRY_LIMIT", 0.0)
    transactions.fail("commitTransaction", 1, errorCode=8)
    with pytest.raises(OperationFailure) as caught:
        transactions.run(insert)
    assert caught.value.code == 8


def test_each_try_comes_later(transactions: Transactions, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def pause(attempts: int, chance: float) -> float:
        seen.append(attempts)
        assert 0 <= chance < 1
        return 0.0

    monkeypatch.setattr(policy, "pause", pause)
    transactions.fail("commitTransaction", 13, errorCode=251)
    transactions.run(insert)
    assert seen == list(range(1, 14))
    assert transactions.names == ["insert", "commitTransaction"] * 14


def test_a_timeout_is_for_all_tries_together(replica_set: LocalServer) -> None:
    """Of the blocking face: the adapter's tasks are not in this block."""
    transactions = Transactions(Face("blocking", replica_set))
    calls: list[int] = []

    async def work(session: Any, things: Any) -> None:
        calls.append(1)
        if len(calls) == 1:  # A later one might find the time to be over, and that error has no label.
            await insert(session, things)
        raise transient()

    with petiole.timeout(0.1), pytest.raises(ExecutionTimeout) as caught:
        transactions.run(work)
    assert caught.value.has_error_label(policy.TRANSIENT)
    transactions.face.close()


def test_the_clients_timeout_is_for_all_tries_together(face: Face) -> None:
    client = face.make(timeoutMS=200)
    things = bare(client[face.db.name].things)
    calls: list[int] = []

    async def work(session: Any) -> None:
        calls.append(1)
        if (
            len(calls) == 1
        ):  # One of the last might find the time to be over, and that error tells of nothing else.
            await done(things.find_one({}, session=session))
        raise transient()

    session = client.start_session()
    with pytest.raises(ExecutionTimeout) as caught:
        session.with_transaction(work if face.is_async else lambda session: run(work(session)))
    assert caught.value.has_error_label(policy.TRANSIENT)
    assert len(calls) > 1
    assert not session.in_transaction


def test_a_conflict_is_resolved_by_trying_again(face: Face) -> None:
    """Sessions that count in one document, at the same time."""
    each, sessions = 5, 4
    transactions = Transactions(face)

    async def count(session: Any, things: Any) -> None:
        found = await done(things.find_one({"_id": 0}, session=session))
        await done(things.update_one({"_id": 0}, {"$set": {"n": found["n"] + 1}}, session=session))

    if face.is_async:
        asyncio.run(_count_in_tasks(face, count, each, sessions))
    else:
        things = transactions.things

        def work() -> None:
            with transactions.client.start_session() as session:
                for _ in range(each):
                    session.with_transaction(lambda session: run(count(session, things)))

        threads = [threading.Thread(target=work) for _ in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert transactions.things.find_one({"_id": 0})["n"] == each * sessions


async def _count_in_tasks(face: Face, count: Work, each: int, sessions: int) -> None:
    async with AsyncMongoClient[dict[str, Any]](face.server.uri) as client:
        things = client[face.db.name].things

        async def work() -> None:
            async with client.start_session() as session:
                for _ in range(each):
                    await session.with_transaction(lambda session: count(session, things))

        await asyncio.gather(*(work() for _ in range(sessions)))


def test_a_cancelled_callback_is_aborted(replica_set: LocalServer) -> None:
    async def main() -> None:
        async with AsyncMongoClient[dict[str, Any]](replica_set.uri) as client:
            things = client.cancelled.things
            await things.drop()
            await things.insert_one({"_id": 0})
            begun = asyncio.Event()

            async def work(session: Any) -> None:
                await things.insert_one({"_id": 1}, session=session)
                begun.set()
                await asyncio.Event().wait()

            async with client.start_session() as session:
                task = asyncio.create_task(session.with_transaction(work))
                await begun.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert not session.in_transaction
                # Nobody holds what the transaction wrote.
                await things.insert_one({"_id": 1}, session=session)
            await client.drop_database("cancelled")

    asyncio.run(main())


# Blocks.


def test_a_block_commits_or_aborts(face: Face, transactions: Transactions) -> None:
    session, things = transactions.session, transactions.things
    with session.start_transaction():
        things.insert_one({"_id": 1}, session=session)
    with contextlib.suppress(KeyError), session.start_transaction():
        things.insert_one({"_id": 2}, session=session)
        raise KeyError
    assert transactions.names == ["insert", "commitTransaction", "insert", "abortTransaction"]
    assert [found["_id"] for found in things.find()] == [0, 1]


def test_a_bound_session_runs_its_transaction(replica_set: LocalServer) -> None:
    with petiole.MongoClient[dict[str, Any]](replica_set.uri) as client:
        things = client.bound_transactions.things
        things.drop()
        careless = things.with_options(write_concern=WriteConcern(w=0))
        with client.start_session() as session, session.bind(end_session=False), session.start_transaction():
            assert things.insert_many([{"_id": 1}, {"_id": 2}]).acknowledged
            assert careless.insert_many([{"_id": 3}]).acknowledged
            assert careless.update_one({"_id": 1}, {"$set": {"a": 1}}).modified_count == 1
            assert len(list(things.find(batch_size=2))) == 3
            client.bound_transactions.create_collection("made")
            with client.start_session() as outside:
                assert things.count_documents({}, session=outside) == 0
            session.abort_transaction()
        assert things.count_documents({}) == 0
        client.drop_database("bound_transactions")


def test_a_snapshot_has_no_transactions(transactions: Transactions) -> None:
    session = transactions.client.start_session(snapshot=True)
    with pytest.raises(InvalidOperation, match="not supported in snapshot sessions"):
        session.start_transaction()


# Snapshots.


@pytest.mark.since(5, 0)
def test_a_snapshot_is_shared_by_its_time(face: Face, transactions: Transactions) -> None:
    things = transactions.things
    first = transactions.client.start_session(snapshot=True)
    assert first.snapshot_time is None
    assert things.count_documents({}, session=first) == 1
    things.insert_one({"_id": 1})
    second = transactions.client.start_session(snapshot=True, snapshot_time=first.snapshot_time)
    assert second.snapshot_time == first.snapshot_time == second.options.snapshot_time
    assert things.count_documents({}, session=second) == 1
    with pytest.raises(InvalidOperation, match="Only snapshot sessions have a snapshot time"):
        _ = transactions.session.snapshot_time
    with pytest.raises(ConfigurationError, match="snapshot_time needs snapshot=True"):
        transactions.client.start_session(snapshot_time=first.snapshot_time)
    with pytest.raises(TypeError, match="snapshot_time must be a Timestamp"):
        transactions.client.start_session(snapshot=True, snapshot_time=5)
