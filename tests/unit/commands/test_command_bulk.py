"""Bulk writes become PyMongo's commands, and the server's replies add up to PyMongo's results and errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.commands.bulk_cases import CASES, BulkCase
from tests.unit.commands.record_bulk import RECORDED
from tests.unit.commands.record_commands import as_text

from petiole import operations
from petiole._commands import bulk
from petiole._commands.base import Retry
from petiole._commands.bulk_result import BulkOutcome
from petiole._commands.delete import Delete, DeleteMany
from petiole._commands.insert import Insert
from petiole._commands.update import Update, UpdateMany
from petiole.collation import Collation
from petiole.errors import BulkWriteError, ConfigurationError, PyMongoError

ANSWERS: list[Any] = json.loads(RECORDED.read_text())
_OLD_SERVER = 17


def _operations(case: BulkCase) -> Any:
    return eval(case.operations, dict(vars(operations), Collation=Collation))


def _plan(case: BulkCase) -> tuple[list[bulk.Run], bulk.Options]:
    """Everything that is decided before a command is sent."""
    options = bulk.Options(case.ordered, **eval(case.options))
    acknowledged = "0" not in case.write_concern
    runs = bulk.plan(_operations(case), case.ordered)
    bulk.check_options(options, acknowledged)
    if not acknowledged:
        bulk.check_unacknowledged_runs(runs, _OLD_SERVER)
    return runs, options


@pytest.mark.parametrize(("case", "recorded"), list(zip(CASES, ANSWERS, strict=True)))
def test_against_pymongo(case: BulkCase, recorded: dict[str, Any]) -> None:
    if "error" in recorded:
        with pytest.raises((PyMongoError, TypeError, ValueError)) as caught:
            _plan(case)
        assert type(caught.value).__name__ == recorded["error"]
        assert str(caught.value) == recorded["message"]
        return
    runs, options = _plan(case)
    outcome = BulkOutcome()
    sent = 0
    for position, run in enumerate(runs):
        sent += 1
        exchange = recorded["exchanges"][position]
        body = bulk.run_body("c", run, options)
        assert as_text(body | {run.command.identifier: run.statements}) == exchange["command"]
        unacknowledged = "0" in case.write_concern and not bulk.needs_answer(runs, position, case.ordered)
        assert unacknowledged == (exchange["write_concern"] == {"w": 0})
        # PyMongo retries no command of a bulk write that has one that cannot be; here each is judged alone.
        assert run.command.retry is Retry.WRITE or not exchange["retryable"]
        outcome.merge(run, 0, exchange["reply"])
        if case.ordered and outcome.failed:
            break
    assert sent == len(recorded["exchanges"])
    if "0" in case.write_concern:
        assert recorded["result"] == {}
    elif "details" in recorded:
        with pytest.raises(BulkWriteError) as bulk_error:
            outcome.finish()
        assert as_text(bulk_error.value.details) == as_text(recorded["details"])
    else:
        assert as_text(outcome.finish()) == as_text(recorded["result"])


def test_a_run_split_at_the_servers_limits_keeps_the_operations_indexes() -> None:
    operations_ = [operations.InsertOne({"_id": 0}), *(_upsert(n) for n in range(1, 6))]
    runs = bulk.plan([*operations_, operations.InsertOne({"_id": 6})], ordered=False)
    updates = runs[1]
    outcome = BulkOutcome()
    outcome.merge(updates, 0, {"n": 2, "nModified": 1, "upserted": [{"index": 1, "_id": 2}]})
    outcome.merge(
        updates,
        2,
        {
            "n": 2,
            "nModified": 0,
            "upserted": [{"index": 2, "_id": 5}],
            "writeErrors": [{"index": 0, "code": 1}],
        },
    )
    outcome.merge(runs[0], 1, {"n": 0, "writeErrors": [{"index": 0, "code": 2}]})
    with pytest.raises(BulkWriteError) as caught:
        outcome.finish()
    details = caught.value.details
    assert details["upserted"] == [{"index": 2, "_id": 2}, {"index": 5, "_id": 5}]
    assert [(error["index"], error["code"]) for error in details["writeErrors"]] == [(3, 1), (6, 2)]
    assert details["writeErrors"][0]["op"]["q"] == {"_id": 3}
    assert details["writeErrors"][1]["op"] == {"_id": 6}
    assert (details["nUpserted"], details["nMatched"], details["nModified"]) == (2, 2, 1)


def _upsert(number: int) -> operations.UpdateOne:
    return operations.UpdateOne({"_id": number}, {"$set": {"x": 1}}, upsert=True)


def test_a_write_concern_error_does_not_stop_an_ordered_bulk_write() -> None:
    outcome = BulkOutcome()
    outcome.merge(bulk.insert_run([{}]), 0, {"n": 1, "writeConcernError": {"code": 64, "errmsg": "late"}})
    assert not outcome.failed
    with pytest.raises(BulkWriteError):
        outcome.finish()


@pytest.mark.parametrize(
    ("expression", "command"),
    [
        ("InsertOne({})", Insert),
        ("UpdateOne({}, {'$set': {}})", Update),
        ("ReplaceOne({}, {})", Update),
        ("UpdateMany({}, {'$set': {}})", UpdateMany),
        ("DeleteOne({})", Delete),
        ("DeleteMany({})", DeleteMany),
    ],
)
def test_the_command_of_an_operation(expression: str, command: type[Any]) -> None:
    (run,) = bulk.plan([eval(expression, dict(vars(operations)))], ordered=True)
    assert run.command is command


def test_one_statement_for_many_keeps_its_run_from_being_retried() -> None:
    one, many = operations.DeleteOne({}), operations.DeleteMany({})
    assert [run.command for run in bulk.plan([one, many, one], True)] == [DeleteMany]
    assert [run.command for run in bulk.plan([many, one], True)] == [DeleteMany]
    assert [run.command for run in bulk.plan([one, one], True)] == [Delete]


def test_a_subclass_of_an_operation_is_that_operation() -> None:
    class Mine(operations.DeleteOne):
        """As an application may define it."""

    (run,) = bulk.plan([Mine({"a": 1})], ordered=True)
    assert run.statements == [{"q": {"a": 1}, "limit": 1}]


def test_a_sort_of_an_unacknowledged_update_needs_a_server_that_knows_it() -> None:
    runs = bulk.plan([operations.UpdateOne({}, {"$set": {}}, sort={"a": 1})], ordered=True)
    bulk.check_unacknowledged_runs(runs, 25)
    bulk.check_unacknowledged_runs(runs)
    with pytest.raises(ConfigurationError, match=r"8\.0"):
        bulk.check_unacknowledged_runs(runs, 24)


def test_insert_many_is_one_run() -> None:
    documents = [{"_id": number} for number in range(3)]
    run = bulk.insert_run(documents)
    outcome = BulkOutcome()
    outcome.merge(run, 2, {"n": 0, "writeErrors": [{"index": 0, "code": 11000, "errmsg": "E11000"}]})
    assert outcome.details["writeErrors"] == [
        {"index": 2, "code": 11000, "errmsg": "E11000", "op": {"_id": 2}}
    ]
