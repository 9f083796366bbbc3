"""`json_util.loads` and the hooks, against PyMongo's: the same values, and for bad documents the same errors."""

import json
from typing import Any

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import json_util

_OID = "0123456789abcdef01234567"

DOCUMENTS = r"""
{"$oid": "OID"}
{"$oid": "x"}
{"$oid": 1}
{"$oid": "OID", "x": 1}
{"x": 1, "$oid": "OID"}
{"$oid": "", "$oid": "OID"}
{"$ref": "c", "$id": 1}
{"$id": 1, "$ref": "c"}
{"$ref": "c", "$id": {"$oid": "OID"}, "$db": "d", "x": 3, "y": {"z": 1}}
{"x": 1, "$ref": "c", "$id": null}
{"$ref": "c", "$id": 1, "$oid": "OID"}
{"$ref": "c", "$id": 1, "$db": null}
{"$ref": "c"}
{"$ref": 1, "$id": 1}
{"$ref": "c", "$id": 1, "$db": 2}
{"$ref": "c", "$db": "d"}
{"$id": 1}
{"$date": 1}
{"$date": -1}
{"$date": 1.5}
{"$date": true}
{"$date": null}
{"$date": [1]}
{"$date": 100000000000000000000}
{"$date": {"$numberLong": "5"}}
{"$date": {"$numberLong": "-5"}}
{"$date": {"$numberLong": "253402300799999"}}
{"$date": {"$numberLong": "253402300800000"}}
{"$date": {"$numberLong": "-62135596800000"}}
{"$date": {"$numberLong": "-62135596800001"}}
{"$date": 1, "x": 2}
{"$date": "2020-02-29T00:00:00Z"}
{"$date": "2021-02-29T00:00:00Z"}
{"$date": "2020-01-01T00:00:00.123Z"}
{"$date": "2020-01-01T00:00:00.123456Z"}
{"$date": "2020-01-01T00:00:00.1234567Z"}
{"$date": "2020-01-01T00:00:00.1Z"}
{"$date": "2020-01-01T00:00:00.Z"}
{"$date": "2020-01-01T00:00:00+01:00"}
{"$date": "2020-01-01T00:00:00-0130"}
{"$date": "2020-01-01T00:00:00+01"}
{"$date": "2020-01-01T00:00:00.5+01:30"}
{"$date": "2020-01-01T00:00:00+1:00"}
{"$date": "2020-01-01T00:00:00+24:00"}
{"$date": "2020-01-01T00:00:00+0100x"}
{"$date": "2020-01-01T00:00:00"}
{"$date": "2020-01-01T00:00Z"}
{"$date": "2020-01-01 00:00:00Z"}
{"$date": "2020-1-1T0:0:0Z"}
{"$date": "2020-01-01T00:00:60Z"}
{"$date": "2020-01-01T24:00:00Z"}
{"$date": "2020-13-01T00:00:00Z"}
{"$date": "0000-01-01T00:00:00Z"}
{"$date": "10000-01-01T00:00:00Z"}
{"$date": "0001-01-01T00:00:00+01:00"}
{"$date": "9999-12-31T23:59:59.999-01:00"}
{"$date": "2020-01-01"}
{"$date": "bogus"}
{"$date": ""}
{"$date": "é"}
{"$regex": "a", "$options": "i"}
{"$options": "imxsul", "$regex": "a"}
{"$regex": "a"}
{"$regex": "a", "$options": ""}
{"$regex": "a", "$options": "q"}
{"$regex": "a", "$options": "i", "x": 1}
{"$regex": "a", "$options": 1}
{"$regex": 1, "$options": "i"}
{"$regex": {"$regularExpression": {"pattern": "a", "options": "i"}}, "$options": "x"}
{"$options": "i"}
{"$regularExpression": {"pattern": "a", "options": "i"}}
{"$regularExpression": {"pattern": "a", "options": "zi"}}
{"$regularExpression": {"pattern": "a"}}
{"$regularExpression": "a"}
{"$regularExpression": {"pattern": 1, "options": "i"}}
{"$regularExpression": {"pattern": "a", "options": 1}}
{"$regularExpression": {"pattern": "a", "options": "i", "x": 1}}
{"$regularExpression": {"pattern": "a", "options": "i"}, "x": 1}
{"$minKey": 1}
{"$minKey": 2}
{"$minKey": 1.0}
{"$minKey": true}
{"$minKey": 1, "x": 1}
{"$maxKey": 1}
{"$maxKey": "1"}
{"$maxKey": 1, "x": 1}
{"$binary": "YWJj", "$type": "00"}
{"$type": "05", "$binary": "YWJj", "x": 1}
{"$binary": "YWJj", "$type": 128}
{"$binary": "YWJj", "$type": "ffffff80"}
{"$binary": "YWJj", "$type": "ffffff7f"}
{"$binary": "YWJj", "$type": -1}
{"$binary": "YWJj", "$type": "100"}
{"$binary": "YWJj", "$type": "zz"}
{"$binary": "YWJj", "$type": null}
{"$binary": "YWJj"}
{"$binary": "!!", "$type": "00"}
{"$binary": "YWJ", "$type": "00"}
{"$binary": "YWJk=", "$type": "00"}
{"$binary": "YW Jj\n", "$type": "00"}
{"$binary": "YW-_", "$type": "00"}
{"$binary": "YWé=", "$type": "00"}
{"$type": "00"}
{"$binary": {"base64": "YWJj", "subType": "00"}}
{"$binary": {"subType": "5", "base64": ""}}
{"$binary": {"base64": "YWJj", "subType": "00"}, "x": 1}
{"$binary": {"base64": "YWJj", "subType": 5}}
{"$binary": {"base64": "YWJj"}}
{"$binary": {"base64": 1, "subType": "00"}}
{"$binary": {"base64": "YWJj", "subType": "00", "x": 1}}
{"$binary": {"base64": "YWJj", "subType": "000"}}
{"$binary": {"base64": "YWJj", "subType": "zz"}}
{"$binary": {"base64": "YWJj", "subType": "-1"}}
{"$binary": {"base64": "YWJj", "subType": ""}}
{"$binary": null}
{"$binary": []}
{"$binary": {}}
{"$code": "x"}
{"$scope": {"a": {"$numberLong": "1"}}, "$code": "x"}
{"$code": "x", "$scope": null}
{"$code": "x", "$scope": 1}
{"$code": 1}
{"$code": "x", "x": 1}
{"$code": "x", "$scope": {}, "x": 1}
{"$scope": {}}
{"$uuid": "00112233-4455-6677-8899-aabbccddeeff"}
{"$uuid": "x"}
{"$uuid": 1}
{"$uuid": "00112233445566778899aabbccddeeff", "x": 1}
{"$undefined": true}
{"$undefined": 1, "$symbol": "a"}
{"$numberLong": "1"}
{"$numberLong": 1}
{"$numberLong": "99999999999999999999999"}
{"$numberLong": " 1_0 "}
{"$numberLong": "1.5"}
{"$numberLong": "1", "x": 1}
{"$numberInt": "1"}
{"$numberInt": 1}
{"$numberInt": "x"}
{"$numberInt": "1", "$numberLong": "2"}
{"$numberDouble": "1"}
{"$numberDouble": "NaN"}
{"$numberDouble": "-Infinity"}
{"$numberDouble": "1_0"}
{"$numberDouble": 1}
{"$numberDouble": "x"}
{"$numberDouble": "1", "x": 1}
{"$numberDecimal": "1.50"}
{"$numberDecimal": "NaN"}
{"$numberDecimal": "x"}
{"$numberDecimal": 1}
{"$numberDecimal": "1", "x": 1}
{"$timestamp": {"i": 2, "t": 1}}
{"$timestamp": {"t": 4294967295, "i": 4294967295}}
{"$timestamp": {"t": {"$numberLong": "1"}, "i": 2}}
{"$timestamp": {"t": 4294967296, "i": 0}}
{"$timestamp": {"t": -1, "i": 2}}
{"$timestamp": {"t": 1.0, "i": 2}}
{"$timestamp": {"t": 1}}
{"$timestamp": {"t": 1, "i": 2, "x": 3}}
{"$timestamp": {"t": 1, "i": 2}, "x": 1}
{"$timestamp": 1}
{"$dbPointer": {"$ref": "c", "$id": {"$oid": "OID"}}}
{"$dbPointer": {"$ref": "c", "$id": 1}}
{"$dbPointer": {"$ref": "c", "$id": {"$oid": "OID"}, "$db": "d"}}
{"$dbPointer": {"$ref": "c", "$id": {"$oid": "OID"}}, "x": 1}
{"$dbPointer": {"$ref": "c", "$id": {"$oid": "OID"}, "x": 1}}
{"$dbPointer": {"$ref": "c"}}
{"$dbPointer": 1}
{"$symbol": "a"}
{"$symbol": 1}
{"$symbol": "a", "x": 1}
{"$foo": 1, "$set": {"a": [{"$oid": "OID"}]}}
{}
"""


def same(expression: str) -> None:
    """Both sides give the same for an expression over `json_util`, here `j`; of errors, the same class."""
    assert_same(f"(lambda j: {expression})(package.json_util)", messages=False)


@pytest.mark.parametrize("document", DOCUMENTS.replace("OID", _OID).strip().splitlines())
def test_documents_that_wrap_values(document: str) -> None:
    same(f"j.loads({document!r})")
    same(f"j.loads({f'[{document}, 1]'!r}, parse_int=float)")
    same(f"j.loads({document!r}, json_options=j.JSONOptions(document_class=SON))")


def test_a_legacy_binary_must_be_a_string() -> None:
    # PyMongo fails with an AttributeError.
    with pytest.raises(TypeError, match=r"\$binary must be a string"):
        json_util.loads('{"$binary": 1, "$type": "00"}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nul",
        "[1,]",
        "[1 2]",
        "[",
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        "{1:2}",
        '{"a":1',
        "01",
        "-",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "--1",
        "1 2",
        '"a',
        '"\\',
        '"\\x"',
        '"\\u12"',
        '"\\u12g4"',
        '"\\u+123"',
        '"\n"',
        '"\x00"',
        "\ufeff1",
        "é",
        "-é",
        "NaNa",
        "-Infinit",
        '{"$oid": 1} x',
    ],
)
def test_what_is_not_json(text: str) -> None:
    with pytest.raises((ValueError, TypeError)) as ours:
        json_util.loads(text)
    with pytest.raises(ValueError) as theirs:  # noqa: PT011
        json.loads(text)
    # The document in the last one is found bad before the text is.
    assert type(ours.value) is type(theirs.value) or "oid" in text
    assert str(ours.value) == str(theirs.value) or "oid" in text
    same(f"j.loads({text!r})")


@pytest.mark.parametrize(
    "text",
    [
        "[NaN, Infinity, -Infinity]",
        "[1e5, 1E400, -0, -0.0, 0.1e-2, 123456789012345678901234567890, 9223372036854775808, 1E-400]",
        '"\\ud83d\\ude00 \\ud800 \\udc00 \\ud800\\ud800 \\ud83d\\u0041"',
        '"\\u0000\\/\\b\\f\\n\\r\\t\\"\\\\ é😀"',
        '{"a": 1, "b": 2, "a": 3}',
        '{"\\u0024oid": "0123456789abcdef01234567"}',
        ' \t\n\r{ "a" : [ ] , "b" : { } } ',
        "true",
        "null",
        "1" * 5000,
        '{"' + "k" * 100 + '": {"é": {"é": 1}}}',
    ],
)
def test_plain_json(text: str) -> None:
    same(f"j.loads({text!r})")
    same(f"j.loads({text!r}.encode())")
    same(f"j.loads(bytearray({text!r}.encode()))")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_encodings(encoding: str) -> None:
    text = '{"a": {"$numberLong": "1"}, "é": []}'
    assert json_util.loads(text.encode(encoding)) == {"a": 1, "é": []}


@pytest.mark.parametrize("source", ["None", "1", "memoryview(b'1')", "b'\"\\xff\"'", "'1', None"])
def test_what_is_not_text(source: str) -> None:
    same(f"j.loads({source})")


@pytest.mark.parametrize(
    "arguments",
    [
        "object_hook=repr",
        "object_pairs_hook=repr",
        "object_pairs_hook=j.object_pairs_hook",
        "object_hook=j.object_hook, object_pairs_hook=None",
        "parse_float=decimal.Decimal",
        "parse_int=str",
        "parse_constant=str",
        "cls=__import__('json').JSONDecoder",
        "strict=False",
        "bogus=1",
        "json_options=None",
        "json_options=CodecOptions(document_class=SON)",
    ],
)
def test_arguments_of_loads(arguments: str) -> None:
    for text in f'{{"a": {{"$oid": "{_OID}"}}, "b": [1.5, 2, NaN]}}', '["\n"]':
        same(f"j.loads({text!r}, {arguments})")


@pytest.mark.parametrize(
    "options",
    [
        "tz_aware=True",
        "tz_aware=True, tzinfo=east",
        "datetime_conversion=conversion.DATETIME_MS",
        "datetime_conversion=conversion.DATETIME_AUTO",
        "datetime_conversion=conversion.DATETIME_CLAMP",
        "datetime_conversion=conversion.DATETIME_AUTO, tz_aware=True, tzinfo=east",
        "datetime_conversion=conversion.DATETIME_CLAMP, tz_aware=True, tzinfo=west",
        "datetime_conversion=conversion.DATETIME_MS, tz_aware=True",
        "datetime_conversion=3",
    ],
)
def test_dates_by_option(options: str) -> None:
    dates: list[Any] = [5, -5, 1.9, 253402300799999, 253402300800000, -62135596800000, -62135596800001]
    dates += [{"$numberLong": str(date)} for date in (5, 2**63 - 1, 2**63, -(2**63))]
    dates += ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.123456+01:00"]
    dates += ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.999-05:00", "0001-01-01T00:00:00Z"]
    for date in dates:
        document = json.dumps({"$date": date})
        same(f"j.loads({document!r}, json_options=j.JSONOptions({options}))")


def test_the_document_class_gets_pairs() -> None:
    seen = []

    class Document(dict[str, Any]):
        def __init__(self, pairs: Any) -> None:
            seen.append(pairs)
            super().__init__(pairs)

    options = json_util.JSONOptions(document_class=Document)
    value = json_util.loads(f'{{"a": {{"$oid": "{_OID}"}}, "b": {{"c": 1, "c": 2}}}}', json_options=options)
    assert type(value) is type(value["b"]) is Document
    assert seen[:2] == [[("$oid", _OID)], [("c", 1), ("c", 2)]]
    same("""j.loads('{"a": 1}', json_options=j.JSONOptions(document_class=RawBSONDocument))""")
    same(
        """type(j.loads('{"$code": "x", "$scope": {}}', json_options=j.JSONOptions(document_class=SON)).scope)"""
    )


@pytest.mark.parametrize(
    "document",
    [
        f"{{'$oid': '{_OID}'}}",
        f"SON([('$oid', '{_OID}')])",
        f"collections.UserDict({{'$oid': '{_OID}'}})",
        "collections.UserDict({'a': 1})",
        "{'a': 1}",
        "{1: 2}",
        f"{{1: 2, '$oid': '{_OID}'}}",
        f"{{'$ref': 'c', '$id': 1, 'x': {{'$oid': '{_OID}'}}}}",
        "{'$date': Int64(5)}",
        "{'$date': {'$numberLong': '5'}}",
        "{'$regex': b'a', '$options': ''}",
        "[('a', 1)]",
        "5",
        "{'\\ud800': 1}",
    ],
)
def test_hooks(document: str) -> None:
    same(f"j.object_hook({document})")
    same(f"j.object_hook({document}, j.LEGACY_JSON_OPTIONS)")
    same(f"j.object_pairs_hook(list(dict({document}).items()))")
    same(f"j.object_pairs_hook(list(dict({document}).items()), j.JSONOptions(document_class=SON))")


def test_a_hook_leaves_the_document_as_it_was() -> None:
    document = {"$ref": "c", "$id": 1, "x": 2}
    json_util.object_hook(document)
    assert document == {"$ref": "c", "$id": 1, "x": 2}
