"""Pickles and copies: the instructions of PyMongo's pickles, and each side loads the other's."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from tests.unit.bson.sides import PETIOLE, PYMONGO, RedirectingUnpickler, names, opcodes, outcome

from petiole.bson import Binary, Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex

VALUES = r"""
Binary(b'ab', 5)
Binary(b'ab', 0)
Binary.from_uuid(uuid.UUID(int=5))
Binary.from_vector([1, 2], BinaryVectorDtype.INT8)
BinaryVectorDtype.PACKED_BIT
Code('x')
Code('x', {'a': 1})
DBRef('c', 1)
DBRef('c', 1, 'd', x=1)
Decimal128('1.50')
Decimal128('-Infinity')
Decimal128('NaN')
Int64(5)
Int64(-2**63)
MaxKey()
MinKey()
Regex('a', 'ix')
Regex(b'a')
SON()
SON([('b', 1), ('a', [SON(c=Int64(2))])])
CodecOptions()
CodecOptions(SON, True, 4, 'ignore', utc)
TypeRegistry()
TypeRegistry([DecimalEncoder(), DecimalDecoder()])
DatetimeConversion.DATETIME_AUTO
FixedOffset(90, 'x')
utc
RawBSONDocument(b'\x05\0\0\0\0')
BSON(b'\x05\0\0\0\0')
InvalidBSON('x')
InvalidDocument('x', {'a': 1})
{'a': [Int64(1), Binary(b'x', 2), {'b': MinKey()}]}
""".strip().splitlines()
SLOTTED = r"""
DatetimeMS(5)
BinaryVector([1], BinaryVectorDtype.INT8)
BinaryVector([1, 8], BinaryVectorDtype.PACKED_BIT, 3)
""".strip().splitlines()
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

CASES = [(value, protocol) for value in VALUES for protocol in PROTOCOLS] + [
    # Old protocols cannot carry plain slots, on either side.
    (value, protocol)
    for value in SLOTTED
    for protocol in PROTOCOLS[2:]
]


def text(value: Any) -> str:
    return f"{type(value).__name__} {value!r}".replace(PETIOLE, PYMONGO)


@pytest.mark.parametrize(("expression", "protocol"), CASES)
def test_pickles(expression: str, protocol: int) -> None:
    ours, theirs = (eval(expression, names(side)) for side in (PETIOLE, PYMONGO))
    our_pickle, their_pickle = pickle.dumps(ours, protocol), pickle.dumps(theirs, protocol)
    # A SON's old pickles name the constructor differently, and load all the same.
    if protocol >= 2 or "SON(" not in expression:
        assert opcodes(our_pickle) == opcodes(their_pickle)
    if "DecimalEncoder" in expression:
        ours = theirs = None  # Their repr holds an address.
        assert len(pickle.loads(our_pickle).codecs) == 2
        return
    assert text(pickle.loads(our_pickle)) == text(ours)
    loaded = RedirectingUnpickler(their_pickle, PYMONGO, PETIOLE).load()
    assert type(loaded) is type(ours)
    assert text(loaded) == text(ours)
    loaded = RedirectingUnpickler(our_pickle, PETIOLE, PYMONGO).load()
    assert type(loaded) is type(theirs)
    assert text(loaded) == text(theirs)


@pytest.mark.parametrize("expression", [*VALUES, *SLOTTED])
@pytest.mark.parametrize("how", ["copy", "deepcopy"])
def test_copies(expression: str, how: str) -> None:
    if "DecimalEncoder" in expression:
        expression = f"len({expression}.codecs)"
    copied, original = f"copy.{how}({expression})", expression
    assert outcome(PETIOLE, copied) == outcome(PETIOLE, original) == outcome(PYMONGO, copied)


def test_a_raw_document_over_a_view_is_pickled_with_its_bytes() -> None:
    for side in (PETIOLE, PYMONGO):
        found = names(side)
        document = found["RawBSONDocument"](memoryview(b"\x05\0\0\0\0"))
        assert pickle.loads(pickle.dumps(document)).raw == b"\x05\0\0\0\0"


class OwnBinary(Binary):
    pass


class OwnCode(Code):
    pass


class OwnDatetimeMS(DatetimeMS):
    __slots__ = ("mark",)
    mark: str


class OwnDecimal128(Decimal128):
    pass


class OwnInt64(Int64):
    pass


class OwnMaxKey(MaxKey):
    pass


class OwnMinKey(MinKey):
    pass


class OwnObjectId(ObjectId):
    pass


class OwnRegex(Regex[str]):
    __slots__ = ("mark",)
    mark: str


SUBCLASSED: list[Any] = [
    OwnBinary(b"ab", 5),
    OwnCode("x", {"a": 1}),
    OwnDatetimeMS(5),
    OwnDecimal128("1.5"),
    OwnInt64(7),
    OwnMaxKey(),
    OwnMinKey(),
    OwnObjectId("0123456789ab0123456789ab"),
    OwnRegex("a", "i"),
]


@pytest.mark.parametrize("value", SUBCLASSED, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("protocol", PROTOCOLS[2:])
def test_subclasses_survive_a_pickle(value: Any, protocol: int) -> None:
    for loaded in (pickle.loads(pickle.dumps(value, protocol)), copy.copy(value), copy.deepcopy(value)):
        assert type(loaded) is type(value)
        assert loaded == value
        assert repr(loaded) == repr(value)


def test_slots_of_a_subclass_survive_a_pickle() -> None:
    # PyMongo's state has one class's slots only.
    for value in (OwnRegex("a", "i"), OwnDatetimeMS(5)):
        value.mark = "kept"
        loaded = pickle.loads(pickle.dumps(value))
        assert loaded == value
        assert loaded.mark == "kept"
