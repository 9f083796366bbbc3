"""One asyncio client and several event loops: it belongs to none, and works on each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient

DATABASE = "event_loops"


@pytest.fixture
def client(replica_set: LocalServer) -> Iterator[AsyncMongoClient[dict[str, Any]]]:
    """A client that is created before any loop runs, and closed on a loop of its own."""
    made: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(replica_set.uri)
    yield made
    asyncio.run(made.close())
    with MongoClient(replica_set.uri) as blocking:
        blocking.drop_database(DATABASE)


async def work(client: AsyncMongoClient[dict[str, Any]], count: int = 5) -> int:
    """Insert and read back documents, one after the other; how many came back."""
    things = client[DATABASE].things
    ids = [(await things.insert_one({})).inserted_id for _ in range(count)]
    return len(await things.find({"_id": {"$in": ids}}, batch_size=2).to_list())


def test_one_loop_after_the_other(client: AsyncMongoClient[dict[str, Any]]) -> None:
    for _ in range(4):
        assert asyncio.run(work(client)) == 5


def test_a_loop_that_ends_in_the_midst_of_things(client: AsyncMongoClient[dict[str, Any]]) -> None:
    async def abandon() -> None:
        things = client[DATABASE].things
        await things.insert_many([{} for _ in range(10)])
        await anext(things.find(batch_size=2))
        slow = asyncio.create_task(things.find_one({"$where": "sleep(5000) || true"}))
        await asyncio.sleep(0.05)
        assert not slow.done()

    asyncio.run(abandon())
    assert asyncio.run(work(client)) == 5


def test_loops_in_threads_at_the_same_time(client: AsyncMongoClient[dict[str, Any]]) -> None:
    results: list[int] = []
    together = threading.Barrier(4)

    async def main() -> int:
        together.wait()
        return sum(await asyncio.gather(*(work(client) for _ in range(4))))

    threads = [threading.Thread(target=lambda: results.append(asyncio.run(main()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [20] * 4


def test_a_session_goes_from_loop_to_loop(client: AsyncMongoClient[dict[str, Any]]) -> None:
    session = client.start_session()

    async def insert() -> int:
        things = client[DATABASE].sessions
        await things.insert_one({}, session=session)
        return await things.count_documents({}, session=session)

    assert [asyncio.run(insert()) for _ in range(3)] == [1, 2, 3]
    asyncio.run(session.end_session())
    assert session.has_ended


def test_a_blocked_loop_does_not_keep_others_waiting(client: AsyncMongoClient[dict[str, Any]]) -> None:
    release = threading.Event()
    connected = threading.Event()

    async def block() -> int:
        before = await work(client)
        connected.set()
        release.wait(30)  # The loop stands still, with a connection of its own open.
        return before + await work(client)

    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(asyncio.run(block())))
    thread.start()
    assert connected.wait(30)
    try:
        assert asyncio.run(asyncio.wait_for(work(client), 20)) == 5
    finally:
        release.set()
        thread.join(30)
    assert results == [10]


def test_a_loop_closes_what_another_has_used(replica_set: LocalServer) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(replica_set.uri)
    assert asyncio.run(work(client)) == 5
    asyncio.run(client.close())
    with pytest.raises(Exception, match="Cannot use AsyncMongoClient after close"):
        asyncio.run(work(client))


def test_no_connections_outlive_their_loops(client: AsyncMongoClient[dict[str, Any]]) -> None:
    async def connections() -> int:
        status = await client.admin.command("serverStatus")
        return int(status["connections"]["current"])

    before = asyncio.run(connections())
    for _ in range(30):
        asyncio.run(work(client, 1))
    assert asyncio.run(connections()) < before + 15
