"""Retries on real servers, both faces: the prose tests of the retryable reads and retryable writes specifications.

Those that need several mongos, or a server that says what it is told, are in `tests/unit/engine/test_retries.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymongo
import pytest
from tests.integration.operations.conftest import Face
from tests.integration.waiting import eventually

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import PyMongoError
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.monitoring import CommandListener, ConnectionPoolListener
from petiole.operations import DeleteMany, DeleteOne, InsertOne, UpdateMany, UpdateOne
from petiole.write_concern import WriteConcern

_APP = "retries"
# A server that only pretends to have changed is found out by the next heartbeat.
_OPTIONS: dict[str, Any] = {"appname": _APP, "heartbeatFrequencyMS": 500}
OVERLOAD = ["RetryableError", "SystemOverloadedError"]


class Recorder(CommandListener, ConnectionPoolListener):
    """The events of one kind of command and of pools, in order, by type and what matters of them."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.seen: list[tuple[str, Any]] = []
        self.when_ended: Callable[[Any], None] = lambda event: None

    def __getattribute__(self, name: str) -> Any:
        if name in _POOL_EVENTS:
            return lambda event: self.seen.append((type(event).__name__, getattr(event, "reason", None)))
        return super().__getattribute__(name)

    def started(self, event: Any) -> None:
        if event.command_name == self.command:
            self.seen.append(("CommandStartedEvent", event.connection_id))

    def succeeded(self, event: Any) -> None:
        if event.command_name == self.command:
            self.seen.append(("CommandSucceededEvent", event.connection_id))
            self.when_ended(event)

    def failed(self, event: Any) -> None:
        if event.command_name == self.command:
            self.seen.append(("CommandFailedEvent", event.connection_id))
            self.when_ended(event)

    def of(self, kind: str) -> list[Any]:
        return [what for name, what in self.seen if name == kind]


_POOL_EVENTS = frozenset(name for name in vars(ConnectionPoolListener) if not name.startswith("_"))


@pytest.fixture
def fail() -> Iterator[Callable[..., None]]:
    """Sets a fail point on a server's primary, for the clients of these tests; it is off again in the end."""
    admins: dict[str, Any] = {}

    def set_it(server: LocalServer, mode: Any, *commands: str, **how: Any) -> None:
        client = admins.setdefault(server.uri, pymongo.MongoClient(server.uri))
        data = {"failCommands": list(commands), "appName": _APP, **how}
        client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})

    yield set_it
    for client in admins.values():
        client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
        client.close()


def run_both(face: Face, operation: Callable[[Any], Any], **options: Any) -> None:
    """Runs an operation twice at once, on one client."""
    if face.is_async:

        async def work() -> None:
            async with AsyncMongoClient[Any](face.server.uri, **options) as client:
                await client.admin.command("ping")
                await asyncio.gather(*(operation(client[face.db.name].c) for _ in range(2)))

        asyncio.run(work())
        return
    with MongoClient[Any](face.server.uri, **options) as client, ThreadPoolExecutor(2) as threads:
        client.admin.command("ping")
        list(threads.map(lambda _: operation(client[face.db.name].c), range(2)))


@pytest.mark.parametrize(
    ("command", "operation"),
    [("find", lambda things: things.find_one()), ("insert", lambda things: things.insert_one({}))],
)
def test_who_waits_for_a_connection_when_the_pool_is_cleared_tries_again(
    face: Face, fail: Callable[..., None], command: str, operation: Callable[[Any], Any]
) -> None:
    """Retryable reads, prose test 1; retryable writes, prose test 2."""
    recorder = Recorder(command)
    how = {
        "errorCode": 91,
        "blockConnection": True,
        "blockTimeMS": 500,
        "errorLabels": ["RetryableWriteError"],
    }
    fail(face.server, {"times": 1}, command, **how)
    run_both(face, operation, maxPoolSize=1, **_OPTIONS, event_listeners=[recorder])
    kinds = [name for name, _ in recorder.seen]
    first = kinds.index("CommandStartedEvent")
    cleared = kinds.index("PoolClearedEvent", first)
    assert "connectionError" in recorder.of("ConnectionCheckOutFailedEvent")
    assert kinds.index("ConnectionCheckOutFailedEvent", first) > cleared
    assert kinds.count("CommandStartedEvent") == 3
    assert kinds.count("CommandSucceededEvent") == 2


def test_a_retry_that_wrote_nothing_leaves_the_first_error(face: Face, fail: Callable[..., None]) -> None:
    """Retryable writes, prose test 3."""
    recorder = Recorder("insert")

    def next_error(event: Any) -> None:
        if event.reply.get("writeConcernError", {}).get("code") == 91:
            labels = ["RetryableWriteError", "NoWritesPerformed"]
            fail(face.server, {"times": 1}, "insert", errorCode=10107, errorLabels=labels)

    recorder.when_ended = lambda event: next_error(event) if hasattr(event, "reply") else None
    concern = {"code": 91, "errmsg": "shutting down"}
    fail(face.server, {"times": 1}, "insert", writeConcernError=concern, errorLabels=["RetryableWriteError"])
    things = face.make(**_OPTIONS, event_listeners=[recorder])[face.db.name].c
    with pytest.raises(PyMongoError) as caught:
        things.insert_one({"_id": 1})
    assert getattr(caught.value, "code", None) == 91
    assert len(recorder.of("CommandStartedEvent")) == 2
    assert len(recorder.of("CommandFailedEvent")) == 1


@pytest.mark.parametrize("labels", [[*OVERLOAD], [*OVERLOAD, "NoWritesPerformed"]])
def test_of_many_errors_the_last_is_raised_or_else_the_first(
    face: Face, fail: Callable[..., None], labels: list[str]
) -> None:
    """Retryable writes, prose test 6, cases 1 and 2."""
    recorder = Recorder("insert")

    def next_error(event: Any) -> None:
        if event.failure["code"] == 91:
            fail(face.server, "alwaysOn", "insert", errorCode=10107, errorLabels=labels)

    recorder.when_ended = next_error
    fail(face.server, {"times": 1}, "insert", errorCode=91, errorLabels=labels)
    things = face.make(**_OPTIONS, event_listeners=[recorder])[face.db.name].c
    with pytest.raises(PyMongoError) as caught:
        things.insert_one({"_id": 1})
    assert caught.value.details["code"] == (91 if "NoWritesPerformed" in labels else 10107)  # type: ignore[attr-defined]
    assert len(recorder.of("CommandStartedEvent")) == 3


@pytest.fixture(params=["blocking", "asyncio"])
def wide(request: pytest.FixtureRequest, three_members: LocalServer) -> Iterator[Face]:
    """Both faces, one after the other, on a replica set of three members."""
    made = Face(request.param, three_members)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("labels", "retargeting", "elsewhere"),
    [(OVERLOAD, True, True), (["RetryableError"], True, False), (OVERLOAD, False, False)],
)
def test_another_member_is_asked_only_if_that_is_wanted(
    wide: Face, fail: Callable[..., None], labels: list[str], retargeting: bool, elsewhere: bool
) -> None:
    """Retryable reads, prose tests 3.1, 3.2 and 3.3."""
    recorder = Recorder("find")
    client = wide.make(
        **_OPTIONS,
        event_listeners=[recorder],
        readPreference="primaryPreferred",
        enableOverloadRetargeting=retargeting,
    )
    client.admin.command("ping")
    assert eventually(lambda: len(client.topology_description.known_servers) == 3)
    fail(wide.server, {"times": 1}, "find", errorCode=6, errorLabels=labels)
    client[wide.db.name].c.find_one()
    (failed,) = recorder.of("CommandFailedEvent")
    (succeeded,) = recorder.of("CommandSucceededEvent")
    assert (failed != succeeded) is elsewhere


def test_each_retryable_write_has_the_next_number_of_its_session(face: Face) -> None:
    """A command with one write of many has none, nor has an unacknowledged one."""
    numbers: list[Any] = []

    class Numbers(CommandListener):
        def started(self, event: Any) -> None:
            if event.command_name in ("insert", "update", "delete"):
                numbers.append(event.command.get("txnNumber"))

        def succeeded(self, event: Any) -> None:
            pass

        failed = succeeded

    client = face.make(event_listeners=[Numbers()])
    with client.start_session() as session:
        things = client[face.db.name].c
        things.insert_one({}, session=session)
        things.update_one({}, {"$set": {"a": 1}}, session=session)
        things.update_many({}, {"$set": {"a": 2}}, session=session)
        things.delete_many({}, session=session)
        change = {"$set": {"a": 1}}
        operations = [
            InsertOne[Any]({}),
            UpdateOne({}, change),
            UpdateMany({}, change),
            InsertOne[Any]({}),
            DeleteOne({}),
            DeleteMany({}),
        ]
        things.bulk_write(operations, session=session)
        things.bulk_write(operations, session=session, ordered=False)
        things.insert_many([{}, {}], session=session)
    things.with_options(write_concern=WriteConcern(w=0)).insert_one({})
    first = numbers[0]
    taken = [None if number is None else number - first for number in numbers]
    assert taken == [0, 1, None, None, 2, None, 3, None, 4, None, None, 5, None]
