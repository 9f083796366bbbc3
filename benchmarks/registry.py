"""What a benchmark row is, and the list of all rows.

A row names a workload, the points it is measured at, the figure that is judged and its target. A workload
opens what it needs for one driver in one process and yields a `Prepare`: called for a point and a count, it
does the untimed preparation and returns the closure that is timed. So timing, garbage collection and the
order of rounds are in one place (`benchmarks.worker`, `benchmarks.interleave`) and the same for every side.

This module imports no driver. Row families are modules with a tuple `ROWS`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from benchmarks.drivers import Driver

FAMILIES = (
    "bson_rows",
    "single_ops",
    "asyncio_ops",
    "threads",
    "cursors",
    "operations",
    "files",
    "imports",
    "memory",
    "growth",
)


class Measure(enum.StrEnum):
    """The figure of a round that is judged."""

    CPU = "cpu"
    """Processor time of the client's process, all its threads, in seconds per unit."""
    WALL = "wall"
    """Elapsed time in seconds per unit."""
    BYTES = "bytes"
    """A gauge the workload returns itself: bytes."""
    THREADS = "threads"
    """A gauge the workload returns itself: threads."""
    GAUGED_SECONDS = "seconds"
    """A gauge the workload returns itself: seconds."""


class Rule(enum.StrEnum):
    """How a row's figures are held against its bound."""

    COST = "cost"
    """At every point the subject's cost is at most bound x the reference's."""
    SPEED = "speed"
    """At every point the subject's speed is at least bound x the reference's."""
    MEAN_SPEED = "mean speed"
    """The geometric mean over the points of the speed ratios is at least the bound."""
    GROWTH = "growth"
    """From no point to a later one does the subject's own cost rise more than bound x."""
    ABSOLUTE = "absolute"
    """The subject's own figure is at most the bound."""


@dataclass(frozen=True)
class Job:
    """What a workload is told: where the server is, and where files with documents as BSON are."""

    uri: str = ""
    database: str = "bench"
    folder: str = ""
    quick: bool = False
    uvloop: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Point:
    """One size or document a row is measured at. A count of one does `units` units of work."""

    name: str
    units: int = 1
    minimum: int = 1
    """The least count of a round, where a smaller one would measure mostly its own beginning."""


Prepare = Callable[[str, int], Callable[[], "float | None"]]
Workload = Callable[[Driver, Job], AbstractContextManager[Prepare]]
ONE_POINT = (Point(""),)


@dataclass(frozen=True)
class Row:
    """One line (or one line per point) of the table."""

    name: str
    title: str
    workload: Workload
    measure: Measure
    rule: Rule
    bound: float
    unit: str = "op"
    points: tuple[Point, ...] = ONE_POINT
    quick_points: tuple[Point, ...] = ()
    floor: Workload | None = None
    motor: bool = False
    """Whether Motor has the same operation, so that it can be shown beside."""
    needs: tuple[str, ...] = ()
    """Names in `benchmarks.datasets` of what has to be in the server or the folder."""
    members: int = 1
    """Members of the replica set this row needs; 1 is the ordinary standalone server. 0 is no server."""
    fresh: bool = False
    """Whether every round needs a process of its own (peaks of memory, imports)."""
    rounds: int = 1000
    """The most rounds worth making, where one round is long or the figure hardly varies."""

    def points_for(self, quick: bool) -> tuple[Point, ...]:
        return self.quick_points if quick and self.quick_points else self.points

    @property
    def gauge(self) -> bool:
        """Whether the workload returns the figure itself, so that a round's count is always one."""
        return self.measure not in (Measure.CPU, Measure.WALL)


def rows() -> dict[str, Row]:
    """All rows by name, in the order of the table."""
    found: dict[str, Row] = {}
    for family in FAMILIES:
        for row in import_module(f"benchmarks.{family}").ROWS:
            if row.name in found:
                raise ValueError(f"two rows are called {row.name}")
            found[row.name] = row
    return found
