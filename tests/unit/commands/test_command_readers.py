"""What the commands' files do besides building bodies: traits, cursors' follow-ups, readers of replies."""

from __future__ import annotations

from typing import Any

import pytest

from petiole import errors, operations
from petiole._commands import (
    aggregate,
    collections,
    concerns,
    databases,
    distinct,
    explain,
    find,
    get_more,
    indexes,
    insert,
    kill_cursors,
    run_command,
    update,
)
from petiole._commands.base import Command, Retry
from petiole._commands.count import Count
from petiole._commands.delete import Delete, DeleteMany
from petiole._commands.end_sessions import EndSessions, end_sessions_body
from petiole._commands.find_and_modify import FindAndModify
from petiole._commands.ping import Ping, ping_body
from petiole.bson.int64 import Int64
from petiole.read_concern import ReadConcern
from petiole.write_concern import WriteConcern

READ_ONCE_MORE: set[type[Command]] = {
    find.Find,
    aggregate.Aggregate,
    distinct.Distinct,
    Count,
    explain.Explain,
}
READ_ONCE_MORE |= {collections.ListCollections, databases.ListDatabases, databases.BuildInfo}
READ_ONCE_MORE |= {indexes.ListIndexes}
WRITE_ONCE_MORE: set[type[Command]] = {insert.Insert, update.Update, Delete, FindAndModify}
ONCE: set[type[Command]] = {
    get_more.GetMore,
    kill_cursors.KillCursors,
    run_command.RunCommand,
    aggregate.AggregateOut,
}
ONCE |= {update.UpdateMany, DeleteMany, collections.Create, collections.Drop, collections.RenameCollection}
ONCE |= {collections.Validate, databases.DropDatabase, indexes.CreateIndexes, indexes.DropIndexes}
ONCE |= {EndSessions, Ping, run_command.SensitiveRunCommand}


@pytest.mark.parametrize(
    ("commands", "retry"), [(READ_ONCE_MORE, Retry.READ), (WRITE_ONCE_MORE, Retry.WRITE), (ONCE, Retry.NEVER)]
)
def test_what_may_be_repeated(commands: set[type[Command]], retry: Retry) -> None:
    assert {command.retry for command in commands} == {retry}


def test_what_reads_may_run_on_secondaries() -> None:
    assert all(command.reads for command in READ_ONCE_MORE)
    assert not any(command.reads for command in WRITE_ONCE_MORE)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((7, "c"), {"getMore": 7, "collection": "c"}),
        ((7, "c", 5), {"getMore": 7, "collection": "c", "batchSize": 5}),
        (
            (7, "c", 5, 10, "x"),
            {"getMore": 7, "collection": "c", "batchSize": 5, "maxTimeMS": 10, "comment": "x"},
        ),
        ((7, "c", 0, None, ""), {"getMore": 7, "collection": "c", "comment": ""}),
    ],
)
def test_get_more(arguments: Any, expected: dict[str, Any]) -> None:
    body = get_more.get_more_body(*arguments)
    assert list(body.items()) == list(expected.items())
    assert type(body["getMore"]) is Int64


@pytest.mark.parametrize(
    ("limit", "batch_size", "received", "expected"),
    [(0, 0, 9, 0), (0, 4, 9, 4), (6, 4, 4, 2), (6, 1, 3, 1), (250, 0, 101, 149), (-6, 4, 3, 3)],
)
def test_the_next_batch(limit: int, batch_size: int, received: int, expected: int) -> None:
    assert get_more.next_batch_size(limit, batch_size, received) == expected


def test_kill_cursors() -> None:
    body = kill_cursors.kill_cursors_body("c", [1, 2])
    assert body == {"killCursors": "c", "cursors": [1, 2]}
    assert {type(cursor_id) for cursor_id in body["cursors"]} == {Int64}


def test_end_sessions_and_ping() -> None:
    assert end_sessions_body(({"id": 1},)) == {"endSessions": [{"id": 1}]}
    assert not EndSessions.sessions
    assert ping_body() == {"ping": 1}


def test_copies_of_find_options_are_independent() -> None:
    options = find.FindOptions({"a": 1}, limit=3, cursor_type=34)
    twin = options.copy()
    twin.set_limit(5)
    twin.set_where("true")
    assert (options.limit, options.filter) == (3, {"a": 1})
    assert twin.limit == 5
    assert (options.tailable, options.awaits_data, options.exhaust) == (True, True, False)
    assert find.FindOptions(cursor_type=64).exhaust


def test_bounds_given_as_pairs_become_documents() -> None:
    options = find.FindOptions(min=[("a", 1)], max=(("a", 5), ("b", 6)), hint="a_1")
    body = find.build("c", options)
    assert (body["min"], body["max"]) == ({"a": 1}, {"a": 5, "b": 6})


def test_explain_leaves_the_cursors_options_alone() -> None:
    options = find.FindOptions(limit=4)
    body = find.explain("c", options, "queryPlanner", ReadConcern("majority"))
    assert body == {
        "explain": {
            "find": "c",
            "filter": {},
            "limit": 4,
            "singleBatch": True,
            "readConcern": {"level": "majority"},
        },
        "verbosity": "queryPlanner",
    }
    assert options.limit == 4


def test_the_plan_of_an_aggregate() -> None:
    plan = aggregate.build("c", [{"$match": {}}], comment="x", options={"batchSize": 3, "maxAwaitTimeMS": 9})
    assert (plan.command, plan.batch_size, plan.max_await_time_ms, plan.comment) == (
        aggregate.Aggregate,
        3,
        9,
        "x",
    )
    writing = aggregate.build("c", [{"$match": {}}, {"$out": "o"}], options={"batchSize": 3})
    assert writing.command is aggregate.AggregateOut
    assert writing.body["cursor"] == {}
    assert not aggregate.writes([{"$out": "o"}, {"$match": {}}])


def test_a_hint_of_an_aggregate_may_be_a_list() -> None:
    plan = aggregate.build("c", [], options={"hint": [("a", 1), "b"]})
    assert plan.body["hint"] == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"n": 1, "nModified": 1, "ok": 1.0}, {"n": 1, "nModified": 1, "ok": 1.0, "updatedExisting": True}),
        ({"n": 0, "nModified": 0}, {"n": 0, "nModified": 0, "updatedExisting": False}),
        (
            {"n": 1, "upserted": [{"index": 0, "_id": 7}], "nModified": 0},
            {"n": 1, "upserted": 7, "nModified": 0, "updatedExisting": False},
        ),
    ],
)
def test_the_result_of_one_update(reply: dict[str, Any], expected: dict[str, Any]) -> None:
    assert update.single_result(reply) == expected


def test_index_information() -> None:
    listed = [
        {"v": 2, "key": {"_id": 1}, "name": "_id_"},
        {"v": 2, "key": {"a": 1, "b": -1}, "name": "a_1_b_-1", "unique": True, "ns": "t.c"},
    ]
    assert indexes.index_information(listed) == {
        "_id_": {"v": 2, "key": [("_id", 1)]},
        "a_1_b_-1": {"v": 2, "key": [("a", 1), ("b", -1)], "unique": True},
    }
    assert listed[0]["name"] == "_id_"


def test_only_models_make_indexes() -> None:
    class Mine(operations.IndexModel):
        """As an application may define it."""

    assert indexes.index_documents([Mine("a")]) == [{"name": "a_1", "key": {"a": 1}}]
    with pytest.raises(TypeError, match="is not an instance of"):
        indexes.search_index_documents([operations.IndexModel("a")])


@pytest.mark.parametrize("name", [".a", "a.", "a$b", "a\x00b", "", "a..b"])
def test_names_no_collection_can_have(name: str) -> None:
    with pytest.raises(errors.InvalidName):
        collections.check_name(name)


@pytest.mark.parametrize("name", ["a", "a.b", "$cmd.sys.inprog", "oplog.$main", "system.views"])
def test_names_a_collection_can_have(name: str) -> None:
    assert collections.check_name(name) == name


def test_options_of_a_collection() -> None:
    assert collections.collection_options([]) == {}
    assert collections.collection_options([{"name": "c", "options": {"capped": True, "create": "c"}}]) == {
        "capped": True
    }


@pytest.mark.parametrize(
    "reply",
    [
        {"valid": False},
        {"result": "exception: x"},
        {"result": "corrupt"},
        {"raw": {"a": {"valid": True}, "b": {"valid": False}}},
    ],
)
def test_damaged_collections(reply: dict[str, Any]) -> None:
    with pytest.raises(errors.CollectionInvalid, match="c invalid"):
        collections.check_validation("c", reply)


def test_a_sound_collection() -> None:
    collections.check_validation("c", {"valid": True, "errors": []})
    collections.check_validation("c", {"raw": {"a": {"valid": True}}})


def test_a_command_keeps_its_order_and_the_users_mapping() -> None:
    given = {"count": "c", "query": {}}
    body = run_command.command_body(given, 5, "x", {"hint": "a", "query": {"a": 1}})
    assert list(body.items()) == [("count", "c"), ("query", {"a": 1}), ("hint", "a"), ("comment", "x")]
    assert given == {"count": "c", "query": {}}


@pytest.mark.parametrize(("command", "error"), [(5, TypeError), (["a"], TypeError), ({}, ValueError)])
def test_what_is_no_command(command: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        run_command.command_body(command)


@pytest.mark.parametrize(
    ("body", "sensitive"),
    [
        ({"ping": 1}, False),
        ({"saslStart": 1}, True),
        ({"CREATEUSER": "x"}, True),
        ({"hello": 1}, False),
        ({"hello": 1, "speculativeAuthenticate": {}}, True),
        ({"isMaster": 1, "speculativeAuthenticate": {}}, True),
    ],
)
def test_credentials_are_not_shown(body: dict[str, Any], sensitive: bool) -> None:
    assert run_command.command_class(body).sensitive is sensitive


def test_concerns() -> None:
    assert concerns.read_concern_fields(None) == concerns.read_concern_fields(ReadConcern()) == {}
    assert concerns.read_concern_fields(ReadConcern("local")) == {"readConcern": {"level": "local"}}
    assert concerns.write_concern_fields(None) == concerns.write_concern_fields(WriteConcern()) == {}
    assert concerns.write_concern_fields(WriteConcern(w=0)) == {"writeConcern": {"w": 0}}
    parent, own = WriteConcern(w=1), WriteConcern(w=2)
    assert concerns.inherited(None, parent) is parent
    assert concerns.inherited(own, parent) is own
