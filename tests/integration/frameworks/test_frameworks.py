"""Frameworks from PyPI do the same on petiole, through `petiole.compat`, as on PyMongo.

Each application does what its framework's own tutorial does. It runs twice on the same server, in processes of its
own: once with `python -m petiole.compat`, once with PyMongo. What it prints has to be the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from petiole.local import LocalServer

APPLICATIONS = Path(__file__).parent / "applications"
DRIVERS = {"petiole": "petiole.mongo_client", "pymongo": "pymongo.synchronous.mongo_client"}


def run(name: str, driver: str, uri: str) -> list[Any]:
    """What an application prints on a driver; its last line says on which one it ran."""
    by = ["-m", "petiole.compat"] if driver == "petiole" else []
    done = subprocess.run(
        [sys.executable, *by, str(APPLICATIONS / f"{name}.py"), uri, f"{name}_{driver}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{name} on {driver}:\n{done.stdout}\n{done.stderr}"
    return [json.loads(line.replace(f"{name}_{driver}", "DATABASE")) for line in done.stdout.splitlines()]


FRAMEWORKS = sorted(path.stem for path in APPLICATIONS.glob("*.py") if path.stem != "stage")


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_does_the_same_on_petiole_as_on_pymongo(name: str, replica_set: LocalServer) -> None:
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, name, driver, replica_set.uri) for driver in DRIVERS]
        on_petiole, on_pymongo = (one.result() for one in runs)
    assert on_petiole.pop() == ["driver", DRIVERS["petiole"]]
    assert on_pymongo.pop() == ["driver", DRIVERS["pymongo"]]
    assert on_petiole == on_pymongo
    assert len(on_petiole) > 5
