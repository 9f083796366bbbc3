"""All faces at once in one process, which hand a baton on: `python -m tests.integration.together.relay URI`.

Each face waits, by its own means, until the baton's number is one of its own, notes that it had it, and passes it on.
So each sees what the one before wrote. At the end nothing may be left over: it prints what is.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import pymongo
from tests.census import Census
from tests.integration.waiting import eventually
from tornado.ioloop import IOLoop

from petiole import AsyncMongoClient, MongoClient
from petiole.collection import ReturnDocument
from petiole.legacy import Connection
from petiole.legacy import MongoClient as LegacyClient
from petiole.motor.motor_asyncio import AsyncIOMotorClient
from petiole.motor.motor_tornado import MotorClient

APP = "petiole-relay"
DATABASE = "relay"
FACES = 6
CIRCLES = 5
BATON = {"_id": "baton"}

warnings.simplefilter("ignore", DeprecationWarning)


def turns(place: int) -> list[int]:
    """The numbers at which it is a face's turn."""
    return [circle * FACES + place for circle in range(CIRCLES)]


def blocking(uri: str, place: int) -> None:
    """Today's client, which watches."""
    with MongoClient[dict[str, Any]](uri, appname=APP) as client:
        things = client[DATABASE].things
        for turn in turns(place):
            with things.watch(full_document="updateLookup") as stream:
                while True:
                    document = things.find_one(BATON)
                    if document and document["n"] >= turn:
                        break
                    stream.try_next()
            things.insert_one({"turn": turn, "by": "blocking"})
            things.update_one(BATON, {"$inc": {"n": 1}})


def legacy(uri: str, place: int) -> None:
    """The client of 3.x, which looks again and again, and closes itself in between."""
    client = LegacyClient(uri, appname=APP)
    things = client[DATABASE].things
    for turn in turns(place):
        while things.find({**BATON, "n": turn}).count() == 0:
            pass
        things.insert({"turn": turn, "by": "legacy"})
        things.find_and_modify(BATON, {"$inc": {"n": 1}})
        client.close()
    client.close()


def early(uri: str, place: int) -> None:
    """The client of 1.x, in a request, without acknowledgement of what nobody waits for."""
    client = Connection(uri, appname=APP)
    things = client[DATABASE].things
    for turn in turns(place):
        with client.start_request():
            while things.find_one({**BATON, "n": turn}) is None:
                pass
            things.insert({"turn": turn, "by": "early"})
            things.update(BATON, {"$inc": {"n": 1}})
    client.disconnect()


async def on_asyncio(uri: str, place: int) -> None:
    """`AsyncMongoClient`, in a transaction."""
    async with AsyncMongoClient[dict[str, Any]](uri, appname=APP) as client:
        things = client[DATABASE].things
        for turn in turns(place):
            while await things.count_documents({**BATON, "n": turn}) == 0:
                pass
            async with client.start_session() as session, await session.start_transaction():
                await things.insert_one({"turn": turn, "by": "asyncio"}, session=session)
                await things.update_one(BATON, {"$inc": {"n": 1}}, session=session)


async def by_motor(uri: str, place: int, kind: Any, name: str) -> None:
    """Motor, by callbacks and Futures."""
    client = kind(uri, appname=APP)
    things = client[DATABASE].things
    for turn in turns(place):
        while True:
            done = asyncio.get_running_loop().create_future()
            things.find_one({**BATON, "n": turn}, callback=lambda *both, done=done: done.set_result(both))
            found, error = await done
            assert error is None
            if found is not None:
                break
        await things.insert_one({"turn": turn, "by": name})
        await things.find_one_and_update(BATON, {"$inc": {"n": 1}}, return_document=ReturnDocument.AFTER)
    client.close()


async def two_on_one_loop(uri: str) -> None:
    """`AsyncMongoClient` and `AsyncIOMotorClient` share a loop."""
    await asyncio.gather(on_asyncio(uri, 3), by_motor(uri, 4, AsyncIOMotorClient, "motor on asyncio"))
    assert asyncio.all_tasks() == {asyncio.current_task()}


def on_tornado(uri: str) -> None:
    """`MotorClient` has Tornado's loop."""

    async def work() -> None:
        await by_motor(uri, 5, MotorClient, "motor on tornado")
        assert asyncio.all_tasks() == {asyncio.current_task()}

    loop = IOLoop(make_current=False)
    try:
        loop.run_sync(work)
    finally:
        loop.close(all_fds=True)


def at_once(*works: Callable[[], Awaitable[None] | None]) -> None:
    """Run them on a thread each; the first of their errors."""
    errors: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not errors:
        for thread in threads:
            thread.join(0.1)
    if errors:
        raise errors[0]


def main(uri: str) -> int:
    """The relay, and what is left of it."""
    witness = pymongo.MongoClient[dict[str, Any]](uri, appname="witness")
    witness.drop_database(DATABASE)
    witness[DATABASE].things.insert_one({**BATON, "n": 0})
    with MongoClient[dict[str, Any]](uri) as first:
        first.admin.command("ping")  # What a process makes once stays: it is there before the count.
    before = Census()
    at_once(
        lambda: blocking(uri, 0),
        lambda: legacy(uri, 1),
        lambda: early(uri, 2),
        lambda: asyncio.run(two_on_one_loop(uri)),
        lambda: on_tornado(uri),
    )
    notes = witness[DATABASE].things.find({"turn": {"$exists": True}}, sort=[("turn", 1)])
    for note in notes:
        print(note["turn"], note["by"])
    print("baton", witness[DATABASE].things.find_one(BATON))
    connections: list[Any] = [
        {"$currentOp": {"allUsers": True, "idleConnections": True, "idleCursors": True}},
        {"$match": {"$or": [{"appName": APP}, {"type": "idleCursor", "ns": f"{DATABASE}.things"}]}},
    ]
    eventually(lambda: not list(witness.admin.aggregate(connections)), 15)
    eventually(lambda: not Census().new_since(before), 15)
    left = [*map(str, witness.admin.aggregate(connections)), *Census().new_since(before)]
    for one in left:
        print("left over:", one)
    witness.drop_database(DATABASE)
    witness.close()
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
