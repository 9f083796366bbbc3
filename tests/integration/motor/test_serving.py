"""Files of GridFS over HTTP by Tornado and aiohttp: the same headers as Motor's handlers give; loops and threads."""

from __future__ import annotations

import asyncio
import importlib
import threading
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from petiole.local import LocalServer

REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "plain.txt", {}),
    ("HEAD", "plain.txt", {}),
    ("GET", "big", {}),
    ("GET", "missing", {}),
    ("HEAD", "missing", {}),
    ("GET", "plain.txt", {"If-Modified-Since": "{Last-Modified}"}),
    ("GET", "plain.txt", {"If-Modified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"}),
    ("GET", "plain.txt", {"If-None-Match": "{Etag}"}),
    ("GET", "plain.txt", {"If-None-Match": '"other"'}),
    ("POST", "plain.txt", {}),
]


async def _asked(port: int) -> list[Any]:
    """Status, headers and body of the answers; of tag and date only that there are any."""
    found = []
    known: dict[str, str] = {}
    async with aiohttp.ClientSession() as session:
        for method, name, headers in REQUESTS:
            filled = {key: known.get(value.strip("{}"), value) for key, value in headers.items()}
            url = f"http://127.0.0.1:{port}/files/{name}"
            async with session.request(method, url, headers=filled) as answer:
                known = known or dict(answer.headers)
                told = {key: value for key, value in answer.headers.items() if key not in ("Date", "Server")}
                if "Etag" in told:
                    told |= {
                        "Etag": "a tag",
                        "Last-Modified": "a date",
                    }  # Motor's on aiohttp is a second late.
                found.append((method, name, answer.status, told, await answer.read()))
    return found


async def _served(package: str, uri: str, database: str) -> tuple[list[Any], list[Any]]:
    on_asyncio = importlib.import_module(f"{package}.motor_asyncio").AsyncIOMotorClient(uri)
    on_tornado = importlib.import_module(f"{package}.motor_tornado").MotorClient(uri)
    handler = importlib.import_module(f"{package}.web").GridFSHandler
    (listening,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([(r"/files/(.*)", handler, {"database": on_tornado[database]})]))
    server.add_sockets([listening])
    by_tornado = await _asked(listening.getsockname()[1])
    server.stop()
    application = web.Application()
    route = application.router.add_resource("/files/{filename}")
    serving = importlib.import_module(f"{package}.aiohttp").AIOHTTPGridFS(on_asyncio[database])
    route.add_route("GET", serving)
    route.add_route("HEAD", serving)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    by_aiohttp = await _asked(runner.addresses[0][1])
    await runner.cleanup()
    on_asyncio.close()
    on_tornado.close()
    return by_tornado, by_aiohttp


def test_handlers_answer_as_motors_do(m: Any, run: Any, name: str, replica_set: LocalServer) -> None:
    async def store(client: Any) -> None:
        bucket = m.GridFSBucket(client[name])
        await bucket.upload_from_stream("plain.txt", b"hello world")
        big = bucket.open_upload_stream("big")
        await big.set("contentType", "image/png")
        await big.write(bytes(600_000))
        await big.close()

    run(store)
    ours = asyncio.run(_served("petiole.motor", replica_set.uri, name))
    assert ours == asyncio.run(_served("motor", replica_set.uri, name))
    assert [status for _, _, status, *_ in ours[0]] == [200, 200, 200, 404, 404, 304, 200, 304, 200, 405]


def test_stream_to_handler(m: Any, run: Any, name: str) -> None:
    class Handler:
        def __init__(self) -> None:
            self.told: list[Any] = []

        def write(self, chunk: bytes) -> None:
            self.told.append(chunk)

        async def flush(self) -> None:
            self.told.append(None)

    async def work(client: Any) -> None:
        bucket = m.GridFSBucket(client[name], chunk_size_bytes=4)
        number = await bucket.upload_from_stream("f", b"0123456789")
        handler = Handler()
        await (await bucket.open_download_stream(number)).stream_to_handler(handler)
        assert handler.told == [b"0123", None, b"4567", None, b"89", None]

    run(work)


def test_files_found_are_files_of_motor(m: Any, run: Any, name: str) -> None:
    async def work(client: Any) -> None:
        bucket = m.GridFSBucket(client[name])
        await bucket.upload_from_stream("f", b"abc")
        (file,) = await bucket.find().to_list(None)
        assert type(file) is m.GridOut
        assert await file.read() == b"abc"
        assert [await each.read() async for each in bucket.find()] == [b"abc"]

    run(work)


def test_no_worker_threads(run: Any, name: str) -> None:
    before = set(threading.enumerate())

    async def work(client: Any) -> None:
        await asyncio.gather(*[client[name].c.insert_one({}) for _ in range(50)])
        assert {thread.name for thread in set(threading.enumerate()) - before} <= {"petiole-monitors"}

    run(work)


def test_one_client_on_several_loops(replica_set: LocalServer, name: str) -> None:
    from petiole.motor.motor_asyncio import AsyncIOMotorClient

    client = AsyncIOMotorClient(replica_set.uri)

    async def work() -> Any:
        assert client.get_io_loop() is asyncio.get_running_loop()
        return (await client[name].c.insert_one({})).acknowledged

    assert [asyncio.run(work()) for _ in range(3)] == [True] * 3
    client.close()


def test_subclasses(m: Any, run: Any, name: str) -> None:
    class Mine(m.Collection):  # type: ignore[misc]
        async def first(self) -> Any:
            return await self.find_one({}, sort=[("_id", 1)])

    async def work(client: Any) -> None:
        mine = Mine(client[name], "c")
        await mine.insert_many([{"_id": 2}, {"_id": 1}])
        assert await mine.first() == {"_id": 1}
        assert mine == client[name].c
        assert mine.delegate.name == "c"

    run(work)
    with pytest.raises(TypeError, match="MotorDatabase"):
        Mine(None, "c")
