"""Compressed messages over a real server, which counts what it decompresses."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.engine.sides import Loop, Side, Threads

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer(replica_set=1) as server:
        yield server


@pytest.fixture(params=[Threads, Loop], ids=["blocking", "asyncio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: Side = request.param()
    yield made
    made.close()


def do(side: Side, operation: Any) -> Any:
    async def work() -> Any:
        result = operation()
        return await result if inspect.isawaitable(result) else result

    return side.call(work)


def decompressed(status: dict[str, Any], name: str) -> int:
    """Bytes of requests that the server has taken out of this compression."""
    return int(status["network"]["compression"].get(name, {}).get("decompressor", {}).get("bytesIn", 0))


@pytest.mark.parametrize("compressors", ["snappy", "zlib", "zstd", "zstd,snappy"])
def test_messages_are_compressed(server: LocalServer, side: Side, compressors: str) -> None:
    name = compressors.split(",")[0]
    kind = MongoClient if isinstance(side, Threads) else AsyncMongoClient
    client: Any = kind(server.uri, compressors=compressors)
    things = client.compression[f"c_{side.name}_{name}"]
    before = decompressed(do(side, lambda: client.admin.command("serverStatus")), name)
    documents: list[dict[str, Any]] = [{"_id": i, "text": "petiole " * 200} for i in range(500)]
    do(side, lambda: things.insert_many(documents))
    assert do(side, lambda: things.find().to_list()) == documents
    assert do(side, lambda: things.find_one({"_id": 7})) == documents[7]
    after = decompressed(do(side, lambda: client.admin.command("serverStatus")), name)
    sent = sum(len(document["text"]) for document in documents)
    assert 100 < after - before < sent / 5
    do(side, lambda: client.drop_database("compression"))
    do(side, client.close)


def test_what_holds_credentials_is_not_compressed(server: LocalServer) -> None:
    with MongoClient[dict[str, Any]](server.uri, compressors="zlib") as client:
        client.admin.command("ping")
        before = decompressed(client.admin.command("serverStatus"), "zlib")
        client.admin.command("createUser", "compressed", pwd=secrets.token_hex(4_000), roles=[])
        client.admin.command("dropUser", "compressed")
        after = decompressed(client.admin.command("serverStatus"), "zlib")
    # Two small commands, but not the thousands of bytes of the password.
    assert 0 < after - before < 600
