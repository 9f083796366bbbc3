"""The driver that is tested and its two faces, so that the runner is written once.

Owns: importing the driver's modules, and how a value of a face is awaited, iterated and slept for. The runner is
`async def` throughout: on the blocking face nothing it awaits ever suspends.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import inspect
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

Operation = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Driver:
    """A package with PyMongo's public modules."""

    package: str
    complete: bool = False
    """Whether to run what it is not said to have, to see whether it has it by now."""

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.package}.{name}")

    def has_module(self, name: str) -> bool:
        return importlib.util.find_spec(f"{self.package}.{name}") is not None

    def bson(self, name: str = "") -> Any:
        package = "bson" if self.package == "pymongo" else f"{self.package}.bson"
        return importlib.import_module(f"{package}.{name}" if name else package)

    def gridfs(self, name: str = "") -> Any:
        package = "gridfs" if self.package == "pymongo" else f"{self.package}.gridfs"
        return importlib.import_module(f"{package}.{name}" if name else package)

    def timeout(self, milliseconds: float) -> Any:
        """The context in which operations have this much time; 0 is no limit."""
        package = importlib.import_module(self.package)
        return package.timeout(milliseconds / 1000)


class Worker(Protocol):
    """A "thread" of the test: runs operations one after another, beside the test."""

    def submit(self, operation: Operation) -> None: ...

    async def finish(self, timeout: float) -> None:
        """Wait for the last operation; raise what one of them raised."""
        ...


class Face:
    """How the runner uses the clients of one face."""

    name: str
    legacy: bool
    """Whether there is an API of 3.x with this face."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.legacy = self.name == "blocking" and driver.has_module("legacy")

    def client(self, *args: Any, **options: Any) -> Any:
        return self.driver.module("mongo_client").MongoClient(*args, **options)

    def bucket(self, database: Any, **options: Any) -> Any:
        return self.driver.gridfs().GridFSBucket(database, **options)

    def client_encryption(self, **options: Any) -> Any:
        return self.driver.module("encryption").ClientEncryption(**options)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        raise AssertionError

    async def resolve(self, value: Any) -> Any:
        """The result of a call: itself, or what it is awaited to."""
        return await value if inspect.isawaitable(value) else value

    async def to_list(self, cursor: Any) -> list[Any]:
        raise AssertionError

    async def next(self, cursor: Any) -> Any:
        """The next document; StopAsyncIteration where there is none."""
        raise AssertionError

    async def sleep(self, seconds: float) -> None:
        raise AssertionError

    def callback(self, function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Any]:
        raise AssertionError

    def worker(self) -> Worker:
        raise AssertionError


def drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that does not suspend."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("the blocking face suspended")


class BlockingFace(Face):
    name = "blocking"

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return drive(coroutine)

    async def to_list(self, cursor: Any) -> list[Any]:
        return list(cursor)

    async def next(self, cursor: Any) -> Any:
        try:
            return next(cursor)
        except StopIteration:
            raise StopAsyncIteration from None

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251 - the blocking face has no loop

    def callback(self, function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Any]:
        async def call(session: Any) -> Any:
            return await function(session)

        return lambda session: drive(call(session))

    def worker(self) -> Worker:
        return ThreadWorker()


class AsyncioFace(Face):
    name = "asyncio"

    def client(self, *args: Any, **options: Any) -> Any:
        return self.driver.module("asynchronous.mongo_client").AsyncMongoClient(*args, **options)

    def bucket(self, database: Any, **options: Any) -> Any:
        return self.driver.gridfs("asynchronous").AsyncGridFSBucket(database, **options)

    def client_encryption(self, **options: Any) -> Any:
        return self.driver.module("asynchronous.encryption").AsyncClientEncryption(**options)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(coroutine)

    async def to_list(self, cursor: Any) -> list[Any]:
        return [document async for document in cursor]

    async def next(self, cursor: Any) -> Any:
        return await anext(cursor)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def callback(self, function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Any]:
        return function

    def worker(self) -> Worker:
        return TaskWorker()


class ThreadWorker:
    """A thread; daemonic, so that one which hangs does not keep the tests from ending."""

    def __init__(self) -> None:
        self._operations: queue.SimpleQueue[Operation | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def submit(self, operation: Operation) -> None:
        self._operations.put(operation)

    async def finish(self, timeout: float) -> None:
        self._operations.put(None)
        self._thread.join(timeout)
        assert not self._thread.is_alive(), f"the thread has not ended in {timeout} s"
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (operation := self._operations.get()) is not None:
            try:
                drive(operation())
            except BaseException as error:  # It belongs to the test, which asks for it in `finish`.
                self._error = self._error or error


class TaskWorker:
    """A task for each operation, which waits for the one before."""

    def __init__(self) -> None:
        self._last: asyncio.Task[None] | None = None

    def submit(self, operation: Operation) -> None:
        previous = self._last

        async def work() -> None:
            if previous is not None:
                await previous
            await operation()

        self._last = asyncio.get_running_loop().create_task(work())

    async def finish(self, timeout: float) -> None:
        if self._last is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait_for(self._last, timeout)


FACES: tuple[type[Face], ...] = (BlockingFace, AsyncioFace)
