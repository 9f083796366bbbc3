"""Random documents and damaged bytes: both packages write the same, read the same and refuse the same."""

from __future__ import annotations

import struct

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.bson.sides import PYMONGO, assert_same, names

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

OPTIONS = [
    "CodecOptions()",
    "CodecOptions(document_class=SON)",
    "CodecOptions(document_class=RawBSONDocument)",
    "CodecOptions(tz_aware=True, tzinfo=east)",
    "CodecOptions(uuid_representation=4)",
    "CodecOptions(uuid_representation=5)",
    "CodecOptions(unicode_decode_error_handler='replace')",
    "CodecOptions(datetime_conversion=conversion.DATETIME_AUTO)",
    "CodecOptions(datetime_conversion=conversion.DATETIME_CLAMP)",
    "CodecOptions(datetime_conversion=conversion.DATETIME_MS)",
    "registry(decoder(int, str), DecimalDecoder())",
]

# Values are expressions, so that each side makes them of its own classes.
int64 = st.integers(-(2**63), 2**63 - 1)
uint32 = st.integers(0, 2**32 - 1)
size16 = st.binary(min_size=16, max_size=16)
letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def call(name: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.tuples(*arguments).map(lambda values: f"{name}({', '.join(map(repr, values))})")


scalars = st.one_of(
    st.sampled_from(["None", "True", "False", "MinKey()", "MaxKey()", "float('nan')", "float('-inf')"]),
    st.integers(-(2**70), 2**70).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(max_size=12).map(repr),
    st.binary(max_size=12).map(repr),
    call("Int64", int64),
    call("Binary", st.binary(max_size=12), st.integers(0, 255)),
    call("Binary", size16, st.sampled_from([3, 4])),
    call("ObjectId", st.binary(min_size=12, max_size=12)),
    call("Timestamp", uint32, uint32),
    call("DatetimeMS", int64),
    call("Decimal128.from_bid", size16),
    call("Regex", letters, st.text("ilmsux", max_size=3)),
    call("Code", letters),
    call("uuid.UUID", st.uuids().map(str)),
    st.datetimes().map(repr),
)


def mapping(values: st.SearchStrategy[str], constructor: str) -> st.SearchStrategy[str]:
    item = st.tuples(letters.map(repr), values).map(lambda pair: f"({pair[0]}, {pair[1]})")
    return st.lists(item, max_size=4).map(lambda items: f"{constructor}([{', '.join(items)}])")


def containers(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        mapping(values, "dict"),
        mapping(values, "SON"),
        st.lists(values, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        mapping(values, "dict").map(lambda scope: f"Code('f', {scope})"),
        values.map(lambda value: f"DBRef('c', {value}, 'd')"),
    )


documents = mapping(st.recursive(scalars, containers, max_leaves=12), "dict")


@given(documents, st.booleans())
@BOUNDED
def test_encoding(document: str, check_keys: bool) -> None:
    assert_same(f"encode({document}, {check_keys}, CodecOptions(uuid_representation=4))", messages=False)


@given(documents, st.sampled_from(OPTIONS))
@BOUNDED
def test_a_round_trip(document: str, options: str) -> None:
    encoded = f"encode({document}, codec_options=CodecOptions(uuid_representation=4))"
    assert_same(f"decode({encoded}, {options})", messages=False)
    assert_same(f"[dict(raw) for raw in [RawBSONDocument({encoded})]]", messages=False)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The bytes of a document with some of them changed, or a part cut out."""
    document = draw(documents)
    try:
        encoded = eval(
            f"encode({document}, codec_options=CodecOptions(uuid_representation=4))", names(PYMONGO)
        )
    except Exception:
        encoded = struct.pack("<i", 13) + b"\x10a\0\1\0\0\0\0\0"
    data = bytearray(encoded)
    for _ in range(draw(st.integers(0, 3))):
        position = draw(st.integers(0, len(data) - 1))
        data[position] = draw(st.one_of(st.integers(0, 0x13), st.integers(0, 255)))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(data)))
        del data[start : start + draw(st.integers(0, 8))]
        if draw(st.booleans()) and len(data) >= 4:
            data[:4] = struct.pack("<i", len(data))
    return bytes(data)


@given(damaged(), st.sampled_from(OPTIONS))
@BOUNDED
def test_damaged_bytes(data: bytes, options: str) -> None:
    assert_same(f"decode({data!r}, {options})", messages=False)
    assert_same(f"decode_all({data!r}, {options})", messages=False)
    assert_same(f"is_valid({data!r})")


@given(st.binary(max_size=40))
@BOUNDED
def test_random_elements(payload: bytes) -> None:
    framed = struct.pack("<i", len(payload) + 5) + payload + b"\0"
    assert_same(f"decode({framed!r})", messages=False)
