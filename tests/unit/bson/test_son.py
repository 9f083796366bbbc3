"""`SON`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson import SON

EXPRESSIONS = r"""
SON()
SON([('a',1),('b',2)])
SON({'a':1})
SON({'a':1},b=2)
SON(a=1)
SON(5)
SON(None)
SON([('a',1)])==SON([('a',1)])
SON([('a',1),('b',2)])==SON([('b',2),('a',1)])
SON([('a',1),('b',2)])=={'b':2,'a':1}
SON([('a',1),('b',2)])!={'b':2,'a':1}
{'b':2,'a':1}==SON([('a',1),('b',2)])
SON([('a',1)])==5
SON([('a',1)]).to_dict()
SON([('a',SON([('b',[SON(c=1)])]))]).to_dict()
SON([('a',(SON(c=1),))]).to_dict()
SON([('a',1)]).copy()
SON([('a',1)]).has_key('a')
list(SON([('a',1)]).itervalues())
SON([('a',1)]).iteritems
SON([('a',1)]).values()
SON([('a',1)]).items()
SON([('a',1)]).keys()
SON([('a',1)]).pop('b')
SON([('a',1)]).pop('b',5)
SON([('a',1)]).pop('b',5,6)
SON([('a',1),('b',2)]).popitem()
SON().popitem()
SON([('a',1)]).setdefault('b')
SON([('a',1)]).setdefault('b',3)
SON([('a',1)]).get('z')
SON([('a',1)]).get('z',4)
SON([('a',1)])['z']
SON([('a',1)]).update(5)
SON([('a',1)]) | {'b':2}
SON.fromkeys(['a'])
str(SON([('a','b')]))
hash(SON())
reversed(SON(a=1,b=2))
copy.copy(SON([('a',1)]))
copy.deepcopy(SON([('a',[1])]))
{SON: 1}.get(SON)
SON([('a',1),('a',2)])
type('S',(SON,),{})(a=1)
type(type('S',(SON,),{})(a=1).copy()).__name__
type(copy.copy(type('S',(SON,),{})(a=1))).__name__
type(copy.deepcopy(type('S',(SON,),{})(a=1))).__name__
SON(a=re.compile('a')).copy()
copy.deepcopy(SON(a=re.compile('a'),b={'c':SON()}))
SON({'a':1})==SON(a=1)
SON(a=SON(b=1,c=2))==SON(a=SON(c=2,b=1))
SON(a=SON(b=1,c=2))=={'a':{'c':2,'b':1}}
[SON(a=1)].__contains__({'a':1})
SON({'a':1}, **{'a':2})
SON([('a',1)], a=2)
(lambda s: [s.update(b=2), s])(SON(a=1))
(lambda s: [s.update([('b',2)]), s])(SON(a=1))
(lambda s: [s.update({'b':2},c=3), s])(SON(a=1))
(lambda s: [s.update(None), s])(SON(a=1))
(lambda s: [s.update(SON(z=1)), s])(SON(a=1))
(lambda s: [s.clear(), s, len(s)])(SON(a=1))
(lambda s: [s.__delitem__('a'), s, s.__setitem__('a',9), s])(SON([('a',1),('b',2)]))
(lambda s: [s.__setitem__('a',9), s])(SON([('a',1),('b',2)]))
(lambda s: [s.pop('a'), s])(SON([('a',1),('b',2)]))
(lambda s: [s.popitem(), s])(SON([('a',1),('b',2),('c',3)]))
(lambda s: [s.setdefault('c',5), s])(SON([('a',1),('b',2)]))
SON([('a',1),('b',2)]).to_dict()
SON(a=(1,SON(b=1))).to_dict()
type(SON(a=1).to_dict()).__name__
'a' in SON(a=1)
list(SON(b=1,a=2))
list(reversed(SON(b=1,a=2)))
dict(SON(b=1,a=2))
{**SON(b=1,a=2)}
{'x':1} | SON(a=1)
SON(a=1) == [('a',1)]
bool(SON())
len(SON(a=1))
SON.fromkeys(['a'],3)
SON(a=1).keys() & {'a'}
__import__('json').dumps(SON([('b',1),('a',[SON(x=1)])]))
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


class Watching(SON[str, Any]):
    """Counts the assignments that it sees."""

    seen: int

    def __setitem__(self, key: str, value: Any) -> None:
        self.seen = getattr(self, "seen", 0) + 1
        super().__setitem__(key, value)


def test_a_subclass_sees_every_assignment() -> None:
    watching = Watching({"a": 1}, b=2)
    watching.update([("c", 3)], d=4)
    watching.setdefault("e", 5)
    assert watching.seen == 5


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_subclass_keeps_its_attributes_in_a_pickle(protocol: int) -> None:
    watching = Watching(b=1, a=2)
    loaded = pickle.loads(pickle.dumps(watching, protocol))
    assert type(loaded) is Watching
    assert list(loaded.items()) == [("b", 1), ("a", 2)]
    assert loaded.seen == watching.seen


def test_it_may_change_while_it_is_iterated() -> None:
    son: SON[str, int] = SON([("a", 1), ("b", 2), ("c", 3)])
    for key in son:
        del son[key]
    assert son == {}


def test_updating_in_place_with_an_operator() -> None:
    # PyMongo's SON loses such an update.
    son: SON[str, int] = SON(a=1)
    son |= {"b": 2}
    assert son == SON([("a", 1), ("b", 2)])


def test_a_deep_copy_keeps_cycles() -> None:
    import copy

    son: SON[str, Any] = SON(a=1)
    son["self"] = son
    copied = copy.deepcopy(son)
    assert copied["self"] is copied
    assert copied is not son


@pytest.mark.parametrize("name", ["has_key", "iterkeys", "itervalues"])
def test_old_methods_warn(name: str) -> None:
    arguments = ["a"] if name == "has_key" else []
    with pytest.warns(DeprecationWarning, match=rf"SON\.{name}\(\) is deprecated"):
        getattr(SON(a=1), name)(*arguments)
