"""Runs one row: a process per side, taking turns, A B A B, each round's order the reverse of the last.

Owns the processes and the order of rounds; knows nothing of drivers, servers or targets. Every side does the
same number of units in a round, found by trial on the slowest, after the same warm-up.
"""

from __future__ import annotations

import json
import math
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.registry import Job, Point, Row

T = TypeVar("T")
HERE = Path(__file__).resolve().parent
ANSWER_LIMIT = 180.0
"""Seconds after which a side that does not answer counts as hung."""


@dataclass(frozen=True)
class Pace:
    """How long to measure. All sides are restarted `launches` times: a memory layout may be a lucky one."""

    rounds: int
    launches: int
    seconds: float
    """Aim for the length of one round of the slowest side."""
    gauges: int
    """Rounds of the rows that need a fresh process for each."""


FULL = Pace(rounds=18, launches=3, seconds=0.08, gauges=9)
QUICK = Pace(rounds=6, launches=1, seconds=0.03, gauges=3)


class SideFailed(Exception):
    """One side could not run the row: the driver lacks something, or raised."""


@dataclass(frozen=True)
class Sample:
    """One round, per unit of work."""

    cpu: float
    wall: float
    value: float | None


@dataclass
class Side:
    """What one side of a row came to: the samples of each point, or why there are none."""

    label: str
    driver: str
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failure: str | None = None


class Process:
    """A worker process with one side of one row open."""

    def __init__(self, row: Row, driver: str, job: Job) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", row.name, driver, json.dumps(job.to_json())]
        # The same hash seed for all sides: the layout of dicts is not to differ between them.
        path = os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": path}
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE.parent, env=environment
        )
        self._unread = b""

    def ready(self) -> None:
        self._answer()

    def round(self, point: Point, count: int) -> Sample:
        """Run `count` times the point's units and return the figures per unit."""
        if self._child.stdin is None:
            raise SideFailed("the process has no standard input")
        with suppress(BrokenPipeError):  # its last answer, or its status, says why it has ended
            self._child.stdin.write(json.dumps({"point": point.name, "count": count}).encode() + b"\n")
            self._child.stdin.flush()
        reply = self._answer()
        units = count * point.units
        return Sample(reply["cpu"] / units, reply["wall"] / units, reply["value"])

    def _answer(self) -> dict[str, Any]:
        if self._child.stdout is None:
            raise SideFailed("the process has no standard output")
        pipe = self._child.stdout.fileno()
        while b"\n" not in self._unread:
            if not select.select([pipe], [], [], ANSWER_LIMIT)[0]:
                raise SideFailed(f"no answer in {ANSWER_LIMIT:.0f} seconds")
            chunk = os.read(pipe, 65536)
            if not chunk:
                raise SideFailed(f"the process ended with status {self._child.wait()}")
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise SideFailed(reply["error"])
        return reply

    def close(self) -> None:
        if self._child.stdin is not None:
            with suppress(BrokenPipeError):
                self._child.stdin.close()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()


def run_row(row: Row, sides: Sequence[Side], job: Job, pace: Pace) -> None:
    """Measure the row and fill in the sides' samples, or in a side that fails the reason."""
    points = row.points_for(job.quick)
    for side in sides:
        side.samples = {point.name: [] for point in points}
    if row.fresh:
        _run_fresh(row, sides, job, min(pace.gauges, row.rounds))
    else:
        per_launch = math.ceil(min(pace.rounds, row.rounds) / pace.launches)
        counts: dict[str, int] = {}
        for _ in range(pace.launches):
            with _opened(row, sides, job) as running:
                _take_turns(row, running, points, per_launch, counts, pace.seconds)


def _run_fresh(row: Row, sides: Sequence[Side], job: Job, rounds: int) -> None:
    for number in range(rounds):
        for point in row.points_for(job.quick):
            for side in _in_turn(sides, number):
                with _opened(row, [side], job) as running:
                    for _, process in running:
                        _record(side, process, point, 1)


def _take_turns(
    row: Row,
    running: Sequence[tuple[Side, Process]],
    points: Sequence[Point],
    rounds: int,
    counts: dict[str, int],
    seconds: float,
) -> None:
    for number in range(-1, rounds):
        for point in points:
            if point.name not in counts:
                counts[point.name] = _fitting_count(row, running, point, seconds)
            for side, process in _in_turn(running, number):
                if side.failure is None:
                    _record(side, process, point, counts[point.name], keep=number >= 0)


def _in_turn(sides: Sequence[T], number: int) -> Sequence[T]:
    return sides if number % 2 == 0 else sides[::-1]


def _record(side: Side, process: Process, point: Point, count: int, keep: bool = True) -> None:
    try:
        sample = process.round(point, count)
    except SideFailed as failure:
        side.failure = str(failure)
    else:
        if keep:
            side.samples[point.name].append(sample)


def _fitting_count(row: Row, running: Sequence[tuple[Side, Process]], point: Point, seconds: float) -> int:
    """How often to repeat the work so that a round of the slowest side takes about `seconds`."""
    counts = []
    for side, process in running:
        if row.gauge or side.failure is not None:
            continue
        try:
            counts.append(_count_for(process, point, seconds))
        except SideFailed as failure:
            side.failure = str(failure)
    return min(counts, default=point.minimum)


def _count_for(process: Process, point: Point, seconds: float) -> int:
    count = point.minimum
    process.round(point, count)  # opens the connections, which belongs to no round
    while True:
        elapsed = process.round(point, count).wall * count * point.units
        fitting = math.ceil(count * seconds / max(elapsed, 1e-9))
        if fitting <= count * 4:
            return max(point.minimum, fitting)
        count = min(fitting, count * 20)


@contextmanager
def _opened(row: Row, sides: Sequence[Side], job: Job) -> Iterator[list[tuple[Side, Process]]]:
    """A process for every side that has not failed yet; a side that cannot open is marked and left out."""
    with ExitStack() as stack:
        running = []
        for side in sides:
            if side.failure is not None:
                continue
            # A database per side: what one inserts is no load for the other.
            process = Process(row, side.driver, replace(job, database=f"{job.database}_{side.label}"))
            stack.callback(process.close)
            try:
                process.ready()
            except SideFailed as failure:
                side.failure = str(failure)
            else:
                running.append((side, process))
        yield running
