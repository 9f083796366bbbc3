"""`ObjectId`: as PyMongo's in all that applications see, and unique over threads and forks."""

from __future__ import annotations

import os
import pickle
import threading
import time
from typing import Any

import pytest
from tests.unit.bson.sides import PETIOLE, PYMONGO, RedirectingUnpickler, assert_same, names, opcodes

from petiole.bson import ObjectId, encode

HEX = "0123456789ab0123456789ab"

EXPRESSIONS = f"""
ObjectId('{HEX}')
ObjectId('{HEX.upper()}')
ObjectId(oid='{HEX}')
ObjectId(b'123456789012')
ObjectId(ObjectId('{HEX}'))
ObjectId('')
ObjectId(b'')
ObjectId('x')
ObjectId('0123456789ab0123456789ag')
ObjectId('{HEX}0')
ObjectId('é' * 12)
ObjectId('\\ud800' * 24)
ObjectId(5)
ObjectId(bytearray(12))
ObjectId(b'{HEX}')
[ObjectId.is_valid(value) for value in (None, '', b'', 'x', 5, [], '{HEX}', b'123456789012', ObjectId())]
ObjectId('{HEX}').binary
ObjectId('{HEX}').generation_time
ObjectId('ffffffff89ab0123456789ab').generation_time
ObjectId.from_datetime(datetime.datetime(2020, 1, 1, 12, 30, 15, 999999))
ObjectId.from_datetime(datetime.datetime(2020, 1, 1, tzinfo=east))
ObjectId.from_datetime(datetime.datetime(1970, 1, 1))
ObjectId.from_datetime(datetime.datetime(2106, 2, 7, 6, 28, 15))
hash(ObjectId('{HEX}')) == hash(ObjectId('{HEX}').binary)
ObjectId('{HEX}') == ObjectId('{HEX}')
ObjectId('{HEX}') != ObjectId('{HEX}')
ObjectId('{HEX}') == '{HEX}'
ObjectId('{HEX}') != b'123456789012'
sorted([ObjectId('b' * 24), ObjectId('a' * 24), ObjectId('0' * 24)])
[ObjectId('a' * 24) < ObjectId('b' * 24), ObjectId('a' * 24) >= ObjectId('b' * 24)]
ObjectId('{HEX}').__lt__(5)
f"{{ObjectId('{HEX}')}}"
ObjectId('{HEX}')._type_marker
copy.copy(ObjectId('{HEX}'))
copy.deepcopy([ObjectId('{HEX}')])
type('Sub', (ObjectId,), {{}})('{HEX}')
type('Sub', (ObjectId,), {{}})('{HEX}') == ObjectId('{HEX}')
type(type('Sub', (ObjectId,), {{}}).from_datetime(datetime.datetime(2020, 1, 1)))
type('Sub', (ObjectId,), {{'__str__': lambda self: 'x'}})('{HEX}')
type('Sub', (ObjectId,), {{'__init__': lambda self, a, b: ObjectId.__init__(self, a + b)}})('{HEX[:9]}', b='{HEX[9:]}')
""".strip().splitlines()

# The class is the same, the words are not.
ERRORS = """
ObjectId.from_datetime(datetime.datetime(2106, 2, 7, 6, 28, 16))
ObjectId.from_datetime(datetime.datetime(1969, 12, 31))
ObjectId(1, 2)
ObjectId() < 5
setattr(ObjectId(), 'binary', b'')
setattr(ObjectId(), 'other', b'')
bytes(ObjectId())
__import__('weakref').ref(ObjectId())
""".strip().splitlines()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_as_pymongo(expression: str) -> None:
    assert_same(expression)


@pytest.mark.parametrize("expression", ERRORS)
def test_errors_as_pymongo(expression: str) -> None:
    assert_same(expression, messages=False)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_go_both_ways(protocol: int) -> None:
    ours, theirs = (eval(f"ObjectId('{HEX}')", dict(names(side))) for side in (PETIOLE, PYMONGO))
    mine, other = pickle.dumps(ours, protocol), pickle.dumps(theirs, protocol)
    assert opcodes(mine) == opcodes(other)
    assert RedirectingUnpickler(other, PYMONGO, PETIOLE).load() == ours
    assert RedirectingUnpickler(mine, PETIOLE, PYMONGO).load() == theirs


@pytest.mark.parametrize(
    "state",
    [b"123456789012", "123456789012", {"_ObjectId__id": b"123456789012"}, {"_ObjectId__id": "123456789012"}],
)
def test_states_of_old_pickles(state: Any) -> None:
    loaded = ObjectId.__new__(ObjectId)
    loaded.__setstate__(state)
    assert loaded.binary == b"123456789012"


def test_pymongos_own_are_taken() -> None:
    theirs = eval(f"ObjectId('{HEX}')", dict(names(PYMONGO)))
    assert ObjectId(theirs) == ObjectId(HEX)
    assert encode({"a": theirs}) == encode({"a": ObjectId(HEX)})


def test_parts_of_a_new_one() -> None:
    before = int(time.time())
    first, second = ObjectId(), ObjectId()
    seconds = int.from_bytes(first.binary[:4], "big")
    assert before <= seconds <= time.time()
    assert first.binary[4:9] == second.binary[4:9]
    counters = [int.from_bytes(made.binary[9:], "big") for made in (first, second)]
    assert (counters[1] - counters[0]) % 2**24 == 1


def test_unique_over_threads() -> None:
    made: list[list[ObjectId]] = [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda part: part.extend(ObjectId() for _ in range(2_000)), args=(part,))
        for part in made
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = {identifier for part in made for identifier in part}
    assert len(everything) == 16_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform does not fork")
def test_a_forked_child_has_random_bytes_of_its_own() -> None:
    mine = ObjectId()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, ObjectId().binary)
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 12)
    os.close(read)
    os.close(write)
    assert len(theirs) == 12
    assert theirs[4:9] != mine.binary[4:9]
    assert ObjectId().binary[4:9] == mine.binary[4:9]
