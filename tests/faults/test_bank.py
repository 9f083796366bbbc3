"""The bank through one round of faults; `python -m tests.faults.bank` goes through as many as one likes."""

from __future__ import annotations

from tests.faults.bank import torment


def test_no_transfer_is_lost_or_made_twice() -> None:
    said: list[str] = []
    assert torment(1, 0.0, said.append, threads=3, tasks=8) == []
    assert said[0].startswith("round 1: ")
