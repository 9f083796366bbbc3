"""Workers that write, count, read and leave cursors behind, over either face.

Owns: what a worker does, and what it notes in its account. It expects servers to be killed under it: an error
that PyMongo documents is an outcome, everything else is noted as wrong.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from inspect import isawaitable
from typing import Any

from tests.faults.ledger import Account

from petiole import AsyncMongoClient, MongoClient
from petiole._native import run
from petiole.collection import ReturnDocument
from petiole.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from petiole.read_preferences import ReadPreference

DATABASE = "faults"
THREADS, TASKS = 16, 100
_PAUSE = 0.05
"""Seconds of rest after an operation: the servers share a machine with the workers."""
_DUPLICATE_KEY = 11000
_CLIENT: dict[str, Any] = {"serverSelectionTimeoutMS": 12_000, "w": "majority", "maxPoolSize": 60}


class Worker:
    """One thread or one task: it does one thing after the other, until it is told to stop."""

    def __init__(self, name: str, client: Any, rest: Callable[[], Awaitable[None]]) -> None:
        self.account = Account(name)
        self._things = client[DATABASE].things
        self._counters = client[DATABASE].counters
        self._rest = rest
        self._number = 0
        self._left: list[Any] = []
        """Cursors that nobody has read to their end."""
        self._last = ""

    async def work(self, stop: threading.Event) -> None:
        """Work until the event is set."""
        kinds = (self._insert, self._count, self._read, self._insert_many, self._count_and_look, self._scan)
        while not stop.is_set():
            for kind in kinds:
                await self._try(kind)
                await self._rest()
        self._left.clear()

    async def _try(self, kind: Callable[[], Coroutine[Any, Any, None]]) -> None:
        account, name = self.account, kind.__name__.removeprefix("_")
        began = time.monotonic()
        try:
            await kind()
            account.outcomes[f"{name} ok"] += 1
        except PyMongoError as error:
            account.outcomes[f"{name} {type(error).__name__}"] += 1
            if _says_duplicate(error):  # Each id is used once.
                account.complain(f"applied twice: {error!r}")
        except Exception as error:
            account.complain(f"undocumented: {error!r}")
        account.slowest = max(account.slowest, time.monotonic() - began)

    def _document(self) -> dict[str, Any]:
        self._number += 1
        return {"_id": f"{self.account.name}/{self._number}", "of": self.account.name}

    async def _insert(self) -> None:
        document = self._document()
        await _done(self._things.insert_one(document))
        self._stored(document)

    async def _insert_many(self) -> None:
        documents = [self._document() for _ in range(3)]
        await _done(self._things.insert_many(documents))
        self._stored(*documents)

    def _stored(self, *documents: dict[str, Any]) -> None:
        self.account.stored.update(document["_id"] for document in documents)
        self.account.writes += 1
        self._last = documents[-1]["_id"]

    async def _read(self) -> None:
        if self._last and await _done(self._things.find_one({"_id": self._last})) is None:
            self.account.complain(f"{self._last} was acknowledged by a majority, but is not to be read")

    async def _count(self) -> None:
        await self._increment(self._counters.update_one)

    async def _count_and_look(self) -> None:
        account = self.account
        found = await self._increment(
            self._counters.find_one_and_update, return_document=ReturnDocument.AFTER
        )
        if not account.increments <= found["n"] <= account.increments + account.in_doubt:
            account.complain(f"counted {found['n']} of {account.increments} and {account.in_doubt} in doubt")

    async def _increment(self, method: Callable[..., Any], **options: Any) -> Any:
        account = self.account
        account.in_doubt += 1
        found = await _done(method({"_id": account.name}, {"$inc": {"n": 1}}, **options))
        account.in_doubt -= 1
        account.increments += 1
        account.writes += 1
        return found

    async def _scan(self) -> None:
        """Read some batches; every other cursor is left to the garbage collector."""
        things = self._things
        if self._number % 3:
            things = things.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED)
        cursor = things.find({"of": self.account.name}, batch_size=2)
        for _ in range(5):
            await _next(cursor)
        if self._number % 2:
            await _done(cursor.close())
        else:
            self._left = [*self._left[-2:], cursor]


def _says_duplicate(error: PyMongoError) -> bool:
    details = error.details if isinstance(error, BulkWriteError) else {}
    codes = {found["code"] for found in details.get("writeErrors", ())}
    return isinstance(error, DuplicateKeyError) or _DUPLICATE_KEY in codes


async def _done(answer: Any) -> Any:
    """What either face's method returns."""
    return await answer if isawaitable(answer) else answer


async def _next(cursor: Any) -> Any:
    return await anext(cursor, None) if hasattr(cursor, "__anext__") else next(cursor, None)


class Load:
    """Threads on a blocking client and tasks on an asyncio client, at once, and what they were told."""

    def __init__(self, uri: str, app: str) -> None:
        self._uri = uri
        self._options = {**_CLIENT, "appname": app}
        self._stop = threading.Event()
        self._close = threading.Event()
        self.accounts: list[Account] = []
        self.clients: list[Any] = []
        self._loop_thread = threading.Thread(target=lambda: asyncio.run(self._serve_tasks()))
        self._threads: list[threading.Thread] = []
        self._idle = threading.Event()
        self.wrong: list[str] = []

    def start(self, counters: Callable[[list[str]], None]) -> None:
        """Begin, on counters that are made before."""
        counters([f"thread-{n}" for n in range(THREADS)] + [f"task-{n}" for n in range(TASKS)])
        client = MongoClient[dict[str, Any]](self._uri, **self._options)
        self.clients.append(client)
        for number in range(THREADS):
            worker = Worker(f"thread-{number}", client, _rest_of_thread)
            self.accounts.append(worker.account)
            self._threads.append(threading.Thread(target=run, args=(worker.work(self._stop),)))
        self._loop_thread.start()
        for thread in self._threads:
            thread.start()

    async def _serve_tasks(self) -> None:
        client = AsyncMongoClient[dict[str, Any]](self._uri, **self._options)
        self.clients.append(client)
        workers = [Worker(f"task-{number}", client, _rest_of_task) for number in range(TASKS)]
        self.accounts += [worker.account for worker in workers]
        await asyncio.gather(*(worker.work(self._stop) for worker in workers))
        self._idle.set()
        await asyncio.to_thread(self._close.wait)
        await client.close()
        await asyncio.sleep(0.1)  # For the ends of connections to be noticed.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            self.wrong.append(f"left over: {left}")

    def stop(self) -> None:
        """Let every worker end what it is at."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._idle.wait()

    def close(self) -> None:
        """Stop, and close both clients."""
        self.stop()
        self.clients[0].close()
        self.clients.clear()
        self._threads.clear()
        self._close.set()
        self._loop_thread.join()

    def writes(self) -> dict[str, int]:
        """Acknowledged writes so far, by worker."""
        return {account.name: account.writes for account in self.accounts}


_NEVER = threading.Event()


async def _rest_of_thread() -> None:
    _NEVER.wait(_PAUSE)


async def _rest_of_task() -> None:
    await asyncio.sleep(_PAUSE)
