"""Structured log messages on a real server: their loggers, their form, what is cut and what is not shown."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pymongo
import pymongo.errors
import pytest
from tests.integration.parity.adapter import Blocking, Loop
from tests.integration.waiting import eventually

import petiole
from petiole.errors import OperationFailure, ServerSelectionTimeoutError
from petiole.local import LocalServer

COMPONENTS = ("command", "connection", "serverSelection", "topology")


class Messages(logging.Handler):
    """The messages of one package."""

    def __init__(self, package: str) -> None:
        super().__init__()
        self.package = package
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def of(self, component: str) -> list[dict[str, Any]]:
        """A component's messages, parsed."""
        name = f"{self.package}.{component}"
        return [json.loads(record.getMessage()) for record in list(self.records) if record.name == name]

    def named(self, component: str, message: str) -> list[dict[str, Any]]:
        return [found for found in self.of(component) if found["message"] == message]


@contextlib.contextmanager
def listening(package: str, level: int = logging.DEBUG) -> Iterator[Messages]:
    """The messages of a package's loggers, which are enabled until the end of the test."""
    logger, messages = logging.getLogger(package), Messages(package)
    before = logger.level
    logger.setLevel(level)
    logger.addHandler(messages)
    try:
        yield messages
    finally:
        logger.removeHandler(messages)
        logger.setLevel(before)


@pytest.fixture
def messages() -> Iterator[Messages]:
    """Petiole's messages."""
    with listening("petiole") as messages:
        yield messages


@pytest.fixture
def theirs() -> Iterator[Messages]:
    """PyMongo's messages."""
    with listening("pymongo") as messages:
        yield messages


@pytest.fixture(params=["blocking", "asyncio"])
def quiet_client(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[Any]:
    """A client of either face."""
    options: Any = {"maxPoolSize": 7, "heartbeatFrequencyMS": 1000}
    if request.param == "blocking":
        with petiole.MongoClient[Any](replica_set.uri, **options) as blocking:
            yield blocking
        return
    loop = Loop()
    made: Any = Blocking(petiole.AsyncMongoClient[Any](replica_set.uri, **options), loop)
    yield made
    made.close()
    loop.close()


@pytest.fixture
def client(messages: Messages, quiet_client: Any) -> Any:
    """A client of either face, made while the loggers are enabled."""
    return quiet_client


def fields(found: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The fields that each kind of message has, or may have."""
    names: dict[str, set[str]] = {}
    for message in found:
        names.setdefault(message["message"], set()).update(message)
    return names


def awaits(messages: Messages) -> bool:
    """Whether a heartbeat has begun that the server will answer when something changes."""
    return len(messages.named("topology", "Server heartbeat started")) > 1


def test_messages_have_pymongos_fields(
    client: Any, messages: Messages, theirs: Messages, replica_set: LocalServer
) -> None:
    reference = pymongo.MongoClient[Any](replica_set.uri, maxPoolSize=7)
    for one, told in ((client, messages), (reference, theirs)):
        one.admin.command("ping")
        with pytest.raises((OperationFailure, pymongo.errors.OperationFailure)):
            one.admin.command("nonsense")
        assert eventually(functools.partial(awaits, told))
        one.close()
    assert eventually(lambda: bool(theirs.named("topology", "Stopped topology monitoring")))
    for component in COMPONENTS:
        ours, others = fields(messages.of(component)), fields(theirs.of(component))
        # Whether an operation has to wait, and whether a check is given up, is a matter of moments.
        for chancy in ("Waiting for suitable server to become available", "Server heartbeat failed"):
            ours.pop(chancy, None)
            others.pop(chancy, None)
        assert ours == others


def test_a_command_and_its_selection_share_an_operation(client: Any, messages: Messages) -> None:
    client.admin.command("ping")
    started = messages.named("command", "Command started")[-1]
    succeeded = messages.named("command", "Command succeeded")[-1]
    selection = messages.named("serverSelection", "Server selection started")[-1]
    assert started["operationId"] == succeeded["operationId"] == selection["operationId"]
    assert started["clientId"] == selection["clientId"]
    assert json.loads(started["command"])["ping"] == 1
    assert json.loads(succeeded["reply"])["ok"] == 1
    assert succeeded["durationMS"] > 0
    assert selection["operation"] == "ping"


def test_pools_tell_of_their_options_and_ends(client: Any, messages: Messages) -> None:
    client.admin.command("ping")
    client.close()
    (created,) = messages.named("connection", "Connection pool created")
    assert created["maxPoolSize"] == 7
    (closed,) = messages.named("connection", "Connection closed")
    assert (closed["driverConnectionId"], closed["reason"]) == (1, "Connection pool was closed")


def test_servers_are_announced_before_their_heartbeats(client: Any, messages: Messages) -> None:
    client.admin.command("ping")
    told = [message["message"] for message in messages.of("topology")]
    assert told[:4] == [
        "Starting topology monitoring",
        "Topology description changed",
        "Starting server monitoring",
        "Server heartbeat started",
    ]


def test_credentials_are_not_logged(client: Any, messages: Messages) -> None:
    with pytest.raises(OperationFailure):
        client.admin.command({"saslStart": 1, "mechanism": "PLAIN", "payload": b"secret"})
    assert messages.named("command", "Command started")[-1]["command"] == "{}"
    failure = json.loads(messages.named("command", "Command failed")[-1]["failure"])
    assert set(failure) <= {"ok", "code", "codeName", "errorLabels"}
    assert "c2VjcmV0" not in "".join(record.getMessage() for record in messages.records)


@pytest.mark.parametrize("variable", ["MONGODB_LOG_MAX_DOCUMENT_LENGTH", "MONGOB_LOG_MAX_DOCUMENT_LENGTH"])
@pytest.mark.parametrize(
    ("setting", "length"),
    [(None, 1000), ("50", 50), ("0", 0), ("unlimited", None), ("nonsense", 1000), ("-1", 1000)],
)
def test_long_documents_are_cut(
    messages: Messages,
    replica_set: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    setting: str | None,
    length: int | None,
) -> None:
    if setting is None:
        monkeypatch.delenv(variable, raising=False)
    else:
        monkeypatch.setenv(variable, setting)
    with petiole.MongoClient[Any](replica_set.uri) as client:
        client.admin.command("ping", comment="x" * 5000)
        shown = messages.named("command", "Command started")[-1]["command"]
    if length is None:
        assert json.loads(shown)["comment"] == "x" * 5000
    else:
        assert len(shown) == length + len("...")
        assert shown.endswith("...")


def test_an_operation_that_waits_in_vain_says_so(messages: Messages, closed_port: int) -> None:
    client = petiole.MongoClient[Any](f"mongodb://127.0.0.1:{closed_port}", serverSelectionTimeoutMS=100)
    with client, pytest.raises(ServerSelectionTimeoutError):
        client.admin.command("ping")
    told = {message["message"]: message for message in messages.of("serverSelection")}
    assert list(told)[-1] == "Server selection failed"
    waiting = told["Waiting for suitable server to become available"]
    assert 0 < waiting["remainingTimeMS"] <= 100
    assert "refused" in told["Server selection failed"]["failure"]
    assert "refused" in messages.named("topology", "Server heartbeat failed")[0]["failure"]


def test_waiting_is_worth_an_information(replica_set: LocalServer, closed_port: int) -> None:
    with listening("petiole", logging.INFO) as messages:
        client = petiole.MongoClient[Any](f"mongodb://127.0.0.1:{closed_port}", serverSelectionTimeoutMS=100)
        with client, pytest.raises(ServerSelectionTimeoutError):
            client.admin.command("ping")
        assert [record.levelname for record in messages.records] == ["INFO"]
        assert messages.records[0].name == "petiole.serverSelection"


def test_a_logger_that_is_disabled_later_is_heeded(client: Any, messages: Messages) -> None:
    client.admin.command("ping")
    logging.getLogger("petiole").setLevel(logging.WARNING)
    before = len(messages.records)
    client.admin.command("ping")
    assert len(messages.records) == before


def test_loggers_that_are_enabled_later_are_heeded(quiet_client: Any) -> None:
    quiet_client.admin.command("ping")
    with listening("petiole") as messages:
        quiet_client.admin.command("ping")
        command, *_ = messages.named("command", "Command started")
        assert [json.loads(command["command"])["ping"], command["commandName"]] == [1, "ping"]
        assert messages.named("connection", "Connection checked out")
        assert messages.named("serverSelection", "Server selection succeeded")
        assert eventually(lambda: bool(messages.named("topology", "Server heartbeat started")))
        quiet_client.close()
        assert len(messages.named("connection", "Connection pool closed")) == 1
        assert len(messages.named("topology", "Stopped topology monitoring")) == 1


CONFIGURED_LATER = """
import sys
from petiole import MongoClient
assert "logging" not in sys.modules
client = MongoClient(sys.argv[1], connect=sys.argv[2] == "True")
import logging
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
client.admin.command("ping")
client.admin.command("ping")
client.close()
"""


@pytest.mark.parametrize("connect", [True, False])
def test_a_basic_config_after_making_a_client_is_heeded(replica_set: LocalServer, connect: bool) -> None:
    command = [sys.executable, "-c", CONFIGURED_LATER, replica_set.uri, str(connect)]
    ran = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert not ran.stderr
    for message in ("Command started", "Command succeeded"):
        lines = [line for line in ran.stdout.splitlines() if message in line and '"ping"' in line]
        assert len(lines) == 2
    for component in COMPONENTS:
        assert f"petiole.{component}:" in ran.stdout, component


SILENT = """
import sys
from petiole import MongoClient
with MongoClient(sys.argv[1]) as client:
    assert client.admin.command("ping")["ok"] == 1
loaded = {"petiole._engine.log_listeners", "petiole.monitoring"} & set(sys.modules)
assert not loaded, loaded
"""


def test_without_loggers_nothing_is_loaded(replica_set: LocalServer) -> None:
    subprocess.run([sys.executable, "-c", SILENT, replica_set.uri], check=True, timeout=60)
