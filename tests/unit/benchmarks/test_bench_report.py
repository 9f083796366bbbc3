"""From samples to verdicts: `benchmarks.report`."""

from collections.abc import Sequence

import pytest
from benchmarks import report
from benchmarks.interleave import Sample, Side
from benchmarks.registry import Measure, Point, Row, Rule
from benchmarks.single_ops import workload


def row(rule: Rule, bound: float, points: Sequence[str] = ("",), measure: Measure = Measure.CPU) -> Row:
    return Row("r", "Row", workload("ping"), measure, rule, bound, points=tuple(map(Point, points)))


def side(label: str, costs: dict[str, float], failure: str | None = None) -> Side:
    samples = {name: [Sample(cpu=cost, wall=2 * cost, value=cost)] * 3 for name, cost in costs.items()}
    return Side(label, label, samples, failure)


def compare(of: Row, mine: dict[str, float], theirs: dict[str, float]) -> list[report.Line]:
    return report.lines(of, [side("mine", mine), side("theirs", theirs)], quick=False)


@pytest.mark.parametrize(("mine", "met"), [(0.3, True), (0.5, False)])
def test_a_cost_is_held_against_the_reference(mine: float, met: bool) -> None:
    (line,) = compare(row(Rule.COST, 0.4), {"": mine}, {"": 1.0})
    assert (line.ratio, line.met, line.target) == (mine, met, "≤ 0.40")


@pytest.mark.parametrize(("mine", "met"), [(0.25, True), (0.8, False)])
def test_a_speed_is_the_inverse_of_the_cost(mine: float, met: bool) -> None:
    (line,) = compare(row(Rule.SPEED, 2.0, measure=Measure.WALL), {"": mine}, {"": 1.0})
    assert (line.ratio, line.met) == (1 / mine, met)
    assert line.costs["mine"] == 2 * mine, "judged by the elapsed time"


def test_a_mean_speed_is_judged_over_all_points() -> None:
    of = row(Rule.MEAN_SPEED, 3.0, ["a", "b"])
    first, second, mean = compare(of, {"a": 1.0, "b": 1.0}, {"a": 2.0, "b": 8.0})
    assert (first.ratio, second.ratio) == (2.0, 8.0)
    assert first.met is second.met is None
    assert mean.ratio == pytest.approx(4.0)
    assert mean.met is True


def test_growth_is_judged_by_the_subject_alone() -> None:
    *_, rise = compare(row(Rule.GROWTH, 1.3, ["1", "10"]), {"1": 1.0, "10": 1.2}, {"1": 1.0, "10": 9.0})
    assert rise.costs == {"mine": pytest.approx(1.2), "theirs": pytest.approx(9.0)}
    assert rise.met is True


def test_an_absolute_figure_needs_no_reference() -> None:
    of = row(Rule.ABSOLUTE, 1.0, measure=Measure.THREADS)
    (line,) = report.lines(of, [side("mine", {"": 1.0}), side("theirs", {}, "gone")], quick=False)
    assert line.met is True
    assert line.note == "theirs: gone"


@pytest.mark.parametrize("rule", [Rule.COST, Rule.MEAN_SPEED, Rule.GROWTH])
def test_a_side_that_failed_is_no_verdict_but_a_note(rule: Rule) -> None:
    sides = [side("mine", {}, "AttributeError: nothing"), side("theirs", {"": 1.0})]
    last = report.lines(row(rule, 1.3), sides, quick=False)[-1]
    assert last.met is None
    assert last.target
    assert last.note == "mine: AttributeError: nothing"
    assert report.cells(last, ["mine", "theirs"])[-1] == "none"


@pytest.mark.parametrize(
    ("measure", "figure", "text"),
    [
        (Measure.CPU, 1.2345e-6, "1.23 µs"),
        (Measure.CPU, 0.0001234, "123 µs"),
        (Measure.WALL, 0.5, "500 ms"),
        (Measure.CPU, 77e-9, "0.077 µs"),
        (Measure.WALL, 12.0, "12.00 s"),
        (Measure.CPU, 0.0, "0 µs"),
        (Measure.BYTES, 94_900_000, "94.9 MB"),
        (Measure.THREADS, 7.0, "7"),
    ],
)
def test_figures_are_shown_with_units(measure: Measure, figure: float, text: str) -> None:
    assert report.formatted(row(Rule.COST, 1.0, measure=measure), figure) == text


def test_throughput_is_shown_per_second() -> None:
    assert report.formatted(row(Rule.SPEED, 2.0, measure=Measure.WALL), 0.0002) == "5,000/s"


def test_the_plain_table_lines_up(capsys: pytest.CaptureFixture[str]) -> None:
    report.print_plain(
        [(["find_one", "", "1.0"], "a note"), (["x", "10", "22.0"], "")], ["row", "at", "ratio"]
    )
    assert capsys.readouterr().out.splitlines() == [
        "row       at  ratio",
        "find_one        1.0",
        "x         10   22.0",
        "find_one: a note",
    ]


def test_json_holds_every_round() -> None:
    of = row(Rule.COST, 0.4)
    sides = [side("mine", {"": 0.3}), side("theirs", {"": 1.0})]
    written = report.to_json(of, sides, report.lines(of, sides, quick=False), quick=False)
    assert written["rounds"]["mine"] == {"": [[0.3, 0.6, 0.3]] * 3}
    assert written["lines"][0]["met"] is True
