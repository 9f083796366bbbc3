"""BSON encode and decode of the official documents, no server. One thread, so processor time is the speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat

from benchmarks.documents import read_bson
from benchmarks.drivers import Driver
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule

DOCUMENTS = ("flat", "deep", "full", "tweet")


@contextmanager
def encoding(driver: Driver, job: Job) -> Iterator[Prepare]:
    encode = driver.bson.encode
    documents = {name: driver.bson.decode(read_bson(job.folder, name)) for name in DOCUMENTS}
    for name, document in documents.items():
        if encode(document) != read_bson(job.folder, name):
            raise ValueError(f"{name} is not encoded to the bytes it was decoded from")

    def prepare(point: str, count: int) -> Callable[[], None]:
        document = documents[point]

        def work() -> None:
            for _ in repeat(None, count):
                encode(document)

        return work

    yield prepare


@contextmanager
def decoding(driver: Driver, job: Job) -> Iterator[Prepare]:
    decode = driver.bson.decode
    data = {name: read_bson(job.folder, name) for name in DOCUMENTS}

    def prepare(point: str, count: int) -> Callable[[], None]:
        document = data[point]

        def work() -> None:
            for _ in repeat(None, count):
                decode(document)

        return work

    yield prepare


POINTS = tuple(Point(name) for name in DOCUMENTS)
ROWS = (
    Row(
        "bson_encode",
        "BSON encode",
        encoding,
        Measure.CPU,
        Rule.MEAN_SPEED,
        3.0,
        unit="document",
        points=POINTS,
        members=0,
    ),
    Row(
        "bson_decode",
        "BSON decode",
        decoding,
        Measure.CPU,
        Rule.MEAN_SPEED,
        2.0,
        unit="document",
        points=POINTS,
        members=0,
    ),
)
