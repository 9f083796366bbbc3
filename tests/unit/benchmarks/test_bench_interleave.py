"""The order of rounds and their length: `benchmarks.interleave`, with workers that only keep account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from benchmarks import interleave
from benchmarks.interleave import Pace, Sample, Side, SideFailed
from benchmarks.registry import Job, Measure, Point, Row, Rule
from benchmarks.single_ops import workload

PACE = Pace(rounds=4, launches=1, seconds=1.0, gauges=2)


class Account:
    """Stands in for the workers' processes: what was asked of whom, at a given cost per unit."""

    def __init__(self, costs: dict[str, float], failing_after: dict[str, int] | None = None) -> None:
        self.costs = costs
        self.failing_after = failing_after or {}
        self.rounds: list[tuple[str, str, int]] = []
        self.launches = 0

    @contextmanager
    def opened(
        self, _row: Row, sides: Sequence[Side], _job: Job
    ) -> Iterator[list[tuple[Side, "FakeProcess"]]]:
        self.launches += 1
        yield [(side, FakeProcess(self, side.label)) for side in sides if side.failure is None]


class FakeProcess:
    def __init__(self, account: Account, label: str) -> None:
        self.account = account
        self.label = label

    def round(self, point: Point, count: int) -> Sample:
        asked = [label for label, _, _ in self.account.rounds].count(self.label)
        if asked >= self.account.failing_after.get(self.label, 10**6):
            raise SideFailed("it broke")
        self.account.rounds.append((self.label, point.name, count))
        cost = self.account.costs[self.label]
        return Sample(cost, cost, cost)


def row(points: Sequence[Point] = (Point(""),), fresh: bool = False, measure: Measure = Measure.CPU) -> Row:
    return Row("r", "R", workload("ping"), measure, Rule.COST, 1.0, points=tuple(points), fresh=fresh)


def run(monkeypatch: pytest.MonkeyPatch, account: Account, of: Row, pace: Pace = PACE) -> list[Side]:
    sides = [Side(label, label) for label in account.costs]
    monkeypatch.setattr(interleave, "_opened", account.opened)
    interleave.run_row(of, sides, Job(), pace)
    return sides


def test_sides_take_turns_and_the_order_alternates(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account({"a": 0.1, "b": 0.1})
    run(monkeypatch, account, row())
    assert "".join(label for label, _, _ in account.rounds[-8:]) == "abbaabba"


def test_the_warm_up_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = run(monkeypatch, Account({"a": 0.1, "b": 0.1}), row())
    assert [len(side.samples[""]) for side in sides] == [4, 4]


def test_the_slowest_side_sets_the_count_and_all_do_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account({"a": 0.01, "b": 0.1})
    run(monkeypatch, account, row())
    assert {count for _, _, count in account.rounds[-8:]} == {10}


def test_a_point_has_its_least_count(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account({"a": 10.0, "b": 10.0})
    run(monkeypatch, account, row([Point("100", units=100, minimum=5)]))
    assert {count for _, _, count in account.rounds} == {5}


def test_launches_share_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account({"a": 0.1, "b": 0.1})
    sides = run(monkeypatch, account, row(), Pace(rounds=4, launches=2, seconds=1.0, gauges=1))
    assert account.launches == 2
    assert len(sides[0].samples[""]) == 4


def test_a_fresh_row_has_a_process_per_round_and_side(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account({"a": 1.0, "b": 1.0})
    run(monkeypatch, account, row(fresh=True, measure=Measure.BYTES))
    assert account.launches == 4
    assert "".join(label for label, _, _ in account.rounds) == "abba"


def test_a_side_that_fails_leaves_the_others_their_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account({"a": 0.1, "b": 0.1}, failing_after={"a": 1})
    broken, whole = run(monkeypatch, account, row([Point("x"), Point("y")]))
    assert broken.failure == "it broke"
    assert whole.failure is None
    assert [len(whole.samples[name]) for name in ("x", "y")] == [4, 4]


def test_a_worker_that_cannot_open_its_driver_says_why() -> None:
    sides = [Side("nobody", "nobody")]
    with interleave._opened(row_of_registry(), sides, Job()) as running:
        assert running == []
    assert sides[0].failure == "KeyError: 'nobody'"


def row_of_registry() -> Row:
    from benchmarks.registry import rows

    return rows()["ping"]
