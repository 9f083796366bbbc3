"""What a client does behind a load balancer: a proxy before a replica set plays one, with two services in turns."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

import pytest
from tests.integration.waiting import soon
from tests.proxies.guise import Guise

import petiole
from petiole import monitoring
from petiole.errors import AutoReconnect, ConfigurationError, PyMongoError, WaitQueueTimeoutError
from petiole.local import LocalServer

Document = dict[str, Any]


class Events(monitoring.CommandListener, monitoring.ConnectionPoolListener):
    """Notes commands with their services, and what is told of pools."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, Any]] = []
        self.pools: list[Any] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith(("pool_", "connection_")):
            return self.pools.append
        return super().__getattribute__(name)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.commands.append((event.command_name, event.service_id))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.pools if type(event).__name__ == kind]

    def services(self, command: str) -> list[Any]:
        return [service for name, service in self.commands if name == command]


class World:
    """A client on one face, and the load balancer that it talks to."""

    def __init__(self, front: Guise, client: Any, events: Events) -> None:
        self.front = front
        self.client = client
        self.things = client.balanced.things
        self.events = events

    async def do(self, operation: Any) -> Any:
        return await operation if isawaitable(operation) else operation

    async def open_cursor(self) -> Any:
        """A cursor that has documents left on the server."""
        cursor = self.things.find({}, batch_size=2)
        await self.do(cursor.next())
        return cursor

    def lent(self) -> int:
        return sum(server.in_use for server in self.client._engine.topology.servers)


@pytest.fixture(params=["blocking", "asyncio"])
def run(request: pytest.FixtureRequest, replica_set: LocalServer) -> Callable[..., None]:
    """Runs a coroutine function with a world; there are ten documents."""
    found = re.search(r"//([^:/]+):(\d+)", replica_set.uri)
    assert found is not None
    kind: Any = petiole.AsyncMongoClient if request.param == "asyncio" else petiole.MongoClient

    def go(work: Callable[[World], Awaitable[None]], **options: Any) -> None:
        async def live() -> None:
            events = Events()
            world = World(front, kind(front.uri, event_listeners=[events], **options), events)
            try:
                await work(world)
                assert await soon(lambda: world.lent() == 0)
            finally:
                await world.do(world.client.close())

        with Guise((found[1], int(found[2])), services=2) as front:
            asyncio.run(live())

    with petiole.MongoClient[Document](replica_set.uri) as client:
        client.balanced.things.drop()
        client.balanced.things.insert_many([{"_id": number} for number in range(10)])
    return go


def test_an_abandoned_cursor_is_killed_where_it_lives(run: Any) -> None:
    async def work(world: World) -> None:
        cursor = await world.open_cursor()
        assert world.lent() == 1
        del cursor
        gc.collect()
        assert await soon(lambda: world.lent() == 0)
        assert world.events.services("killCursors") == world.events.services("find")
        assert len(world.events.of("ConnectionCreatedEvent")) == 1

    run(work)


def test_a_client_that_is_closed_kills_its_abandoned_cursors_first(run: Any) -> None:
    async def work(world: World) -> None:
        cursor = await world.open_cursor()
        del cursor
        gc.collect()
        await world.do(world.client.close())
        assert world.events.services("killCursors") == world.events.services("find")

    run(work)


def test_a_failing_service_costs_the_other_nothing(run: Any) -> None:
    async def work(world: World) -> None:
        one, two = await world.open_cursor(), await world.open_cursor()
        first, second = world.events.services("find")
        assert first != second
        world.front.lose_reply_to("getMore")
        with pytest.raises(AutoReconnect):
            await world.do(one.to_list())
        assert [event.service_id for event in world.events.of("PoolClearedEvent")] == [first]
        assert len(await world.do(two.to_list())) == 9
        await world.do(one.close())
        assert [event.connection_id for event in world.events.of("ConnectionClosedEvent")] == [1]
        kinds = {one.server_type_name for one in world.client.topology_description.known_servers}
        assert kinds == {"LoadBalancer"}

    run(work)


def test_a_cursor_whose_connection_is_lost_says_so_and_asks_no_other(run: Any) -> None:
    async def work(world: World) -> None:
        cursor = await world.open_cursor()
        world.front.cut()
        with pytest.raises(PyMongoError):
            await world.do(cursor.to_list())
        await world.do(cursor.close())
        assert not world.events.services("killCursors")
        await world.do(world.things.find_one({}))

    run(work)


def test_who_waits_in_vain_hears_what_keeps_the_connections(run: Any) -> None:
    async def work(world: World) -> None:
        cursor = await world.open_cursor()
        with pytest.raises(
            WaitQueueTimeoutError, match=r"in use by cursors: 1, .*transactions: 0, .*operations: 0"
        ):
            await world.do(world.things.find_one({}))
        await world.do(cursor.close())
        await world.do(world.things.find_one({}))

    run(work, maxPoolSize=1, waitQueueTimeoutMS=100)


def test_a_transaction_whose_connection_is_lost_gives_it_up(run: Any) -> None:
    async def work(world: World) -> None:
        session = await world.do(world.client.start_session())
        await world.do(session.start_transaction())
        await world.do(world.things.insert_one({}, session=session))
        world.front.lose_reply_to("insert")
        with pytest.raises(AutoReconnect) as caught:
            await world.do(world.things.insert_one({}, session=session))
        assert caught.value.has_error_label("TransientTransactionError")
        assert world.lent() == 0
        await world.do(session.abort_transaction())
        await world.do(session.end_session())
        assert await world.do(world.things.count_documents({})) == 10

    run(work)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_server_that_is_no_load_balancer_is_refused(replica_set: LocalServer, asynchronous: bool) -> None:
    uri = replica_set.uri.replace("replicaSet=petiole", "loadBalanced=true")

    async def ping() -> None:
        async with petiole.AsyncMongoClient[Document](uri) as client:
            await client.admin.command("ping")

    def ping_blocking() -> None:
        with petiole.MongoClient[Document](uri) as client:
            client.admin.command("ping")

    with pytest.raises(ConfigurationError, match="Driver attempted to initialize in load balancing mode"):
        asyncio.run(ping()) if asynchronous else ping_blocking()
