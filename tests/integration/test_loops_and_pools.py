"""Event loops, threads, connections and cursors: what a client shares, what it limits, and what it gives back."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymongo
import pytest
from tests.integration.waiting import eventually, soon

import petiole
from petiole.errors import WaitQueueTimeoutError
from petiole.local import LocalServer

Document = dict[str, Any]
SLEEP: Document = {"$where": "sleep(400) || true"}


@pytest.fixture
def admin(standalone: LocalServer) -> pymongo.MongoClient[Document]:
    """PyMongo's client, to look at the server with; there are ten documents."""
    client = pymongo.MongoClient[Document](standalone.uri)
    client.pools.things.delete_many({})
    client.pools.things.insert_many([{"_id": n} for n in range(10)])
    return client


def connections(admin: pymongo.MongoClient[Document], name: str) -> int:
    """The number of an application's connections, with those of its monitors."""
    stages: list[Document] = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"appName": name}},
        {"$group": {"_id": "$connectionId"}},
    ]
    return len(list(admin.admin.aggregate(stages)))


def open_cursors(admin: pymongo.MongoClient[Document]) -> int:
    """The number of cursors that the server holds open."""
    number = admin.admin.command("serverStatus")["metrics"]["cursor"]["open"]["total"]
    assert isinstance(number, int)
    return number


def test_one_asyncio_client_serves_loops_one_after_another(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    client = petiole.AsyncMongoClient[Document](standalone.uri, appname="loops-in-turn")  # Before any loop.

    async def read() -> list[Document | None]:
        things = client.pools.things
        return await asyncio.gather(*(things.find_one({"_id": n}) for n in range(10)))

    for _ in range(5):
        assert asyncio.run(read()) == [{"_id": n} for n in range(10)]
    asyncio.run(client.close())
    assert eventually(lambda: connections(admin, "loops-in-turn") == 0)


def test_one_asyncio_client_serves_several_loops_at_once(standalone: LocalServer) -> None:
    client = petiole.AsyncMongoClient[Document](standalone.uri)

    async def work(which: int) -> int:
        things = client.pools[f"loop{which}"]
        for number in range(30):
            await things.insert_one({"_id": number})
        return sum([1 async for _ in things.find({}, batch_size=7)])

    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda which: asyncio.run(work(which)), range(4)))
    assert counts == [30] * 4
    asyncio.run(client.pools.client.drop_database("pools"))
    asyncio.run(client.close())


def test_a_client_whose_first_loop_is_gone_can_be_closed_in_another(standalone: LocalServer) -> None:
    client = petiole.AsyncMongoClient[Document](standalone.uri)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(client.pools.things.find_one())
    loop.close()
    asyncio.run(client.close())


def test_threads_share_a_single_connection(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    name = "one-connection"
    with petiole.MongoClient[Document](standalone.uri, maxPoolSize=1, appname=name) as client:
        things = client.pools.things
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda n: things.find_one({"_id": n % 10}), range(200)))
        assert found == [{"_id": n % 10} for n in range(200)]
        assert connections(admin, name) <= 3  # One, and those of the monitors.
    assert eventually(lambda: connections(admin, name) == 0)


def test_tasks_share_a_single_connection(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    name = "one-connection-asyncio"

    async def run() -> None:
        async with petiole.AsyncMongoClient[Document](standalone.uri, maxPoolSize=1, appname=name) as client:
            things = client.pools.things
            found = await asyncio.gather(*(things.find_one({"_id": n % 10}) for n in range(200)))
            assert found == [{"_id": n % 10} for n in range(200)]
            assert connections(admin, name) <= 3

    asyncio.run(run())
    assert eventually(lambda: connections(admin, name) == 0)


def test_a_pool_does_not_outgrow_its_limit(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    name = "four-connections"
    with petiole.MongoClient[Document](standalone.uri, maxPoolSize=4, appname=name) as client:
        with ThreadPoolExecutor(16) as threads:
            list(threads.map(lambda n: client.pools.things.find_one({"_id": n % 10}), range(400)))
        assert connections(admin, name) <= 6


def test_a_thread_waits_for_a_connection_no_longer_than_it_may(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    with (
        petiole.MongoClient[Document](standalone.uri, maxPoolSize=1, waitQueueTimeoutMS=100) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        slow = threads.submit(client.pools.things.find_one, SLEEP)
        time.sleep(0.1)
        with pytest.raises(WaitQueueTimeoutError):
            client.pools.things.find_one({"_id": 1})
        assert slow.result() == {"_id": 0}
        assert client.pools.things.find_one({"_id": 1}) == {"_id": 1}


def test_a_task_waits_for_a_connection_no_longer_than_it_may(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    async def run() -> None:
        async with petiole.AsyncMongoClient[Document](
            standalone.uri, maxPoolSize=1, waitQueueTimeoutMS=100
        ) as client:
            slow = asyncio.create_task(client.pools.things.find_one(SLEEP))
            await asyncio.sleep(0.1)
            with pytest.raises(WaitQueueTimeoutError):
                await client.pools.things.find_one({"_id": 1})
            assert await slow == {"_id": 0}
            assert await client.pools.things.find_one({"_id": 1}) == {"_id": 1}

    asyncio.run(run())


def test_a_waiting_task_that_is_cancelled_gives_its_place_away(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    async def run() -> None:
        async with petiole.AsyncMongoClient[Document](standalone.uri, maxPoolSize=1) as client:
            things = client.pools.things
            slow = asyncio.create_task(things.find_one(SLEEP))
            await asyncio.sleep(0.1)
            waiting = [asyncio.create_task(things.find_one({"_id": n})) for n in range(6)]
            await asyncio.sleep(0.05)
            for task in waiting[::2]:
                task.cancel()
            done = await asyncio.gather(*waiting, return_exceptions=True)
            assert [done[n] for n in (1, 3, 5)] == [{"_id": n} for n in (1, 3, 5)]
            assert await slow == {"_id": 0}

    asyncio.run(asyncio.wait_for(run(), 20))


def test_abandoned_cursors_are_closed_on_the_server(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    before = open_cursors(admin)
    with petiole.MongoClient[Document](standalone.uri) as client:
        cursors = [client.pools.things.find({}, batch_size=2) for _ in range(20)]
        assert [next(cursor) for cursor in cursors] == [{"_id": 0}] * 20
        assert open_cursors(admin) >= before + 20
        del cursors
        gc.collect()
        assert eventually(lambda: open_cursors(admin) <= before)


def test_abandoned_asyncio_cursors_are_closed_on_the_server(
    standalone: LocalServer, admin: pymongo.MongoClient[Document]
) -> None:
    before = open_cursors(admin)

    async def run() -> None:
        async with petiole.AsyncMongoClient[Document](standalone.uri) as client:
            cursors = [client.pools.things.find({}, batch_size=2) for _ in range(20)]
            assert [await anext(cursor) for cursor in cursors] == [{"_id": 0}] * 20
            assert open_cursors(admin) >= before + 20
            del cursors
            gc.collect()
            assert await soon(lambda: open_cursors(admin) <= before)

    asyncio.run(run())


@pytest.mark.parametrize("limit", [1, 3])
def test_a_cursor_that_is_closed_early_leaves_nothing_behind(
    standalone: LocalServer, admin: pymongo.MongoClient[Document], limit: int
) -> None:
    before = open_cursors(admin)
    with petiole.MongoClient[Document](standalone.uri) as client:
        with client.pools.things.find({}, batch_size=2) as cursor:
            for _ in range(limit):
                next(cursor)
        assert eventually(lambda: open_cursors(admin) <= before)


def test_sessions_end_with_their_client(standalone: LocalServer) -> None:
    with petiole.MongoClient[Document](standalone.uri) as client:
        for _ in range(50):
            client.pools.things.find_one()
        with client.start_session() as session:
            client.pools.things.find_one(session=session)
        assert session.has_ended


def test_clients_share_one_background_thread(standalone: LocalServer, three_members: LocalServer) -> None:
    before = threading.active_count()
    uris = [standalone.uri, three_members.uri] * 5
    clients = [petiole.MongoClient[Document](uri) for uri in uris]
    for client in clients:
        client.pools.things.find_one()
    assert threading.active_count() <= before + 1
    for client in clients:
        client.close()
    gc.collect()
    assert threading.active_count() <= before + 1
