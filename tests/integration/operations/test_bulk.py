"""bulk_write on a real server, both faces: results, errors, splitting, retries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    InvalidOperation,
    OperationFailure,
)
from petiole.operations import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from petiole.write_concern import WriteConcern

_APP = "bulk-writes"
_NO_DOCUMENT: Any = 5


class FailPoint:
    """Makes commands of one client fail; others on the same server are left alone."""

    def __init__(self, face: Face) -> None:
        self._admin = face.client["admin"]
        self.database = face.make(appname=_APP, heartbeatFrequencyMS=500)[face.db.name]

    def set(self, times: int, command: str, **how: Any) -> None:
        """Make the next commands of that name fail."""
        data = {"failCommands": [command], "appName": _APP, **how}
        self._admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data})

    def off(self) -> None:
        """Let all commands pass."""
        self._admin.command({"configureFailPoint": "failCommand", "mode": "off"})


@pytest.fixture
def fail_point(face: Face) -> Iterator[FailPoint]:
    """A fail point, off again after the test."""
    made = FailPoint(face)
    yield made
    made.off()


def three() -> list[Any]:
    """An operation of each kind of command."""
    return [InsertOne({"_id": 1}), UpdateOne({"_id": 1}, {"$set": {"a": 1}}), DeleteOne({"_id": 1})]


def test_the_counts_of_all_kinds_add_up(coll: Any) -> None:
    result = coll.bulk_write(
        [
            InsertOne({"_id": 1}),
            InsertOne({"_id": 2}),
            UpdateOne({"_id": 1}, {"$set": {"a": 1}}),
            UpdateMany({}, {"$set": {"a": 1}}),
            UpdateOne({"_id": 3}, {"$set": {"a": 1}}, upsert=True),
            ReplaceOne({"_id": None}, {"b": 1}, upsert=True),
            DeleteOne({"_id": 1}),
            DeleteMany({"b": 1}),
        ]
    )
    assert result.acknowledged is True
    assert (result.inserted_count, result.matched_count, result.modified_count) == (2, 3, 2)
    assert (result.upserted_count, result.deleted_count) == (2, 2)
    assert result.upserted_ids == {4: 3, 5: None}
    assert result.bulk_api_result["writeErrors"] == []
    assert [document["_id"] for document in coll.find().sort("_id")] == [2, 3]


def test_an_ordered_bulk_write_ends_at_the_first_failure(coll: Any) -> None:
    coll.insert_one({"_id": 1})
    with pytest.raises(BulkWriteError) as caught:
        coll.bulk_write([DeleteOne({"_id": 9}), *three(), InsertOne({"_id": 2})])
    error = caught.value
    assert error.code == 65
    assert [(item["index"], item["op"]) for item in error.details["writeErrors"]] == [(1, {"_id": 1})]
    assert "operation 1" in str(error)
    assert "E11000 duplicate key error" in str(error)
    assert coll.count_documents({}) == 1


def test_an_unordered_bulk_write_tries_all(coll: Any) -> None:
    coll.insert_one({"_id": 1})
    with pytest.raises(BulkWriteError) as caught:
        coll.bulk_write([*three(), InsertOne({"_id": 2}), InsertOne({"_id": 2})], ordered=False)
    details = caught.value.details
    assert [item["index"] for item in details["writeErrors"]] == [0, 4]
    assert (details["nInserted"], details["nMatched"], details["nRemoved"]) == (1, 1, 1)


@pytest.mark.since(5, 0)
def test_every_operation_has_its_own_options(coll: Any) -> None:
    coll.insert_many([{"_id": 1, "name": "ANNA", "a": [1, 5]}, {"_id": 2, "name": "ANNA", "a": [1, 5]}])
    coll.create_index("name")
    folding = {"locale": "en", "strength": 2}
    result = coll.bulk_write(
        [
            UpdateMany({"name": "anna"}, {"$set": {"c": 1}}, collation=folding),
            UpdateOne({"_id": 1}, {"$set": {"a.$[x]": 0}}, array_filters=[{"x": {"$gt": 3}}]),
            UpdateOne({"name": "ANNA"}, {"$set": {"h": 1}}, hint="name_1"),
            UpdateMany({"$expr": {"$eq": ["$_id", "$$who"]}}, [{"$set": {"l": "$$who"}}]),
            DeleteOne({"name": "anna", "_id": 1}, collation=folding),
        ],
        let={"who": 2},
        comment="all at once",
        bypass_document_validation=False,
    )
    assert (result.modified_count, result.deleted_count) == (5, 1)
    assert coll.find_one({}, {"name": 0}) == {"_id": 2, "a": [1, 5], "c": 1, "l": 2}


def test_a_sort_needs_a_newer_server_and_is_sent(coll: Any) -> None:
    with pytest.raises(OperationFailure, match=r"update\.updates\.sort"):
        coll.bulk_write([UpdateOne({}, {"$set": {"a": 1}}, sort={"a": 1})])


@pytest.mark.parametrize(
    ("requests", "error", "text"),
    [
        ([], InvalidOperation, "No operations to execute"),
        ((), TypeError, "requests must be a list"),
        ([{"insert": 1}], TypeError, "is not a valid request"),
        ([InsertOne(_NO_DOCUMENT)], TypeError, "document must be an instance of dict"),
        ([UpdateOne({}, {"a": 1})], ValueError, r"update only works with \$ operators"),
    ],
)
def test_requests_are_checked_before_anything_is_sent(
    coll: Any, requests: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        coll.bulk_write(requests)


def test_more_operations_than_a_message_takes(coll: Any) -> None:
    coll.insert_many([{"_id": 0}, {"_id": 100_000}])
    requests: list[Any] = [DeleteOne({"_id": n}) for n in range(100_001)]
    assert coll.bulk_write(requests).deleted_count == 2


def test_an_error_in_the_second_message_has_the_index_of_its_operation(coll: Any) -> None:
    filler = "x" * 13_000_000
    requests = [InsertOne({"_id": n, "a": filler}) for n in (0, 1, 2, 3)]
    with pytest.raises(BulkWriteError) as caught:
        coll.bulk_write([*requests, InsertOne({"_id": 3, "b": 1})], ordered=False)
    assert [item["index"] for item in caught.value.details["writeErrors"]] == [4]
    assert caught.value.details["nInserted"] == 4


def test_unmet_write_concerns_are_listed_at_the_end(coll: Any) -> None:
    impossible = coll.with_options(write_concern=WriteConcern(w=5, wtimeout=50))
    with pytest.raises(BulkWriteError, match="2 write concern errors") as caught:
        impossible.bulk_write([InsertOne({"_id": 1}), DeleteOne({"_id": 2})])
    assert [item["code"] for item in caught.value.details["writeConcernErrors"]] == [100, 100]
    assert coll.count_documents({}) == 1


def test_unacknowledged_bulk_writes_know_nothing(coll: Any) -> None:
    silent = coll.with_options(write_concern=WriteConcern(w=0))
    result = silent.bulk_write([InsertOne({"_id": 1}), InsertOne({"_id": 2}), DeleteOne({"_id": 1})])
    assert (result.acknowledged, result.bulk_api_result) == (False, {})
    with pytest.raises(InvalidOperation, match="inserted_count is not available"):
        assert result.inserted_count
    silent.bulk_write([InsertOne({"_id": 2}), InsertOne({"_id": 3}), DeleteOne({})])
    assert any(coll.count_documents({}) == 1 for _ in range(100))
    with pytest.raises(ConfigurationError, match="Collation is unsupported"):
        silent.bulk_write([DeleteOne({}, collation={"locale": "en"})])


def test_every_message_is_retried_by_itself(coll: Any, fail_point: FailPoint) -> None:
    things = fail_point.database["things"]
    fail_point.set(1, "update", closeConnection=True)
    assert things.bulk_write(three()).modified_count == 1
    fail_point.set(2, "update", closeConnection=True)
    with pytest.raises(AutoReconnect) as caught:
        things.bulk_write(three())
    assert caught.value.has_error_label("RetryableWriteError")
    assert coll.count_documents({}) == 1


def test_updates_of_many_are_not_retried(fail_point: FailPoint) -> None:
    fail_point.set(1, "update", closeConnection=True)
    with pytest.raises(AutoReconnect):
        fail_point.database["things"].bulk_write([UpdateMany({}, {"$set": {"a": 1}})])


def test_a_write_concern_in_doubt_ends_the_bulk_write(coll: Any, fail_point: FailPoint) -> None:
    fail_point.set(2, "update", writeConcernError={"code": 91, "errmsg": "going down"})
    with pytest.raises(BulkWriteError, match="going down") as caught:
        fail_point.database["things"].bulk_write(three(), ordered=False)
    assert caught.value.has_error_label("RetryableWriteError")
    assert caught.value.details["nRemoved"] == 0
    assert coll.count_documents({}) == 1


def test_a_refused_command_is_the_servers_error(coll: Any, fail_point: FailPoint) -> None:
    fail_point.set(1, "delete", errorCode=8000)
    with pytest.raises(OperationFailure) as caught:
        fail_point.database["things"].bulk_write(three())
    assert (type(caught.value), caught.value.code) == (OperationFailure, 8000)
    assert coll.count_documents({}) == 1


def test_a_session_is_used_throughout(face: Face, coll: Any) -> None:
    with face.client.start_session() as session:
        coll.bulk_write(three(), session=session)
        coll.insert_many([{}, {}], session=session)
        assert session.operation_time is not None
