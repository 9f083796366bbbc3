"""Smoothed round trip times."""

import pymongo.read_preferences
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petiole._sdam.rtt import RoundTripTimes


@given(st.lists(st.floats(0, 10), max_size=25))
def test_the_average_is_pymongos_and_the_minimum_is_recent(samples: list[float]) -> None:
    theirs = pymongo.read_preferences.MovingAverage()
    ours = RoundTripTimes()
    for sample in samples:
        theirs.add_sample(sample)
        ours = ours.with_sample(sample)
    expected = theirs.get()
    assert ours.average == (expected if expected is None else pytest.approx(expected))
    assert ours.minimum == (min(samples[-10:]) if len(samples) > 1 else 0.0)


def test_a_clock_that_jumps_back_leaves_the_times_alone() -> None:
    times = RoundTripTimes().with_sample(0.5)
    assert times.with_sample(-1.0) is times
