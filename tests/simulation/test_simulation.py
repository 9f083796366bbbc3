"""Some hundreds of seeds, as an ordinary test; `make simulate SEEDS=100000` runs as many as one likes.

A seed that fails here is shown by `python -m tests.simulation SEED`, which does exactly the same again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.simulation.simulation import simulate, simulate_all

ROOT = Path(__file__).parents[2]
SEEDS = int(os.environ.get("PETIOLE_SIMULATION_SEEDS", "500"))
PARTS = 10


def lines_of(seed: int) -> list[str]:
    lines: list[str] = []
    simulate(seed, lines.append)
    return lines


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_must_not_happen_happens(part: int) -> None:
    outcomes = simulate_all(range(part, SEEDS, PARTS))
    assert sum(outcomes.values()) > SEEDS // PARTS


def test_the_faults_are_felt_and_most_operations_succeed_all_the_same() -> None:
    outcomes = simulate_all(range(120))
    succeeded = sum(count for outcome, count in outcomes.items() if outcome.endswith(" ok"))
    cancelled = sum(count for outcome, count in outcomes.items() if outcome.endswith(" cancelled"))
    failed = outcomes.total() - succeeded - cancelled
    assert succeeded > 0.8 * outcomes.total()
    assert failed > 50
    assert cancelled > 50
    for error in ("NetworkTimeout", "AutoReconnect", "ServerSelectionTimeoutError", "WaitQueueTimeoutError"):
        assert any(outcome.endswith(error) for outcome in outcomes), error


@pytest.mark.parametrize("seed", [3, 8, 27])
def test_a_seed_always_does_the_same(seed: int) -> None:
    assert lines_of(seed) == lines_of(seed)


def test_a_seed_does_the_same_in_another_process() -> None:
    shown = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "8"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hashes in ("1", "2")
    ]
    assert shown[0] == shown[1] == "".join(line + "\n" for line in lines_of(8))


def test_different_seeds_do_different_things() -> None:
    assert lines_of(1) != lines_of(2)
