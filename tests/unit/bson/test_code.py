"""`Code`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import Code

EXPRESSIONS = r"""
Code('f')
Code('f',{})
Code('f',{'a':1})
Code('f',{'a':1},b=2)
Code('f',b=2)
Code('f',5)
Code(5)
Code(b'f')
Code(None)
Code(Code('f',{'a':1}))
Code(Code('f',{'a':1}),{'b':2})
Code(Code('f',{'a':1}),b=2).scope
Code('f').scope
Code('f',{}).scope
Code('f')==Code('f')
Code('f')==Code('f',{})
Code('f')=='f'
'f'==Code('f')
Code('f')!='f'
Code('f')!=Code('g')
hash(Code('f'))
Code.__hash__
Code('f',SON([('a',1)])).scope
str(Code('f'))
Code('f',{'a':1}).scope is Code('f',{'a':1}).scope
(lambda s: Code('f',s).scope is s)({'a':1})
Code('f',0)
Code('f',[])
Code('f',scope={'a':1})
Code(code='f')
Code('f').upper()
Code(Code('f',{'a':1}),{})
Code(Code('f'),{'a':1})
Code(Code('f'),a=1)
Code('f',{})==Code('f',{})
Code('f',{'a':1})==Code('f',{'a':1.0})
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


def test_a_merged_scope_leaves_the_callers_dictionaries_alone() -> None:
    # PyMongo writes into them.
    scope = {"a": 1}
    inner = Code("f", scope)
    assert Code(inner, {"b": 2}, c=3).scope == {"a": 1, "b": 2, "c": 3}
    assert Code("f", scope, b=2).scope == {"a": 1, "b": 2}
    assert scope == inner.scope == {"a": 1}


def test_a_scope_alone_is_the_callers_object() -> None:
    scope = {"a": 1}
    assert Code("f", scope).scope is scope
    assert Code(Code("f", scope)).scope is scope
