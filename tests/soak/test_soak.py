"""A short soak as a test, in processes of their own; `python -m tests.soak --seconds 600` is a long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.soak.gauges import ALLOWED, Sample, leaks
from tests.soak.plants import KINDS

ROOT = Path(__file__).parents[2]
CALM = Sample(50_000, 40_000, 20, 5, 0, 15, 0)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.soak", "--laps", "9", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_ten_seconds_of_all_faces_leak_nothing() -> None:
    ran = run("--seconds", "10")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("wrong: nothing\n")
    assert not ran.stderr


def test_what_is_planted_is_found() -> None:
    ran = run("--seconds", "1", "--patience", "1", *(f"--plant={kind}" for kind in KINDS))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    for kind in KINDS:
        assert f"{kind} grew from" in ran.stdout
    for kind in ("cursors at the server", "connections at the server", "socket:", "<Thread"):
        assert "left over" in ran.stdout
        assert kind in ran.stdout


@pytest.mark.parametrize("gauge", Sample._fields)
def test_growth_is_a_leak(gauge: str) -> None:
    step = getattr(ALLOWED, gauge) / 2 + 1
    grown = [CALM._replace(**{gauge: getattr(CALM, gauge) + round(step * lap)}) for lap in range(12)]
    (found,) = leaks(grown)
    assert found.startswith(f"{gauge} grew from")


def test_what_comes_and_goes_is_none() -> None:
    swinging = [Sample(*(value + 50 * (lap % 3 == 0) for value in CALM)) for lap in range(30)]
    assert leaks(swinging) == []
    warming = [CALM._replace(memory=CALM.memory + min(lap, 5) * 9000) for lap in range(30)]
    assert leaks(warming) == []


def test_a_few_laps_tell_nothing() -> None:
    with pytest.raises(ValueError, match="8 laps tell nothing"):
        leaks([CALM] * 8)
