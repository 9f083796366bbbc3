"""`json_util.dumps`, `loads` and the hooks, against PyMongo's: the same text, the same values, the same errors."""

import collections
import datetime
import decimal
import enum
import json
import threading
from typing import Any

import bson.json_util
import pytest
from tests.unit.bson.sides import PYMONGO, assert_same, names

from petiole.bson import ObjectId, json_util

_OID = "0123456789abcdef01234567"
_MODES = "LEGACY", "RELAXED", "CANONICAL"

VALUES = (
    "'a\"\\\\/\\b\\f\\n\\r\\t\\x00\\x1f\\x7fé€😀\\u2028'",
    "'\\ud800 a \\udfff'",
    "[0, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63 - 1, 2**63, -2**63 - 1, 2**70]",
    "[True, False, None]",
    "[0.0, -0.0, 1.0, 1.5, 1e15, 1e16, 1e22, 1e-4, 1e-5, 1.1e300, 5e-324, 1 / 3]",
    "[float('nan'), float('inf'), float('-inf')]",
    "[Int64(5), Int64(-2**63), Int64(2**40)]",
    "[(1, 2), range(3), {1}, collections.deque([1]), bytearray(b'ab'), memoryview(b'ab'), {'a': 1}.keys()]",
    "[b'abc', Binary(b'abc'), Binary(b'abc', 5), Binary(b'', 255), Binary(b'a' * 16, 3), Binary(b'ab', 4)]",
    "[Code('x'), Code('x', {}), Code('x', {'a': Int64(1), 'd': datetime.datetime(2020, 1, 1)})]",
    f"[DBRef('c', 1), DBRef('c', ObjectId('{_OID}'), 'd', x=1, y=Int64(2))]",
    "[Decimal128('1.50'), Decimal128('NaN'), Decimal128('1E+3')]",
    f"[MinKey(), MaxKey(), ObjectId('{_OID}'), Timestamp(4, 5)]",
    "[Regex('a.b', 'imxsul'), re.compile('a\"b', re.I | re.X), re.compile(b'ab'), Regex(b'ab'), Regex('a\\0b', 2)]",
    "[datetime.datetime(2020, 1, 2, 3, 4, 5), datetime.datetime(2020, 1, 2, 3, 4, 5, 678900)]",
    "[datetime.datetime(1, 1, 1), datetime.datetime(1969, 12, 31, 23, 59, 59, 999500), datetime.datetime(1970, 1, 1)]",
    "datetime.datetime.max",
    "[datetime.datetime(2020, 1, 1, 0, 0, 0, micros) for micros in (999, 1000)]",
    "[datetime.datetime(2020, 1, 1, tzinfo=utc), datetime.datetime(2020, 1, 1, 5, tzinfo=east)]",
    "datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5, seconds=15)))",
    "datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))",
    "[DatetimeMS(0), DatetimeMS(-1), DatetimeMS(2**62), DatetimeMS(1577934245678)]",
    "[DatetimeMS(253402300799999), DatetimeMS(253402300800000)]",
    "uuid.UUID(int=7)",
    "SON([('b', 1), ('a', SON())])",
    "RawBSONDocument(package.encode({'x': 1, 'y': [1.5, {'z': None}]}))",
    "[collections.OrderedDict(a=1), collections.UserDict(a=1), collections.ChainMap({'a': 1})]",
    "collections.UserList([1, collections.UserList([])])",
    "[[], {}, '', (), [{'a': [{'b': [[]]}]}]]",
    "{1: 1, 1.5: 2, None: 3, True: 4, 'a': 5, float('inf'): 6, 2**70: 7, Int64(5): 8}",
    "{(1, 2): 3}",
    f"{{ObjectId('{_OID}'): 1}}",
    "[object]",
    "datetime.date(2020, 1, 1)",
    "decimal.Decimal(1)",
    "...",
    "{'$a': {'$oid': 1}}",
)


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("value", VALUES)
def test_dumps(value: str, mode: str) -> None:
    same(f"j.dumps({value}, json_options=j.{mode}_JSON_OPTIONS)")


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("value", VALUES)
def test_dumps_through_the_standard_library(value: str, mode: str) -> None:
    same(f"j.dumps({value}, json_options=j.{mode}_JSON_OPTIONS, indent=1, separators=(' ;', '='))")


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("value", VALUES)
def test_default(value: str, mode: str) -> None:
    same(f"j.default({value}, j.{mode}_JSON_OPTIONS)")
    same(f"[j.default(each, j.{mode}_JSON_OPTIONS) for each in {value}]")


@pytest.mark.parametrize(
    "arguments",
    [
        "indent=2",
        "sort_keys=True",
        "separators=(',', ':')",
        "ensure_ascii=False",
        "allow_nan=False, json_options=j.LEGACY_JSON_OPTIONS",
        "skipkeys=True",
        "check_circular=False",
        "default=repr",
        "default=lambda value: Int64(4)",
        "default=lambda value: {'a': 1}, json_options=j.CANONICAL_JSON_OPTIONS",
        "default=j.default",
        "bogus=1",
        "json_options=j.JSONOptions(json_mode=0, strict_uuid=True)",
    ],
)
def test_arguments_of_dumps(arguments: str) -> None:
    plain = "{'b': 1, 'a': [Int64(2), datetime.datetime(2020, 1, 1), 'é', float('nan')], 'c': {}}"
    for value in plain, "{(1, 2): 3, 'a': 4}", "{'a': [decimal.Decimal(1), object]}":
        same(f"j.dumps({value}, {arguments})")
    same("j.dumps({}, True)")
    same("j.dumps([1], json_options=None)")
    same("j.dumps([1], json_options=CodecOptions())")


def test_an_encoder_class_is_asked() -> None:
    class Encoder(json.JSONEncoder):
        def default(self, o: Any) -> Any:
            return "known"

    assert json_util.dumps([object(), ObjectId(_OID)], cls=Encoder) == f'["known", {{"$oid": "{_OID}"}}]'


@pytest.mark.parametrize("representation", [0, 3, 4, 5, 6])
@pytest.mark.parametrize("mode", [0, 1, 2])
def test_uuids(mode: int, representation: int) -> None:
    hexadecimal = "00112233445566778899aabbccddeeff"
    for strict in (True, False) if mode == 0 else (True,):
        options = (
            f"j.JSONOptions(json_mode={mode}, strict_uuid={strict}, uuid_representation={representation})"
        )
        same(f"j.dumps(uuid.UUID('{hexadecimal}'), json_options={options})")
        same(f"""j.loads('{{"$uuid": "{hexadecimal}"}}', json_options={options})""")
        for subtype in "03", "04", "05", "00":
            for base64 in "ABEiM0RVZneImaq7zN3u/w==", "YWJj":
                legacy = f'{{"$binary": "{base64}", "$type": "{subtype}"}}'
                canonical = f'{{"$binary": {{"base64": "{base64}", "subType": "{subtype}"}}}}'
                same(f"j.loads('{legacy}', json_options={options})")
                same(f"j.loads('{canonical}', json_options={options})")


@pytest.mark.parametrize("representation", [0, 1, 2])
@pytest.mark.parametrize("strict", [True, False])
def test_legacy_options(representation: int, strict: bool) -> None:
    options = (
        f"j.JSONOptions(json_mode=0, datetime_representation={representation}, strict_number_long={strict})"
    )
    for value in ("datetime.datetime(2020, 1, 1)", "datetime.datetime(1960, 1, 1)", "Int64(7)", "7", "2**40"):
        same(f"j.dumps({value}, json_options={options})")
    for millis in 5, -5, 2**60:
        same(f"j.dumps(DatetimeMS({millis}), json_options={options})")


class _Weekday(enum.IntEnum):
    MONDAY = 1


class _Permission(enum.IntFlag):
    READ = 1
    WRITE = 2


class _Colour(enum.StrEnum):
    RED = "red"


class _Int(int):
    def __str__(self) -> str:
        return "str"

    __repr__ = __str__


class _Float(float):
    def __repr__(self) -> str:
        return "repr"


class _Pairs:
    def items(self) -> list[tuple[str, int]]:
        return [("a", 1), ("b", 2)]


class _Both(_Pairs):
    def __iter__(self) -> Any:
        return iter("xy")


class _Iterable:
    def __iter__(self) -> Any:
        return iter("xy")


class _Dict(dict[str, int]):
    def items(self) -> Any:
        return [("z", 9)]


class _List(list[int]):
    def __iter__(self) -> Any:
        return iter("xy")


class _Date(datetime.datetime):
    pass


class _Point(collections.namedtuple("_Point", "x y")):
    pass


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize(
    "value",
    [
        _Weekday.MONDAY,
        _Colour.RED,
        _Int(4),
        _Float(4),
        _Pairs(),
        _Both(),
        _Iterable(),
        _Dict(a=1),
        _List([1]),
        _Date(2020, 1, 1),
        _Point(1, 2),
        {_Weekday.MONDAY: 1, _Colour.RED: 2, _Float(2.5): 3},
    ],
)
def test_derived_classes_are_written_as_pymongo_writes_them(value: Any, mode: str) -> None:
    ours = json_util.dumps(value, json_options=getattr(json_util, f"{mode}_JSON_OPTIONS"))
    assert ours == bson.json_util.dumps(value, json_options=getattr(bson.json_util, f"{mode}_JSON_OPTIONS"))


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("value", VALUES)
def test_pymongo_s_own_objects_are_written_too(value: str, mode: str) -> None:
    found = eval(value, dict(names(PYMONGO)))
    ours = getattr(json_util, f"{mode}_JSON_OPTIONS")
    theirs = getattr(bson.json_util, f"{mode}_JSON_OPTIONS")
    try:
        expected = bson.json_util.dumps(found, json_options=theirs)
    except (TypeError, ValueError) as error:
        with pytest.raises(type(error)):
            json_util.dumps(found, json_options=ours)
    else:
        assert json_util.dumps(found, json_options=ours) == expected


def test_flags_are_numbers() -> None:
    # They can be iterated, and PyMongo takes them for arrays within themselves.
    assert json_util.dumps([_Permission.READ, _Permission.READ | _Permission.WRITE]) == "[1, 3]"


def test_a_value_within_itself_is_an_error() -> None:
    array: list[Any] = []
    array.append(array)
    document: dict[str, Any] = {}
    document["a"] = [document]
    for value in array, document:
        with pytest.raises(RecursionError):
            json_util.dumps(value)
        with pytest.raises(RecursionError):
            json_util.dumps(value, indent=1)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth(opening: str, closing: str) -> None:
    value = json_util.loads(opening * 500 + "1" + closing * 500)
    assert json_util.dumps(value).replace(" ", "") == opening * 500 + "1" + closing * 500
    with pytest.raises(RecursionError):
        json_util.dumps([value])
    for depth in 1001, 100_000:
        with pytest.raises(RecursionError):
            json_util.loads(opening * depth + "1" + closing * depth)


def test_depth_in_a_thread_with_a_small_stack() -> None:
    passed = []

    def nest() -> None:
        value: Any = 1
        for _ in range(500):
            value = collections.OrderedDict(a=value)
        passed.append(json_util.dumps(value))
        passed.append(json_util.loads('{"a":' * 1000 + "1" + "}" * 1000))

    previous = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=nest)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(previous)
    assert len(passed) == 2


def test_a_dictionary_that_changes_meanwhile_is_an_error() -> None:
    growing: dict[Any, Any] = {}

    class Growing:
        def items(self) -> Any:
            growing[len(growing)] = 1
            return ()

    growing[0], growing[1] = Growing(), 2
    with pytest.raises(RuntimeError):
        json_util.dumps(growing)


def test_decimals_are_not_bson() -> None:
    with pytest.raises(TypeError, match="Object of type Decimal is not JSON serializable"):
        json_util.dumps({"a": decimal.Decimal(1)})


def same(expression: str) -> None:
    """Both sides give the same for an expression over `json_util`, here `j`; of errors, the same class."""
    assert_same(f"(lambda j: {expression})(package.json_util)", messages=False)
