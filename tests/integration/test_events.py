"""The events of clients' lives, on a real server: PyMongo's for the same snippet, whole, and without credentials."""

from __future__ import annotations

import contextlib
import importlib
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pymongo.errors
import pytest
from tests.integration.parity.adapter import Blocking, Loop
from tests.integration.waiting import eventually

import petiole
from petiole import monitoring
from petiole.bson import DatetimeMS
from petiole.bson.codec_options import CodecOptions, DatetimeConversion
from petiole.bson.raw_bson import RawBSONDocument
from petiole.errors import AutoReconnect, DuplicateKeyError, OperationFailure, ServerSelectionTimeoutError
from petiole.local import LocalServer

FACES = ["blocking", "asyncio"]
KINDS = (
    "CommandListener",
    "ConnectionPoolListener",
    "ServerHeartbeatListener",
    "ServerListener",
    "TopologyListener",
)
# What differs from one client to the next.
CHANGING = {"lsid", "$clusterTime", "operationTime", "opTime", "electionId", "getMore", "id"}


class Recorder:
    """Listeners of all kinds of one package, and the events they were told of, by kind."""

    def __init__(self, package: str) -> None:
        self.events: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        module = importlib.import_module(f"{package}.monitoring")
        self.listeners = [self._listener(getattr(module, kind), self.events[kind]) for kind in KINDS]

    @staticmethod
    def _listener(kind: type[Any], events: list[Any]) -> Any:
        def told(_: Any, event: Any) -> None:
            events.append(event)

        methods = {name: told for name in vars(kind) if not name.startswith("_")}
        return type(f"Recording{kind.__name__}", (kind,), methods)()

    @property
    def commands(self) -> list[Any]:
        return self.events["CommandListener"]

    def of(self, name: str) -> list[Any]:
        """The command events of that name's command."""
        return [event for event in self.commands if event.command_name == name]


Make = Callable[..., Any]


@pytest.fixture(params=FACES)
def make(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[Make]:
    """Makes a client, of the face or else PyMongo's blocking one, which is closed in the end."""
    loop = Loop() if request.param == "asyncio" else None
    made: list[Any] = []

    def client(package: str = "petiole", **options: Any) -> Any:
        module = importlib.import_module(package)
        if loop is None or package == "pymongo":
            made.append(module.MongoClient(replica_set.uri, **options))
        else:
            made.append(Blocking(module.AsyncMongoClient(replica_set.uri, **options), loop))
        return made[-1]

    yield client
    for one in made:
        one.close()
    if loop is not None:
        loop.close()


@pytest.fixture
def name(replica_set: LocalServer) -> Iterator[str]:
    """The name of a database, which is dropped in the end."""
    made = f"events_{uuid.uuid4().hex[:12]}"
    yield made
    with petiole.MongoClient[Any](replica_set.uri) as client:
        client.drop_database(made)


def shown(value: Any) -> Any:
    """A command or a reply, without what differs from one client to the next."""
    if isinstance(value, dict):
        return {key: "..." if key in CHANGING else shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value


def command_events(events: list[Any]) -> list[Any]:
    """What can be compared of command events."""
    found = []
    for event in events:
        content = getattr(event, "command", None) or getattr(event, "reply", None)
        fields = [type(event).__name__, event.command_name, event.database_name, event.connection_id]
        found.append([*fields, shown(content or getattr(event, "failure", {}))])
    return found


def change(event: Any) -> tuple[str, ...]:
    """A server or topology event by the types it speaks of."""
    kind = type(event).__name__
    if not kind.endswith("DescriptionChangedEvent"):
        return (kind,)
    attribute = "server_type_name" if kind.startswith("Server") else "topology_type_name"
    return (
        kind,
        getattr(event.previous_description, attribute),
        getattr(event.new_description, attribute),
    )


def begin(make: Make, package: str, **options: Any) -> tuple[Any, Recorder]:
    """A client with listeners of all kinds, whose monitor has found the server."""
    recorder = Recorder(package)
    client = make(package, event_listeners=recorder.listeners, **options)
    client.admin.command("ping")
    heartbeats = recorder.events["ServerHeartbeatListener"]
    assert eventually(lambda: len(heartbeats) >= 3)
    return client, recorder


def work(client: Any, name: str) -> None:
    """Reads and writes, some of which fail."""
    things = client[name].things
    things.insert_one({"_id": 1})
    things.insert_many([{"_id": 2}, {"_id": 3}])
    cursor = things.find({}, batch_size=2)
    assert len([document["_id"] for document in cursor]) == 3
    things.update_one({"_id": 1}, {"$set": {"a": 1}})
    things.delete_one({"_id": 3})
    things.find_one_and_update({"_id": 2}, {"$set": {"b": 1}})
    with contextlib.suppress(DuplicateKeyError, pymongo.errors.DuplicateKeyError):
        things.insert_one({"_id": 1})
    with contextlib.suppress(OperationFailure, pymongo.errors.OperationFailure):
        client[name].command("nonsense")
    things.count_documents({})
    things.distinct("_id")
    things.drop()


def both(make: Make, name: str, **options: Any) -> tuple[Recorder, Recorder]:
    """The events of petiole's client and of PyMongo's, from its first command until after it was closed."""
    found = []
    for package in ("petiole", "pymongo"):
        client, recorder = begin(make, package, **options)
        work(client, name)
        client.close()
        assert eventually(lambda events=recorder.events["TopologyListener"]: "Closed" in repr(events[-1]))  # type: ignore[misc]
        found.append(recorder)
    return found[0], found[1]


def test_a_clients_commands_are_pymongos(make: Make, name: str) -> None:
    ours, theirs = both(make, name)
    assert command_events(ours.commands) == command_events(theirs.commands)
    assert len(ours.commands) > 25


def test_what_happens_to_its_pool_is_pymongos(make: Make, name: str) -> None:
    ours, theirs = both(make, name, maxPoolSize=7)
    kind = "ConnectionPoolListener"
    told = [
        [(type(event).__name__, getattr(event, "connection_id", None)) for event in recorder.events[kind]]
        for recorder in (ours, theirs)
    ]
    assert told[0] == told[1]
    assert told[0][-1] == ("PoolClosedEvent", None)
    options = [recorder.events[kind][0].options for recorder in (ours, theirs)]
    assert options[0] == options[1] == {"maxPoolSize": 7}


def test_what_is_found_out_of_its_servers_is_pymongos(make: Make, name: str) -> None:
    ours, theirs = both(make, name)
    assert [change(event) for event in ours.events["ServerListener"]] == [
        ("ServerOpeningEvent",),
        ("ServerDescriptionChangedEvent", "Unknown", "RSPrimary"),
        ("ServerClosedEvent",),
    ]
    assert [change(event) for event in ours.events["TopologyListener"]] == [
        ("TopologyOpenedEvent",),
        ("TopologyDescriptionChangedEvent", "Unknown", "ReplicaSetNoPrimary"),
        ("TopologyDescriptionChangedEvent", "ReplicaSetNoPrimary", "ReplicaSetWithPrimary"),
        ("TopologyDescriptionChangedEvent", "ReplicaSetWithPrimary", "Unknown"),
        ("TopologyClosedEvent",),
    ]
    for kind in ("ServerListener", "TopologyListener"):
        # PyMongo publishes them from a thread of its own, which may be late when the client closes.
        assert {change(event) for event in theirs.events[kind]} <= {change(e) for e in ours.events[kind]}


def test_its_heartbeats_begin_as_pymongos(make: Make, name: str) -> None:
    recorders = both(make, name)
    told = [
        [(type(event).__name__, event.awaited) for event in recorder.events["ServerHeartbeatListener"][:3]]
        for recorder in recorders
    ]
    assert told[0] == told[1]
    replies = [recorder.events["ServerHeartbeatListener"][1].reply for recorder in recorders]
    assert type(replies[0]).__name__ == type(replies[1]).__name__ == "Hello"
    assert replies[0].document.keys() == replies[1].document.keys()
    assert replies[0].awaitable == replies[1].awaitable


def test_a_heartbeat_that_fails_says_why(closed_port: int) -> None:
    recorder = Recorder("petiole")
    client = petiole.MongoClient[Any](
        f"mongodb://127.0.0.1:{closed_port}",
        event_listeners=recorder.listeners,
        serverSelectionTimeoutMS=100,
    )
    with client, pytest.raises(ServerSelectionTimeoutError):
        client.admin.command("ping")
    events = recorder.events["ServerHeartbeatListener"]
    assert [type(event).__name__ for event in events[:2]] == [
        "ServerHeartbeatStartedEvent",
        "ServerHeartbeatFailedEvent",
    ]
    assert isinstance(events[1].reply, AutoReconnect)
    assert events[1].duration >= 0


SECRET = "a very secret word"
SENSITIVE: list[tuple[str, dict[str, Any]]] = [
    ("createUser", {"createUser": "u", "pwd": SECRET, "roles": []}),
    ("createUser", {"createUser": "u", "pwd": SECRET, "roles": "no list"}),
    ("updateUser", {"updateUser": "nobody", "pwd": SECRET}),
    ("saslStart", {"saslStart": 1, "mechanism": "PLAIN", "payload": SECRET.encode()}),
    ("saslContinue", {"saslContinue": 1, "conversationId": 1, "payload": SECRET.encode()}),
    ("hello", {"hello": 1, "speculativeAuthenticate": {"saslStart": 1, "payload": SECRET.encode()}}),
]


@pytest.mark.parametrize(("command", "body"), SENSITIVE)
def test_credentials_are_not_shown(make: Make, name: str, command: str, body: dict[str, Any]) -> None:
    client, recorder = begin(make, "petiole")
    try:
        client[name].command(body)
    except OperationFailure:
        pass
    finally:
        if command == "createUser":
            client[name].command({"dropAllUsersFromDatabase": 1})
    started, ended = recorder.of(command)
    assert started.command == {}
    if isinstance(ended, monitoring.CommandSucceededEvent):
        assert ended.reply == {} or command == "hello"
    else:
        assert set(ended.failure) <= {"ok", "code", "codeName", "errorLabels"}
        assert ended.failure["code"]
    assert SECRET not in repr(vars_of(started)) + repr(vars_of(ended))
    assert ended.operation_id == started.operation_id


def vars_of(event: Any) -> dict[str, Any]:
    """All public attributes of an event."""
    return {name: getattr(event, name) for name in dir(event) if not name.startswith("_")}


class Broken(monitoring.CommandListener):
    """Raises, always."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        raise ValueError(f"broken by {event.command_name}")


def test_a_listener_that_raises_disturbs_nobody(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder("petiole")
    client = make(event_listeners=[Broken(), *recorder.listeners])
    assert client.admin.command("ping")["ok"] == 1
    written = capsys.readouterr().err
    assert "ValueError: broken by ping" in written
    assert "NotImplementedError" in written  # Of the method that it does not define.
    assert [type(event).__name__ for event in recorder.of("ping")] == [
        "CommandStartedEvent",
        "CommandSucceededEvent",
    ]


@pytest.mark.parametrize("watched", ["listener", "log", "tracing"])
def test_what_python_cannot_hold_ends_no_operation_because_somebody_watches(
    make: Make, name: str, watched: str, caplog: pytest.LogCaptureFixture
) -> None:
    options: dict[str, Any] = {}
    if watched == "listener":
        options["event_listeners"] = Recorder("petiole").listeners
    elif watched == "log":
        caplog.set_level(logging.DEBUG, "petiole.command")
    else:
        options["tracing"] = {"enabled": True, "query_text_max_length": 1000}
    client = make(**options)
    auto = CodecOptions[Any](
        datetime_conversion=DatetimeConversion.DATETIME_AUTO, unicode_decode_error_handler="ignore"
    )
    things = client[name].get_collection("things", codec_options=auto)
    late = DatetimeMS(2**60)
    things.insert_one({"_id": 1, "when": late})
    things.insert_one(RawBSONDocument(b"\x13\0\0\0\x02_id\0\x05\0\0\0no\xff!\0\0"))
    assert things.find({}).to_list() == [{"_id": 1, "when": late}, {"_id": "no!"}]
    assert len(client[name].things.find_raw_batches({}).to_list()) == 1
    with pytest.raises(OperationFailure, match="no_such"):
        things.find_one({"$no_such": late})
    things.create_index("when", unique=True)
    with pytest.raises(DuplicateKeyError) as caught:
        things.find_one_and_update({"_id": "a"}, {"$set": {"when": late}}, upsert=True)
    assert caught.value.details is not None
    assert caught.value.details["keyValue"] == {"when": late}
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"when": late})


def test_registered_listeners_hear_of_clients_made_later(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "registered", [])
    before = make()
    recorder = Recorder("petiole")
    for listener in recorder.listeners:
        monitoring.register(listener)
    after = make()
    before.admin.command("ping")
    assert recorder.of("ping") == []
    after.admin.command("ping")
    assert len(recorder.of("ping")) == 2


@pytest.fixture
def failing(make: Make) -> Iterator[Callable[[str], None]]:
    """Lets the next command of that name break its connection."""
    client = make("petiole")

    def fail(command: str) -> None:
        data = {"failCommands": [command], "closeConnection": True}
        client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": data})

    yield fail
    client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def test_a_retried_command_has_events_of_one_operation(
    make: Make, name: str, failing: Callable[[str], None]
) -> None:
    client, recorder = begin(make, "petiole")
    things = client[name].things
    failing("insert")
    things.insert_one({"_id": 1})
    failing("find")
    assert things.find_one() == {"_id": 1}
    for command in ("insert", "find"):
        events = recorder.of(command)
        assert [type(event).__name__ for event in events] == [
            "CommandStartedEvent",
            "CommandFailedEvent",
            "CommandStartedEvent",
            "CommandSucceededEvent",
        ]
        assert len({event.operation_id for event in events}) == 1
        assert len({event.request_id for event in events}) == 2
        assert events[1].failure["errtype"] == "AutoReconnect"
    assert recorder.of("insert")[0].operation_id != recorder.of("find")[0].operation_id


def test_a_bulk_write_has_events_of_one_operation(make: Make, name: str) -> None:
    client, recorder = begin(make, "petiole")
    things = client[name].things
    things.bulk_write([petiole.InsertOne({"_id": 1}), petiole.DeleteOne({"_id": 1})])
    things.insert_many([{"_id": number, "text": "x" * 9_000_000} for number in range(6)])
    bulk = recorder.commands[-8:]
    assert [event.command_name for event in bulk] == ["insert"] * 2 + ["delete"] * 2 + ["insert"] * 4
    assert len({event.operation_id for event in bulk[:4]}) == 1
    assert len({event.operation_id for event in bulk[4:]}) == 1
    assert len({event.operation_id for event in bulk}) == 2
    assert [len(event.command["documents"]) for event in bulk[4::2]] == [5, 1]


def test_an_unacknowledged_write_succeeds(make: Make, name: str) -> None:
    client, recorder = begin(make, "petiole")
    unheard = petiole.WriteConcern(w=0)
    things = client[name].get_collection("things", write_concern=unheard)
    things.insert_one({"_id": 1})
    started, succeeded = recorder.of("insert")
    assert started.command["documents"] == [{"_id": 1}]
    assert succeeded.reply == {"ok": 1}


def test_a_write_error_is_a_success_of_the_command(make: Make, name: str) -> None:
    client, recorder = begin(make, "petiole")
    client[name].things.insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError):
        client[name].things.insert_one({"_id": 1})
    assert recorder.commands[-1].reply["writeErrors"][0]["code"] == 11000
