"""Many documents at a time: iterate a cursor over 10,000 tweets, `insert_many` of 10,000 small documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.asyncio_ops import event_loop
from benchmarks.documents import DATABASE, read_bson
from benchmarks.drivers import Driver, close
from benchmarks.floor import Raw, cursor_id, message
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule, Workload

DOCUMENTS = 10_000
COLLECTION = "tweets_10k"
POINTS = (Point("", units=DOCUMENTS),)
BATCH = 5_000
"""Documents per message of the raw insert: the server takes up to 100,000, and a message may be 48 MB."""


def checked(seen: int, expected: int) -> None:
    if seen != expected:
        raise ValueError(f"{seen} documents came where {expected} are")


@contextmanager
def iterating(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    find = client[DATABASE][COLLECTION].find

    def iterate() -> None:
        seen = 0
        for _ in find():
            seen += 1
        checked(seen, DOCUMENTS)

    try:
        yield lambda _point, count: partial(times, count, iterate)
    finally:
        client.close()


def times(count: int, work: Callable[[], object]) -> None:
    for _ in range(count):
        work()


@contextmanager
def async_iterating(driver: Driver, job: Job) -> Iterator[Prepare]:
    with event_loop(job) as run:
        client = driver.async_client(job.uri)
        find = client[DATABASE][COLLECTION].find

        async def iterate() -> None:
            seen = 0
            async for _ in find():
                seen += 1
            checked(seen, DOCUMENTS)

        try:
            yield lambda _point, count: lambda: times(count, lambda: run(iterate()))
        finally:
            run(close(client))


@contextmanager
def raw_iterating(_driver: Driver, job: Job) -> Iterator[Prepare]:
    connection = Raw(job.uri)
    first = message({"find": COLLECTION, "$db": DATABASE})

    def iterate() -> None:
        cursor = cursor_id(connection.exchange(first))
        while cursor:
            more = message({"getMore": cursor, "collection": COLLECTION, "$db": DATABASE})
            cursor = cursor_id(connection.exchange(more))

    try:
        yield lambda _point, count: partial(times, count, iterate)
    finally:
        connection.close()


@contextmanager
def inserting(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    collection = client[job.database]["inserted_many"]
    copy = driver.bson.decode(read_bson(job.folder, "small")).copy

    def prepare(_point: str, count: int) -> Callable[[], None]:
        # Fresh documents each time, because insert_many puts an _id into those it is given.
        batches = [[copy() for _ in range(DOCUMENTS)] for _ in range(count)]
        collection.drop()

        def insert() -> None:
            for documents in batches:
                checked(len(collection.insert_many(documents).inserted_ids), DOCUMENTS)

        return insert

    try:
        yield prepare
    finally:
        client.drop_database(job.database)
        client.close()


@contextmanager
def async_inserting(driver: Driver, job: Job) -> Iterator[Prepare]:
    with event_loop(job) as run:
        client = driver.async_client(job.uri)
        collection = client[job.database]["inserted_many"]
        copy = driver.bson.decode(read_bson(job.folder, "small")).copy

        def prepare(_point: str, count: int) -> Callable[[], None]:
            batches = [[copy() for _ in range(DOCUMENTS)] for _ in range(count)]
            run(collection.drop())

            async def insert() -> None:
                for documents in batches:
                    checked(len((await collection.insert_many(documents)).inserted_ids), DOCUMENTS)

            return lambda: run(insert())

        try:
            yield prepare
        finally:
            run(client.drop_database(job.database))
            run(close(client))


@contextmanager
def raw_inserting(_driver: Driver, job: Job) -> Iterator[Prepare]:
    import bson  # the raw side only: see `benchmarks.floor.message`

    connection = Raw(job.uri)
    documents = [bson.decode(read_bson(job.folder, "small"))] * BATCH
    request = message({"insert": "inserted_many", "$db": job.database}, ("documents", documents))
    drop = message({"dropDatabase": 1, "$db": job.database})

    def prepare(_point: str, count: int) -> Callable[[], None]:
        connection.exchange(drop)
        return partial(times, count * (DOCUMENTS // BATCH), partial(connection.exchange, request))

    try:
        yield prepare
    finally:
        connection.exchange(drop)
        connection.close()


def row(name: str, title: str, workload: Workload, floor: Workload, reads: bool, motor: bool) -> Row:
    needs = (COLLECTION,) if reads else ()
    return Row(
        name,
        title,
        workload,
        Measure.CPU,
        Rule.COST,
        0.55,
        unit="document",
        points=POINTS,
        floor=floor,
        motor=motor,
        needs=needs,
    )


ROWS = (
    row("iterate", "iterate 10,000 tweets", iterating, raw_iterating, reads=True, motor=False),
    row(
        "async_iterate",
        "iterate 10,000 tweets, asyncio",
        async_iterating,
        raw_iterating,
        reads=True,
        motor=True,
    ),
    row("insert_many", "insert_many 10,000 small", inserting, raw_inserting, reads=False, motor=False),
    row(
        "async_insert_many",
        "insert_many 10,000 small, asyncio",
        async_inserting,
        raw_inserting,
        reads=False,
        motor=True,
    ),
)
