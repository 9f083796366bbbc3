"""Single operations on the blocking client: `ping`, `find_one` by _id, `insert_one` of a small document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from typing import Any

from benchmarks.documents import DATABASE, SMALL_ID, read_bson
from benchmarks.drivers import Driver
from benchmarks.floor import Raw, message
from benchmarks.registry import Job, Measure, Prepare, Row, Rule, Workload

OPERATIONS = {"ping": (), "find_one": ("small",), "insert_one": ()}
"""The operations and the data sets they need."""


def operation(name: str, driver: Driver, client: Any, job: Job) -> Callable[[], Any]:
    """The operation as a callable without arguments; on an asyncio client its result is to be awaited."""
    if name == "ping":
        return partial(client.admin.command, "ping")
    if name == "find_one":
        return partial(client[DATABASE]["small"].find_one, {"_id": SMALL_ID})
    insert = client[job.database]["inserted"].insert_one
    copy = driver.bson.decode(read_bson(job.folder, "small")).copy
    return lambda: insert(copy())


def request(name: str, job: Job) -> bytes:
    """The operation as the bytes of one message."""
    if name == "ping":
        return message({"ping": 1, "$db": "admin"})
    if name == "find_one":
        command = {"find": "small", "filter": {"_id": SMALL_ID}, "limit": 1, "singleBatch": True}
        return message({**command, "$db": DATABASE})
    import bson  # the raw side only: see `message`

    # Without an _id, so that the same bytes can be sent again and again: the server makes one.
    document = bson.decode(read_bson(job.folder, "small"))
    return message({"insert": "inserted", "$db": job.database}, ("documents", [document]))


def repeated(work: Callable[[], Any]) -> Prepare:
    """Rounds that call `work` as often as asked."""

    def prepare(_point: str, count: int) -> Callable[[], None]:
        def loop() -> None:
            for _ in repeat(None, count):
                work()

        return loop

    return prepare


def workload(name: str) -> Workload:
    @contextmanager
    def blocking(driver: Driver, job: Job) -> Iterator[Prepare]:
        client = driver.client(job.uri)
        try:
            work = operation(name, driver, client, job)
            if not work():
                raise ValueError(f"{name} returned nothing")
            yield repeated(work)
        finally:
            client.drop_database(job.database)
            client.close()

    return blocking


def floor(name: str) -> Workload:
    @contextmanager
    def raw(_driver: Driver, job: Job) -> Iterator[Prepare]:
        connection = Raw(job.uri)
        try:
            yield repeated(partial(connection.exchange, request(name, job)))
        finally:
            connection.exchange(message({"dropDatabase": 1, "$db": job.database}))
            connection.close()

    return raw


ROWS = tuple(
    Row(
        name,
        f"{name}, blocking",
        workload(name),
        Measure.CPU,
        Rule.COST,
        0.40,
        floor=floor(name),
        needs=needs,
    )
    for name, needs in OPERATIONS.items()
)
