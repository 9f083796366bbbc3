"""`python -m tests.soak --seconds 600`: all faces in one process for so long; it fails if anything leaked.

Between laps nobody works, and memory, objects, sockets, threads, tasks, and the server's connections and cursors are
counted. At the end every client is closed, and nothing may be left over.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from typing import Any

from tests.census import Census
from tests.integration.waiting import eventually
from tests.soak.faces import DATABASE, FACES, Face
from tests.soak.gauges import Gauges, Sample, leaks
from tests.soak.plants import KINDS, Plants

from petiole import MongoClient
from petiole.local import LocalServer

_SHOWN = 20


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long to work")
    parser.add_argument("--laps", type=int, default=30, help="how often to count, at least 9 times")
    parser.add_argument("--plant", action="append", choices=KINDS, default=[], help="leak this on purpose")
    parser.add_argument(
        "--patience", type=float, default=15, help="seconds until what is left counts as a leak"
    )
    arguments = parser.parse_args()
    with LocalServer(replica_set=1) as server:
        gauges = Gauges(server.uri, arguments.patience)
        plants = Plants(server.uri, server.address, tuple(arguments.plant))
        wrong = soak(server.uri, arguments.seconds / arguments.laps, arguments.laps, gauges, plants)
    for line in wrong[:_SHOWN]:
        print(line)
    if len(wrong) > _SHOWN:
        print(f"and {len(wrong) - _SHOWN} more")
    print("wrong:", len(wrong) or "nothing")
    sys.stdout.flush()
    return 1 if wrong else 0


def soak(uri: str, seconds: float, laps: int, gauges: Gauges, plants: Plants) -> list[str]:
    """So many laps of so many seconds; what was found wrong."""
    with MongoClient[dict[str, Any]](uri) as first:
        first.drop_database(DATABASE)  # What a process makes once stays: it is there before the count.
    before = Census()
    faces = [make(uri) for make in FACES]
    samples: list[Sample] = []
    print("seconds", *Sample._fields, sep="\t")
    began = time.monotonic()
    try:
        for _ in range(laps):
            plants.grow()
            run_lap(faces, seconds)
            samples.append(gauges.sample(sum(len(face.left) for face in faces)))
            print(f"{time.monotonic() - began:.0f}", *samples[-1], sep="\t", flush=True)
    finally:
        for face in faces:
            face.close()
    print(", ".join(f"{face.name} {face.rounds} rounds" for face in faces))
    return leaks(samples) + left_over(gauges, before)


def run_lap(faces: list[Face], seconds: float) -> None:
    """All faces at once, each on a thread; the first of their errors."""
    errors: list[BaseException] = []

    def work(face: Face) -> None:
        try:
            face.lap(seconds)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(face,), name=face.name) for face in faces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def left_over(gauges: Gauges, before: Census) -> list[str]:
    """What there still is once all clients are closed."""
    found = []
    if not gauges.wait_for_cursors():
        found.append(f"left over: cursors at the server: {gauges.cursors_by_collection()}")
    if not gauges.wait_for_connections():
        found.append(f"left over: {gauges.connections()} connections at the server")
    gauges.close()
    eventually(lambda: not Census().new_since(before), gauges.patience)
    return found + [f"left over: {text}" for text in Census().new_since(before)]


if __name__ == "__main__":
    sys.exit(main())
