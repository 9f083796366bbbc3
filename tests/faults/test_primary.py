"""A few kills of a primary under load, as a test; `python -m tests.faults --kills 20` does as many as one likes.

In a process of its own, where nobody else's threads and sockets come and go while this one's are counted.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.ledger import LIMIT, Account, verdict

ROOT = Path(__file__).parents[2]


def test_a_killed_primary_costs_no_acknowledged_write_and_leaves_nothing_over() -> None:
    command = [sys.executable, "-m", "tests.faults", "--kills", "2"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("all workers wrote again") == 2
    assert not ran.stderr


def account() -> Account:
    """Of a worker that stored two documents, and counted to three, perhaps to four."""
    one = Account("one")
    one.stored |= {"one/1", "one/2"}
    one.increments, one.in_doubt = 3, 1
    return one


def test_the_verdict_over_what_is_there() -> None:
    assert verdict(account(), {"one/1", "one/2", "one/3"}, 3) == []
    assert verdict(account(), {"one/1", "one/2"}, 4) == []


def test_the_verdict_names_what_is_wrong() -> None:
    assert "one/2" in verdict(account(), {"one/1"}, 3)[0]
    for counted in (2, 5):
        assert f"{counted} increments" in verdict(account(), {"one/1", "one/2"}, counted)[0]
    slow = account()
    slow.slowest = LIMIT + 1
    slow.complain("undocumented")
    assert len(verdict(slow, {"one/1", "one/2"}, 3)) == 2
