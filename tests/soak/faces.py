"""What each of the five faces does in a soak: rounds of all kinds of operations, on clients that live long and short.

Owns the work. A round leaves nothing behind but what it drops on purpose for the driver to clean up: cursors that were
not read to their ends, operations that were cancelled.
"""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.ioloop import IOLoop

from petiole import AsyncMongoClient, MongoClient
from petiole.asynchronous.collection import AsyncCollection
from petiole.errors import DuplicateKeyError, ExecutionTimeout
from petiole.gridfs import AsyncGridFSBucket, GridFSBucket
from petiole.legacy import Connection
from petiole.legacy import MongoClient as LegacyClient
from petiole.motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from petiole.motor.motor_tornado import MotorClient, MotorGridFSBucket
from petiole.operations import InsertOne, UpdateOne

APP = "petiole-soak"
DATABASE = "soak"
_FILE = b"petiole" * 60_000
_SLOW = {"$where": "sleep(20) || true"}
_EVERY = 7
"""How many rounds there are to one on a client of its own."""

warnings.simplefilter("ignore", DeprecationWarning)


class Face:
    """One face: a thread of its own in every lap."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.name = type(self).__name__
        self.rounds = 0
        self.left: list[str] = []
        """Tasks that were not done at the end of a lap."""

    def lap(self, seconds: float) -> None:
        """Rounds for so long."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the client that lives long."""
        raise NotImplementedError


class BlockingFace(Face):
    """A face whose methods block."""

    client: Any

    def lap(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.round(self.client[DATABASE][self.name], self.rounds)
            self.rounds += 1

    def round(self, things: Any, number: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.client.close()


class Blocking(BlockingFace):
    """Today's `MongoClient`."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.client = MongoClient[dict[str, Any]](uri, appname=APP)

    def round(self, things: Any, number: int) -> None:
        things.insert_one({"_id": 0, "n": number})
        things.insert_many([{"_id": n, "n": number, "text": "x" * 100} for n in range(1, 50)])
        try:
            things.insert_one({"_id": 0})
        except DuplicateKeyError:
            pass
        next(things.find(batch_size=5))  # Its cursor is dropped.
        things.find_one({}, max_time_ms=1000)
        try:
            list(things.find(_SLOW, max_time_ms=5))
        except ExecutionTimeout:
            pass
        things.bulk_write([UpdateOne({"_id": 1}, {"$inc": {"n": 1}}), InsertOne({"_id": 100})])
        list(things.aggregate([{"$group": {"_id": "$n", "count": {"$sum": 1}}}]))
        with self.client.start_session() as session, session.start_transaction():
            things.update_one({"_id": 2}, {"$set": {"n": 0}}, session=session)
            things.find_one({"_id": 2}, session=session)
        with things.watch(max_await_time_ms=1) as stream:
            things.delete_one({"_id": 3})
            stream.try_next()
        bucket = GridFSBucket(things.database, self.name)
        file = bucket.upload_from_stream("f", _FILE)
        assert bucket.open_download_stream(file).read() == _FILE
        bucket.delete(file)
        things.delete_many({})
        if number % _EVERY == 0:
            with MongoClient[dict[str, Any]](self.uri, appname=APP) as other:
                other[DATABASE][self.name].count_documents({})


class Legacy(BlockingFace):
    """The client of 3.x, which can be used again after `close`."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.client = LegacyClient(uri, appname=APP)

    def round(self, things: Any, number: int) -> None:
        things.insert([{"_id": n, "n": number} for n in range(50)])
        things.save({"_id": 5, "n": 0})
        things.update({"n": number}, {"$inc": {"n": 1}}, multi=True)
        things.find_and_modify({"_id": 6}, {"$set": {"n": 7}}, new=True)
        next(things.find(batch_size=5))
        assert things.count() == things.find().count() == 50
        bulk = things.initialize_ordered_bulk_op()
        bulk.find({"_id": 7}).remove_one()
        bulk.execute()
        things.ensure_index("n")
        self.client.close_cursor(1)
        things.remove()
        if number % _EVERY == 0:
            self.client.close()


class Early(BlockingFace):
    """The client of 1.x, with requests, unacknowledged writes, and reopening after `disconnect`."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.client = Connection(uri, appname=APP)

    def round(self, things: Any, number: int) -> None:
        with self.client.start_request():
            things.insert([{"_id": n, "n": number} for n in range(20)], safe=True)
            things.update({"_id": 1}, {"$set": {"n": 0}})
            things.remove({"_id": 2})
            assert things.find({"_id": {"$lt": 10}}).count() <= 10
            next(things.find(batch_size=5))
            things.remove({}, safe=True)
        if number % _EVERY == 0:
            self.client.disconnect()


class AsyncFace(Face):
    """A face whose methods are awaited: every lap has an event loop of its own."""

    client: Any
    plants: list[Callable[[], Any]] = []
    """What a lap begins with, so that the soak can be seen to find leaks."""

    def lap(self, seconds: float) -> None:
        asyncio.run(self._lap(seconds))

    async def _lap(self, seconds: float) -> None:
        for plant in self.plants:
            plant()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.round(self.client[DATABASE][self.name], self.rounds)
            self.rounds += 1
        self.left += [str(task) for task in asyncio.all_tasks() - {asyncio.current_task()} if not task.done()]

    async def round(self, things: Any, number: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        closing = self.client.close()
        if closing is not None:
            asyncio.run(closing)


class Asyncio(AsyncFace):
    """`AsyncMongoClient`."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.client = AsyncMongoClient[dict[str, Any]](uri, appname=APP)

    async def round(self, things: AsyncCollection[Any], number: int) -> None:
        await things.insert_many([{"_id": n, "n": number} for n in range(50)])
        await asyncio.gather(*(things.find_one({"_id": n}) for n in range(20)))
        await things.find(batch_size=5).next()
        await cancelled(things.find_one(_SLOW))
        async with self.client.start_session() as session, await session.start_transaction():
            await things.update_one({"_id": 2}, {"$set": {"n": 0}}, session=session)
        async with await things.watch(max_await_time_ms=1) as stream:
            await things.delete_one({"_id": 3})
            await stream.try_next()
        bucket = AsyncGridFSBucket(things.database, self.name)
        file = await bucket.upload_from_stream("f", _FILE)
        assert await (await bucket.open_download_stream(file)).read() == _FILE
        await bucket.delete(file)
        await things.delete_many({})
        if number % _EVERY == 0:
            async with AsyncMongoClient[dict[str, Any]](self.uri, appname=APP) as other:
                await other[DATABASE][self.name].count_documents({})


class OnAsyncio(AsyncFace):
    """`AsyncIOMotorClient`, by Futures and by callbacks."""

    kind: Any = AsyncIOMotorClient
    bucket: Any = AsyncIOMotorGridFSBucket

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.client = self.kind(uri, appname=APP)

    async def round(self, things: Any, number: int) -> None:
        if number % _EVERY == 1:
            self.client.disconnect()
        await things.insert_many([{"_id": n, "n": number} for n in range(50)])
        done = asyncio.get_running_loop().create_future()
        things.find_one({"_id": 1}, callback=lambda *both: done.set_result(both))
        assert await done == ({"_id": 1, "n": number}, None)
        cursor = things.find().batch_size(20)
        while await cursor.fetch_next:
            cursor.next_object()
        await things.find(batch_size=5).to_list(3)
        await cancelled(things.find_one(_SLOW))
        bucket = self.bucket(things.database, self.name)
        file = await bucket.upload_from_stream("f", _FILE)
        assert await (await bucket.open_download_stream(file)).read() == _FILE
        await bucket.delete(file)
        await things.delete_many({})
        if number % _EVERY == 0:
            other = self.kind(self.uri, appname=APP)
            await other.open()
            other.close()


class OnTornado(OnAsyncio):
    """`MotorClient`, on Tornado's loop."""

    kind = MotorClient
    bucket = MotorGridFSBucket

    def lap(self, seconds: float) -> None:
        loop = IOLoop(make_current=False)
        try:
            loop.run_sync(lambda: self._lap(seconds))
        finally:
            loop.close(all_fds=True)


async def cancelled(operation: Awaitable[Any]) -> None:
    """Cancel an operation that has begun."""
    task = asyncio.ensure_future(operation)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


FACES: list[Callable[[str], Face]] = [Blocking, Legacy, Early, Asyncio, OnAsyncio, OnTornado]
