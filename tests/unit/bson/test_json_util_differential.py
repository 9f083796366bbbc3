"""Random values and texts through `json_util` on both sides: the same text, the same values, the same refusals."""

import datetime
import json
import re
import uuid
from typing import Any

import bson
import bson.json_util
from hypothesis import given, settings
from hypothesis import strategies as st

import petiole.bson
from petiole.bson import json_util

_BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)
_INT64 = st.integers(-(2**63), 2**63 - 1)
_UINT32 = st.integers(0, 2**32 - 1)
_OBJECT_ID = re.compile(r"ObjectId\('(\w+)'\)")


def _zones() -> Any:
    minutes = st.integers(-1439, 1439).map(
        lambda offset: datetime.timezone(datetime.timedelta(minutes=offset))
    )
    return st.none() | st.just(datetime.UTC) | minutes


def _scalars(package: Any) -> st.SearchStrategy[Any]:
    """Values of one side's classes."""
    naive = st.datetimes()
    aware = st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1), timezones=_zones())
    return st.one_of(
        st.none() | st.booleans() | st.text() | st.floats() | st.integers(-(2**65), 2**65),
        st.text(st.characters(codec=None, categories=["Cs", "Lu", "Cc"])),
        st.binary(max_size=20),
        st.builds(package.Binary, st.binary(max_size=20), st.integers(0, 255)),
        st.builds(package.Int64, _INT64),
        st.binary(min_size=12, max_size=12).map(package.ObjectId),
        naive | aware,
        st.builds(package.DatetimeMS, _INT64),
        st.builds(package.Timestamp, _UINT32, _UINT32),
        st.binary(min_size=16, max_size=16).map(package.Decimal128.from_bid),
        st.builds(package.Regex, st.text(), st.text("ilmsux", max_size=6)),
        st.builds(package.Code, st.text(), st.none() | st.dictionaries(st.text(), _INT64, max_size=2)),
        st.builds(package.DBRef, st.text(), _INT64, st.none() | st.text()),
        st.sampled_from([package.MinKey(), package.MaxKey()]),
        st.uuids().map(package.Binary.from_uuid),
    )


def _values(package: Any) -> st.SearchStrategy[Any]:
    keys = st.text() | st.sampled_from(["$oid", "$date", "a", "$ref", "$id"])
    return st.recursive(
        _scalars(package),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


def _outcome(load: Any, text: str, **options: Any) -> str:
    """What it makes of the text. `{"$oid": null}` asks for a new id, which is another one each time."""
    try:
        value = load(text, **options)
    except Exception as error:
        return type(error).__name__
    shown = _OBJECT_ID.sub(lambda found: found[0] if found[1] in text.lower() else "ObjectId()", repr(value))
    return f"{type(value).__name__} {shown}"


@_BOUNDED
@given(_values(petiole.bson))
def test_dumps_of_our_values(value: Any) -> None:
    for mode in "LEGACY", "RELAXED", "CANONICAL":
        ours = getattr(json_util, f"{mode}_JSON_OPTIONS")
        theirs = getattr(bson.json_util, f"{mode}_JSON_OPTIONS")
        text = json_util.dumps(value, json_options=ours)
        # PyMongo knows our values by their `_type_marker`.
        assert text == bson.json_util.dumps(value, json_options=theirs)
        assert text == json.dumps(json_util._json_convert(value, ours))
        assert _outcome(json_util.loads, text) == _outcome(bson.json_util.loads, text)


@_BOUNDED
@given(_values(bson))
def test_dumps_of_their_values(value: Any) -> None:
    for mode in "LEGACY", "RELAXED", "CANONICAL":
        ours = getattr(json_util, f"{mode}_JSON_OPTIONS")
        theirs = getattr(bson.json_util, f"{mode}_JSON_OPTIONS")
        assert json_util.dumps(value, json_options=ours) == bson.json_util.dumps(value, json_options=theirs)


@_BOUNDED
@given(st.dictionaries(st.text(), _scalars(petiole.bson)))
def test_canonical_keeps_every_value(document: dict[str, Any]) -> None:
    options = json_util.CANONICAL_JSON_OPTIONS.with_options(
        datetime_conversion=petiole.bson.DatetimeConversion.DATETIME_AUTO
    )
    once = json_util.dumps(document, json_options=options)
    again = json_util.dumps(json_util.loads(once, json_options=options), json_options=options)
    assert again == once


_KEYS = """
$binary $code $date $dbPointer $maxKey $minKey $numberDecimal $numberDouble $numberInt $numberLong $oid $ref $regex
$regularExpression $symbol $timestamp $undefined $uuid $id $db $scope $options $type base64 subType pattern options
t i x
"""
_TEXTS = [
    "",
    "1",
    "00",
    "05",
    "YWJj",
    "i",
    "0123456789abcdef01234567",
    "2020-01-01T00:00:00Z",
    "NaN",
    str(uuid.UUID(int=1)),
]
_LEAVES = st.sampled_from([*_TEXTS, 0, 1, -1, 1.5, None, True, 2**40])
_DOCUMENTS = st.recursive(
    _LEAVES,
    lambda inner: st.dictionaries(st.sampled_from(_KEYS.split()), inner, min_size=1, max_size=3),
    max_leaves=5,
)


@settings(_BOUNDED, max_examples=800)
@given(_DOCUMENTS)
def test_loads_of_documents_that_look_like_values(document: Any) -> None:
    text = json.dumps(document)
    ours, theirs = (_outcome(side.loads, text) for side in (json_util, bson.json_util))
    if theirs == "AttributeError" or "ObjectId" in theirs:
        # PyMongo takes no care of a `$binary` that is no text; and `{"$oid": null}` is a new ObjectId each time.
        assert ours.split("(")[0] in ("TypeError", theirs.split("(")[0])
    else:
        assert ours == theirs


@settings(_BOUNDED, max_examples=400)
@given(_values(petiole.bson), st.data())
def test_loads_of_damaged_text(value: Any, data: st.DataObject) -> None:
    text = json_util.dumps(value, json_options=json_util.CANONICAL_JSON_OPTIONS)
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    damaged = (
        text[:at]
        + data.draw(st.sampled_from(["", '"', "{", "}", "[", ",", "\\", "0", "-", "e"]))
        + text[at + cut :]
    )
    ours, theirs = (_outcome(side.loads, damaged) for side in (json_util, bson.json_util))
    assert ours == theirs
