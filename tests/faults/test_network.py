"""A real server behind a network that fails: what the user sees, and that all is well afterwards.

Each test runs on both faces. The proxy stands before one member, to which clients connect directly.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from inspect import isawaitable
from typing import Any

import pytest
from tests.integration.waiting import eventually, soon
from tests.proxies.tcp import Proxy

import petiole
from petiole.errors import AutoReconnect, NetworkTimeout, PyMongoError, ServerSelectionTimeoutError
from petiole.local import LocalServer

Document = dict[str, Any]
Work = Callable[["World"], Awaitable[None]]


class World:
    """A client behind the proxy, and one that goes round it."""

    def __init__(self, proxy: Proxy, client: Any, direct: Any) -> None:
        self.proxy = proxy
        self.client = client
        self.things = client.network.things
        self._direct = direct.network.things

    async def do(self, operation: Any) -> Any:
        """The result of an operation, on either face."""
        return await operation if isawaitable(operation) else operation

    async def wait(self, condition: Callable[[], bool]) -> None:
        assert await soon(condition)

    def stored(self) -> list[Any]:
        """The ids of what has arrived at the server."""
        return [document["_id"] for document in self._direct.find(sort=[("_id", 1)])]

    def known(self) -> bool:
        """Whether the monitor has reached the server."""
        return bool(self.client.topology_description.known_servers)

    def lent(self) -> int:
        """How many connections operations have."""
        return sum(server.in_use for server in self.client._engine.topology.servers)

    async def is_well(self) -> None:
        """Afterwards: the monitor comes back, operations succeed, and the pool has all its connections."""
        self.proxy.restore()
        await self.wait(self.known)
        assert (await self.do(self.client.admin.command("ping")))["ok"] == 1
        assert self.lent() == 0


@pytest.fixture(scope="module")
def member() -> Iterator[LocalServer]:
    """A server of these tests alone: they count what arrives there."""
    with LocalServer(replica_set=1) as server:
        yield server


@pytest.fixture(params=["blocking", "asyncio"])
def run(request: pytest.FixtureRequest, member: LocalServer) -> Iterator[Callable[..., None]]:
    """Runs a coroutine function with a world, on one face; then all has to be well."""
    found = re.search(r"//([^:/]+):(\d+)", member.uri)
    assert found is not None
    direct = petiole.MongoClient[Document](member.uri)
    direct.network.things.drop()
    asynchronous = request.param == "asyncio"

    def go(work: Work, **options: Any) -> None:
        async def live() -> None:
            kind: Any = petiole.AsyncMongoClient if asynchronous else petiole.MongoClient
            client = kind(proxy.uri, **({"heartbeatFrequencyMS": 500, "connectTimeoutMS": 1000} | options))
            world = World(proxy, client, direct)
            try:
                await world.do(client.admin.command("ping"))
                await work(world)
                await world.is_well()
            finally:
                proxy.restore()
                await world.do(client.close())
            # The server ends what a half-open connection has left when its end arrives.
            assert await soon(lambda: not proxy.links)

        with Proxy((found[1], int(found[2]))) as proxy:
            asyncio.run(live())

    yield go
    direct.close()


def test_a_cut_connection_is_nothing_to_a_retryable_operation(run: Any) -> None:
    async def work(world: World) -> None:
        for number in range(5):
            world.proxy.cut()
            await world.do(world.things.insert_one({"_id": number}))
            world.proxy.cut()
            assert await world.do(world.things.count_documents({})) == number + 1
        assert world.stored() == [0, 1, 2, 3, 4]

    run(work)


def test_a_write_whose_reply_is_lost_is_done_once(run: Any) -> None:
    async def work(world: World) -> None:
        await world.do(world.things.insert_one({"_id": 0, "n": 0}))
        for number in range(1, 4):
            world.proxy.lose_reply_to("findAndModify")
            found = await world.do(world.things.find_one_and_update({"_id": 0}, {"$inc": {"n": 1}}))
            assert found["n"] == number - 1
            world.proxy.lose_reply_to("insert")
            await world.do(world.things.insert_many([{"_id": number * 10}, {"_id": number * 10 + 1}]))
        assert world.stored() == [0, 10, 11, 20, 21, 30, 31]
        assert (await world.do(world.things.find_one({"_id": 0})))["n"] == 3

    run(work)


def test_without_retries_a_lost_reply_is_an_error_and_the_write_may_be_done(run: Any) -> None:
    async def work(world: World) -> None:
        world.proxy.lose_reply_to("insert")
        with pytest.raises(AutoReconnect, match=r"connection closed|reset"):
            await world.do(world.things.insert_one({"_id": 1}))
        assert world.stored() in ([1], [])
        await world.wait(lambda: world.stored() == [1])

    run(work, retryWrites=False)


def test_half_open_connections_end_at_the_timeout_of_the_socket(run: Any) -> None:
    async def work(world: World) -> None:
        world.proxy.stop()
        with pytest.raises(NetworkTimeout, match="timed out"):
            await world.do(world.things.find_one({}))
        assert world.lent() == 0
        # The monitor's own check times out too, and then it is known that nobody is there.
        await world.wait(lambda: not world.known())
        with pytest.raises(ServerSelectionTimeoutError, match="timed out"):
            await world.do(world.things.find_one({}))

    run(work, socketTimeoutMS=300, retryReads=False, serverSelectionTimeoutMS=300)


def test_a_deadline_ends_what_a_black_hole_swallows(run: Any) -> None:
    async def work(world: World) -> None:
        world.proxy.cut()
        world.proxy.stop()
        with petiole.timeout(0.4), pytest.raises(PyMongoError) as caught:
            await world.do(world.things.insert_one({"_id": 1}))
        assert caught.value.timeout
        assert world.lent() == 0
        assert world.stored() == []

    run(work)


def test_a_trickle_is_read_whole(run: Any) -> None:
    async def work(world: World) -> None:
        documents = [{"_id": number, "text": "x" * 40} for number in range(20)]
        await world.do(world.things.insert_many(documents))
        world.proxy.trickle()
        cursor = world.things.find({}, batch_size=7, sort=[("_id", 1)])
        assert await world.do(cursor.to_list()) == documents
        await world.do(world.things.insert_one({"_id": 20}))
        assert world.stored() == list(range(21))

    run(work)


def test_a_delay_is_not_an_error_but_longer_than_the_deadline_it_is(run: Any) -> None:
    async def work(world: World) -> None:
        world.proxy.delay(0.05)
        await world.do(world.things.insert_one({"_id": 1}))
        world.proxy.delay(0.6)
        with petiole.timeout(0.3), pytest.raises(PyMongoError) as caught:
            await world.do(world.things.insert_one({"_id": 2}))
        assert caught.value.timeout
        world.proxy.restore()
        await world.do(world.things.insert_one({"_id": 3}))
        assert set(world.stored()) - {2} == {1, 3}

    run(work)


def test_who_refuses_connections_is_named_and_found_again(run: Any) -> None:
    async def work(world: World) -> None:
        world.proxy.refuse()
        await world.wait(lambda: not world.known())
        with pytest.raises(ServerSelectionTimeoutError, match=re.escape(world.proxy.hosts)):
            await world.do(world.things.find_one({}))

    run(work, serverSelectionTimeoutMS=200)


def test_operations_that_wait_go_on_when_the_network_is_back(run: Any) -> None:
    async def work(world: World) -> None:
        world.proxy.refuse()
        await world.wait(lambda: not world.known())
        timer = asyncio.get_running_loop().run_in_executor(None, later, world)
        await world.do(world.things.insert_one({"_id": 1}))
        await timer
        assert world.stored() == [1]

    def later(world: World) -> None:
        """Restore as soon as an operation waits."""
        assert eventually(lambda: bool(world.client._engine.topology._waiters))
        world.proxy.restore()

    run(work)


def test_a_cursor_whose_connection_is_cut_says_so_and_leaves_nothing(run: Any) -> None:
    async def work(world: World) -> None:
        await world.do(world.things.insert_many([{"_id": number} for number in range(10)]))
        cursor = world.things.find({}, batch_size=2)
        await world.do(cursor.next())
        await world.do(cursor.next())
        world.proxy.lose_reply_to("getMore")
        with pytest.raises(AutoReconnect):
            await world.do(cursor.next())
        assert not cursor.alive

    run(work)
