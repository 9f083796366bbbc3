"""`Regex`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
Regex('a')
Regex('a','i')
Regex('a','ilmsux')
Regex('a','iq')
Regex('a',re.I)
Regex('a',re.I|re.M)
Regex(b'a','i')
Regex(5)
Regex('a',5.0)
Regex('a',None)
Regex('a',b'i')
Regex('a',-1)
Regex('a',256)
Regex('a','i').flags
Regex('a','i').pattern
Regex('a',True).flags
Regex('a')==Regex('a')
Regex('a')==Regex('a','i')
Regex('a')==Regex(b'a')
Regex('a')==re.compile('a')
Regex('a')!=5
hash(Regex('a'))
Regex('(').try_compile()
Regex('a','ix').try_compile()
Regex(b'a','ix').try_compile()
Regex.from_native(re.compile('a'))
Regex.from_native(re.compile(b'a'))
Regex.from_native(re.compile('a',re.I))
Regex.from_native('a')
Regex.from_native(5)
Regex.from_native(re.compile('a')).flags
Regex.__slots__
Regex.__parameters__
str_flags_to_int('ilmsuxz')
str_flags_to_int('')
str_flags_to_int(5)
Regex[str]
type('R',(Regex,),{})('a')
type('R',(Regex,),{})('a')==Regex('a')
type(type('R',(Regex,),{}).from_native(re.compile('a'))).__name__
Regex('a',re.I)==Regex('a','i')
Regex('a','i')==Regex('a',2)
copy.copy(Regex('a','i'))
copy.deepcopy(Regex('a','i'))
copy.deepcopy(Regex(b'a','i'))
Regex(pattern='a',flags='m')
Regex('a','I').flags
Regex(re.compile('a'))
Regex('a').pattern
setattr(Regex('a'),'x',1)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
