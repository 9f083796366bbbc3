"""find_one_and_delete, _replace and _update on a real server, both faces."""

from __future__ import annotations

from typing import Any

import pytest

from petiole.asynchronous.collection import ReturnDocument as AsyncReturnDocument
from petiole.bson.codec_options import CodecOptions
from petiole.bson.son import SON
from petiole.collation import Collation
from petiole.collection import ReturnDocument
from petiole.errors import ConfigurationError, DuplicateKeyError, OperationFailure, WriteConcernError
from petiole.write_concern import WriteConcern


@pytest.fixture
def three(coll: Any) -> Any:
    """A collection of three documents."""
    coll.insert_many([{"_id": n, "a": n * 10, "name": "Anna"} for n in (1, 2, 3)])
    return coll


def test_both_faces_share_the_choice() -> None:
    assert ReturnDocument is AsyncReturnDocument
    assert (ReturnDocument.BEFORE, ReturnDocument.AFTER) == (False, True)


def test_the_deleted_document_is_returned(three: Any) -> None:
    assert three.find_one_and_delete({"_id": 1}) == {"_id": 1, "a": 10, "name": "Anna"}
    assert three.find_one_and_delete({"_id": 1}) is None
    assert three.find_one_and_delete({}, projection=["a"], sort=[("a", -1)]) == {"_id": 3, "a": 30}
    assert three.find_one_and_delete({}, {"_id": 0, "a": 1}, hint="_id_", comment="x") == {"a": 20}


def test_the_document_before_or_after_a_replacement(three: Any) -> None:
    assert three.find_one_and_replace({"_id": 1}, {"b": 1}) == {"_id": 1, "a": 10, "name": "Anna"}
    after = three.find_one_and_replace({"_id": 1}, {"b": 2}, return_document=ReturnDocument.AFTER)
    assert after == {"_id": 1, "b": 2}
    assert three.find_one_and_replace({"_id": 9}, {"b": 3}) is None
    assert three.find_one_and_replace({"_id": 9}, {"b": 3}, upsert=True) is None
    upserted = three.find_one_and_replace({"_id": 8}, {"b": 3}, upsert=True, return_document=True)
    assert upserted == {"_id": 8, "b": 3}


def test_the_document_before_or_after_an_update(three: Any) -> None:
    assert three.find_one_and_update({}, {"$inc": {"a": 1}}, sort={"_id": -1})["a"] == 30
    after = three.find_one_and_update(
        {"_id": 3}, [{"$set": {"a": {"$add": ["$a", 1]}}}], {"a": 1}, return_document=True
    )
    assert after == {"_id": 3, "a": 32}


@pytest.mark.since(5, 0)
def test_array_filters_let_and_options_of_the_command(three: Any) -> None:
    three.update_one({"_id": 1}, {"$set": {"grades": [1, 5]}})
    after = three.find_one_and_update(
        {"$expr": {"$eq": ["$_id", "$$who"]}, "name": "anna"},
        {"$set": {"grades.$[x]": 0}},
        {"grades": 1},
        return_document=True,
        array_filters=[{"x": {"$gt": 3}}],
        let={"who": 1},
        collation=Collation("en", strength=2),
        maxTimeMS=10_000,
    )
    assert after == {"_id": 1, "grades": [1, 0]}


def test_documents_come_in_the_collections_class(three: Any) -> None:
    ordered = three.with_options(codec_options=CodecOptions(document_class=SON))
    assert type(ordered.find_one_and_update({}, {"$set": {"a": 1}})) is SON


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.find_one_and_update({}, {"a": 1}), ValueError, r"update only works with \$ operators"),
        (lambda c: c.find_one_and_replace({}, {"$a": 1}), ValueError, r"replacement can not include \$"),
        (lambda c: c.find_one_and_delete(5), TypeError, "filter must be an instance of dict"),
        (lambda c: c.find_one_and_delete({}, sort=5), TypeError, "key_or_list|list of"),
        (
            lambda c: c.find_one_and_update({}, {"$set": {"a": 1}}, return_document="after"),
            TypeError,
            r"return_document must be ReturnDocument\.BEFORE or ReturnDocument\.AFTER",
        ),
        (
            lambda c: c.find_one_and_update({}, {"$set": {"a": 1}}, array_filters={"x": 1}),
            TypeError,
            "array_filters must be a list",
        ),
    ],
)
def test_arguments_are_checked_before_anything_is_sent(
    coll: Any, call: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        call(coll)


def test_errors_of_the_server(three: Any) -> None:
    with pytest.raises(DuplicateKeyError):
        three.find_one_and_update({"name": "Berta"}, {"$setOnInsert": {"_id": 1}}, upsert=True)
    with pytest.raises(OperationFailure, match="hint"):
        three.find_one_and_delete({}, hint="no_such_index")
    with pytest.raises(WriteConcernError):
        three.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).find_one_and_delete({"_id": 1})
    assert three.count_documents({}) == 2


def test_unacknowledged(three: Any) -> None:
    silent = three.with_options(write_concern=WriteConcern(w=0))
    assert silent.find_one_and_delete({"_id": 1}) is None
    assert any(three.count_documents({}) == 2 for _ in range(100))
    with pytest.raises(ConfigurationError, match="Collation is unsupported"):
        silent.find_one_and_delete({}, collation={"locale": "en"})
    with pytest.raises(ConfigurationError, match="arrayFilters is unsupported"):
        silent.find_one_and_update({}, {"$set": {"a": 1}}, array_filters=[])
