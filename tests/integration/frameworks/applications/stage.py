"""What the applications print, so that two runs can be compared: ids that differ from run to run become numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from bson import ObjectId

URI, DATABASE = os.environ.get("STAGE", " ".join(sys.argv[1:3])).split()
"""The server and the database that the application, or a process of its, is given."""

_ids: dict[str, str] = {}


def say(what: str, value: Any) -> None:
    """Print one result as one line."""
    print(json.dumps([what, value], default=_plain, sort_keys=True), flush=True)


def same_id(value: Any) -> str:
    """A name for an id: the first one is `id 1`, and so on."""
    return _ids.setdefault(str(value), f"id {len(_ids) + 1}")


def say_driver() -> None:
    """Print which driver ran all this, and that nothing else is loaded."""
    print(json.dumps(["driver", pymongo.MongoClient.__module__]), flush=True)


SERVES = "serve" in sys.argv[3:]
"""Whether this process is the one that serves."""


@contextmanager
def served(file: str) -> Iterator[str]:
    """The application's server, the same file in a process of its own on the same driver; its address."""
    ours = pymongo.MongoClient.__module__.startswith("petiole")
    by = ["-m", "petiole.compat"] if ours else []
    command = [sys.executable, *by, file, URI, DATABASE, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port, driver = json.loads(process.stdout.readline())
            say("same driver", driver == pymongo.MongoClient.__module__)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def listening(port: int) -> None:
    """Tell the process that waits for it where this one serves."""
    print(json.dumps([port, pymongo.MongoClient.__module__]), flush=True)


def _plain(value: Any) -> str:
    return same_id(value) if isinstance(value, ObjectId) else repr(value)
