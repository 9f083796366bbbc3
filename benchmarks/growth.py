"""Growth: the cost of a `find_one` as tasks get more, of a document as the documents iterated get more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import asyncio_ops
from benchmarks.cursors import checked
from benchmarks.documents import DATABASE
from benchmarks.drivers import Driver
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule

TASKS = (1, 10, 100, 1_000)
DOCUMENTS = (1_000, 10_000, 100_000, 1_000_000)


@contextmanager
def iterating(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    find = client[DATABASE]["numbers"].find

    def prepare(point: str, count: int) -> Callable[[], None]:
        def iterate() -> None:
            for _ in range(count):
                seen = 0
                for _ in find(limit=int(point)):
                    seen += 1
                checked(seen, int(point))

        return iterate

    try:
        yield prepare
    finally:
        client.close()


ROWS = (
    Row(
        "growth_tasks",
        "growth: find_one by tasks, asyncio",
        asyncio_ops.workload("find_one"),
        Measure.CPU,
        Rule.GROWTH,
        1.3,
        points=tuple(Point(str(tasks), units=tasks, minimum=5) for tasks in TASKS),
        motor=True,
        needs=("small",),
        rounds=6,
    ),
    Row(
        "growth_documents",
        "growth: document by documents iterated",
        iterating,
        Measure.CPU,
        Rule.GROWTH,
        1.3,
        unit="document",
        points=tuple(Point(str(count), units=count) for count in DOCUMENTS),
        quick_points=tuple(Point(str(count), units=count) for count in DOCUMENTS[:3]),
        needs=("numbers",),
        rounds=6,
    ),
)
