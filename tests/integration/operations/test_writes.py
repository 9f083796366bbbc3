"""insert_one, insert_many, update_*, replace_one, delete_* on a real server, both faces."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.bson import encode
from petiole.bson.codec_options import CodecOptions
from petiole.bson.errors import InvalidDocument
from petiole.bson.objectid import ObjectId
from petiole.bson.raw_bson import RawBSONDocument
from petiole.errors import (
    BulkWriteError,
    ConfigurationError,
    DocumentTooLarge,
    DuplicateKeyError,
    InvalidOperation,
    OperationFailure,
    WriteConcernError,
    WriteError,
)
from petiole.write_concern import WriteConcern

UNACKNOWLEDGED = WriteConcern(w=0)
IMPOSSIBLE = WriteConcern(w=5, wtimeout=50)


def eventually(coll: Any, count: int) -> bool:
    """Whether an unacknowledged write shows: it travels on the same connection, so the next answer follows it."""
    return any(coll.count_documents({}) == count for _ in range(100))


# insert_one


def test_an_id_is_added_in_place(coll: Any) -> None:
    document = {"a": 1}
    result = coll.insert_one(document)
    assert isinstance(result.inserted_id, ObjectId)
    assert document == {"a": 1, "_id": result.inserted_id}
    assert result.acknowledged is True
    assert coll.find_one({}) == document


def test_an_id_goes_first_and_a_given_one_is_kept(coll: Any) -> None:
    assert coll.insert_one({"a": 1, "_id": 5}).inserted_id == 5
    assert list(coll.find_one({"_id": 5})) == ["_id", "a"]


def test_a_duplicate_key_is_reported(coll: Any) -> None:
    coll.insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError) as caught:
        coll.insert_one({"_id": 1})
    assert caught.value.code == 11000
    assert (caught.value.details or {})["keyValue"] == {"_id": 1}


@pytest.mark.parametrize("wrong", [5, None, [], "a", [("a", 1)]])
def test_only_documents_are_inserted(coll: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="document must be an instance of dict"):
        coll.insert_one(wrong)


def test_what_cannot_be_encoded_is_not_sent(coll: Any) -> None:
    with pytest.raises(InvalidDocument, match="cannot encode object"):
        coll.insert_one({"a": {"b": object()}})
    with pytest.raises(DocumentTooLarge):
        coll.insert_one({"a": "x" * (17 * 1024 * 1024)})
    assert coll.count_documents({}) == 0


def test_a_raw_document_has_no_id_to_report(coll: Any) -> None:
    result = coll.insert_one(RawBSONDocument(encode({"_id": 3, "a": 1})))
    assert result.inserted_id is None
    assert coll.find_one({}) == {"_id": 3, "a": 1}


def test_validation_and_its_bypass(db: Any) -> None:
    db.command("create", "checked", validator={"a": {"$gt": 0}})
    with pytest.raises(WriteError, match="failed validation") as caught:
        db["checked"].insert_one({"_id": 1, "a": 0})
    assert caught.value.code == 121
    db["checked"].insert_one({"_id": 1, "a": 0}, bypass_document_validation=True, comment="on purpose")
    assert db["checked"].count_documents({}) == 1


def test_an_unmet_write_concern_is_an_error_though_it_is_written(coll: Any) -> None:
    with pytest.raises(WriteConcernError, match="Not enough data-bearing nodes") as caught:
        coll.with_options(write_concern=IMPOSSIBLE).insert_one({"_id": 1})
    assert caught.value.code == 100
    assert coll.count_documents({}) == 1


# insert_many


def test_ids_are_in_order(coll: Any) -> None:
    documents: list[dict[str, Any]] = [{"a": 1}, {"_id": 7}, {"a": 3}]
    result = coll.insert_many(documents)
    assert result.inserted_ids == [document["_id"] for document in documents]
    assert result.inserted_ids[1] == 7
    assert result.acknowledged is True
    assert coll.count_documents({}) == 3


def test_any_iterable_will_do(coll: Any) -> None:
    assert coll.insert_many({"_id": n} for n in range(3)).inserted_ids == [0, 1, 2]
    assert coll.insert_many(({"_id": 10}, {"_id": 11})).inserted_ids == [10, 11]


@pytest.mark.parametrize("wrong", [[], {}, {"_id": 1}, None, 5])
def test_documents_must_be_several(coll: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="documents must be a non-empty list"):
        coll.insert_many(wrong)


def test_an_empty_generator_is_no_operation(coll: Any) -> None:
    with pytest.raises(InvalidOperation, match="No operations to execute"):
        coll.insert_many(iter([]))


def test_the_first_failure_ends_an_ordered_insertion(coll: Any) -> None:
    with pytest.raises(BulkWriteError) as caught:
        coll.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}])
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [1]
    assert caught.value.details["writeErrors"][0]["op"] == {"_id": 1}
    assert caught.value.details["nInserted"] == 1
    assert coll.count_documents({}) == 1


def test_an_unordered_insertion_tries_all(coll: Any) -> None:
    documents = [{"_id": 1}, {"_id": 1}, {"_id": 2}, {"_id": 2}, {"_id": 3}]
    with pytest.raises(BulkWriteError) as caught:
        coll.insert_many(documents, ordered=False)
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [1, 3]
    assert caught.value.details["nInserted"] == 3
    assert coll.count_documents({}) == 3


def test_more_documents_than_a_message_takes(coll: Any) -> None:
    result = coll.insert_many([{"_id": n} for n in range(100_001)])
    assert result.inserted_ids == list(range(100_001))
    assert coll.count_documents({}) == 100_001


def test_more_bytes_than_a_message_takes_and_an_error_in_the_second(coll: Any) -> None:
    filler = "x" * 13_000_000
    documents = [{"_id": n, "a": filler} for n in (0, 1, 2, 3, 3)]
    with pytest.raises(BulkWriteError) as caught:
        coll.insert_many(documents)
    assert caught.value.details["nInserted"] == 4
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [4]


def test_raw_documents_are_left_out_of_the_ids(coll: Any) -> None:
    result = coll.insert_many([RawBSONDocument(encode({"_id": 1})), {"_id": 2}])
    assert result.inserted_ids == [2]
    assert coll.count_documents({}) == 2


# update and replace


def test_an_update_counts_what_it_matches_and_changes(coll: Any) -> None:
    coll.insert_many([{"_id": n, "a": n % 2} for n in range(4)])
    one = coll.update_one({"a": 1}, {"$set": {"b": 1}})
    assert (one.matched_count, one.modified_count, one.upserted_id, one.did_upsert) == (1, 1, None, False)
    assert one.raw_result["updatedExisting"] is True
    many = coll.update_many({}, {"$set": {"b": 1}})
    assert (many.matched_count, many.modified_count) == (4, 3)


def test_an_upsert_tells_the_id(coll: Any) -> None:
    result = coll.update_one({"_id": 5}, {"$set": {"a": 1}}, upsert=True)
    assert (result.matched_count, result.modified_count, result.upserted_id) == (0, 0, 5)
    result = coll.replace_one({"_id": None}, {"a": 1}, upsert=True)
    assert (result.upserted_id, result.did_upsert) == (None, True)


def test_an_upserted_id_is_decoded_as_the_collection_decodes(coll: Any) -> None:
    aware = coll.with_options(codec_options=CodecOptions(tz_aware=True))
    moment = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    assert aware.update_one({"_id": moment}, {"$set": {"a": 1}}, upsert=True).upserted_id == moment
    raw = coll.with_options(codec_options=CodecOptions(document_class=RawBSONDocument))
    assert type(raw.update_one({}, {"$set": {"a": 2}}).raw_result) is dict


def test_a_replacement_keeps_the_id(coll: Any) -> None:
    coll.insert_one({"_id": 1, "a": 1})
    result = coll.replace_one({"a": 1}, {"b": 2})
    assert (result.matched_count, result.modified_count) == (1, 1)
    assert coll.find_one({}) == {"_id": 1, "b": 2}


@pytest.mark.since(5, 0)
def test_pipelines_array_filters_collation_hint_and_let(coll: Any) -> None:
    coll.insert_one({"_id": 1, "name": "ANNA", "grades": [50, 95]})
    coll.create_index("name")
    coll.update_one({"_id": 1}, [{"$set": {"best": {"$max": "$grades"}}}])
    coll.update_one({}, {"$set": {"grades.$[low]": 60}}, array_filters=[{"low": {"$lt": 60}}])
    collation = {"locale": "en", "strength": 2}
    assert coll.update_many({"name": "anna"}, {"$set": {"c": 1}}, collation=collation).modified_count == 1
    coll.update_one({"name": "ANNA"}, {"$set": {"h": 1}}, hint="name_1")
    coll.update_one({"$expr": {"$eq": ["$name", "$$who"]}}, {"$set": {"l": 1}}, let={"who": "ANNA"})
    assert coll.find_one({}) == {
        "_id": 1,
        "name": "ANNA",
        "grades": [60, 95],
        "best": 95,
        "c": 1,
        "h": 1,
        "l": 1,
    }
    with pytest.raises(OperationFailure, match="hint"):
        coll.update_one({}, {"$set": {"a": 1}}, hint="no_such_index")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.update_one({}, {"a": 1}), ValueError, r"update only works with \$ operators"),
        (lambda c: c.update_one({}, {}), ValueError, "update cannot be empty"),
        (lambda c: c.update_one(5, {"$set": {"a": 1}}), TypeError, "filter must be an instance of dict"),
        (lambda c: c.update_many({}, 5), TypeError, "update must either be a list or an instance of dict"),
        (lambda c: c.update_one({}, {"$set": {"a": 1}}, upsert=1), TypeError, "upsert must be True or False"),
        (lambda c: c.update_one({}, {"$set": {"a": 1}}, sort=[("a", 1)]), TypeError, "sort must be"),
        (lambda c: c.replace_one({}, {"$set": {"a": 1}}), ValueError, r"replacement can not include \$"),
        (lambda c: c.replace_one({}, 5), TypeError, "replacement must be an instance of dict"),
        (lambda c: c.delete_one(None), TypeError, "filter must be an instance of dict"),
        (lambda c: c.delete_many({}, let=5), TypeError, "let must be an instance of dict"),
    ],
)
def test_arguments_are_checked_before_anything_is_sent(
    coll: Any, call: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        call(coll)


def test_a_failed_update_is_a_write_error(coll: Any) -> None:
    coll.insert_one({"_id": 1, "a": "text"})
    with pytest.raises(WriteError, match="Cannot apply") as caught:
        coll.update_one({}, {"$inc": {"a": 1}})
    assert caught.value.code == 14
    with pytest.raises(DuplicateKeyError):
        coll.insert_one({"_id": 1})


# delete


def test_deletes_count(coll: Any) -> None:
    coll.insert_many([{"_id": n, "name": "Anna"} for n in range(4)])
    assert coll.delete_one({}).deleted_count == 1
    assert coll.delete_many({"name": "anna"}).deleted_count == 0
    collation = {"locale": "en", "strength": 2}
    assert coll.delete_many({"name": "anna"}, collation=collation, hint="_id_").deleted_count == 3
    assert coll.delete_one({}).raw_result["n"] == 0


# Unacknowledged


def test_unacknowledged_writes_say_so(coll: Any) -> None:
    silent = coll.with_options(write_concern=UNACKNOWLEDGED)
    inserted = silent.insert_one({"_id": 1})
    assert (inserted.acknowledged, inserted.inserted_id) == (False, 1)
    many = silent.insert_many([{"_id": 2}, {"_id": 3}], ordered=False)
    assert (many.acknowledged, many.inserted_ids) == (False, [2, 3])
    assert eventually(coll, 3)
    updated = silent.update_one({}, {"$set": {"a": 1}})
    deleted = silent.delete_one({"_id": 3})
    assert (updated.acknowledged, deleted.acknowledged) == (False, False)
    with pytest.raises(InvalidOperation, match="matched_count is not available"):
        assert updated.matched_count
    with pytest.raises(InvalidOperation, match="deleted_count is not available"):
        assert deleted.deleted_count
    assert eventually(coll, 2)


def test_unacknowledged_writes_hide_their_failures_but_stop_at_them(coll: Any) -> None:
    silent = coll.with_options(write_concern=UNACKNOWLEDGED)
    silent.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}])
    assert eventually(coll, 1)
    silent.insert_one({"_id": 1})
    silent.insert_many([{"_id": 1}, {"_id": 2}], ordered=False)
    assert eventually(coll, 2)


def test_what_an_unacknowledged_write_cannot_have(face: Face, coll: Any) -> None:
    silent = coll.with_options(write_concern=UNACKNOWLEDGED)
    with pytest.raises(ConfigurationError, match="Collation is unsupported"):
        silent.delete_one({}, collation={"locale": "en"})
    with pytest.raises(ConfigurationError, match="arrayFilters is unsupported"):
        silent.update_one({}, {"$set": {"a.$[x]": 1}}, array_filters=[{"x": 1}])
    with pytest.raises(ConfigurationError, match=r"8\.0\+ to use sort on unacknowledged"):
        silent.update_one({}, {"$set": {"a": 1}}, sort={"a": 1})
    with pytest.raises(OperationFailure, match="bypass_document_validation with unacknowledged"):
        silent.insert_many([{}], bypass_document_validation=True)
    with face.client.start_session() as session:
        for write, arguments in (
            (silent.insert_one, ({},)),
            (silent.insert_many, ([{}],)),
            (silent.update_one, ({}, {"$set": {"a": 1}})),
            (silent.drop, ()),
        ):
            with pytest.raises(ConfigurationError, match="Explicit sessions are incompatible"):
                write(*arguments, session=session)
