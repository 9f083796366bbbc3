"""`Timestamp`: as PyMongo's in all that applications see."""

from __future__ import annotations

import pickle

import pytest
from tests.unit.bson.sides import PETIOLE, PYMONGO, RedirectingUnpickler, assert_same, names, opcodes

from petiole.bson import Timestamp
from petiole.bson.timestamp import UPPERBOUND

EXPRESSIONS = """
Timestamp(5, 6)
Timestamp(time=5, inc=6)
Timestamp(2**32 - 1, 2**32 - 1)
Timestamp(2**32, 0)
Timestamp(0, 2**32)
Timestamp(-1, 0)
Timestamp(0, -1)
Timestamp(1.5, 0)
Timestamp(0, 1.5)
Timestamp('a', 1)
Timestamp(None, 1)
Timestamp(1, None)
Timestamp(datetime.datetime(2020, 1, 1, 12, 30, 15, 999999), 5)
Timestamp(datetime.datetime(2020, 1, 1, tzinfo=east), 5)
Timestamp(datetime.datetime(1960, 1, 1), 5)
Timestamp(datetime.datetime(2200, 1, 1), 5)
(Timestamp(5, 6).time, Timestamp(5, 6).inc)
Timestamp(5, 6).as_datetime()
Timestamp(2**32 - 1, 0).as_datetime()
hash(Timestamp(5, 6))
hash(Timestamp(2**32 - 1, 1))
Timestamp(5, 6) == Timestamp(5, 6)
Timestamp(5, 6) != Timestamp(5, 7)
Timestamp(5, 6) == (5, 6)
Timestamp(5, 6) != 5
sorted([Timestamp(2, 1), Timestamp(1, 2), Timestamp(1, 1)])
[Timestamp(1, 9) < Timestamp(2, 0), Timestamp(1, 9) <= Timestamp(1, 9), Timestamp(2, 0) > Timestamp(1, 9)]
Timestamp(1, 1).__lt__(5)
Timestamp(1, 1)._type_marker
copy.copy(Timestamp(5, 6))
copy.deepcopy([Timestamp(5, 6)])
type('Sub', (Timestamp,), {})(5, 6)
type('Sub', (Timestamp,), {'__init__': lambda self, a: Timestamp.__init__(self, a, a)})(7)
""".strip().splitlines()

# The class is the same, the words are not.
ERRORS = """
Timestamp(1)
Timestamp(1, 2, 3)
Timestamp(1, 2) < 5
setattr(Timestamp(1, 2), 'time', 3)
setattr(Timestamp(1, 2), 'other', 3)
""".strip().splitlines()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_as_pymongo(expression: str) -> None:
    assert_same(expression)


@pytest.mark.parametrize("expression", ERRORS)
def test_errors_as_pymongo(expression: str) -> None:
    assert_same(expression, messages=False)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_go_both_ways(protocol: int) -> None:
    ours, theirs = (eval("Timestamp(5, 6)", dict(names(side))) for side in (PETIOLE, PYMONGO))
    mine, other = pickle.dumps(ours, protocol), pickle.dumps(theirs, protocol)
    assert opcodes(mine) == opcodes(other)
    assert RedirectingUnpickler(other, PYMONGO, PETIOLE).load() == ours
    assert RedirectingUnpickler(mine, PETIOLE, PYMONGO).load() == theirs


def test_the_bound_is_exclusive() -> None:
    assert Timestamp(UPPERBOUND - 1, 0).time == UPPERBOUND - 1
    with pytest.raises(ValueError, match="time must be contained"):
        Timestamp(UPPERBOUND, 0)
