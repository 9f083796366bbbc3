"""A program of the 3.x era runs unchanged by the alias, and prints what it printed on PyMongo 3.11.4."""

import json
import subprocess
import sys
from pathlib import Path

from petiole.local import LocalServer

PROGRAM = Path(__file__).with_name("guestbook.py")


def test_a_program_for_pymongo_3_prints_the_same(standalone: LocalServer) -> None:
    command = [sys.executable, "-m", "petiole.compat", "--era", "3", str(PROGRAM), standalone.uri]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    recorded = json.loads(PROGRAM.with_suffix(".json").read_text())
    assert [pair for pair in zip(found, recorded, strict=True) if pair[0] != pair[1]] == []
