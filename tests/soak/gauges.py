"""What is measured between the laps of a soak, when nobody works, and when it is called a leak."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import pymongo
from tests.census import sockets
from tests.integration.waiting import eventually
from tests.soak.faces import APP, DATABASE

_PAGE = os.sysconf("SC_PAGE_SIZE")
_FEWEST = 9


class Sample(NamedTuple):
    """What there is at the end of a lap."""

    memory: int
    """Resident, in KiB."""
    objects: int
    """That the garbage collector knows of."""
    sockets: int
    threads: int
    tasks: int
    """Left over by the laps so far."""
    connections: int
    """At the server."""
    cursors: int
    """Open at the server, after it had the time to hear that nobody wants them."""


ALLOWED = Sample(memory=8 * 1024, objects=1500, sockets=6, threads=1, tasks=0, connections=6, cursors=1)
"""By how much the last third of the laps may exceed the third before it: what allocators and pools move by, and the
connections of an event loop that has just ended."""


class Gauges:
    """PyMongo looks at the server, so that petiole does not bear witness for itself."""

    def __init__(self, uri: str, patience: float) -> None:
        """`patience` is how many seconds the server may take to hear what was let go of."""
        self.patience = patience
        self._witness = pymongo.MongoClient[dict[str, Any]](uri, appname="witness")
        self._witness.admin.command("ping")

    def sample(self, tasks: int) -> Sample:
        """The figures of this moment."""
        self.wait_for_cursors()
        gc.collect()
        with open("/proc/self/statm") as file:
            resident = int(file.read().split()[1]) * _PAGE // 1024
        return Sample(
            resident,
            len(gc.get_objects()),
            len(list(sockets())),
            threading.active_count(),
            tasks,
            self.connections(),
            self.cursors(),
        )

    def wait_for_cursors(self) -> bool:
        """Whether all cursors are closed, soon."""
        return eventually(lambda: not self.cursors(), self.patience)

    def wait_for_connections(self) -> bool:
        """Whether all connections are closed, soon."""
        return eventually(lambda: not self.connections(), self.patience)

    def connections(self) -> int:
        """How many of the soak's connections the server has."""
        return self._count({"appName": APP, "type": "op"})

    def cursors(self) -> int:
        """How many of the soak's cursors the server has."""
        return self._count({"type": "idleCursor", "ns": {"$regex": f"^{DATABASE}\\."}})

    def cursors_by_collection(self) -> dict[str, int]:
        """The same, by collection, which has the name of its face."""
        match = {"type": "idleCursor", "ns": {"$regex": f"^{DATABASE}\\."}}
        stages: list[Any] = [
            {"$currentOp": {"allUsers": True, "idleCursors": True}},
            {"$match": match},
            {"$sortByCount": "$ns"},
        ]
        return {found["_id"]: found["count"] for found in self._witness.admin.aggregate(stages)}

    def _count(self, match: dict[str, Any]) -> int:
        stage = {"allUsers": True, "idleConnections": True, "idleCursors": True}
        found = self._witness.admin.aggregate([{"$currentOp": stage}, {"$match": match}, {"$count": "n"}])
        return sum(one["n"] for one in found)

    def close(self) -> None:
        """Let go of the witness."""
        self._witness.close()


def leaks(samples: Sequence[Sample]) -> list[str]:
    """What grew from the second third of the laps to the last; the first is for warming up."""
    if len(samples) < _FEWEST:
        raise ValueError(f"{len(samples)} laps tell nothing: there have to be {_FEWEST}")
    third = len(samples) // 3
    found = []
    for index, name in enumerate(Sample._fields):
        # The least: what a lap's event loop had is let go of a second after it has ended.
        before = min(sample[index] for sample in samples[-2 * third : -third])
        after = min(sample[index] for sample in samples[-third:])
        if after - before > ALLOWED[index]:
            found.append(f"{name} grew from {before:g} to {after:g}, by more than {ALLOWED[index]}")
    return found
