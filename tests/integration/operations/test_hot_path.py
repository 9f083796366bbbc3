"""How many Python functions the commonest operations enter: what they cost, in a unit that no busy machine changes.

A number here goes up only with a reason that is worth it to every program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import petiole
from petiole import MongoClient
from petiole.collection import Collection
from petiole.local import LocalServer

PACKAGE = str(Path(petiole.__file__).parent)
TIMES = 10
"""Calls that are counted together: now and then one finds a connection checked or a topology changed."""


def frames(work: Callable[[], Any]) -> list[str]:
    """The functions of the package that this thread enters in one call of `work`: the least of several calls."""
    entered: list[str] = []

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            entered.append(frame.f_code.co_qualname)

    counted = []
    for _ in range(TIMES):
        entered.clear()
        sys.setprofile(note)
        try:
            work()
        finally:
            sys.setprofile(None)
        counted.append(list(entered))
    return min(counted, key=len)


OPERATIONS: dict[str, tuple[int, Callable[[Collection[dict[str, Any]]], Any]]] = {
    "find_one": (34, lambda collection: collection.find_one({"_id": 1})),
    "insert_one": (39, lambda collection: collection.insert_one({"a": 1})),
    "ping": (34, lambda collection: collection.database.command("ping")),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_enter_few_functions(standalone: LocalServer, name: str) -> None:
    most, operation = OPERATIONS[name]
    with MongoClient(standalone.uri) as client:
        collection = client["hot"]["path"]
        for _ in range(TIMES):
            operation(collection)
        entered = frames(lambda: operation(collection))
        client.drop_database("hot")
    assert len(entered) <= most, "\n".join(entered)
