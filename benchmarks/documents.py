"""Names and places of the benchmark documents, for the processes that measure: no driver is imported here."""

from __future__ import annotations

from pathlib import Path

DATABASE = "bench"
SMALL_ID = 1
"""The `_id` of the document in the collection `small`."""
LARGE_ID = 1
"""The `_id` of the large file in the bucket `large`."""


def read_bson(folder: str, name: str) -> bytes:
    """The official document `name` as BSON, from the folder of a job."""
    return (Path(folder) / f"{name}.bson").read_bytes()


def read_large(folder: str) -> bytes:
    """The official file of 50 MB, from the folder of a job."""
    return (Path(folder) / "large.bin").read_bytes()
