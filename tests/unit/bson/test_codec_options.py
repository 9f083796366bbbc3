"""`CodecOptions` and `DatetimeConversion`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import copy
import pickle

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import CodecOptions

EXPRESSIONS = r"""
CodecOptions()
CodecOptions(document_class=SON)
CodecOptions(document_class=int)
CodecOptions(document_class=5)
CodecOptions(document_class='abc')
CodecOptions(document_class=collections.OrderedDict)
CodecOptions(document_class=collections.abc.Mapping)
CodecOptions(document_class=collections.abc.MutableMapping)
CodecOptions(tz_aware=1)
CodecOptions(tz_aware=None)
CodecOptions(uuid_representation=9)
CodecOptions(uuid_representation='a')
CodecOptions(uuid_representation=None)
CodecOptions(uuid_representation=4)
CodecOptions(unicode_decode_error_handler=5)
CodecOptions(unicode_decode_error_handler='zzz')
CodecOptions(unicode_decode_error_handler=None)
CodecOptions(tzinfo=utc)
CodecOptions(tzinfo=5)
CodecOptions(tz_aware=True,tzinfo=5)
CodecOptions(tz_aware=True,tzinfo=utc)
CodecOptions(tz_aware=True)
CodecOptions(type_registry=5)
CodecOptions(datetime_conversion=5)
CodecOptions(datetime_conversion=1)
CodecOptions(datetime_conversion='datetime_ms')
CodecOptions(datetime_conversion=None)
CodecOptions(datetime_conversion=conversion.DATETIME_MS)
CodecOptions().with_options(tz_aware=True)
CodecOptions().with_options(foo=True)
CodecOptions(tz_aware=True).with_options(document_class=SON)
CodecOptions()==CodecOptions()
hash(CodecOptions())
CodecOptions()[0]
CodecOptions()._asdict()
CodecOptions()._replace(tz_aware=True)
CodecOptions(*CodecOptions())
tuple(CodecOptions())
CodecOptions()._arguments_repr()
CodecOptions()._fields
_parse_codec_options({})
_parse_codec_options({'tz_aware':True,'uuid_representation':4,'foo':4,'uuidrepresentation':3})
DatetimeConversion.DATETIME
list(DatetimeConversion)
CodecOptions(SON,True,4)
CodecOptions(document_class=None)
CodecOptions(document_class=dict[str,int])
CodecOptions(document_class=0)
CodecOptions(type_registry=None)
CodecOptions(type_registry=0)
CodecOptions(tz_aware=False,tzinfo=None)
CodecOptions(5,5,5)
CodecOptions(foo=1)
CodecOptions().foo
CodecOptions(uuid_representation=True)
CodecOptions(uuid_representation=3.0)
CodecOptions(uuid_representation=[])
copy.copy(CodecOptions(tz_aware=True))
copy.deepcopy(CodecOptions(tz_aware=True))
CodecOptions._make(tuple(CodecOptions()))
len(CodecOptions())
CodecOptions.document_class
type('C',(CodecOptions,),{})()
type(type('C',(CodecOptions,),{})().with_options(tz_aware=True)).__name__
DatetimeConversion(1)
DatetimeConversion['DATETIME_MS']
DatetimeConversion.DATETIME==1
int(DatetimeConversion.DATETIME_MS)
DatetimeConversion(9)
f"{DatetimeConversion.DATETIME}"
_parse_codec_options({'document_class':SON})
_parse_codec_options({'tzinfo':None,'unicode_decode_error_handler':'ignore'})
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


def test_the_native_codec_is_compiled_once_and_stays_behind_in_copies() -> None:
    options = CodecOptions(tz_aware=True)
    compiled = options._codec
    assert options._codec is compiled
    assert options == CodecOptions(tz_aware=True)
    for copied in (copy.copy(options), copy.deepcopy(options), pickle.loads(pickle.dumps(options))):
        assert copied == options
        assert "_codec" not in vars(copied)
    assert pickle.dumps(options) == pickle.dumps(CodecOptions(tz_aware=True))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_options_that_were_used_can_be_pickled(protocol: int) -> None:
    options = CodecOptions(document_class=dict, tz_aware=True)
    assert options._codec.decode(b"\x05\0\0\0\0") == {}
    assert pickle.loads(pickle.dumps(options, protocol)) == options
