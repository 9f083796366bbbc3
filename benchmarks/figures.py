"""The statistics of a run: medians, ratios of medians, their spread, geometric means, growth.

Pure functions over numbers. What is measured, and in which unit, is the business of `benchmarks.registry`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Spread:
    """The middle half of a set of figures around its median."""

    median: float
    low: float
    high: float
    count: int


def spread(figures: Sequence[float]) -> Spread:
    """Median and quartiles of `figures`, which must not be empty."""
    if len(figures) == 1:
        return Spread(figures[0], figures[0], figures[0], 1)
    low, middle, high = quantiles(figures, n=4, method="inclusive")
    return Spread(middle, low, high, len(figures))


def ratio_of_medians(subject: Sequence[float], reference: Sequence[float]) -> float:
    """How many times the reference's median the subject's median is."""
    below = median(reference)
    return median(subject) / below if below else math.inf


def ratio_spread(subject: Sequence[float], reference: Sequence[float]) -> Spread:
    """The ratio of medians, with the quartiles of the ratios of rounds that ran side by side.

    Neighbouring rounds share the machine's mood, so the quartiles of paired ratios say how far the ratio
    itself may be off; each side's own quartiles would mostly tell of the other programs on the machine.
    """
    paired = [mine / theirs if theirs else math.inf for mine, theirs in zip(subject, reference, strict=False)]
    quartiles = spread(paired)
    return Spread(ratio_of_medians(subject, reference), quartiles.low, quartiles.high, len(paired))


def inverted(ratio: Spread) -> Spread:
    """The same ratio seen from the other side: a ratio of costs as a ratio of speeds."""

    def invert(figure: float) -> float:
        return 1 / figure if figure else math.inf

    return Spread(invert(ratio.median), invert(ratio.high), invert(ratio.low), ratio.count)


def geometric_mean(ratios: Sequence[float]) -> float:
    """The geometric mean of positive ratios, which must not be empty."""
    return math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))


def growth(costs: Sequence[float]) -> float:
    """The greatest rise from the cost at one size to that at any larger one; `costs` are in order of size.

    A cost that falls with size because fixed work is spread over more is no growth: the result is then 1.0.
    """
    lowest = math.inf
    worst = 1.0
    for cost in costs:
        if lowest < math.inf:
            worst = max(worst, cost / lowest if lowest else math.inf)
        lowest = min(lowest, cost)
    return worst
