"""`petiole.timeout` on a real server, both faces."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

import petiole
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import ExecutionTimeout, NetworkTimeout, PyMongoError
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient

SLOW: dict[str, Any] = {"$where": "sleep(300) || true"}


@pytest.fixture
def things(replica_set: LocalServer) -> Any:
    """A collection of one document, on the blocking face."""
    with MongoClient(replica_set.uri) as client:
        client.timeouts.things.insert_one({})
        yield client.timeouts.things
        client.drop_database("timeouts")


def test_an_operation_ends_with_its_block(things: Any) -> None:
    with petiole.timeout(0.05), pytest.raises(PyMongoError) as caught:
        things.find_one(SLOW)
    assert caught.value.timeout is True
    assert things.find_one() is not None


def test_none_begins_once_the_time_is_over(things: Any) -> None:
    with petiole.timeout(0.01):
        time.sleep(0.02)
        with pytest.raises(ExecutionTimeout, match="operation would exceed time limit"):
            things.insert_one({})
    assert things.count_documents({}) == 1


def test_a_block_within_can_only_shorten_the_time(things: Any) -> None:
    with petiole.timeout(0.05):
        with petiole.timeout(60), pytest.raises(PyMongoError) as caught:
            things.find_one(SLOW)
        assert caught.value.timeout is True
    with petiole.timeout(60):
        with petiole.timeout(0.05), pytest.raises(PyMongoError):
            things.find_one(SLOW)
        assert things.find_one() is not None


def test_no_time_is_no_limit(replica_set: LocalServer, things: Any) -> None:
    with MongoClient(replica_set.uri, timeoutMS=50) as client, petiole.timeout(0):
        assert client.timeouts.things.find_one(SLOW) is not None
    with MongoClient(replica_set.uri, timeoutMS=0) as client:
        assert client.timeouts.things.find_one(SLOW) is not None


def test_none_leaves_the_timeout_of_the_client(replica_set: LocalServer, things: Any) -> None:
    with MongoClient(replica_set.uri, timeoutMS=50) as client, petiole.timeout(None):
        with pytest.raises(PyMongoError) as caught:
            client.timeouts.things.find_one(SLOW)
        assert caught.value.timeout is True


def test_the_timeout_of_the_socket_gives_way(replica_set: LocalServer, things: Any) -> None:
    with MongoClient(replica_set.uri, socketTimeoutMS=100) as client, petiole.timeout(60):
        assert client.timeouts.things.find_one(SLOW) is not None


def test_the_argument_is_checked() -> None:
    with pytest.raises(ValueError, match="timeout cannot be negative"):
        petiole.timeout(-1)
    with pytest.raises(TypeError, match="timeout must be None, an int, or a float"):
        petiole.timeout("1")  # type: ignore[arg-type]


def test_tasks_have_timeouts_of_their_own(replica_set: LocalServer, things: Any) -> None:
    async def slow(client: AsyncMongoClient[Any], seconds: float) -> bool:
        with petiole.timeout(seconds):
            try:
                await client.timeouts.things.find_one(SLOW)
            except PyMongoError as error:
                return error.timeout
        return False

    async def main() -> list[bool]:
        async with AsyncMongoClient(replica_set.uri) as client:
            await client.admin.command("ping")
            return list(await asyncio.gather(slow(client, 0.05), slow(client, 60)))

    assert asyncio.run(main()) == [True, False]


@pytest.mark.parametrize(
    ("options", "seconds", "told"),
    [
        ({"timeoutMS": 80, "socketTimeoutMS": 70}, None, "timeoutMS: 80.0ms, connectTimeoutMS: 20000.0ms"),
        ({"timeoutMS": 5000, "connectTimeoutMS": 0}, 0.08, "timeoutMS: 80.0ms"),
        ({"socketTimeoutMS": 70}, None, "socketTimeoutMS: 70.0ms, connectTimeoutMS: 20000.0ms"),
    ],
)
def test_the_error_names_the_limit(
    options: dict[str, Any], seconds: float | None, told: str, replica_set: LocalServer
) -> None:
    slow = {"failCommands": ["ping"], "blockConnection": True, "blockTimeMS": 300, "appName": "limited"}
    point = {"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": slow}
    with (
        MongoClient(replica_set.uri) as other,
        MongoClient(replica_set.uri, appname="limited", **options) as client,
    ):
        client.admin.command("buildInfo")  # So that only a ping is left to be waited for.
        other.admin.command(point)
        try:
            with petiole.timeout(seconds), pytest.raises(NetworkTimeout) as caught:
                client.admin.command("ping")
        finally:
            other.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert str(caught.value).endswith(f": timed out (configured timeouts: {told})")
