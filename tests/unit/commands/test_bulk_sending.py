"""How a bulk write's runs are ordered and sent without a session, and what a lasting write concern error means."""

from __future__ import annotations

from typing import Any

import pytest

from petiole._commands.base import Retry
from petiole._commands.bulk import insert_run, plan, without_session
from petiole._commands.bulk_result import BulkOutcome
from petiole._commands.errors import write_concern_error
from petiole._commands.insert import Insert
from petiole._commands.update import Update
from petiole._commands.write_options import checked_replacement
from petiole.bson import encode
from petiole.bson.raw_bson import RawBSONDocument
from petiole.errors import BulkWriteError
from petiole.operations import DeleteOne, InsertOne, UpdateOne

OPERATIONS: list[Any] = [DeleteOne({}), UpdateOne({}, {"$set": {"a": 1}}), InsertOne({}), DeleteOne({"a": 1})]


def test_unordered_runs_go_by_kind_and_keep_their_indexes() -> None:
    runs = plan(OPERATIONS, ordered=False)
    assert [(run.name, list(run.indexes)) for run in runs] == [
        ("insert", [2]),
        ("update", [1]),
        ("delete", [0, 3]),
    ]


def test_ordered_runs_stay_where_they_are() -> None:
    assert [run.name for run in plan(OPERATIONS, ordered=True)] == ["delete", "update", "insert", "delete"]


@pytest.mark.parametrize("kind", [Insert, Update])
def test_outside_of_sessions_nothing_is_retried(kind: Any) -> None:
    plain = without_session(kind)
    assert issubclass(plain, kind)
    assert (plain.sessions, plain.retry) == (False, Retry.NEVER)
    assert (plain.name, plain.identifier, plain.add_ids) == (kind.name, kind.identifier, kind.add_ids)


def test_a_lasting_write_concern_error_leaves_the_bulk_write_in_doubt() -> None:
    outcome = BulkOutcome()
    reply = {
        "n": 1,
        "writeConcernError": {"code": 91, "errmsg": "going down"},
        "errorLabels": ["RetryableWriteError"],
    }
    outcome.merge(insert_run([{}]), 0, reply)
    assert outcome.in_doubt
    assert not outcome.failed
    with pytest.raises(BulkWriteError, match="going down") as caught:
        outcome.finish()
    assert caught.value.has_error_label("RetryableWriteError")
    assert caught.value.details["writeConcernErrors"] == [
        {"code": 91, "errmsg": "going down", "errorLabels": ["RetryableWriteError"]}
    ]


def test_another_write_concern_error_is_only_noted() -> None:
    outcome = BulkOutcome()
    reply = {"n": 1, "writeConcernError": {"code": 100, "errmsg": "too few"}}
    outcome.merge(insert_run([{}, {}]), 0, reply)
    outcome.merge(insert_run([{}, {}]), 1, {"n": 1})
    assert not outcome.in_doubt
    with pytest.raises(BulkWriteError) as caught:
        outcome.finish()
    assert not caught.value.has_error_label("RetryableWriteError")
    assert caught.value.details["writeConcernErrors"] == [{"code": 100, "errmsg": "too few"}]
    assert caught.value.details["nInserted"] == 2


def test_a_label_in_both_places_is_one_label() -> None:
    found = {"code": 91, "errmsg": "x", "errorLabels": ["RetryableWriteError"]}
    error = write_concern_error({"writeConcernError": found, "errorLabels": ["RetryableWriteError"]})
    assert error is not None
    assert (error.details or {})["errorLabels"] == ["RetryableWriteError"]


def test_a_raw_replacement_is_not_looked_into() -> None:
    raw = RawBSONDocument(encode({"$set": {"a": 1}}))
    assert checked_replacement(raw) is raw
    with pytest.raises(ValueError, match="replacement can not include"):
        checked_replacement({"$set": {"a": 1}})
