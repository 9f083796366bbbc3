"""`python -m benchmarks`: measure petiole beside PyMongo, Motor and the raw socket, and print the table.

python -m benchmarks                              every row, some minutes
python -m benchmarks --quick                      every row, shorter rounds and smaller data
python -m benchmarks --row find_one --row iterate only these (a name, or the beginning of names and a star)
python -m benchmarks --against-itself             how far ratios are off by chance alone
python -m benchmarks --json FILE                  every figure of every round as well
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks import datasets, interleave, report, server
from benchmarks.drivers import FLOOR
from benchmarks.registry import Job, Row, rows


class Bench:
    """A run: the servers started so far, what is loaded into them, and the lines found."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack) -> None:
        self._options = options
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="petiole-bench-data-")))
        self._servers: dict[int, tuple[str, datasets.Datasets]] = {}
        self._pace = interleave.QUICK if options.quick else interleave.FULL
        self.lines: list[report.Line] = []
        self.results: list[dict[str, Any]] = []
        datasets.write_bson(self._folder)

    @property
    def labels(self) -> list[str]:
        """The sides of the table: subject, reference, then whatever is shown beside."""
        subject, reference = self._options.subject, self._options.reference
        beside = ["motor", "petiole.motor"] if self._options.motor else []
        beside += [FLOOR] if self._options.floor else []
        return [subject if subject != reference else f"{subject}_again", reference, *beside]

    def run(self, row: Row) -> None:
        """Measure one row and keep its lines."""
        drivers = [self._options.subject, *self.labels[1:]]
        sides = [
            interleave.Side(label, driver)
            for label, driver in zip(self.labels, drivers, strict=True)
            if (driver not in ("motor", "petiole.motor") or row.motor)
            and (driver != FLOOR or row.floor is not None)
        ]
        interleave.run_row(row, sides, self._job(row), self._pace)
        found = report.lines(row, sides, self._options.quick)
        if self._options.subject == self._options.reference:
            found = [
                replace(line, target="", met=None) for line in found
            ]  # nothing is expected but even ratios
        self.lines += found
        self.results.append(report.to_json(row, sides, found, self._options.quick))

    def _job(self, row: Row) -> Job:
        uri = self._server(row) if row.members else ""
        options = self._options
        return Job(uri=uri, folder=str(self._folder), quick=options.quick, uvloop=options.uvloop)

    def _server(self, row: Row) -> str:
        if row.members not in self._servers:
            uri = self._stack.enter_context(server.running(row.members))
            loader = datasets.Datasets(uri, self._folder, self._options.quick)
            self._stack.callback(loader.close)
            self._servers[row.members] = uri, loader
        uri, loader = self._servers[row.members]
        for name in row.needs:
            loader.load(name)
        return uri


def chosen(names: Sequence[str]) -> list[Row]:
    """The rows of these names or patterns, or all. Raises SystemExit for a name that no row has."""
    known = rows()
    if not names:
        return list(known.values())
    found = [row for row in known.values() if any(fnmatch.fnmatch(row.name, name) for name in names)]
    unknown = [name for name in names if not fnmatch.filter(known, name)]
    if unknown:
        raise SystemExit(f"no row is called {', '.join(unknown)}; there are {', '.join(known)}")
    return found


def surroundings() -> dict[str, Any]:
    """What the figures depend on."""
    found = {}
    for package in ("petiole", "pymongo", "motor", "uvloop"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "load": os.getloadavg()[0],
        "versions": found,
    }


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="petiole beside PyMongo, in one run"
    )
    parser.add_argument(
        "--row", action="append", default=[], metavar="NAME", help="only this row (may have a *)"
    )
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--quick", action="store_true", help="shorter rounds, smaller data")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument("--subject", choices=("petiole", "pymongo"), default="petiole")
    parser.add_argument("--reference", choices=("petiole", "pymongo"), default="pymongo")
    parser.add_argument(
        "--against-itself", action="store_true", help="the reference against itself: ratios near 1"
    )
    parser.add_argument("--motor", action="store_true", help="show Motor beside, where it has the operation")
    parser.add_argument("--no-floor", dest="floor", action="store_false", help="without the raw socket")
    parser.add_argument("--uvloop", action="store_true", help="asyncio rows on uvloop")
    return parser.parse_args()


def main() -> int:
    """Run the chosen rows. The status is 1 if a row has no figure to hold against its target, else 0."""
    choice = options()
    if choice.against_itself:
        choice.subject = choice.reference
    selected = chosen(choice.row)
    if choice.list:
        for row in selected:
            print(f"{row.name:20} {row.title:45} {report.target_text(row)}")
        return 0
    around = surroundings()
    with ExitStack() as stack:
        try:
            bench = Bench(choice, stack)
        except FileNotFoundError as missing:
            raise SystemExit(str(missing)) from None
        for number, row in enumerate(selected, 1):
            print(f"[{number}/{len(selected)}] {row.title}", file=sys.stderr, flush=True)
            bench.run(row)
            for line in bench.lines:
                if line.row == row.name:
                    print("   ", *filter(None, report.cells(line, bench.labels)[1:]), file=sys.stderr)
    print(", ".join(f"{name} {number}" for name, number in around["versions"].items()))
    print(f"Python {around['python']}, {around['machine']}, load {around['load']:.1f}")
    report.print_table(bench.lines, bench.labels)
    if choice.json is not None:
        around["load after"] = os.getloadavg()[0]
        choice.json.write_text(json.dumps({"run": around, "rows": bench.results}, indent=1) + "\n")
    return int(any(line.target and line.met is None for line in bench.lines))


if __name__ == "__main__":
    sys.exit(main())
