"""Traces of operations on a real server, on both faces: which spans there are, in what, and what they tell."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from opentelemetry import trace
from tests.collected_spans import collected, collector
from tests.integration.operations.conftest import Face
from tests.integration.waiting import eventually

import petiole
from petiole import DeleteOne, InsertOne, UpdateOne
from petiole.bson.int64 import Int64
from petiole.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    OperationFailure,
    ServerSelectionTimeoutError,
)
from petiole.local import LocalServer
from petiole.monitoring import CommandListener

ENABLED = "OTEL_PYTHON_INSTRUMENTATION_MONGODB_ENABLED"
LENGTH = "OTEL_PYTHON_INSTRUMENTATION_MONGODB_QUERY_TEXT_MAX_LENGTH"
ON = {"enabled": True}
TRACED = "traced"
"""What the clients are called whose commands fail."""


@pytest.fixture
def db(face: Face) -> Any:
    """A database of a traced client; what is collected is emptied."""
    traced = face.make(tracing=ON, appname=TRACED)[face.db.name]
    traced.command("ping")
    collector().clear()
    return traced


def shape(spans: list[dict[str, Any]]) -> list[Any]:
    """The names of spans; of those with others in them, with their shape."""
    return [(span["name"], shape(span["nested"])) if span["nested"] else span["name"] for span in spans]


def fail(face: Face, command: str, times: int = 1, **data: Any) -> None:
    face.client.admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": times},
        data={"failCommands": [command], "appName": TRACED, **data},
    )


def test_one_span_for_each_operation_and_in_it_one_for_each_command(db: Any) -> None:
    name, things = db.name, db.things
    place = f"{name}.things"
    expected: list[tuple[Callable[[], Any], Any]] = [
        (lambda: things.insert_one({"_id": 1}), (f"insert {place}", ["insert"])),
        (lambda: things.insert_many([{}, {}]), (f"insert {place}", ["insert"])),
        (lambda: things.update_one({}, {"$set": {"x": 1}}), (f"update {place}", ["update"])),
        (lambda: things.delete_one({"_id": 1}), (f"delete {place}", ["delete"])),
        (
            lambda: things.bulk_write([InsertOne({}), UpdateOne({}, {"$set": {"x": 1}}), DeleteOne({})]),
            (f"bulkWrite {place}", ["insert", "update", "delete"]),
        ),
        (lambda: things.bulk_write([DeleteOne({}), DeleteOne({})]), (f"delete {place}", ["delete"])),
        (lambda: things.find_one({}), (f"find {place}", ["find"])),
        (lambda: things.find_one_and_delete({}), (f"findAndModify {place}", ["findAndModify"])),
        (lambda: things.count_documents({}), (f"countDocuments {place}", ["aggregate"])),
        (lambda: things.estimated_document_count(), (f"count {place}", ["count"])),
        (lambda: things.distinct("x"), (f"distinct {place}", ["distinct"])),
        (lambda: db.aggregate([{"$listLocalSessions": {}}]), (f"aggregate {name}", ["aggregate"])),
        (lambda: things.create_index("x"), (f"createIndexes {place}", ["createIndexes"])),
        (lambda: things.index_information(), (f"listIndexes {place}", ["listIndexes"])),
        (lambda: db.none.index_information(), (f"listIndexes {name}.none", ["listIndexes"])),
        (lambda: db.list_collection_names(), (f"listCollections {name}", ["listCollections"])),
        (
            lambda: db.create_collection("made"),
            (f"createCollection {name}.made", ["listCollections", "create"]),
        ),
        (lambda: db.drop_collection("made"), (f"dropCollection {name}.made", ["drop"])),
        (lambda: db.command("ping"), (f"runCommand {name}", ["ping"])),
        (lambda: db.client.list_database_names(), ("listDatabases admin", ["listDatabases"])),
        (lambda: things.rename("others"), (f"renameCollection {place}", ["renameCollection"])),
    ]
    for operation, tree in expected:
        collector().clear()
        operation()
        assert shape(collected()) == [tree]
        (span,) = collected()
        assert span["kind"] == span["nested"][0]["kind"] == "CLIENT"
        assert span["attributes"]["db.operation.name"] == tree[0].partition(" ")[0]
        assert span["attributes"]["db.operation.summary"] == tree[0]
        assert (span["status"], "error.type" in span["attributes"]) == ("UNSET", False)
        assert "db.query.text" not in span["nested"][0]["attributes"]


def test_what_the_span_of_a_command_tells(face: Face, replica_set: LocalServer) -> None:
    db = face.make(tracing=ON | {"query_text_max_length": 2000})[face.db.name]
    db.things.insert_one({"_id": 1})
    collector().clear()
    db.things.insert_one({"_id": 2, "x": Int64(3)})
    (operation,) = collected()
    told = operation["nested"][0]["attributes"]
    host, _, port = replica_set.uri.removeprefix("mongodb://").partition("/")[0].rpartition(":")
    assert (told["server.address"], told["server.port"]) == (host, int(port))
    assert told["network.transport"] == "tcp"
    assert told["db.command.name"] == "insert"
    assert told["db.query.summary"] == f"insert {db.name}.things"
    assert told["db.mongodb.txn_number"] > 0
    assert len(told["db.mongodb.lsid"]) == 36
    assert isinstance(told["db.mongodb.driver_connection_id"], int)
    assert isinstance(told["db.mongodb.server_connection_id"], int)
    text = json.loads(told["db.query.text"])
    assert text["documents"] == [{"_id": 2, "x": 3}]
    assert not text.keys() & {"lsid", "$db", "$clusterTime"}


def test_the_text_of_a_command_is_cut(face: Face) -> None:
    db = face.make(tracing=ON | {"query_text_max_length": 10})[face.db.name]
    collector().clear()
    db.things.find_one({"x": "y" * 100})
    assert collected()[0]["nested"][0]["attributes"]["db.query.text"] == '{"find": "...'


def test_what_several_batches_need(db: Any) -> None:
    place = f"{db.name}.things"
    db.things.insert_many([{} for _ in range(5)])
    collector().clear()
    cursor = db.things.find({}, batch_size=2)
    next(cursor)
    cursor_id = cursor.cursor_id
    assert len(list(cursor)) == 4
    spans = collected()
    assert shape(spans) == [(f"find {place}", ["find"])] + [(f"getMore {place}", ["getMore"])] * 2
    for span in spans:
        assert span["attributes"]["db.mongodb.cursor_id"] == cursor_id
        assert span["nested"][0]["attributes"]["db.mongodb.cursor_id"] == cursor_id
    collector().clear()
    list(db.things.find({}))
    (span,) = collected()
    assert "db.mongodb.cursor_id" not in span["attributes"]
    assert "db.mongodb.cursor_id" not in span["nested"][0]["attributes"]
    # What a call asks for by itself is a part of it.
    for number in range(3):
        db[f"more{number}"].insert_one({})
    collector().clear()
    assert len(db.list_collection_names(cursor={"batchSize": 2})) >= 3
    ((name, nested),) = shape(collected())
    assert (name, nested[:2]) == (f"listCollections {db.name}", ["listCollections", "getMore"])


def test_a_cursor_that_is_closed_early(db: Any) -> None:
    db.things.insert_many([{} for _ in range(5)])
    collector().clear()
    cursor = db.things.find({}, batch_size=2)
    next(cursor)
    cursor.close()
    find, kill = collected()
    assert (kill["name"], kill["nested"]) == ("killCursors", [])
    assert "db.mongodb.cursor_id" not in kill["attributes"]
    assert find["nested"]


def test_a_change_stream(db: Any) -> None:
    collector().clear()
    with db.things.watch() as stream:
        assert stream.try_next() is None
    names = [span["name"] for span in collected()]
    assert names[:2] == [f"watch {db.name}.things", f"getMore {db.name}.things"]


def test_an_exhaust_cursor(db: Any) -> None:
    db.things.insert_many([{} for _ in range(5)])
    collector().clear()
    assert len(list(db.things.find({}, batch_size=2, cursor_type=petiole.CursorType.EXHAUST))) == 5
    place = f"{db.name}.things"
    assert shape(collected()) == [(f"find {place}", ["find"])] + [(f"getMore {place}", ["getMore"])] * 2


def test_each_attempt_has_a_span(face: Face, db: Any) -> None:
    fail(face, "find", errorCode=91)
    db.things.find_one({})
    (operation,) = collected()
    first, second = operation["nested"]
    assert (operation["status"], first["status"], second["status"]) == ("UNSET", "ERROR", "UNSET")
    assert first["attributes"]["db.response.status_code"] == first["attributes"]["error.type"] == "91"
    assert "error.type" not in operation["attributes"]
    assert "db.response.status_code" not in second["attributes"]


def test_an_error_of_the_server(face: Face, db: Any) -> None:
    fail(face, "find", errorCode=8)
    with pytest.raises(OperationFailure):
        db.things.find_one({})
    (operation,) = collected()
    told, command = operation["attributes"], operation["nested"][0]["attributes"]
    assert told["error.type"] == told["exception.type"] == "petiole.errors.OperationFailure"
    assert "Traceback" in told["exception.stacktrace"]
    assert command["error.type"] == command["db.response.status_code"] == "8"
    for span in (operation, operation["nested"][0]):
        assert span["status"] == "ERROR"
        ((name, event),) = span["events"]
        assert name == "exception"
        assert event.items() <= span["attributes"].items()


def test_an_error_of_the_network(face: Face) -> None:
    db = face.make(tracing=ON, appname=TRACED, retryReads=False)[face.db.name]
    db.command("ping")
    collector().clear()
    fail(face, "find", closeConnection=True)
    with pytest.raises(AutoReconnect):
        db.things.find_one({})
    (operation,) = collected()
    for told in (operation["attributes"], operation["nested"][0]["attributes"]):
        assert told["error.type"] == told["exception.type"] == "petiole.errors.AutoReconnect"
        assert "db.response.status_code" not in told


def test_errors_that_stand_in_a_reply(db: Any) -> None:
    db.things.insert_one({"_id": 1})
    writes: list[tuple[type[Exception], Callable[[], Any]]] = [
        (DuplicateKeyError, lambda: db.things.insert_one({"_id": 1})),
        (BulkWriteError, lambda: db.things.insert_many([{"_id": 1}])),
    ]
    for kind, write in writes:
        collector().clear()
        with pytest.raises(kind):
            write()
        (operation,) = collected()
        assert operation["attributes"]["error.type"] == f"petiole.errors.{kind.__name__}"
        assert operation["nested"][0]["status"] == "UNSET"


def test_errors_that_the_caller_takes_for_a_success(db: Any) -> None:
    operations: list[Callable[[], Any]] = [
        lambda: db.none.drop_indexes(),
        lambda: db.command("nonsense", check=False),
        lambda: db.command("nonsense", allowable_errors=[59]),
    ]
    for operation in operations:
        collector().clear()
        operation()
        (span,) = collected()
        assert (span["status"], span["nested"][0]["status"]) == ("UNSET", "ERROR")


def test_an_operation_that_finds_no_server(face: Face) -> None:
    client = face.make(tracing=ON, replicaSet="another", serverSelectionTimeoutMS=10)
    collector().clear()
    with pytest.raises(ServerSelectionTimeoutError):
        client.test.things.find_one({})
    (operation,) = collected()
    assert operation["attributes"]["error.type"] == "petiole.errors.ServerSelectionTimeoutError"
    assert operation["nested"] == []


def test_commands_with_credentials_are_not_traced(db: Any) -> None:
    with pytest.raises(OperationFailure):
        db.command("createUser", "nobody", pwd="hush", roles=[{"role": "hush", "db": "hush"}])
    (operation,) = collected()
    assert (operation["name"], operation["nested"]) == (f"runCommand {db.name}", [])
    assert operation["status"] == "ERROR"
    assert "hush" not in repr(operation)


def test_spans_are_made_within_the_current_one(db: Any) -> None:
    with trace.get_tracer("application").start_as_current_span("request") as request:
        db.things.insert_one({"_id": 1})
        with pytest.raises(DuplicateKeyError):
            db.things.insert_one({"_id": 1})
        assert trace.get_current_span() is request
    place = f"{db.name}.things"
    assert shape(collected()) == [("request", [(f"insert {place}", ["insert"])] * 2)]


def test_a_client_can_log_and_be_traced(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "petiole")
    client = face.make(tracing=ON)
    collector().clear()
    client[face.db.name].things.find_one({})
    assert shape(collected()) == [(f"find {face.db.name}.things", ["find"])]
    said = [json.loads(text)["message"] for text in caplog.messages]
    assert {"Server selection succeeded", "Command started", "Command succeeded"} <= set(said)


def test_housekeeping_is_not_traced(replica_set: LocalServer) -> None:
    killed: list[str] = []

    class Listener(CommandListener):
        def started(self, event: Any) -> None:
            pass

        def succeeded(self, event: Any) -> None:
            killed.extend([event.command_name] if event.command_name == "killCursors" else [])

        failed = started

    with petiole.MongoClient[Any](replica_set.uri, tracing=ON, event_listeners=[Listener()]) as client:
        client.kept.things.insert_many([{} for _ in range(3)])
        collector().clear()
        next(client.kept.things.find({}, batch_size=1))
        assert eventually(lambda: bool(killed))
        assert shape(collected()) == [("find kept.things", ["find"])]


def test_listeners_run_within_the_span_of_the_operation(face: Face) -> None:
    seen: list[Any] = []

    class Listener(CommandListener):
        def started(self, event: Any) -> None:
            seen.append(trace.get_current_span().get_span_context().span_id)

        def succeeded(self, event: Any) -> None:
            seen.append(event.command_name)

        failed = succeeded

    client = face.make(tracing=ON, event_listeners=[Listener()])
    collector().clear()
    client[face.db.name].things.find_one({})
    (operation,) = collected()
    assert seen == [operation["span"].context.span_id, "find"]


def test_transactions(face: Face, db: Any) -> None:
    place = f"{db.name}.things"
    db.things.insert_many([{"_id": number} for number in range(3)])
    collector().clear()
    inside = [(f"find {place}", ["find"]), (f"getMore {place}", ["getMore"])]
    with db.client.start_session() as session:
        for end in ("commit", "abort"):
            session.start_transaction()
            assert len(list(db.things.find({}, batch_size=2, session=session))) == 3
            getattr(session, f"{end}_transaction")()
            db.things.find_one({}, session=session)
            span, after = collected()
            assert span["attributes"] == {"db.system.name": "mongodb"}
            ended = (f"{end}Transaction admin", [f"{end}Transaction"])
            assert shape([span, after]) == [("transaction", [*inside, ended]), (f"find {place}", ["find"])]
            collector().clear()
        session.start_transaction()
        session.commit_transaction()
        assert shape(collected()) == ["transaction"]
        collector().clear()
        session.start_transaction()
    assert shape(collected()) == ["transaction"]


def test_a_commit_that_is_repeated(face: Face, db: Any) -> None:
    with db.client.start_session() as session:
        session.start_transaction()
        db.things.insert_one({}, session=session)
        session.commit_transaction()
        session.commit_transaction()
    (transaction,) = [span for span in collected() if span["name"] == "transaction"]
    assert [span["name"].partition(" ")[0] for span in transaction["nested"]] == [
        "insert",
        "commitTransaction",
        "commitTransaction",
    ]


def test_with_transaction_begins_a_span_for_each_attempt(face: Face) -> None:
    attempts: list[None] = []
    name = face.db.name

    def failing() -> None:
        attempts.append(None)
        if len(attempts) == 1:
            raise OperationFailure("again", details={"errorLabels": ["TransientTransactionError"]})

    if face.is_async:

        async def run_async() -> None:
            async def work(session: Any) -> None:
                await client[name].things.insert_one({}, session=session)
                failing()

            async with petiole.AsyncMongoClient(face.server.uri, tracing=ON) as client:
                await client[name].create_collection("things")
                collector().clear()
                async with client.start_session() as session:
                    await session.with_transaction(work)

        asyncio.run(run_async())
    else:

        def work(session: Any) -> None:
            client[name].things.insert_one({}, session=session)
            failing()

        with petiole.MongoClient[Any](face.server.uri, tracing=ON) as client:
            client[name].create_collection("things")
            collector().clear()
            with client.start_session() as session:
                session.with_transaction(work)
    insert = (f"insert {name}.things", ["insert"])
    spans = [tree for tree in shape(collected()) if tree != "endSessions"]
    assert spans == [
        ("transaction", [insert, ("abortTransaction admin", ["abortTransaction"])]),
        ("transaction", [insert, ("commitTransaction admin", ["commitTransaction"])]),
    ]


def check_requests(name: str) -> None:
    requests = [span for span in collected() if span["name"].startswith("request")]
    assert len(requests) == 10
    tree = [(f"find {name}.things", ["find"]), (f"getMore {name}.things", ["getMore"])]
    assert [shape(span["nested"]) for span in requests] == [tree] * 10


def test_ten_tasks_at_once_keep_their_spans_apart(face: Face) -> None:
    tracer = trace.get_tracer("application")
    name = face.db.name
    face.db.things.insert_many([{"_id": number} for number in range(3)])

    async def main() -> None:
        async def request(number: int) -> None:
            with tracer.start_as_current_span(f"request {number}"):
                found = client[name].things.find({}, batch_size=2)
                assert len([document async for document in found]) == 3

        async with petiole.AsyncMongoClient[Any](face.server.uri, tracing=ON) as client:
            await asyncio.gather(*(request(number) for number in range(10)))

    def threads() -> None:
        def request(number: int) -> None:
            with tracer.start_as_current_span(f"request {number}"):
                assert len(list(client[name].things.find({}, batch_size=2))) == 3

        with petiole.MongoClient[Any](face.server.uri, tracing=ON) as client:
            running = [threading.Thread(target=request, args=(number,)) for number in range(10)]
            for thread in running:
                thread.start()
            for thread in running:
                thread.join()

    collector().clear()
    if face.is_async:
        asyncio.run(main())
    else:
        threads()
    check_requests(name)


def test_a_task_that_is_cancelled_ends_its_spans(replica_set: LocalServer) -> None:
    waits = {"$where": "sleep(2000) || true"}

    async def main() -> None:
        async with petiole.AsyncMongoClient[Any](replica_set.uri, tracing=ON) as client:
            things = client.cancelled.things
            await things.delete_many({})
            await things.insert_one({})
            collector().clear()
            task = asyncio.create_task(things.find_one(waits))
            await asyncio.sleep(
                0
            )  # There is an idle connection, so one step of the task brings the command out.
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            operation = collected()[0]
            assert operation["status"] == operation["nested"][0]["status"] == "ERROR"
            assert operation["attributes"]["error.type"] == "asyncio.exceptions.CancelledError"

    asyncio.run(main())


def test_a_coroutine_that_is_thrown_away_leaves_the_span_of_others_alone(
    replica_set: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with petiole.AsyncMongoClient[Any](replica_set.uri, tracing=ON) as client:
            await client.thrown.command("ping")
            collector().clear()
            coroutine = client.thrown.things.find_one({})
            copy_context().run(coroutine.send, None)
            with trace.get_tracer("application").start_as_current_span("request") as request:
                coroutine.close()
                assert trace.get_current_span() is request
                await client.thrown.things.find_one({})
            find = ("find thrown.things", ["find"])
            assert shape(collected()) == [find, ("request", [find])]

    asyncio.run(main())
    assert "detach" not in caplog.text


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(ENABLED, raising=False)
    monkeypatch.delenv(LENGTH, raising=False)
    collector().clear()
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "options", "spans", "text"),
    [
        ({}, {}, 0, False),
        ({}, {"tracing": {}}, 0, False),
        ({ENABLED: "false"}, {}, 0, False),
        ({ENABLED: "true"}, {}, 1, False),
        ({ENABLED: "YES"}, {"tracing": {"enabled": None}}, 1, False),
        ({ENABLED: "1", LENGTH: "1024"}, {}, 1, True),
        ({ENABLED: "1", LENGTH: "plenty"}, {}, 1, False),
        ({ENABLED: "1", LENGTH: "-5"}, {}, 1, False),
        ({ENABLED: "1", LENGTH: "1024"}, {"tracing": {"query_text_max_length": 0}}, 1, False),
        ({ENABLED: "true"}, {"tracing": {"enabled": False}}, 0, False),
        ({LENGTH: "1024"}, {"tracing": ON}, 1, True),
    ],
)
def test_what_switches_it_on(
    face: Face,
    environment: pytest.MonkeyPatch,
    variables: dict[str, str],
    options: dict[str, Any],
    spans: int,
    text: bool,
) -> None:
    for variable, value in variables.items():
        environment.setenv(variable, value)
    client = face.make(**options)
    environment.delenv(ENABLED, raising=False)
    client[face.db.name].things.find_one({})
    assert len(collected()) == spans
    assert spans == 0 or ("db.query.text" in collected()[0]["nested"][0]["attributes"]) is text


@pytest.mark.parametrize(
    ("tracing", "kind"),
    [
        (True, TypeError),
        (None, TypeError),
        ({"enabled": "yes"}, TypeError),
        ({"query_text_max_length": 1.5}, TypeError),
        ({"query_text_max_length": True}, TypeError),
        ({"query_text_max_length": -1}, ValueError),
        ({"exporter": "console"}, ConfigurationError),
    ],
)
def test_options_are_checked(tracing: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="tracing"):
        petiole.MongoClient(connect=False, tracing=tracing)


def test_it_is_no_option_of_connection_strings() -> None:
    with pytest.warns(UserWarning, match="Unknown option"):
        client = petiole.MongoClient[Any]("mongodb://localhost/?tracing=true", connect=False)
    assert client.options.tracing == {}


def run_python(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_opentelemetry_is_imported_only_for_it(replica_set: LocalServer) -> None:
    program = f"""
import sys, petiole
with petiole.MongoClient({replica_set.uri!r}) as client:
    client.admin.command("ping")
    print(any(name.startswith("opentelemetry") for name in sys.modules))
with petiole.MongoClient({replica_set.uri!r}, tracing={{"enabled": True}}) as client:
    client.admin.command("ping")
    print("opentelemetry" in sys.modules, any(name.startswith("opentelemetry.sdk") for name in sys.modules))
"""
    assert run_python(program).split() == ["False", "True", "False"]


def test_without_the_extra_it_is_refused_with_a_word_on_how_to_get_it() -> None:
    program = """
import sys, petiole
sys.modules["opentelemetry"] = None
petiole.MongoClient(connect=False)
try:
    petiole.MongoClient(connect=False, tracing={"enabled": True})
except petiole.errors.ConfigurationError as error:
    print(error)
"""
    assert run_python(program) == (
        "Tracing needs the package opentelemetry-api: pip install 'petiole[opentelemetry]'"
    )
