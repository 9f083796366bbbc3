"""`python -m benchmarks.profile_row ROW`: where the client's time goes in one row.

    python -m benchmarks.profile_row find_one                     cProfile of petiole, by own time
    python -m benchmarks.profile_row find_one --driver pymongo    the same of PyMongo
    python -m benchmarks.profile_row bson_decode --point flat     one point of a row (default: the last)
    python -m benchmarks.profile_row find_one --sort cumulative   by time including what is called
    python -m benchmarks.profile_row find_one --plain --seconds 5 no profiler: for one from outside

cProfile sees calls of Python and of C functions, and makes every one dearer: its figures say which functions
to look at, not what they cost. What they cost, and what happens inside the native module, is for a profiler
from outside. The module must have symbols (`strip = false`, `debug = "line-tables-only"` in cargo's profile):

    perf record -g -F 2000 -- python -m benchmarks.profile_row find_one --plain
    perf report --no-children --sort symbol
    perf stat -e instructions:u,cycles:u -- python -m benchmarks.profile_row find_one --plain

Instructions counted by callgrind do not depend on how busy the machine is: they compare builds to a percent.

    valgrind --tool=callgrind --callgrind-out-file=row.out \\
        python -m benchmarks.profile_row bson_decode --plain --count 2000
    callgrind_annotate row.out | head -60

System calls by number and time: strace -c -f python -m benchmarks.profile_row find_one --plain
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import datasets, server
from benchmarks.drivers import FLOOR, PACKAGES, Driver
from benchmarks.registry import Job, Point, Prepare, Row, rows

WARM_UP = 50
"""Runs of the workload before the profile begins."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile_row", description="profile one row")
    parser.add_argument("row", choices=tuple(rows()))
    parser.add_argument("--driver", choices=(*PACKAGES, FLOOR), default="petiole")
    parser.add_argument("--point", help="the point of the row; the last if not given")
    parser.add_argument(
        "--count", type=int, default=0, help="runs of the workload; as many as fit if not given"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="how long to run if no count is given")
    parser.add_argument("--sort", choices=("tottime", "cumulative", "ncalls"), default="tottime")
    parser.add_argument("--lines", type=int, default=30, help="functions to show")
    parser.add_argument("--plain", action="store_true", help="run without cProfile")
    return parser.parse_args()


def chosen_point(row: Row, name: str | None) -> Point:
    """The row's point of this name, or its last. Raises SystemExit if there is none of that name."""
    points = row.points_for(quick=True)
    if name is None:
        return points[-1]
    for point in points:
        if point.name == name:
            return point
    raise SystemExit(f"{row.name} has the points {', '.join(point.name for point in points)}")


def fitting_count(prepare: Prepare, point: Point, seconds: float) -> int:
    """How often the work fits into the seconds, after a warm-up."""
    first = time.perf_counter()
    prepare(point.name, point.minimum)()
    once = (time.perf_counter() - first) / point.minimum
    trial = max(point.minimum, min(WARM_UP, int(seconds / 4 / once)))
    work = prepare(point.name, trial)
    begin = time.perf_counter()
    work()
    return max(point.minimum, int(seconds * trial / (time.perf_counter() - begin)))


def profile(prepare: Prepare, point: Point, choice: argparse.Namespace) -> None:
    """Run the workload once more, under cProfile unless told otherwise, and print what it took."""
    count = choice.count or fitting_count(prepare, point, choice.seconds)
    work = prepare(point.name, count)
    profiler = None if choice.plain else cProfile.Profile()
    wall, cpu = time.perf_counter(), time.process_time()
    if profiler is None:
        work()
    else:
        profiler.runcall(work)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    units = count * point.units
    each = f"{wall / units * 1e6:.2f} µs elapsed and {cpu / units * 1e6:.2f} µs processor time each"
    print(f"{units} units, {each}")
    if profiler is not None:
        pstats.Stats(profiler).sort_stats(choice.sort).print_stats(choice.lines)


def main() -> int:
    choice = options()
    row = rows()[choice.row]
    workload = row.floor if choice.driver == FLOOR else row.workload
    if workload is None:
        raise SystemExit(f"{row.name} has no floor")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="petiole-bench-data-")))
        datasets.write_bson(folder)
        uri = ""
        if row.members:
            uri = stack.enter_context(server.running(row.members))
            loader = datasets.Datasets(uri, folder, quick=True)
            for name in row.needs:
                loader.load(name)
            loader.close()
        job = Job(uri=uri, folder=str(folder), quick=True)
        prepare = stack.enter_context(workload(Driver(choice.driver), job))
        profile(prepare, chosen_point(row, choice.point), choice)
    return 0


if __name__ == "__main__":
    sys.exit(main())
