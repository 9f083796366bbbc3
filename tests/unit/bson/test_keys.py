"""`MaxKey` and `MinKey`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
MaxKey()
MinKey()
MaxKey()>5
MaxKey()>MaxKey()
MaxKey()>=MaxKey()
MaxKey()<5
MaxKey()<=5
MaxKey()<=MaxKey()
MaxKey()<MaxKey()
MaxKey()==MaxKey()
MaxKey()!=MaxKey()
MaxKey()==5
MinKey()>5
MinKey()>MinKey()
MinKey()>=MinKey()
MinKey()>=5
MinKey()<5
MinKey()<MinKey()
MinKey()<=5
MinKey()<=MinKey()
MinKey()==MinKey()
MinKey()==5
MinKey()<MaxKey()
MaxKey()>MinKey()
hash(MaxKey())
hash(MinKey())
hash(MaxKey())==hash(MaxKey._type_marker)
MaxKey(5)
sorted([MaxKey(),3,MinKey(),1])
MaxKey.__slots__
MinKey.__slots__
MaxKey()>None
sorted([MinKey(),MaxKey(),5,MinKey()])
MaxKey()==MinKey()
{MaxKey(),MaxKey()}
type('M',(MaxKey,),{})()==MaxKey()
type('M',(MaxKey,),{})()
copy.deepcopy(MinKey())
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
