"""`TypeRegistry` and its codecs: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
TypeRegistry()
TypeRegistry([])
TypeRegistry(5)
TypeRegistry([5])
TypeRegistry([int])
TypeRegistry(fallback_encoder=5)
TypeRegistry(fallback_encoder=repr)
TypeRegistry()==TypeRegistry()
TypeRegistry()==5
TypeRegistry().codecs
TypeRegistry().fallback_encoder
TypeRegistry([encoder_of(int)])
TypeRegistry([encoder_of(ObjectId)])
TypeRegistry([encoder_of(type('X',(int,),{}))])
TypeRegistry([encoder_of(SON)])
TypeRegistry([encoder_of(collections.OrderedDict)])
TypeRegistry([encoder_of(5)])
TypeRegistry((DecimalEncoder(),))
TypeCodec()
TypeEncoder()
DecimalEncoder().transform_python(decimal.Decimal(5))
DecimalDecoder().transform_bson(Decimal128('5'))
DecimalDecoder().bson_type
options(type_registry=with_fallback())==options(type_registry=with_fallback())
CodecOptions(type_registry=TypeRegistry(fallback_encoder=repr))==CodecOptions()
CodecOptions(type_registry=TypeRegistry([DecimalEncoder()])).type_registry.codecs[0].python_type
TypeRegistry(None,None)
TypeRegistry(0)
TypeRegistry({})
TypeRegistry(fallback_encoder=0)
TypeRegistry([DecimalEncoder(),5])
TypeRegistry([DecimalEncoder()])==TypeRegistry([DecimalEncoder()])
TypeRegistry().foo
copy.deepcopy(TypeRegistry())
hash(TypeRegistry())
_parse_codec_options({'type_registry':TypeRegistry(),'datetime_conversion':'datetime_ms'})
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
