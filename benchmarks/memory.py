"""Memory and threads: the peak of `list(find())`, memory while iterating, threads of one client.

Each round is a process of its own. The peak is `VmHWM` of Linux, which starts afresh at `exec`; `ru_maxrss`
does not, and would count the parent's memory into a small child's peak.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.documents import DATABASE
from benchmarks.drivers import Driver
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule, Workload

STATUS = Path("/proc/self/status")
TASKS = Path("/proc/self/task")
BATCH = 10_000
SETTLING = 3.0
"""Seconds a client has to start all the threads it will start, after its first operations."""


def memory(field: str) -> int:
    """`VmHWM` (peak) or `VmRSS` (now) of this process in bytes."""
    if not STATUS.exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    for line in STATUS.read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"{STATUS} has no {field}")


def peak_over_connected(work: Callable[[Any, str], object], warm_up: Callable[[Any], object]) -> Workload:
    """The peak of `work(client, point)` over the memory of the connected client."""

    @contextmanager
    def opened(driver: Driver, job: Job) -> Iterator[Prepare]:
        client = driver.client(job.uri)
        warm_up(client)

        def measured(point: str) -> float:
            gc.collect()
            before = memory("VmRSS")
            work(client, point)
            return float(memory("VmHWM") - before)

        try:
            yield lambda point, _count: lambda: measured(point)
        finally:
            client.close()

    return opened


def list_all(client: Any, _point: str) -> None:
    documents = list(client[DATABASE]["tweets_100k"].find())
    if len(documents) < 10_000:
        raise ValueError(f"only {len(documents)} documents came")


def iterate_some(client: Any, point: str) -> None:
    seen = 0
    for _ in client[DATABASE]["numbers"].find(batch_size=BATCH, limit=int(point)):
        seen += 1
    if seen != int(point):
        raise ValueError(f"{seen} documents came where {point} were asked for")


def find_one_tweet(client: Any) -> None:
    client[DATABASE]["tweets_100k"].find_one()


def find_one_number(client: Any) -> None:
    client[DATABASE]["numbers"].find_one()


@contextmanager
def background_threads(driver: Driver, job: Job) -> Iterator[Prepare]:
    def threads() -> int:
        return len(os.listdir(TASKS))

    def measured() -> float:
        driver.package  # noqa: B018 - the import may start threads of its own, which count too
        client = driver.client(job.uri)
        client.admin.command("ping")
        deadline = time.monotonic() + SETTLING
        most = 0
        while time.monotonic() < deadline:
            most = max(most, threads())
            time.sleep(0.05)
        known = len(client.nodes)
        client.close()
        if known != 3:
            raise ValueError(f"the client knows {known} members of three")
        return float(most - before)

    before = threads()
    yield lambda _point, _count: measured


ROWS = (
    Row(
        "memory_list",
        "peak memory of list(find()), 100,000 tweets",
        peak_over_connected(list_all, find_one_tweet),
        Measure.BYTES,
        Rule.COST,
        1.0,
        unit="list",
        needs=("tweets_100k",),
        fresh=True,
        rounds=3,
    ),
    Row(
        "memory_iterate",
        "memory while iterating, after n documents",
        peak_over_connected(iterate_some, find_one_number),
        Measure.BYTES,
        Rule.GROWTH,
        1.3,
        unit="iteration",
        points=(Point("50000"), Point("1000000")),
        quick_points=(Point("20000"), Point("100000")),
        needs=("numbers",),
        fresh=True,
        rounds=3,
    ),
    Row(
        "background_threads",
        "background threads, three-node set",
        background_threads,
        Measure.THREADS,
        Rule.ABSOLUTE,
        1.0,
        unit="client",
        members=3,
        fresh=True,
        rounds=1,
    ),
)
