"""Name by name: what the inventories of PyMongo's and Motor's public names list is there through the alias.

The inventories lie beside the project, in `../shared/api`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
from tests.unit import test_api
from tests.unit.inventories.exceptions import EXCEPTIONS, excepted

FOLDER = Path(__file__).parents[4] / "shared" / "api"
ERA = {"pymongo-3.11.4": "3", "pymongo-2.9.5": "2", "pymongo-1.11": "1"}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the inventories in ../shared/api")


KINDS = [
    ("pymongo.results", "UpdateResult"),
    ("pymongo.connection", "Connection"),
    ("motor.motor_gridfs", "AgnosticGridIn"),
    ("motor", "MotorClient"),
]


@cache
def missing(inventory: str) -> tuple[str, ...]:
    """What a process that runs by the alias finds missing."""
    probe = Path(__file__).with_name("probe.py")
    era = ERA.get(inventory, "4")
    command = [sys.executable, "-m", "petiole.compat", "--era", era, str(probe)]
    done = subprocess.run(
        [*command, str(FOLDER / f"{inventory}.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


@pytest.mark.parametrize("inventory", EXCEPTIONS)
def test_every_name_is_there_with_compatible_parameters(inventory: str) -> None:
    assert [name for name in missing(inventory) if not excepted(inventory, name)] == []


@pytest.mark.parametrize("inventory", EXCEPTIONS)
def test_every_exception_is_one(inventory: str) -> None:
    """What has come to be there has to leave the list."""
    found = [*missing(inventory), *(test_api.all_differences() if inventory == "pymongo-4.20.0" else ())]
    patterns = EXCEPTIONS[inventory]
    assert [one for one in patterns if not any(fnmatchcase(name, one) for name in found)] == []


@pytest.mark.parametrize("inventory", EXCEPTIONS)
def test_the_probe_finds_what_is_missing(inventory: str, tmp_path: Path) -> None:
    """Otherwise the tests above would prove nothing."""
    changed = json.loads((FOLDER / f"{inventory}.json").read_text())
    path = next(path for path in KINDS if path[0] in changed)
    changed[path[0]]["classes"][path[1]]["methods"]["no_such_method"] = []
    changed["pymongo.no_such_module"] = {}
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(changed))
    probe = str(Path(__file__).with_name("probe.py"))
    era = ERA.get(inventory, "4")
    command = [sys.executable, "-m", "petiole.compat", "--era", era, probe, str(file)]
    found = set(json.loads(subprocess.check_output(command, text=True))) - set(missing(inventory))
    assert {name.rpartition(".")[2] for name in found} >= {"no_such_method", "no_such_module"}


@pytest.mark.parametrize("inventory", EXCEPTIONS)
def test_every_exception_has_a_reason(inventory: str) -> None:
    assert all(reason.strip() and len(reason) < 100 for reason in EXCEPTIONS[inventory].values())
