"""Indexes, search indexes, and the collection as a whole, on a real server, both faces."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.bson.son import SON
from petiole.errors import InvalidName, OperationFailure, WriteConcernError
from petiole.operations import IndexModel, SearchIndexModel
from petiole.write_concern import WriteConcern

# Indexes


@pytest.mark.parametrize(
    ("keys", "name", "pairs"),
    [
        ("a", "a_1", [("a", 1)]),
        ([("a", 1), ("b", -1)], "a_1_b_-1", [("a", 1), ("b", -1)]),
        (["a", ("b", "hashed")], "a_1_b_hashed", [("a", 1), ("b", "hashed")]),
        ({"a": -1}, "a_-1", [("a", -1)]),
        ([("a", "2dsphere")], "a_2dsphere", [("a", "2dsphere")]),
    ],
)
def test_keys_in_any_form(coll: Any, keys: Any, name: str, pairs: Any) -> None:
    assert coll.create_index(keys) == name
    assert coll.index_information()[name]["key"] == pairs


def test_options_of_the_index_and_of_the_command(coll: Any) -> None:
    name = coll.create_index(
        [("a", 1)],
        name="mine",
        unique=True,
        expireAfterSeconds=60,
        partialFilterExpression={"a": {"$gt": 0}},
        collation={"locale": "en"},
        maxTimeMS=10_000,
        comment="x",
    )
    assert name == "mine"
    found = coll.index_information()["mine"]
    assert (found["unique"], found["expireAfterSeconds"]) == (True, 60)
    assert found["collation"]["locale"] == "en"
    with pytest.raises(OperationFailure) as caught:
        coll.create_index([("b", 1)], name="mine")
    assert caught.value.code == 86


def test_several_at_once(coll: Any) -> None:
    names = coll.create_indexes([IndexModel("a"), IndexModel([("b", -1)], name="backwards")])
    assert names == ["a_1", "backwards"]
    assert set(coll.index_information()) == {"_id_", "a_1", "backwards"}


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.create_index(5), TypeError, "key_or_list must be an instance of list"),
        (lambda c: c.create_index([]), ValueError, "key_or_list must not be empty"),
        (lambda c: c.create_indexes(5), TypeError, "indexes must be a list"),
        (lambda c: c.create_indexes([{"a": 1}]), TypeError, "IndexModel"),
        (lambda c: c.drop_index({"a": 1}), TypeError, "index_or_name must be an instance of str or list"),
        (lambda c: c.create_search_indexes([{"definition": {}}]), TypeError, "SearchIndexModel"),
    ],
)
def test_arguments_are_checked(coll: Any, call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call(coll)


def test_indexes_are_dropped_by_name_or_keys(coll: Any) -> None:
    assert coll.drop_index("a_1") is None  # No collection, no index: nothing to complain about.
    coll.create_indexes([IndexModel("a"), IndexModel([("b", -1)]), IndexModel("c")])
    coll.drop_index("a_1")
    coll.drop_index([("b", -1)], comment="x")
    assert set(coll.index_information()) == {"_id_", "c_1"}
    with pytest.raises(OperationFailure, match="index not found"):
        coll.drop_index("a_1")
    coll.drop_indexes(maxTimeMS=10_000)
    assert set(coll.index_information()) == {"_id_"}


def test_indexes_are_listed_in_order(coll: Any) -> None:
    assert list(coll.list_indexes()) == []
    assert coll.index_information() == {}
    coll.create_index([("b", 1), ("a", 1)])
    first, second = coll.list_indexes(comment="x")
    assert first["name"] == "_id_"
    assert second["key"] == SON([("b", 1), ("a", 1)])


def test_as_many_indexes_as_there_can_be(coll: Any, db: Any) -> None:
    coll.create_indexes([IndexModel(f"field{n}") for n in range(63)])
    assert len(coll.index_information()) == 64
    assert len(list(coll.list_indexes())) == 64
    assert db["none"].index_information() == {}


def test_a_server_without_search_says_so(coll: Any) -> None:
    model = SearchIndexModel({"a": 1}, "x", "search")
    for method, arguments in (
        (coll.create_search_index, ({"definition": {"a": 1}, "name": "x"},)),
        (coll.create_search_index, (model,)),
        (coll.create_search_indexes, ([model],)),
        (coll.update_search_index, ("x", {"a": 1})),
        (coll.drop_search_index, ("x",)),
    ):
        with pytest.raises(OperationFailure, match="no such command"):
            method(*arguments, comment="c")
    with pytest.raises(OperationFailure, match="listSearchIndexes"):
        list(coll.list_search_indexes("x"))


# The collection as a whole


def test_a_collection_is_dropped_once_or_twice(coll: Any) -> None:
    coll.insert_one({})
    assert coll.drop() is None
    assert coll.drop(comment="again") is None
    assert coll.count_documents({}) == 0


def test_a_collection_is_renamed(db: Any, coll: Any) -> None:
    coll.insert_one({"_id": 1})
    db["taken"].insert_one({"_id": 2})
    with pytest.raises(OperationFailure, match="target namespace exists"):
        coll.rename("taken")
    assert coll.rename("taken", dropTarget=True)["ok"] == 1.0
    assert coll.name == "things"
    assert [document["_id"] for document in db["taken"].find()] == [1]
    for wrong in ("", ".a", "a.", "a..b", "a$b"):
        with pytest.raises(InvalidName):
            coll.rename(wrong)
    with pytest.raises(TypeError, match="new_name must be an instance of str"):
        coll.rename(5)


def test_the_options_of_a_collection(db: Any, coll: Any) -> None:
    assert coll.options() == {}
    db.command("create", "capped", capped=True, size=4096)
    assert db["capped"].options(comment="x") == {"capped": True, "size": 4096}


def test_write_concerns_of_administration(coll: Any) -> None:
    impossible = coll.with_options(write_concern=WriteConcern(w=5, wtimeout=50))
    with pytest.raises(WriteConcernError):
        impossible.create_index("a")
    with pytest.raises(WriteConcernError):
        impossible.drop()
    silent = coll.with_options(write_concern=WriteConcern(w=0))
    assert silent.create_index("a") == "a_1"
    assert silent.rename("other") == {"ok": 1}


def test_a_collection_is_created_by_its_constructor_only_when_blocking(face: Face) -> None:
    raw = face.db
    if face.is_async:
        from petiole.asynchronous.collection import AsyncCollection

        target = raw.__dict__["__target"]
        with pytest.raises(ValueError, match="does not support the `create` or `kwargs` arguments"):
            AsyncCollection(target, "made", create=True)
        with pytest.raises(ValueError, match="does not support the `create` or `kwargs` arguments"):
            AsyncCollection(target, "made", capped=True, size=4096)
        return
    from petiole.collection import Collection

    with pytest.warns(DeprecationWarning, match="`create` and `kwargs`"):
        made: Collection[Any] = Collection(raw, "made", capped=True, size=4096)
    assert made.options() == {"capped": True, "size": 4096}
    with (
        pytest.warns(DeprecationWarning, match="`create`"),
        pytest.raises(OperationFailure, match="already exists"),
    ):
        Collection(raw, "made", create=True)
