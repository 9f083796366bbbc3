"""`petiole.bson` is cheap to import, and offers every name that PyMongo's `bson` does."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.bson.sides import PETIOLE, PYMONGO

import petiole.bson

# The rest of petiole is left out: an empty package stands in for its `__init__`.
PROGRAM = """
import sys, types
package = types.ModuleType("petiole")
package.__path__ = [sys.argv[1]]
sys.modules["petiole"] = package
import petiole.bson
print(*sorted(sys.modules))
"""

MODULES = [
    "",
    ".binary",
    ".code",
    ".codec_options",
    ".datetime_ms",
    ".dbref",
    ".decimal128",
    ".errors",
    ".int64",
    ".max_key",
    ".min_key",
    ".objectid",
    ".raw_bson",
    ".regex",
    ".son",
    ".timestamp",
    ".typings",
    ".tz_util",
]


def test_what_is_not_imported_before_it_is_needed() -> None:
    folder = Path(petiole.bson.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder], check=True, capture_output=True, text=True, timeout=60
    )
    imported = set(run.stdout.split())
    assert "petiole.bson.codec_options" in imported
    assert not imported & {"asyncio", "calendar", "dataclasses", "decimal", "inspect", "numpy", "uuid"}


@pytest.mark.parametrize("module", MODULES)
def test_public_names(module: str) -> None:
    ours, theirs = importlib.import_module(PETIOLE + module), importlib.import_module(PYMONGO + module)
    if hasattr(theirs, "__all__"):
        assert sorted(ours.__all__) == sorted(theirs.__all__)
    for name, value in vars(theirs).items():
        own = callable(value) and str(getattr(value, "__module__", "")).startswith(PYMONGO)
        constant = name.isupper() and name not in {"TYPE_CHECKING", "UUID"}
        if not name.startswith("_") and (own or constant):
            assert hasattr(ours, name), name
