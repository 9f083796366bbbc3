"""Pools before the first operation: they are there with their servers, fill up, and say so."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pymongo
import pymongo.monitoring
import pytest
from tests.integration.waiting import eventually, soon

import petiole
from petiole import monitoring
from petiole.local import LocalServer

Document = dict[str, Any]


class Notes(monitoring.ConnectionPoolListener):
    """The names of a client's pool events, with their addresses."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith(("pool_", "connection_")):
            return lambda event: self.seen.append((name, event.address))
        return super().__getattribute__(name)

    def names(self, address: Any = None) -> list[str]:
        return [name for name, where in self.seen if address in (None, where)]


FILLED = ["pool_created", "pool_ready", "connection_created", "connection_ready"]


@pytest.mark.parametrize("face", ["blocking", "asyncio"])
def test_every_servers_pool_fills_without_an_operation(three_members: LocalServer, face: str) -> None:
    notes = Notes()
    options: dict[str, Any] = {"minPoolSize": 1, "event_listeners": [notes]}

    def filled() -> bool:
        return notes.names().count("connection_ready") == 3

    def check() -> None:
        for address in {where for _, where in notes.seen}:
            assert notes.names(address) == FILLED

    async def begin() -> None:
        async with petiole.AsyncMongoClient[Document](three_members.uri, **options):
            assert await soon(filled)
            check()

    if face == "asyncio":
        asyncio.run(begin())
    else:
        with petiole.MongoClient[Document](three_members.uri, **options):
            assert eventually(filled)
            check()
    assert notes.names().count("pool_closed") == 3
    assert notes.names().count("connection_closed") == 3


def test_the_pool_of_another_loop_is_made_when_it_is_used(replica_set: LocalServer) -> None:
    notes = Notes()
    client = petiole.AsyncMongoClient[Document](replica_set.uri, minPoolSize=1, event_listeners=[notes])

    async def use() -> None:
        await client.admin.command("ping")
        assert await soon(lambda: notes.names()[-1] in {"connection_ready", "connection_checked_in"})

    for number in (1, 2):
        asyncio.run(use())
        assert notes.names().count("pool_created") == notes.names().count("pool_ready") == number
    asyncio.run(client.close())


def test_a_listener_may_wait_for_a_thread_that_closes_the_client(replica_set: LocalServer) -> None:
    """Listeners are called under no guard of the topology: this thread would wait for it in vain."""
    ended: list[bool] = []
    may_begin = threading.Event()

    class Closing(Notes):
        def __getattribute__(self, name: str) -> Any:
            return self.close if name == "pool_ready" else super().__getattribute__(name)

        def close(self, event: Any) -> None:
            may_begin.wait(10)
            thread = threading.Thread(target=client.close)
            thread.start()
            thread.join(10)
            ended.append(not thread.is_alive())

    client = petiole.MongoClient[Document](replica_set.uri, event_listeners=[Closing()])
    may_begin.set()
    assert eventually(lambda: ended == [True])


def test_pymongos_pool_is_filled_and_told_of_alike(standalone: LocalServer) -> None:
    told = []
    for package in (pymongo, petiole):
        notes = Notes()
        listener: Any = notes
        if package is pymongo:
            kind: Any = type("Theirs", (pymongo.monitoring.ConnectionPoolListener,), {})
            listener = kind()
            for name in (name for name in dir(kind) if name.startswith(("pool_", "connection_"))):
                setattr(listener, name, getattr(notes, name))
        with package.MongoClient(standalone.uri, minPoolSize=2, event_listeners=[listener]):
            assert eventually(lambda: notes.names().count("connection_ready") == 2)  # noqa: B023 - used at once
        told.append(sorted(notes.names()))
    assert told[0] == told[1]
