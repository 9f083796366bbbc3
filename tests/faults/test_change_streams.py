"""Consumers of change streams while primaries are killed: each acknowledged write is seen once, by all, in one order.

The three consumers are interrupted in their own ways as well: by fail points, by timeouts and cancellations, and by
going away and coming back with what they stored.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pymongo
from tests.integration.waiting import eventually

import petiole
from petiole.errors import PyMongoError
from petiole.local import LocalServer
from petiole.write_concern import WriteConcern

Document = dict[str, Any]
KILLS = 3
PATIENCE = 60.0
LAST = -1
"""The document after which nothing is written any more."""


class Writer:
    """Inserts numbered documents, and knows which of them the majority has acknowledged."""

    def __init__(self, server: LocalServer) -> None:
        self._client = petiole.MongoClient[Document](server.uri)
        self._things = self._client.faults.get_collection("things", write_concern=WriteConcern("majority"))
        self._things.insert_one({"_id": 0})
        self.tried = {0}
        self.acknowledged = {0}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def start(self) -> None:
        self._thread.start()

    def _write(self) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            self.insert(number)

    def insert(self, number: int) -> bool:
        self.tried.add(number)
        try:
            self._things.insert_one({"_id": number})
        except PyMongoError:
            return False
        self.acknowledged.add(number)
        return True

    def goes_on(self) -> bool:
        """Whether more writes are acknowledged."""
        before = len(self.acknowledged)
        return eventually(lambda: len(self.acknowledged) > before + 20, PATIENCE)

    def end(self) -> None:
        self._over.set()
        self._thread.join()
        assert eventually(lambda: self.insert(LAST), PATIENCE)
        self._client.close()


class Consumer:
    """Sees events until the last document was written."""

    def __init__(self, consume: Callable[[Consumer], None]) -> None:
        self.seen: list[int] = []
        self.error: BaseException | None = None
        self.ready = threading.Event()
        self._consume = consume
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self.ready.wait(PATIENCE)

    def _run(self) -> None:
        try:
            self._consume(self)
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.ready.set()

    def take(self, event: Document) -> None:
        self.seen.append(event["documentKey"]["_id"])

    @property
    def done(self) -> bool:
        return self.seen[-1:] == [LAST]

    def goes_on(self) -> bool:
        before = len(self.seen)
        return eventually(lambda: len(self.seen) > before, PATIENCE)

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert self.error is None
        assert self.done


def blocking(server: LocalServer) -> Callable[[Consumer], None]:
    """Waits, every now and then not for long."""

    def consume(consumer: Consumer) -> None:
        with (
            petiole.MongoClient[Document](server.uri, appname="consumer") as client,
            client.faults.things.watch() as stream,
        ):
            consumer.ready.set()
            while not consumer.done:
                try:
                    with petiole.timeout(0.3):
                        consumer.take(stream.next())
                except PyMongoError:
                    assert stream.alive

    return consume


def cancelling(server: LocalServer) -> Callable[[Consumer], None]:
    """Cancels its waits."""

    async def work(consumer: Consumer) -> None:
        async with (
            petiole.AsyncMongoClient[Document](server.uri, appname="consumer") as client,
            await client.faults.watch(batch_size=7) as stream,
        ):
            consumer.ready.set()
            while not consumer.done:
                task = asyncio.ensure_future(stream.next())
                await asyncio.wait([task], timeout=0.02)
                task.cancel()
                try:
                    consumer.take(await task)
                except asyncio.CancelledError:
                    pass
                except PyMongoError:
                    assert stream.alive

    return lambda consumer: asyncio.run(work(consumer))


def returning(server: LocalServer) -> Callable[[Consumer], None]:
    """Stores its token, goes away, and comes back."""

    def consume(consumer: Consumer) -> None:
        with petiole.MongoClient[Document](server.uri, appname="consumer") as client:
            token = None
            while not consumer.done:
                try:
                    with client.watch(resume_after=token, batch_size=3, max_await_time_ms=50) as stream:
                        token = stream.resume_token
                        consumer.ready.set()
                        for _ in range(10):
                            event = stream.try_next()
                            token = stream.resume_token
                            if event is not None and event["ns"]["db"] == "faults":
                                consumer.take(event)
                except PyMongoError:
                    assert token is not None

    return consume


def disturb(server: LocalServer) -> None:
    """Let some getMores of the consumers fail, in each way that a stream is resumed after."""
    labelled = {"errorCode": 11601, "errorLabels": ["ResumableChangeStreamError"]}
    with pymongo.MongoClient[Document](*server.primary().address, directConnection=True) as client:
        for failure in ({"closeConnection": True}, {"errorCode": 43}, labelled):
            data = {"failCommands": ["getMore"], "appName": "consumer", **failure}
            set_point = {"configureFailPoint": "failCommand", "mode": {"times": 3}, "data": data}
            count = client.admin.command(set_point)["count"]
            wait: Document = {"waitForFailPoint": "failCommand", "timesEntered": count + 3}
            client.admin.command({**wait, "maxTimeMS": int(PATIENCE * 1000)})


def test_every_acknowledged_write_is_seen_once() -> None:
    with LocalServer(replica_set=3) as server:
        writer = Writer(server)
        consumers = [Consumer(kind(server)) for kind in (blocking, cancelling, returning)]
        writer.start()
        for _ in range(KILLS):
            assert writer.goes_on()
            disturb(server)
            victim = server.primary()
            victim.kill()
            assert writer.goes_on()
            assert all(consumer.goes_on() for consumer in consumers)
            victim.start()
        writer.end()
        for consumer in consumers:
            consumer.join()
        first, *others = (consumer.seen for consumer in consumers)
        assert len(first) == len(set(first))
        assert writer.acknowledged - {0} <= set(first) <= writer.tried
        assert all(seen == first for seen in others)
