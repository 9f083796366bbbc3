"""The statistics of the benchmarks: `benchmarks.figures`."""

import math

import pytest
from benchmarks import figures


def test_spread_of_one_figure_is_that_figure() -> None:
    assert figures.spread([3.0]) == figures.Spread(3.0, 3.0, 3.0, 1)


def test_spread_gives_median_and_quartiles() -> None:
    assert figures.spread([5.0, 1.0, 3.0, 2.0, 4.0]) == figures.Spread(3.0, 2.0, 4.0, 5)


def test_ratio_is_of_the_medians_and_not_the_median_of_ratios() -> None:
    # The ratios of the rounds are 1, 4 and 1/3, and their median 1; the medians are 3 and 1.
    assert figures.ratio_of_medians([1.0, 4.0, 3.0], [1.0, 1.0, 9.0]) == 3.0


def test_ratio_to_nothing_is_infinite() -> None:
    assert figures.ratio_of_medians([1.0], [0.0]) == math.inf


def test_ratio_spread_has_the_quartiles_of_paired_rounds() -> None:
    # Both sides slow down together in the second half: the ratio does not waver.
    ratio = figures.ratio_spread([1.0, 1.0, 5.0, 5.0], [2.0, 2.0, 10.0, 10.0])
    assert (ratio.median, ratio.low, ratio.high, ratio.count) == (0.5, 0.5, 0.5, 4)


def test_ratio_spread_pairs_only_rounds_that_both_sides_have() -> None:
    assert figures.ratio_spread([1.0, 2.0, 3.0], [1.0, 2.0]).count == 2


def test_inverted_turns_a_ratio_of_costs_into_one_of_speeds() -> None:
    assert figures.inverted(figures.Spread(0.5, 0.25, 1.0, 3)) == figures.Spread(2.0, 1.0, 4.0, 3)


def test_geometric_mean() -> None:
    assert figures.geometric_mean([2.0, 8.0]) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([10.0], 1.0),
        ([10.0, 5.0, 4.0], 1.0),
        ([10.0, 15.0], 1.5),
        ([10.0, 5.0, 10.0], 2.0),
        ([10.0, 30.0, 5.0, 6.0], 3.0),
        ([0.0, 1.0], math.inf),
    ],
)
def test_growth_is_the_greatest_rise_to_any_larger_size(costs: list[float], expected: float) -> None:
    assert figures.growth(costs) == expected
