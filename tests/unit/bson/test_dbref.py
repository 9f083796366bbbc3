"""`DBRef`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import DBRef

EXPRESSIONS = r"""
DBRef('c','i')
DBRef('c',5,'d')
DBRef('c',5,'d',x=1)
DBRef('c',5,'d',{'x':1})
DBRef('c',5,'d',{'x':1},x=2,y=3)
DBRef(5,5)
DBRef('c',5,5)
DBRef('c',5,x=1).x
DBRef('c',5,x=1).z
DBRef('c',5,x=1).__foo__
DBRef('c',5,x=1).as_doc()
DBRef('c',5,'db',x=1).as_doc()
DBRef('c',5,'db',x=1).collection
DBRef('c',5,'db',x=1).database
DBRef('c',5)==DBRef('c',5)
DBRef('c',5)==DBRef('c',6)
DBRef('c',5)==5
DBRef('c',5)!=5
DBRef('c',5,**{'$ref':'a'})
DBRef('c',5,_DBRef__id=7)
DBRef('c',5,x=1).keys
DBRef('c',5,x=1,**{'$id':5})
copy.copy(DBRef('c',5,x=1))
copy.deepcopy(DBRef('c',5,x=[1]))
DBRef('c',5)<DBRef('d',6)
type('O',(DBRef,),{})('a',1)
type('O',(DBRef,),{})('a',1)==DBRef('a',1)
type(copy.copy(type('O',(DBRef,),{})('a',1))).__name__
DBRef('a',SON(x=1))
DBRef(collection='a',id=1,database='b')
DBRef('a',1,None)
DBRef('a',1,'')
DBRef('a',1,'').as_doc()
DBRef('a',1,x={'y':1})
DBRef('a',1).__getstate__()
DBRef('a',1,_extra={'z':1},y=2).as_doc()
DBRef('a',1,**{'collection2':1}).collection2
hasattr(DBRef('a',1),'_DBRef__foo')
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


class Reference(DBRef):
    """As frameworks do: a subclass with a method and an instance dictionary."""

    def __init__(self, *arguments: Any, **kwargs: Any) -> None:
        super().__init__(*arguments, **kwargs)
        self.cached = [1]


def test_a_deep_copy_of_a_subclass_is_one_too() -> None:
    reference = Reference("c", [1], "d", x=[2])
    copied = copy.deepcopy(reference)
    assert type(copied) is Reference
    assert copied == reference
    assert copied.id == [1]
    assert copied.id is not reference.id
    assert copied.x is not reference.x
    assert copied.cached == [1]
    assert copied.cached is not reference.cached


def test_equal_references_hash_alike() -> None:
    assert hash(DBRef("c", 5, "d", x=1)) == hash(DBRef("c", 5, "d", x=1))
    with pytest.raises(TypeError, match="unhashable"):
        hash(DBRef("c", [5]))
