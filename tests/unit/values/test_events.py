"""Events and listeners behave as PyMongo's."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.values.parity import assert_same, names, plain

EVENTS = """
CommandStartedEvent({"find": "c", "x": 1}, "db", 5, A, None)
CommandStartedEvent({"find": "c", "x": 1}, "db", 5, A, 7, ID, 9)
CommandStartedEvent({}, "db", 5, A, 7)
CommandStartedEvent({"saslStart": 1, "x": 1}, "db", 5, A, 7)
CommandStartedEvent({"CreateUser": 1, "pwd": 1}, "db", 5, A, 0)
CommandStartedEvent({"hello": 1, "speculativeAuthenticate": {"a": 1}}, "db", 5, A, 7)
CommandStartedEvent({"isMaster": 1, "speculativeAuthenticate": {"a": 1}}, "db", 5, A, 7)
CommandStartedEvent({"hello": 1}, "db", 5, A, 7)
CommandSucceededEvent(TOOK, {"ok": 1}, "find", 5, A, None)
CommandSucceededEvent(TOOK, {"ok": 1}, "find", 5, A, 7, ID, "db", 9)
CommandSucceededEvent(TOOK, {"ok": 1, "a": 1}, "saslContinue", 5, A, 7)
CommandSucceededEvent(TOOK, {"ok": 1, "a": 1}, "UPDATEUSER", 5, A, 7)
CommandSucceededEvent(TOOK, {"ok": 1, "speculativeAuthenticate": {}}, "hello", 5, A, 7)
CommandSucceededEvent(TOOK, {"ok": 1, "a": 1}, "hello", 5, A, 7)
CommandFailedEvent(TOOK, {"ok": 0, "errmsg": "x"}, "find", 5, A, None)
CommandFailedEvent(TOOK, {"ok": 0, "errmsg": "x"}, "find", 5, A, 7, ID, "db", 9)
PoolCreatedEvent(A, {"maxPoolSize": 3})
PoolReadyEvent(A)
PoolClearedEvent(A)
PoolClearedEvent(A, ID, True)
PoolClosedEvent(A)
ConnectionCreatedEvent(A, 1)
ConnectionReadyEvent(A, 1, 0.25)
ConnectionClosedEvent(A, 1, ConnectionClosedReason.STALE)
ConnectionClosedEvent(A, 1, ConnectionClosedReason.IDLE)
ConnectionClosedEvent(A, 1, ConnectionClosedReason.ERROR)
ConnectionClosedEvent(A, 1, ConnectionClosedReason.POOL_CLOSED)
ConnectionCheckOutStartedEvent(A)
ConnectionCheckOutFailedEvent(A, ConnectionCheckOutFailedReason.TIMEOUT, 0.5)
ConnectionCheckOutFailedEvent(A, ConnectionCheckOutFailedReason.POOL_CLOSED, 0.5)
ConnectionCheckOutFailedEvent(A, ConnectionCheckOutFailedReason.CONN_ERROR, None)
ConnectionCheckedOutEvent(A, 1, None)
ConnectionCheckedInEvent(A, 1)
TopologyEvent(ID)
TopologyOpenedEvent(ID)
TopologyClosedEvent(ID)
TopologyDescriptionChangedEvent("old", "new", ID)
ServerOpeningEvent(A, ID)
ServerClosedEvent(A, ID)
ServerDescriptionChangedEvent("old", "new", A, ID)
ServerHeartbeatStartedEvent(A)
ServerHeartbeatStartedEvent(A, True)
ServerHeartbeatSucceededEvent(0.1, "reply", A)
ServerHeartbeatSucceededEvent(0.1, "reply", A, True)
ServerHeartbeatFailedEvent(0.1, ValueError("x"), A)
ServerHeartbeatFailedEvent(0.1, ValueError("x"), A, True)
""".strip().splitlines()

ATTRIBUTES = (
    "{n: str(getattr(EVENT, n)) for n in dir(EVENT) if n[0] != '_' and not callable(getattr(EVENT, n))}"
)


def written(snippet: str) -> str:
    """The snippet with its abbreviations spelt out."""
    values = {
        "A": '("h", 27017)',
        "ID": 'ObjectId("666666666666666666666666")',
        "TOOK": "timedelta(microseconds=1500)",
    }
    return "".join(values.get(part, part) for part in _parts(snippet))


def _parts(snippet: str) -> list[str]:
    parts = [""]
    for character in snippet:
        if character.isidentifier() != parts[-1].isidentifier():
            parts.append("")
        parts[-1] += character
    return parts


def seen(package: str) -> dict[str, Any]:
    """What a snippet sees."""
    codec = "bson" if package == "pymongo" else "petiole.bson"
    objectid = __import__(f"{codec}.objectid", fromlist=["ObjectId"])
    return {**names(package, "monitoring"), "ObjectId": objectid.ObjectId, "timedelta": timedelta}


def both(snippet: str) -> tuple[Any, Any]:
    """What a snippet gives with each package."""
    found = []
    for package in ("petiole", "pymongo"):
        try:
            # One namespace: a comprehension does not see the locals of `eval`.
            found.append(plain(repr(eval(snippet, seen(package)))))
        except ValueError as error:  # Of an event that cannot be; anything else is the snippet's own mistake.
            found.append(f"ValueError: {plain(str(error))}")
    return found[0], found[1]


@pytest.mark.parametrize("snippet", EVENTS)
def test_events_show_themselves_alike(snippet: str) -> None:
    ours, theirs = both(written(snippet))
    assert ours == theirs


@pytest.mark.parametrize("snippet", EVENTS)
def test_events_have_the_same_attributes(snippet: str) -> None:
    ours, theirs = both(ATTRIBUTES.replace("EVENT", written(snippet)))
    assert ours == theirs


def test_a_sensitive_command_that_is_shown_would_be_noticed() -> None:
    """The comparisons above see what is hidden: what they compare differs from a command that is shown."""
    ours, _ = both(
        ATTRIBUTES.replace("EVENT", written('CommandStartedEvent({"saslStart": 1}, "d", 5, A, 7)'))
    )
    assert "'command': '{}'" in ours


@pytest.mark.parametrize("value", ["1", "[1]", "(1,)", "'x'", "None", "{}", "[ValueError]", "[]", "()"])
def test_what_is_no_listener_is_refused(value: str) -> None:
    assert_same(
        f"MongoClient(event_listeners={value}, connect=False).options.event_listeners", "mongo_client"
    )


@pytest.mark.parametrize("value", ["1", "None", "CommandListener", "[]"])
def test_what_is_no_listener_cannot_be_registered(value: str) -> None:
    assert_same(f"register({value})", "monitoring")


LISTENERS = {
    "CommandListener": ("started", "succeeded", "failed"),
    "ServerHeartbeatListener": ("started", "succeeded", "failed"),
    "ServerListener": ("opened", "description_changed", "closed"),
    "TopologyListener": ("opened", "description_changed", "closed"),
    "ConnectionPoolListener": (
        "pool_created",
        "pool_ready",
        "pool_cleared",
        "pool_closed",
        "connection_created",
        "connection_ready",
        "connection_closed",
        "connection_check_out_started",
        "connection_check_out_failed",
        "connection_checked_out",
        "connection_checked_in",
    ),
}


@pytest.mark.parametrize(("kind", "method"), [(kind, name) for kind in LISTENERS for name in LISTENERS[kind]])
def test_a_listener_may_leave_methods_out(kind: str, method: str) -> None:
    assert_same(f"{kind}().{method}(None)", "monitoring")


class Described:
    """Stands for a description of a server or a topology."""

    def __init__(self, kind: str, *, writable: bool = True, readable: bool = True) -> None:
        self.server_type = self.topology_type = kind
        self.server_type_name = self.topology_type_name = kind
        self.has_writable_server = lambda: writable
        self.has_readable_server = lambda: readable


class Reply:
    """Stands for a server's hello."""

    document = {"ok": 1}


LOGGED = """
CommandLogger().started(CommandStartedEvent({"find": "c"}, "db", 5, A, None))
CommandLogger().succeeded(CommandSucceededEvent(TOOK, {"ok": 1}, "find", 5, A, 7))
CommandLogger().failed(CommandFailedEvent(TOOK, {"ok": 0}, "find", 5, A, 7))
ServerLogger().opened(ServerOpeningEvent(A, ID))
ServerLogger().description_changed(ServerDescriptionChangedEvent(OLD, NEW, A, ID))
ServerLogger().description_changed(ServerDescriptionChangedEvent(OLD, OLD, A, ID))
ServerLogger().closed(ServerClosedEvent(A, ID))
HeartbeatLogger().started(ServerHeartbeatStartedEvent(A))
HeartbeatLogger().succeeded(ServerHeartbeatSucceededEvent(0.1, REPLY, A, True))
HeartbeatLogger().failed(ServerHeartbeatFailedEvent(0.1, ValueError("x"), A, True))
TopologyLogger().opened(TopologyOpenedEvent(ID))
TopologyLogger().description_changed(TopologyDescriptionChangedEvent(OLD, NEW, ID))
TopologyLogger().description_changed(TopologyDescriptionChangedEvent(OLD, OLD, ID))
TopologyLogger().description_changed(TopologyDescriptionChangedEvent(NEW, OLD, ID))
TopologyLogger().closed(TopologyClosedEvent(ID))
ConnectionPoolLogger().pool_created(PoolCreatedEvent(A, {"maxPoolSize": 3}))
ConnectionPoolLogger().pool_ready(PoolReadyEvent(A))
ConnectionPoolLogger().pool_cleared(PoolClearedEvent(A, ID, True))
ConnectionPoolLogger().pool_closed(PoolClosedEvent(A))
ConnectionPoolLogger().connection_created(ConnectionCreatedEvent(A, 1))
ConnectionPoolLogger().connection_ready(ConnectionReadyEvent(A, 1, 0.25))
ConnectionPoolLogger().connection_closed(ConnectionClosedEvent(A, 1, "idle"))
ConnectionPoolLogger().connection_check_out_started(ConnectionCheckOutStartedEvent(A))
ConnectionPoolLogger().connection_check_out_failed(ConnectionCheckOutFailedEvent(A, "timeout", 0.5))
ConnectionPoolLogger().connection_checked_out(ConnectionCheckedOutEvent(A, 1, None))
ConnectionPoolLogger().connection_checked_in(ConnectionCheckedInEvent(A, 1))
""".strip().splitlines()


@pytest.mark.parametrize("snippet", LOGGED)
def test_ready_made_loggers_write_the_same(snippet: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stand_ins = {
        "OLD": Described("Old"),
        "NEW": Described("New", writable=False, readable=False),
        "REPLY": Reply,
    }
    written_by: list[list[tuple[str, int, str]]] = []
    for package in ("petiole", "pymongo"):
        caplog.clear()
        loggers = names(package, "event_loggers")
        eval(written(snippet), {**loggers, **seen(package), **stand_ins})
        written_by.append(list(caplog.record_tuples))
    ours, theirs = written_by
    assert ours == theirs
    assert ours or "OLD, OLD, A" in snippet
