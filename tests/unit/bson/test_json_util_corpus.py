"""Runs the bson-corpus tree's extended JSON: canonical, relaxed and degenerate, both ways, and what must be refused."""

import json
import os
from pathlib import Path
from typing import Any

import bson.json_util
import pytest

from petiole.bson import CodecOptions, DatetimeConversion, DBRef, Decimal128, decode, encode
from petiole.bson.errors import BSONError
from petiole.bson.json_util import JSONMode, JSONOptions, dumps, loads

_AUTO: Any = {"tz_aware": True, "datetime_conversion": DatetimeConversion.DATETIME_AUTO}
_CODEC: CodecOptions[Any] = CodecOptions(**_AUTO)
_CANONICAL = JSONOptions(json_mode=JSONMode.CANONICAL, **_AUTO)
_RELAXED = JSONOptions(json_mode=JSONMode.RELAXED, **_AUTO)
_DECIMAL128 = "0x13"

# What PyMongo reads all the same: numbers where texts belong, hyphens anywhere in a UUID (as Python's UUID does),
# and options of regular expressions that `re` has no flag for.
_READ_AS_PYMONGO_DOES = {
    "$uuid invalid value--misplaced hyphens",
    "Bad $numberLong (number, not string)",
    "Bad $date (number, not string or hash)",
    "Null byte in $regularExpression options",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    root = os.environ.get("PETIOLE_SPECIFICATIONS")
    specifications = Path(root) if root else Path(__file__).resolve().parents[4] / "shared/specifications"
    tree = specifications / "bson-corpus/tests"
    if not tree.is_dir():
        reason = f"needs the specifications ({tree} is missing)"
        metafunc.parametrize(
            "case,scenario", [pytest.param({}, {}, marks=pytest.mark.skip(reason=reason), id="no tree")]
        )
        return
    section = "valid" if metafunc.function is test_valid else "parseErrors"
    scenarios = [(path.stem, json.loads(path.read_text())) for path in sorted(tree.glob("*.json"))]
    cases = [
        pytest.param(case, scenario, id=f"{name}: {case['description']}")
        for name, scenario in scenarios
        for case in scenario.get(section, [])
    ]
    metafunc.parametrize("case,scenario", cases)


def comparable(text: str) -> Any:
    """JSON with the order of its fields, and with doubles by value: their text is free."""

    def pairs(fields: list[tuple[str, Any]]) -> Any:
        if len(fields) == 1 and fields[0][0] == "$numberDouble":
            return "double", repr(float(fields[0][1]))
        return fields

    return json.loads(text, object_pairs_hook=pairs)


def stored_form(value: Any) -> bytes:
    """A whole document can look like a DBRef too."""
    return encode(value.as_doc() if isinstance(value, DBRef) else value)


def test_valid(case: dict[str, Any], scenario: dict[str, Any]) -> None:
    # Types that are deprecated are read as others.
    stored = bytes.fromhex(case.get("converted_bson", case["canonical_bson"]))
    canonical = case.get("converted_extjson", case["canonical_extjson"])
    value = decode(stored, _CODEC)
    assert comparable(dumps(value, json_options=_CANONICAL)) == comparable(canonical)
    assert comparable(dumps(value, json_options=_CANONICAL, indent=1)) == comparable(canonical)
    assert comparable(
        dumps(loads(canonical, json_options=_CANONICAL), json_options=_CANONICAL)
    ) == comparable(canonical)
    if not case.get("lossy"):
        assert stored_form(loads(canonical, json_options=_CANONICAL)) == stored
        assert stored_form(loads(case["canonical_extjson"], json_options=_CANONICAL)) == stored
    if "relaxed_extjson" in case:
        relaxed = case["relaxed_extjson"]
        assert comparable(dumps(value, json_options=_RELAXED)) == comparable(relaxed)
        again = dumps(loads(relaxed, json_options=_RELAXED), json_options=_RELAXED)
        assert comparable(again) == comparable(relaxed)
    if "degenerate_extjson" in case and not case.get("lossy"):
        assert stored_form(loads(case["degenerate_extjson"], json_options=_CANONICAL)) == stored


def test_parse_errors(case: dict[str, Any], scenario: dict[str, Any]) -> None:
    text = case["string"]
    if case["description"] in _READ_AS_PYMONGO_DOES:
        theirs = bson.json_util.dumps(bson.json_util.loads(text))
        assert dumps(loads(text)) == theirs
        return
    if scenario["bson_type"] == _DECIMAL128:
        text = json.dumps({"d": {"$numberDecimal": text}})
        with pytest.raises(ArithmeticError):
            Decimal128(case["string"])
    with pytest.raises((ValueError, TypeError, KeyError, ArithmeticError, BSONError)):
        encode(loads(text, json_options=_CANONICAL))
