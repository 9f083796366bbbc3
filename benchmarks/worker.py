"""One side of one row, in a process of its own: `python -m benchmarks.worker ROW DRIVER JOB`.

Reads requests as lines of JSON and answers each with one line. A process per side keeps the sides apart: own
heap, own garbage collector, own threads, so that the processor time of a process is that of one driver. An
idle side waits in `read` and costs nothing.

This is the only place that reads the clocks. Before each round the garbage is collected; the collector is on
during the round, as it is in programs.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from benchmarks.drivers import FLOOR, Driver
from benchmarks.registry import Job, Prepare, Row, rows


def timed(work: Callable[[], float | None]) -> dict[str, Any]:
    """Run one prepared round: elapsed seconds, its processor seconds and, if it returns one, its gauge."""
    gc.collect()
    cpu = time.process_time_ns()
    wall = time.perf_counter_ns()
    value = work()
    wall = time.perf_counter_ns() - wall
    cpu = time.process_time_ns() - cpu
    return {"wall": wall / 1e9, "cpu": cpu / 1e9, "value": value}


def serve(
    row: Row, driver: Driver, job: Job, requests: BinaryIO, answer: Callable[[dict[str, Any]], None]
) -> None:
    """Open the row's workload for the driver and run the rounds asked for, until the requests end."""
    workload = row.floor if driver.name == FLOOR else row.workload
    if workload is None:
        raise LookupError(f"the row {row.name} has no floor")
    with workload(driver, job) as prepare:
        answer({"ready": True})
        for line in requests:
            answer(one_round(prepare, json.loads(line)))


def one_round(prepare: Prepare, request: dict[str, Any]) -> dict[str, Any]:
    return timed(prepare(request["point"], request["count"]))


def main() -> None:
    row, driver, job = sys.argv[1:4]
    # What a driver prints must not end up between the answers: the pipe moves, and stdout becomes stderr.
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def answer(reply: dict[str, Any]) -> None:
        pipe.write(json.dumps(reply).encode() + b"\n")

    try:
        serve(rows()[row], Driver(driver), Job(**json.loads(job)), sys.stdin.buffer, answer)
    except Exception as failure:
        with contextlib.suppress(BrokenPipeError):
            answer({"error": f"{type(failure).__name__}: {failure}"})


if __name__ == "__main__":
    main()
