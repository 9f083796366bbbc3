"""GridFS: the official file of 50 MB up from memory, and down into nothing, on both faces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.asyncio_ops import event_loop
from benchmarks.cursors import checked, times
from benchmarks.documents import DATABASE, LARGE_ID, read_large
from benchmarks.drivers import Driver, close
from benchmarks.floor import Raw, cursor_id, message
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule, Workload

POINTS = (Point("", units=50),)
CHUNK = 255 * 1024
GROUP = 16
"""Chunks per message of the raw upload."""
BUCKET = "large"


class Sink:
    """A destination that counts bytes."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)


@contextmanager
def uploading(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    bucket = driver.gridfs.GridFSBucket(client[job.database])
    data = read_large(job.folder)

    def prepare(_point: str, count: int) -> partial[None]:
        client.drop_database(job.database)
        return partial(times, count, partial(bucket.upload_from_stream, "large", data))

    try:
        yield prepare
    finally:
        client.drop_database(job.database)
        client.close()


@contextmanager
def async_uploading(driver: Driver, job: Job) -> Iterator[Prepare]:
    with event_loop(job) as run:
        client = driver.async_client(job.uri)
        bucket = driver.gridfs.AsyncGridFSBucket(client[job.database])
        data = read_large(job.folder)

        def prepare(_point: str, count: int) -> partial[None]:
            run(client.drop_database(job.database))
            return partial(times, count, lambda: run(bucket.upload_from_stream("large", data)))

        try:
            yield prepare
        finally:
            run(client.drop_database(job.database))
            run(close(client))


@contextmanager
def downloading(driver: Driver, job: Job) -> Iterator[Prepare]:
    client = driver.client(job.uri)
    bucket = driver.gridfs.GridFSBucket(client[DATABASE], BUCKET)
    size = len(read_large(job.folder))

    def download() -> None:
        sink = Sink()
        bucket.download_to_stream(LARGE_ID, sink)
        checked(sink.size, size)

    try:
        yield lambda _point, count: partial(times, count, download)
    finally:
        client.close()


@contextmanager
def async_downloading(driver: Driver, job: Job) -> Iterator[Prepare]:
    with event_loop(job) as run:
        client = driver.async_client(job.uri)
        bucket = driver.gridfs.AsyncGridFSBucket(client[DATABASE], BUCKET)
        size = len(read_large(job.folder))

        def download() -> None:
            sink = Sink()
            run(bucket.download_to_stream(LARGE_ID, sink))
            checked(sink.size, size)

        try:
            yield lambda _point, count: partial(times, count, download)
        finally:
            run(close(client))


@contextmanager
def raw_uploading(_driver: Driver, job: Job) -> Iterator[Prepare]:
    connection = Raw(job.uri)
    data = read_large(job.folder)
    chunks: list[dict[str, Any]] = [
        {"files_id": 1, "n": n, "data": data[at : at + CHUNK]}
        for n, at in enumerate(range(0, len(data), CHUNK))
    ]
    requests = [
        message({"insert": "fs.chunks", "$db": job.database}, ("documents", chunks[at : at + GROUP]))
        for at in range(0, len(chunks), GROUP)
    ]
    drop = message({"dropDatabase": 1, "$db": job.database})

    def upload() -> None:
        for request in requests:
            connection.exchange(request)

    def prepare(_point: str, count: int) -> partial[None]:
        connection.exchange(drop)
        return partial(times, count, upload)

    try:
        yield prepare
    finally:
        connection.exchange(drop)
        connection.close()


@contextmanager
def raw_downloading(_driver: Driver, job: Job) -> Iterator[Prepare]:
    connection = Raw(job.uri)
    name = f"{BUCKET}.chunks"
    first = message({"find": name, "filter": {"files_id": LARGE_ID}, "sort": {"n": 1}, "$db": DATABASE})

    def download() -> None:
        cursor = cursor_id(connection.exchange(first))
        while cursor:
            cursor = cursor_id(
                connection.exchange(message({"getMore": cursor, "collection": name, "$db": DATABASE}))
            )

    try:
        yield lambda _point, count: partial(times, count, download)
    finally:
        connection.close()


def row(name: str, title: str, workload: Workload, floor: Workload, needs: tuple[str, ...]) -> Row:
    return Row(
        name,
        title,
        workload,
        Measure.CPU,
        Rule.COST,
        0.5,
        unit="megabyte",
        points=POINTS,
        floor=floor,
        needs=needs,
    )


_FILE = ("large_file",)
_STORED = ("large_file", "large_stored")

ROWS = (
    row("gridfs_up", "GridFS, 50 MB up", uploading, raw_uploading, _FILE),
    row("async_gridfs_up", "GridFS, 50 MB up, asyncio", async_uploading, raw_uploading, _FILE),
    row("gridfs_down", "GridFS, 50 MB down", downloading, raw_downloading, _STORED),
    row("async_gridfs_down", "GridFS, 50 MB down, asyncio", async_downloading, raw_downloading, _STORED),
)
