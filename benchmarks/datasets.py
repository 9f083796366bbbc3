"""The documents of the benchmarks: the official files, as BSON in a folder and as collections in the server.

Runs in the parent process and before any measuring, with PyMongo: what the sides read is the same bytes
whoever wrote them. The official files are `extended_bson.tgz` and `single_and_multi_document.tgz` of the
specification "Performance Benchmarking", in `$PETIOLE_BENCHMARK_DATA` or in `../shared/benchmark-data` beside
the repository.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bson
import gridfs
from bson import json_util
from pymongo import MongoClient

from benchmarks.documents import DATABASE, LARGE_ID, SMALL_ID, read_bson, read_large

FILES = {
    "flat": ("extended_bson.tgz", "extended_bson/flat_bson.json"),
    "deep": ("extended_bson.tgz", "extended_bson/deep_bson.json"),
    "full": ("extended_bson.tgz", "extended_bson/full_bson.json"),
    "tweet": ("single_and_multi_document.tgz", "single_and_multi_document/tweet.json"),
    "small": ("single_and_multi_document.tgz", "single_and_multi_document/small_doc.json"),
}
LARGE = ("single_and_multi_document.tgz", "single_and_multi_document/gridfs_large.bin")
TWEETS_TO_ITERATE = 10_000


def source_folder() -> Path:
    """Where the official files are. Raises FileNotFoundError with the cure."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "benchmark-data"
    folder = Path(os.environ.get("PETIOLE_BENCHMARK_DATA", beside))
    if not (folder / "extended_bson.tgz").exists():
        raise FileNotFoundError(
            f"no extended_bson.tgz in {folder}: set PETIOLE_BENCHMARK_DATA to the folder with the archives "
            "of mongodb/specifications, source/benchmarking/data"
        )
    return folder


def write_bson(target: Path) -> None:
    """Write each official document as `NAME.bson` into the folder `target`."""
    for name, (archive, member) in FILES.items():
        with tarfile.open(source_folder() / archive) as opened:
            extracted = opened.extractfile(member)
            if extracted is None:
                raise FileNotFoundError(f"{member} in {archive} is no file")
            document = json_util.loads(extracted.read())
        (target / f"{name}.bson").write_bytes(bson.encode(document))


class Datasets:
    """Loads what rows need into one server, each once."""

    def __init__(self, uri: str, folder: Path, quick: bool) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(uri)
        self._folder = folder
        self._quick = quick
        self._loaded: set[str] = set()

    def load(self, name: str) -> None:
        """Load the data set `name`, a key of `LOADERS`."""
        if name not in self._loaded:
            LOADERS[name](self)
            self._loaded.add(name)

    def close(self) -> None:
        self._client.close()

    def small(self) -> None:
        """One small document under `SMALL_ID`."""
        document = bson.decode(read_bson(str(self._folder), "small"))
        self._client[DATABASE]["small"].insert_one({"_id": SMALL_ID, **document})

    def small_100(self) -> None:
        """A hundred small documents."""
        document = bson.decode(read_bson(str(self._folder), "small"))
        self._client[DATABASE]["small_100"].insert_many([{**document, "_id": n} for n in range(100)])

    def tweets(self, collection: str, count: int) -> None:
        """`count` tweets, numbered from 1."""
        tweet = bson.decode(read_bson(str(self._folder), "tweet"))
        for start in range(0, count, 5_000):
            numbers = range(start, min(start + 5_000, count))
            self._client[DATABASE][collection].insert_many([{**tweet, "_id": n + 1} for n in numbers])

    def numbers(self) -> None:
        """A million documents of about a hundred bytes (if quick, a tenth), made by the server itself."""
        thousands = 100 if self._quick else 1_000
        seed = self._client[DATABASE]["seed"]
        seed.insert_one({"_id": 0})
        numbers = {"$add": [{"$multiply": ["$high", 1_000]}, "$low"]}
        fields = {
            "_id": numbers,
            "name": "one of many documents",
            "half": {"$divide": [numbers, 2]},
            "on": True,
        }
        pipeline: list[dict[str, Any]] = [
            {"$project": {"high": {"$range": [0, thousands]}}},
            {"$unwind": "$high"},
            {"$project": {"high": 1, "low": {"$range": [0, 1_000]}}},
            {"$unwind": "$low"},
            {"$project": fields},
            {"$out": "numbers"},
        ]
        seed.aggregate(pipeline)

    def large_file(self) -> None:
        """The file of 50 MB, into the folder."""
        with tarfile.open(source_folder() / LARGE[0]) as opened:
            extracted = opened.extractfile(LARGE[1])
            if extracted is None:
                raise FileNotFoundError(f"{LARGE[1]} in {LARGE[0]} is no file")
            (self._folder / "large.bin").write_bytes(extracted.read())

    def large_stored(self) -> None:
        """The same file in the bucket `large`."""
        data = read_large(str(self._folder))
        gridfs.GridFSBucket(self._client[DATABASE], "large").upload_from_stream_with_id(
            LARGE_ID, "large", data
        )


LOADERS: dict[str, Callable[[Datasets], None]] = {
    "small": Datasets.small,
    "tweets_10k": lambda sets: sets.tweets("tweets_10k", TWEETS_TO_ITERATE),
    "tweets_100k": lambda sets: sets.tweets("tweets_100k", 10_000 if sets._quick else 100_000),
    "numbers": Datasets.numbers,
    "small_100": Datasets.small_100,
    "large_file": Datasets.large_file,
    "large_stored": Datasets.large_stored,
}
