"""Operations of some size, blocking: `find` with 100 documents, `bulk_write` of 10,000 mixed ones, transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.cursors import checked, times
from benchmarks.documents import DATABASE, read_bson
from benchmarks.drivers import Driver
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule
from benchmarks.single_ops import repeated

FOUND = 100
MIXED = 10_000
RUN = 100
"""Operations of one kind in a row, where their order is kept."""


@contextmanager
def finding(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    find = client[DATABASE]["small_100"].find

    def work() -> None:
        checked(len(find().to_list()), FOUND)

    try:
        yield repeated(work)
    finally:
        client.close()


def requests(driver: Driver, small: dict[str, Any], ordered: bool) -> list[Any]:
    """Inserts, updates, replacements and deletes in equal parts; in runs if they are to be kept in order."""
    package = driver.package
    made: list[Any] = []
    kinds: tuple[Callable[[int], Any], ...] = (
        lambda n: package.InsertOne({"_id": n, **small}),
        lambda n: package.UpdateOne({"_id": n}, {"$set": {"field0": n}}),
        lambda n: package.ReplaceOne({"_id": n}, {"_id": n, **small}),
        lambda n: package.DeleteOne({"_id": n}),
    )
    run = RUN if ordered else MIXED // len(kinds)
    for first in range(0, MIXED // len(kinds), run):
        for kind in kinds:
            made += [kind(n) for n in range(first, first + run)]
    return made


@contextmanager
def bulk_writing(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    collection = client[job.database]["mixed"]
    small = driver.bson.decode(read_bson(job.folder, "small"))

    def prepare(point: str, count: int) -> Callable[[], None]:
        ordered = point == "ordered"
        batches = [requests(driver, small, ordered) for _ in range(count)]
        collection.drop()

        def write() -> None:
            for batch in batches:
                checked(collection.bulk_write(batch, ordered=ordered).inserted_count, MIXED // 4)

        return write

    try:
        yield prepare
    finally:
        client.drop_database(job.database)
        client.close()


@contextmanager
def transacting(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    accounts = client[job.database]["accounts"]
    accounts.insert_many([{"_id": n, "balance": 0} for n in range(2)])
    session = client.start_session()

    def transfer() -> None:
        with session.start_transaction():
            for account, amount in ((0, -1), (1, 1)):
                accounts.update_one({"_id": account}, {"$inc": {"balance": amount}}, session=session)

    try:
        yield lambda _point, count: partial(times, count, transfer)
    finally:
        session.end_session()
        client.drop_database(job.database)
        client.close()


ROWS = (
    Row(
        "find_100",
        "find of 100 small, blocking",
        finding,
        Measure.CPU,
        Rule.COST,
        0.5,
        needs=("small_100",),
    ),
    Row(
        "bulk_write",
        "bulk_write of 10,000 mixed",
        bulk_writing,
        Measure.CPU,
        Rule.COST,
        0.5,
        unit="operation",
        points=(Point("ordered", units=MIXED), Point("unordered", units=MIXED)),
    ),
    Row(
        "transaction",
        "transaction of 2 updates, blocking",
        transacting,
        Measure.CPU,
        Rule.COST,
        0.5,
        members=3,
    ),
)
