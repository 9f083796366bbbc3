"""One program uses all five faces at once, on one server, and leaves no thread, socket or task behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.together.relay import CIRCLES, FACES

from petiole.local import LocalServer

ROOT = Path(__file__).parents[3]
ORDER = ["blocking", "legacy", "early", "asyncio", "motor on asyncio", "motor on tornado"]


def test_five_faces_hand_a_baton_on_and_leave_nothing_behind(replica_set: LocalServer) -> None:
    command = [sys.executable, "-m", "tests.integration.together.relay", replica_set.uri]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = [f"{turn} {ORDER[turn % FACES]}" for turn in range(FACES * CIRCLES)]
    assert ran.stdout.splitlines() == [*passed, f"baton {{'_id': 'baton', 'n': {FACES * CIRCLES}}}"]
    assert not ran.stderr
