"""Sixteen threads on one blocking client, each `find_one` after `find_one`: operations per elapsed second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from typing import Any

from benchmarks.drivers import Driver
from benchmarks.floor import Raw
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule
from benchmarks.single_ops import operation, request

THREADS = 16


def side_by_side(operations: list[Callable[[], Any]], count: int) -> Callable[[], None]:
    """Start a thread per operation and hold it; the closure lets all go and waits for the last."""
    barrier = threading.Barrier(len(operations) + 1)

    def one(work: Callable[[], Any]) -> None:
        barrier.wait()
        for _ in repeat(None, count):
            work()

    threads = [threading.Thread(target=one, args=(work,)) for work in operations]
    for thread in threads:
        thread.start()

    def go() -> None:
        barrier.wait()
        for thread in threads:
            thread.join()

    return go


@contextmanager
def finding(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    try:
        work = operation("find_one", driver, client, job)
        yield lambda _point, count: side_by_side([work] * THREADS, count)
    finally:
        client.close()


@contextmanager
def raw_finding(_driver: Driver, job: Job) -> Iterator[Prepare]:
    connections = [Raw(job.uri) for _ in range(THREADS)]
    bytes_out = request("find_one", job)
    try:
        operations = [partial(connection.exchange, bytes_out) for connection in connections]
        yield lambda _point, count: side_by_side(list(operations), count)
    finally:
        for connection in connections:
            connection.close()


ROWS = (
    Row(
        "threads_find_one",
        f"find_one, {THREADS} threads",
        finding,
        Measure.WALL,
        Rule.SPEED,
        2.0,
        points=(Point("", units=THREADS, minimum=5),),
        floor=raw_finding,
        needs=("small",),
    ),
)
