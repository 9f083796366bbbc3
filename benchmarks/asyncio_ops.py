"""The operations of `single_ops` on asyncio, with 1, 10 and 100 tasks that each do one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import repeat
from typing import Any

from benchmarks.drivers import Driver, close
from benchmarks.floor import AsyncRaw, message
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule, Workload
from benchmarks.single_ops import OPERATIONS, operation, request

Operation = Callable[[], Awaitable[Any]]
POINTS = tuple(Point(str(tasks), units=tasks, minimum=5) for tasks in (1, 10, 100))


@contextmanager
def event_loop(job: Job) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """A fresh event loop, asyncio's own or uvloop's, as a function that runs a coroutine on it."""
    factory = import_module("uvloop").new_event_loop if job.uvloop else None
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner.get_loop().run_until_complete


async def in_tasks(operations: Sequence[Operation], count: int) -> None:
    """Run each operation `count` times: operations side by side, each one's calls one after another."""

    async def one(work: Operation) -> None:
        for _ in repeat(None, count):
            await work()

    if len(operations) == 1:
        await one(operations[0])
    else:
        await asyncio.gather(*[one(work) for work in operations])


def workload(name: str) -> Workload:
    @contextmanager
    def on_asyncio(driver: Driver, job: Job) -> Iterator[Prepare]:
        with event_loop(job) as run:
            client = driver.async_client(job.uri)
            work = operation(name, driver, client, job)

            async def first() -> None:
                if not await work():
                    raise ValueError(f"{name} returned nothing")

            async def last() -> None:
                await client.drop_database(job.database)
                await close(client)

            run(first())
            try:
                yield lambda point, count: partial(run_tasks, run, [work] * int(point), count)
            finally:
                run(last())

    return on_asyncio


def run_tasks(
    run: Callable[[Coroutine[Any, Any, Any]], Any], operations: Sequence[Operation], count: int
) -> None:
    run(in_tasks(operations, count))


def floor(name: str) -> Workload:
    @contextmanager
    def raw(_driver: Driver, job: Job) -> Iterator[Prepare]:
        with event_loop(job) as run:
            connections: list[AsyncRaw] = []

            def prepare(point: str, count: int) -> Callable[[], None]:
                while len(connections) < int(point):
                    connections.append(run(AsyncRaw.connect(job.uri)))
                bytes_out = request(name, job)
                work = [partial(connection.exchange, bytes_out) for connection in connections[: int(point)]]
                return partial(run_tasks, run, work, count)

            try:
                yield prepare
            finally:
                if connections:
                    run(connections[0].exchange(message({"dropDatabase": 1, "$db": job.database})))
                for connection in connections:
                    connection.close()

    return raw


ROWS = tuple(
    Row(
        f"async_{name}",
        f"{name}, asyncio",
        workload(name),
        Measure.CPU,
        Rule.COST,
        0.35,
        points=POINTS,
        floor=floor(name),
        motor=True,
        needs=needs,
    )
    for name, needs in OPERATIONS.items()
)
