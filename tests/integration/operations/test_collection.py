"""What a collection is, apart from its operations: names, options, equality, and what it refuses; both faces."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.asynchronous.collection import AsyncCollection
from petiole.bson.codec_options import CodecOptions
from petiole.collection import Collection
from petiole.errors import InvalidName
from petiole.read_concern import ReadConcern
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern


@pytest.fixture
def bare(face: Face) -> Any:
    """The collection itself, without the adapter."""
    database: Any = face.db.__dict__["__target"] if face.is_async else face.db
    return database["things"]


def test_names_and_equality(bare: Any) -> None:
    assert bare.name == "things"
    assert bare.full_name == f"{bare.database.name}.things"
    assert bare.sub.name == bare["sub"].name == "things.sub"
    assert bare == bare.database.things
    assert bare != bare.database.others
    assert bare != 5
    assert hash(bare) == hash(bare.database.things)
    assert repr(bare) == f"{type(bare).__name__}({bare.database!r}, 'things')"


@pytest.mark.parametrize("name", ["", "a..b", "a$b", ".a", "a.", "a\0b"])
def test_names_that_servers_refuse(bare: Any, name: str) -> None:
    with pytest.raises(InvalidName):
        bare.database[name]


def test_options_are_replaced_and_handed_down(bare: Any) -> None:
    concern = WriteConcern(w=2)
    changed = bare.with_options(write_concern=concern, read_preference=ReadPreference.NEAREST)
    assert type(changed) is type(bare)
    assert changed == bare
    assert (changed.write_concern, changed.read_preference) == (concern, ReadPreference.NEAREST)
    assert (changed.read_concern, changed.codec_options) == (bare.read_concern, bare.codec_options)
    assert changed.sub.write_concern == concern
    assert bare.write_concern == WriteConcern()
    again = changed.with_options(CodecOptions(tz_aware=True), read_concern=ReadConcern("local"))
    assert (again.write_concern, again.codec_options.tz_aware) == (concern, True)
    assert again.read_concern.level == "local"


@pytest.mark.parametrize("option", ["codec_options", "read_preference", "write_concern", "read_concern"])
def test_options_of_another_class_are_refused(bare: Any, option: str) -> None:
    with pytest.raises(TypeError, match=option):
        bare.with_options(**{option: 5})
    with pytest.raises(TypeError, match=option):
        type(bare)(bare.database, "things", **{option: 5})


def test_a_method_that_does_not_exist_is_named(bare: Any) -> None:
    kind = type(bare).__name__
    with pytest.raises(TypeError, match=f"'{kind}' object is not callable.*the 'save' method on a '{kind}'"):
        bare.save({})
    with pytest.raises(TypeError, match=r"the 'things' method on an? '(Async)?Database' object"):
        bare()


def test_it_is_no_iterable_and_has_no_truth(bare: Any) -> None:
    for attempt in (iter, list, next):
        with pytest.raises(TypeError, match="object is not iterable"):
            attempt(bare)
    with pytest.raises(TypeError, match="object is not iterable"):
        bare.next()
    with pytest.raises(NotImplementedError, match="collection is not None"):
        bool(bare)


@pytest.mark.parametrize("kind", [Collection, AsyncCollection])
def test_private_names_are_no_collections(kind: Any, bare: Any) -> None:
    with pytest.raises(AttributeError, match=r"the things\._x collection, use database\['things\._x'\]"):
        assert bare._x
    assert bare["_x"].name == "things._x"
    with pytest.raises(AttributeError, match="_y"):
        assert kind.__new__(kind)._y
