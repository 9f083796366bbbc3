"""Change streams on a real replica set, both faces: the specification's prose tests, and what only a server shows."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from tests.integration.operations.conftest import Face
from tests.integration.waiting import eventually, soon

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import AutoReconnect, OperationFailure
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.monitoring import CommandListener
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern

Document = dict[str, Any]
APP = "change-streams"
LABEL = "ResumableChangeStreamError"


class Commands(CommandListener):
    """What was sent, without what is sent in the background."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Document]] = []

    def started(self, event: Any) -> None:
        self.sent.append((event.command_name, event.command))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass

    @property
    def stages(self) -> list[Document]:
        return [command["pipeline"][0]["$changeStream"] for name, command in self.sent if name == "aggregate"]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.sent if name in ("aggregate", "getMore")]


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def watched(face: Face, commands: Commands) -> Any:
    """An existing collection of a client that tells what it sends, and whose streams do not wait for long."""
    face.db["things"].insert_one({"_id": 0})
    client = face.make(event_listeners=[commands], appname=APP, retryReads=False)
    return client[face.db.name]["things"]


@contextlib.contextmanager
def failing(server: LocalServer, *names: str, times: int = 1, **failure: Any) -> Iterator[None]:
    """So many of these commands fail, for the application of these tests."""
    data = {"failCommands": list(names), "appName": APP, **failure}
    with pymongo.MongoClient[Document](server.uri) as client:
        client.admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=data)
        try:
            yield
        finally:
            client.admin.command("configureFailPoint", "failCommand", mode="off")


def ids(events: Any) -> list[Any]:
    return [event["documentKey"]["_id"] for event in events]


# Prose tests.


def test_the_token_follows_the_events(watched: Any, coll: Any) -> None:
    """Prose tests 1, 11 and 13."""
    with watched.watch(max_await_time_ms=10) as stream:
        coll.insert_many([{"_id": n} for n in (1, 2, 3)])
        events = [stream.next() for _ in range(3)]
        assert stream.resume_token is not None
        assert ids(events) == [1, 2, 3]
        later = stream.resume_token
        coll.database["elsewhere"].insert_one({})
        assert eventually(lambda: stream.try_next() is None and stream.resume_token != later)
    with watched.watch(resume_after=events[0]["_id"]) as stream:
        assert stream.next()["_id"] == events[1]["_id"] == stream.resume_token


@pytest.mark.parametrize(
    "failure",
    [{"errorCode": 43}, {"errorCode": 1, "errorLabels": [LABEL]}, {"closeConnection": True}],
    ids=["cursor not found", "label", "network"],
)
def test_it_resumes_with_what_it_was_opened_with(
    face: Face, watched: Any, coll: Any, commands: Commands, failure: Document
) -> None:
    """Prose test 3."""
    pipeline = [{"$match": {"operationType": "insert"}}]
    with watched.watch(pipeline, full_document="updateLookup", comment="x") as stream:
        coll.insert_one({"_id": 1})
        token = stream.next()["_id"]
        coll.insert_one({"_id": 2})
        with failing(face.server, "getMore", **failure):
            assert ids([stream.next()]) == [2]
    first, second = (command for name, command in commands.sent if name == "aggregate")
    assert first["lsid"] == second["lsid"]
    assert first["pipeline"][1:] == second["pipeline"][1:]
    assert (first["comment"], first["cursor"]) == (second["comment"], second["cursor"])
    assert commands.stages[0] == {"fullDocument": "updateLookup"}
    assert commands.stages[1].keys() == {"fullDocument", "resumeAfter"}
    assert commands.stages[1]["resumeAfter"]["_data"] >= token["_data"]


def test_errors_of_aggregates_are_not_resumed(
    face: Face, watched: Any, coll: Any, commands: Commands
) -> None:
    """Prose test 4."""
    with failing(face.server, "aggregate", errorCode=1, errorLabels=[LABEL]), pytest.raises(OperationFailure):
        watched.watch()
    assert commands.names == ["aggregate"]
    with watched.watch() as stream:
        coll.insert_one({"_id": 1})
        with failing(face.server, "getMore", "aggregate", times=2, closeConnection=True):
            with pytest.raises(AutoReconnect):
                stream.next()
            assert stream.alive
            assert ids([stream.next()]) == [1]


def test_an_empty_first_batch_is_no_end(watched: Any, commands: Commands) -> None:
    """Prose test 7."""
    with watched.watch(max_await_time_ms=10) as stream:
        assert stream.alive
        assert stream.try_next() is None
        assert stream.alive
        assert commands.names == ["aggregate", "getMore"]


@pytest.mark.parametrize("option", ["start_after", "resume_after"])
def test_before_the_first_event_the_token_is_the_one_given(watched: Any, coll: Any, option: str) -> None:
    """Prose test 14."""
    with watched.watch() as stream:
        coll.insert_many([{"_id": 1}, {"_id": 2}])
        token = stream.next()["_id"]
    given = {option: token}
    with watched.watch(**given) as stream:
        assert stream.resume_token == token
        assert ids([stream.next()]) == [2]


def test_start_after_until_the_first_event(face: Face, watched: Any, coll: Any, commands: Commands) -> None:
    """Prose tests 17 and 18, behind an event after which `resumeAfter` is refused."""
    with watched.watch() as stream:
        coll.drop()
        assert [event["operationType"] for event in stream] == ["drop", "invalidate"]
        token = stream.resume_token
    with pytest.raises(OperationFailure):
        watched.watch(resume_after=token)
    commands.sent.clear()
    with watched.watch(start_after=token, max_await_time_ms=10) as stream:
        with failing(face.server, "getMore", errorCode=43):
            assert stream.try_next() is None
        coll.insert_one({"_id": 1})
        assert ids([stream.next()]) == [1]
        with failing(face.server, "getMore", errorCode=43):
            assert eventually(lambda: stream.try_next() is None)
    assert [list(stage) for stage in commands.stages] == [["startAfter"], ["startAfter"], ["resumeAfter"]]


SPLITS = (6, 0, 9)
"""The first version that splits events."""


def test_large_events_are_split(face: Face, watched: Any) -> None:
    """Prose test 19."""
    version = tuple(face.client.server_info()["versionArray"][:3])
    if version < SPLITS:
        with pytest.raises(OperationFailure, match="changeStreamSplitLargeEvent"):
            watched.watch([{"$changeStreamSplitLargeEvent": {}}])
        return
    large = face.db.create_collection("large", changeStreamPreAndPostImages={"enabled": True})
    large.insert_one({"value": "q" * 10 * 2**20})
    stages: list[Document] = [{"$changeStreamSplitLargeEvent": {}}]
    with watched.database.large.watch(stages, full_document_before_change="required") as stream:
        large.update_one({}, {"$set": {"value": "z" * 10 * 2**20}})
        assert [stream.next()["splitEvent"] for _ in range(2)] == [{"fragment": n, "of": 2} for n in (1, 2)]


# What is watched.


def test_a_database_and_a_deployment(face: Face, watched: Any, coll: Any) -> None:
    database = watched.database
    name = f"{database.name}_too"
    with database.watch() as one, database.client.watch() as all_of_them:
        coll.insert_one({"_id": 1})
        face.client[name].other.insert_one({"_id": 2})
        coll.database["last"].insert_one({"_id": 3})
        assert ids(one.next() for _ in range(2)) == [1, 3]
        seen = [event for event in (all_of_them.next() for _ in range(3)) if name in event["ns"]["db"]]
        assert ids(seen) == [2]
    face.client.drop_database(name)


@pytest.mark.since(6, 0)
def test_images_of_before_and_after(face: Face, watched: Any) -> None:
    kept = face.db.create_collection("kept", changeStreamPreAndPostImages={"enabled": True})
    images = {"full_document": "required", "full_document_before_change": "required"}
    with watched.database.kept.watch(**images) as stream:
        kept.insert_one({"_id": 1, "a": 1})
        kept.update_one({}, {"$set": {"a": 2}})
        kept.update_one({}, {"$set": {"a": 3}})
        events = [stream.next() for _ in range(3)]
    assert [event["fullDocument"]["a"] for event in events] == [1, 2, 3]
    assert [event["fullDocumentBeforeChange"]["a"] for event in events[1:]] == [1, 2]


@pytest.mark.since(6, 0)
def test_expanded_events(watched: Any, coll: Any) -> None:
    with watched.watch(show_expanded_events=True) as stream:
        coll.create_index("a")
        assert stream.next()["operationType"] == "createIndexes"


def test_a_secondary_can_be_watched(three_members: LocalServer) -> None:
    with MongoClient[Document](three_members.uri) as client:
        things = client.change_streams.get_collection("things", write_concern=WriteConcern("majority"))
        things.insert_one({})
        watching = things.with_options(read_preference=ReadPreference.SECONDARY)
        # A secondary may know later than others what a majority has.
        with watching.watch([{"$match": {"documentKey._id": 1}}]) as stream:
            assert stream._source.server is not None
            assert stream._source.server.address in client.secondaries
            things.insert_one({"_id": 1})
            assert ids([stream.next()]) == [1]
        client.drop_database("change_streams")


def test_a_standalone_server_says_why_not(standalone: LocalServer) -> None:
    with (
        MongoClient[Document](standalone.uri) as client,
        pytest.raises(OperationFailure, match="replica set"),
    ):
        client.test.things.watch()


# Life.


def cursors(server: LocalServer, namespace: str) -> int:
    """How many cursors are open on the server."""
    stages: list[Document] = [
        {"$currentOp": {"idleCursors": True, "allUsers": True, "localOps": True}},
        {"$match": {"cursor.originatingCommand.pipeline": {"$exists": True}, "ns": namespace}},
    ]
    with pymongo.MongoClient[Document](server.uri) as client:
        return len(list(client.admin.aggregate(stages)))


def test_no_cursor_is_left(face: Face, watched: Any) -> None:
    def open_one() -> Any:
        return watched.watch(max_await_time_ms=10)

    closed, dropped = open_one(), open_one()
    assert cursors(face.server, watched.full_name) == 2
    closed.close()
    assert cursors(face.server, watched.full_name) == 1
    del dropped
    gc.collect()
    assert eventually(lambda: cursors(face.server, watched.full_name) == 0)


def is_waiting(server: LocalServer) -> bool:
    """Whether a getMore of the application of these tests waits for events."""
    stages: list[Document] = [{"$currentOp": {}}, {"$match": {"appName": APP, "op": "getmore"}}]
    with pymongo.MongoClient[Document](server.uri) as client:
        return bool(list(client.admin.aggregate(stages)))


def test_a_stream_that_is_closed_ends_the_wait_of_another_thread(replica_set: LocalServer) -> None:
    with MongoClient[Document](replica_set.uri, appname=APP) as client:
        stream = client.test.things.watch()
        seen: list[Any] = []
        thread = threading.Thread(target=lambda: seen.append(list(stream)))
        thread.start()
        assert eventually(lambda: is_waiting(replica_set))
        stream.close()
        thread.join(20)
        assert seen == [[]]


def test_an_interrupted_wait_loses_nothing(replica_set: LocalServer) -> None:
    main = threading.get_ident()
    with MongoClient[Document](replica_set.uri, appname=APP) as client:
        things = client.change_streams.interrupted
        things.insert_one({})
        with things.watch() as stream:

            def interrupt() -> None:
                if eventually(lambda: is_waiting(replica_set)):
                    signal.pthread_kill(main, signal.SIGINT)

            thread = threading.Thread(target=interrupt)
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                stream.next()
            thread.join()
            things.insert_one({"_id": 1})
            assert stream.alive
            assert ids([stream.next()]) == [1]
        client.drop_database("change_streams")


def test_a_cancelled_wait_loses_nothing_and_leaves_no_cursor(replica_set: LocalServer) -> None:
    async def run() -> None:
        async with AsyncMongoClient[Document](replica_set.uri, appname=APP) as client:
            things = client.change_streams.cancelled
            await things.insert_one({})
            async with await things.watch() as stream:
                for number in (1, 2, 3):
                    task = asyncio.ensure_future(stream.next())
                    assert await soon(lambda: is_waiting(replica_set))
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                    await things.insert_one({"_id": number})
                    assert ids([await stream.next()]) == [number]
                found = asyncio.ensure_future(_all(stream))
                assert await soon(lambda: is_waiting(replica_set))
            assert await found == []
            assert await soon(lambda: cursors(replica_set, things.full_name) == 0)
            await client.drop_database("change_streams")

    asyncio.run(asyncio.wait_for(run(), 60))


async def _all(stream: Any) -> list[Any]:
    return [event async for event in stream]
