"""mypy and pyright agree with what `faces.py` says of the public faces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKED = "tests/typing/faces.py"


@pytest.mark.parametrize("checker", [["mypy", "--strict"], ["pyright"]], ids=lambda command: command[0])
def test_the_checkers_see_the_types(checker: list[str]) -> None:
    name, *options = checker
    command = [sys.executable, "-m", name, *options, CHECKED]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_wrong_type_would_be_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from typing import assert_type\nfrom petiole import MongoClient\n"
        "assert_type(MongoClient().db.coll.find_one(), int)\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", str(wrong)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "dict[str, Any] | None" in found.stdout
