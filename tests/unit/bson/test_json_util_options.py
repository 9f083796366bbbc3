"""`JSONOptions`: its rules, its text, copies; and `get_size`, against PyMongo's."""

import copy
import pickle

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import json_util
from petiole.bson.codec_options import CodecOptions
from petiole.bson.json_util import DatetimeRepresentation, JSONMode, JSONOptions


def same(expression: str, messages: bool = False) -> None:
    assert_same(f"(lambda j: {expression})(package.json_util)", messages=messages)


@pytest.mark.parametrize("mode", [0, 1, 2, 3, "'a'", None, True])
@pytest.mark.parametrize("strict_number_long", [None, True, False, 1, 0])
@pytest.mark.parametrize("strict_uuid", [None, True, False])
@pytest.mark.parametrize("representation", [None, 0, 1, 2, 5])
def test_rules(mode: object, strict_number_long: object, strict_uuid: object, representation: object) -> None:
    same(
        f"j.JSONOptions(json_mode={mode}, strict_number_long={strict_number_long},"
        f" strict_uuid={strict_uuid}, datetime_representation={representation})"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "j.DEFAULT_JSON_OPTIONS",
        "j.JSONOptions(tz_aware=True)",
        "j.JSONOptions(tzinfo=utc)",
        "j.JSONOptions(tz_aware=True, tzinfo=datetime.timezone.utc)",
        "j.JSONOptions(tz_aware=True, tzinfo=None)",
        "j.JSONOptions(document_class=SON, uuid_representation=4)",
        "j.JSONOptions(document_class=int)",
        "j.JSONOptions(uuid_representation=7)",
        "j.JSONOptions(unicode_decode_error_handler='ignore', datetime_conversion=conversion.DATETIME_MS)",
        "j.JSONOptions(bogus=1)",
        "j.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)",
        "j.CANONICAL_JSON_OPTIONS.with_options(json_mode=0)",
        "j.DEFAULT_JSON_OPTIONS.with_options(json_mode=0)",
        "j.LEGACY_JSON_OPTIONS.with_options(strict_uuid=True, document_class=SON, strict_number_long=True)",
        "tuple(j.DEFAULT_JSON_OPTIONS)",
        "j.DEFAULT_JSON_OPTIONS._asdict()",
        "vars(j.JSONOptions(json_mode=2))",
        "[j.DEFAULT_JSON_OPTIONS == j.LEGACY_JSON_OPTIONS, j.DEFAULT_JSON_OPTIONS == CodecOptions()]",
        "isinstance(j.DEFAULT_JSON_OPTIONS, CodecOptions)",
        "j.DEFAULT_JSON_OPTIONS is j.RELAXED_JSON_OPTIONS",
        "[j.JSONMode.LEGACY, j.JSONMode.RELAXED, j.JSONMode.CANONICAL]",
        "[getattr(j.DatetimeRepresentation, name) for name in ('LEGACY', 'NUMBERLONG', 'ISO8601')]",
        "str(__import__('inspect').signature(j.JSONOptions.__new__)).split(',')[:6]",
        "sorted(name for name in vars(j) if name.isupper() and 'OPTIONS' in name)",
    ],
)
def test_text_and_values(expression: str) -> None:
    same(expression, messages=True)


@pytest.mark.parametrize("change", ["json_mode=1", "json_mode=2", "strict_number_long=False", "bogus=1"])
def test_a_mode_cannot_be_left_with_the_other_s_options(change: str) -> None:
    for mode in "LEGACY", "RELAXED", "CANONICAL":
        same(f"j.{mode}_JSON_OPTIONS.with_options({change})")


def test_the_mode_s_name_is_in_the_message() -> None:
    # PyMongo speaks of RELAXED here.
    with pytest.raises(ValueError, match=r"strict_number_long=False with JSONMode\.CANONICAL"):
        JSONOptions(json_mode=JSONMode.CANONICAL, strict_number_long=False)
    with pytest.raises(
        ValueError, match=r"DatetimeRepresentation\.NUMBERLONG or omitted with JSONMode\.CANONICAL"
    ):
        JSONOptions(json_mode=JSONMode.CANONICAL, datetime_representation=DatetimeRepresentation.ISO8601)


@pytest.mark.parametrize(
    "options",
    [
        JSONOptions(json_mode=JSONMode.CANONICAL, tz_aware=True),
        JSONOptions(json_mode=JSONMode.LEGACY, strict_uuid=True, uuid_representation=4),
        json_util.DEFAULT_JSON_OPTIONS,
    ],
)
def test_copies_keep_every_option(options: JSONOptions) -> None:
    # PyMongo's cannot be copied.
    for copied in copy.copy(options), copy.deepcopy(options), pickle.loads(pickle.dumps(options)):
        assert type(copied) is JSONOptions
        assert repr(copied) == repr(options)


def test_a_codec_of_json_options_works() -> None:
    assert isinstance(json_util.DEFAULT_JSON_OPTIONS, CodecOptions)
    assert json_util.DEFAULT_JSON_OPTIONS.with_options(tz_aware=True)._codec is not None


SIZED = r"""
None
1
2**70
1.5
True
'abc'
'é'
b'abc'
Int64(1)
Decimal128('1')
Timestamp(1,2)
MinKey()
MaxKey()
ObjectId()
Binary(b'abc')
bytearray(b'abc')
DatetimeMS(1)
datetime.datetime(2020,1,1)
datetime.date(2020,1,1)
Regex('abcd',2)
re.compile('abc')
DBRef('collection',1)
DBRef('c',1,'database',x=1)
Code('')
Code('xyz')
Code('x',{})
Code('xyz',{'abc':1})
Code('x',{'k':'v'})
uuid.UUID(int=1)
[]
{}
(1,'a')
[1,2]
{1,2}
range(3)
{'a':1}
{1:1}
{'abc':None}
[None]
{'a':{'b':[1,'x']}}
SON(a=1)
collections.OrderedDict(a=1)
collections.UserDict(a=1)
object
'a'*100
['a'*20]*3
{'k':'a'*20,'kk':'a'*20}
"""


@pytest.mark.parametrize("value", SIZED.strip().splitlines())
def test_get_size(value: str) -> None:
    for maximum in 0, 1, 2, 10, 19, 20, 21, 22, 40, 43, 60, 1000:
        same(f"[j.get_size({value}, {maximum}), j.get_size({value}, {maximum}, 5)]")
