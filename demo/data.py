"""Where the demonstration's documents come from: the file the user names, or the one in this folder.

clock-changes.jsonl.gz holds every change of the clocks on Earth, up to 2025, that the tz database knows of
(2025b, public domain, https://www.iana.org/time-zones); make_data.py has made it.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from petiole.bson import json_util

OWN_FILE = Path(__file__).with_name("clock-changes.jsonl.gz")


class DataError(Exception):
    """The file cannot be read as one JSON object per line."""


def count(file: Path) -> int:
    """How many documents the file holds, for the progress bar."""
    with _open(file) as lines:
        return sum(1 for line in lines if line.strip())


def documents(file: Path) -> Iterator[dict[str, Any]]:
    """The documents of a file with one JSON object per line; extended JSON gives dates and other types."""
    with _open(file) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                document = json_util.loads(line)
            except (ValueError, TypeError) as error:
                raise DataError(f"{file}, line {number} is not JSON: {error}") from error
            if not isinstance(document, dict):
                raise DataError(f"{file}, line {number} is not a JSON object")
            yield document


def _open(file: Path) -> IO[str]:
    try:
        return (
            gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8")
        )
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from error
