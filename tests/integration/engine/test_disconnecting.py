"""Clients that are disconnected, and may be used again, do not forget the cursors that were dropped before."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.waiting import eventually, soon

from petiole._engine.housekeeper import kill_abandoned
from petiole._native import run
from petiole.legacy import Connection
from petiole.legacy import MongoClient as LegacyClient
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.motor.motor_asyncio import AsyncIOMotorClient

NAME = "disconnecting"


@pytest.fixture
def cursors(replica_set: LocalServer) -> Any:
    """How many cursors of this test's the server has open."""
    with MongoClient[dict[str, Any]](replica_set.uri) as witness:
        witness[NAME].things.drop()
        witness[NAME].things.insert_many([{"_id": n} for n in range(20)])
        match = {"type": "idleCursor", "ns": f"{NAME}.things"}
        pipeline: list[Any] = [{"$currentOp": {"idleCursors": True}}, {"$match": match}]
        yield lambda: len(list(witness.admin.aggregate(pipeline)))
        witness.drop_database(NAME)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("in_request", [False, True])
def test_connection_kills_them_first(
    replica_set: LocalServer, cursors: Callable[[], int], in_request: bool
) -> None:
    client = Connection(replica_set.uri)
    if in_request:
        client.start_request()
    for _ in range(3):
        cursor = client[NAME].things.find(batch_size=2)
        next(cursor)
        assert cursors() == 1
        del cursor
        client.disconnect()
        assert cursors() == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_housekeeper_forgets_none_while_the_client_is_disconnected(
    replica_set: LocalServer, cursors: Callable[[], int]
) -> None:
    client = LegacyClient(replica_set.uri)
    cursor = client[NAME].things.find(batch_size=2)
    next(cursor)
    executor = client._engine.executor
    client._engine.topology.close()
    del cursor
    run(kill_abandoned(executor, executor))
    assert len(executor.abandoned) == 1
    client.admin.command("ping")
    assert eventually(lambda: cursors() == 0)
    client.close()


def test_motor_kills_them_when_it_is_used_again(replica_set: LocalServer, cursors: Callable[[], int]) -> None:
    async def work() -> None:
        client = AsyncIOMotorClient(replica_set.uri)
        cursor = client[NAME].things.find(batch_size=2)
        await cursor.next()
        del cursor
        client.disconnect()
        assert await asyncio.to_thread(cursors) == 1
        assert len(await client[NAME].things.find().to_list(None)) == 20
        assert await soon(lambda: cursors() == 0)
        client.close()

    asyncio.run(work())


def test_motor_kills_one_that_is_dropped_just_then(
    replica_set: LocalServer, cursors: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        client = AsyncIOMotorClient(replica_set.uri)
        held = [client[NAME].things.find(batch_size=2)]
        await held[0].next()
        topology = client.delegate._engine.topology
        announce = topology._announce

        def drop_one() -> None:
            held.clear()
            gc.collect()
            announce()

        monkeypatch.setattr(topology, "_announce", drop_one)
        client.disconnect()
        monkeypatch.undo()
        assert await asyncio.to_thread(cursors) == 1
        await client[NAME].things.find_one()
        assert await soon(lambda: cursors() == 0)
        client.close()

    asyncio.run(work())


def test_motor_kills_one_that_is_dropped_afterwards(
    replica_set: LocalServer, cursors: Callable[[], int]
) -> None:
    client = AsyncIOMotorClient(replica_set.uri)

    async def work() -> None:
        cursor = client[NAME].things.find(batch_size=2)
        await cursor.next()
        client.disconnect()
        await client[NAME].things.find_one()

    asyncio.run(work())
    assert eventually(lambda: cursors() == 0)
    client.close()
