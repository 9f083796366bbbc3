"""`import petiole` against `import pymongo`, each in a new interpreter with nothing but `time` imported.

The program names the client as well: an import that puts the work off until then has not saved it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.drivers import PACKAGES, Driver
from benchmarks.registry import Job, Measure, Point, Prepare, Row, Rule

PROGRAM = """
import time
clock = time.{clock}
start = clock()
import {package}
{package}.MongoClient
print(clock() - start)
"""
CLOCKS = {"elapsed": "perf_counter", "processor": "process_time"}


def caching() -> dict[str, str]:
    """An environment in which Python keeps bytecode, as an installed package always has it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def importing(driver: Driver, _job: Job) -> Iterator[Prepare]:
    package = PACKAGES[driver.name][0]
    subprocess.run(
        [sys.executable, "-c", f"import {package}"], check=False, capture_output=True, env=caching()
    )

    def once(clock: str) -> float:
        command = [sys.executable, "-c", PROGRAM.format(clock=clock, package=package)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=caching())
        if done.returncode:
            raise ImportError(done.stderr.strip().splitlines()[-1])
        return float(done.stdout)

    def prepare(point: str, _count: int) -> Callable[[], float]:
        return lambda: once(CLOCKS[point])

    yield prepare


ROWS = (
    Row(
        "import",
        "import",
        importing,
        Measure.GAUGED_SECONDS,
        Rule.COST,
        0.5,
        unit="import",
        points=tuple(Point(name) for name in CLOCKS),
        members=0,
    ),
)
