"""Observes what a client publishes, and compares it with the events that a test expects.

Follows: unified-test-format, "expectedEventsForClient" and "client_observeEvents". Events may come from any thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from tests.spec.unified.driver import Driver
from tests.spec.unified.file_format import EVENT_TYPES
from tests.spec.unified.matching import MISSING, Matcher, Mismatch

SENSITIVE = frozenset(
    {
        "authenticate",
        "saslStart",
        "saslContinue",
        "getnonce",
        "createUser",
        "updateUser",
        "copydbgetnonce",
        "copydbsaslstart",
        "copydb",
    }
)
_HELLO = frozenset({"hello", "ismaster", "isMaster"})
_OTHER_NAMES = {"topologyOpenedEvent": "topologyOpeningEvent"}
_METHODS = {
    "CommandListener": ("started", "succeeded", "failed"),
    "ServerHeartbeatListener": ("started", "succeeded", "failed"),
    "ServerListener": ("opened", "closed", "description_changed"),
    "TopologyListener": ("opened", "closed", "description_changed"),
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
"""The listener classes and what each is told."""


def name_of(event: Any) -> str:
    """The name that the format gives to an event: that of the class, in camel case."""
    name = type(event).__name__
    name = name[0].lower() + name[1:]
    return _OTHER_NAMES.get(name, name)


def type_of(name: str) -> str:
    return next((kind for kind, names in EVENT_TYPES.items() if name in names), "sdam")


class Observer:
    """All events of one client in their order, from when it was made until `stop`."""

    def __init__(self, specification: Mapping[str, Any]) -> None:
        self._observed = frozenset(specification.get("observeEvents", ()))
        self._ignored = {"configureFailPoint", *specification.get("ignoreCommandMonitoringEvents", ())}
        self._sensitive = specification.get("observeSensitiveCommands", False)
        self._stores: list[tuple[frozenset[str], list[Any]]] = []
        self._everything: list[Any] = []
        self._recording = True

    @property
    def events(self) -> list[Any]:
        """The events that the test observes."""
        return [event for event in list(self._everything) if self._is_observed(event)]

    @property
    def topology_ids(self) -> set[str]:
        return {str(event.topology_id) for event in list(self._everything) if hasattr(event, "topology_id")}

    def count(self, name: str) -> int:
        """How often an event came, whether it is observed or not."""
        return sum(name_of(event) == name for event in list(self._everything))

    @property
    def checked_out(self) -> int:
        return self.count("connectionCheckedOutEvent") - self.count("connectionCheckedInEvent")

    def store(self, names: Iterable[str], into: list[Any]) -> None:
        self._stores.append((frozenset(name[0].lower() + name[1:] for name in names), into))

    def stop(self) -> None:
        self._recording = False

    def forget(self) -> None:
        """Leave out what has come so far."""
        self._everything = [event for event in self._everything if name_of(event) == "topologyOpeningEvent"]

    def record(self, event: Any) -> None:
        if not self._recording:
            return
        self._everything.append(event)
        name = name_of(event)
        for names, entity in self._stores:
            if name in names:
                entity.append(as_document(event))

    def listener(self, driver: Driver) -> Any:
        """An object that listens to everything the driver publishes."""
        monitoring = driver.module("monitoring")
        record = self.record
        names = {name for methods in _METHODS.values() for name in methods}
        methods = dict.fromkeys(names, lambda self, event: record(event))
        return type("Listener", tuple(getattr(monitoring, name) for name in _METHODS), methods)()

    def _is_observed(self, event: Any) -> bool:
        name = name_of(event)
        if name not in self._observed:
            return False
        command = getattr(event, "command_name", None)
        if command is None:
            return True
        if command in self._ignored:
            return False
        return self._sensitive or not is_sensitive(event)


def is_sensitive(event: Any) -> bool:
    """Whether a command event is about credentials: of a hello it shows only in what was left out."""
    if event.command_name in SENSITIVE:
        return True
    content = getattr(event, "command", getattr(event, "reply", None))
    return event.command_name in _HELLO and not content


def plain_file_filter(command: Mapping[str, Any]) -> Mapping[str, Any]:
    """A command with GridFS's `{_id: {$eq: id}}` as `{_id: id}`, which the tests expect.

    They mean the same but for ids that are operators, which only the first keeps from matching other files.
    """
    file_filter = command.get("filter")
    if not (isinstance(file_filter, Mapping) and str(command.get("find")).endswith(".files")):
        return command
    identifier = file_filter.get("_id")
    if not (isinstance(identifier, Mapping) and list(identifier) == ["$eq"]):
        return command
    return {**command, "filter": {**file_filter, "_id": identifier["$eq"]}}


def as_document(event: Any) -> dict[str, Any]:
    name = type(event).__name__
    public = {
        key: getattr(event, key)
        for key in dir(event)
        if not key.startswith("_") and key not in ("command", "reply")
    }
    return {"name": name, "observedAt": time.time(), **public}


class EventMatcher:
    """Compares events with what is expected of them."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def expect(self, expected: Mapping[str, Any], observer: Observer) -> None:
        """Raise Mismatch unless the observed events of the type are the expected ones, in their order."""
        kind = expected.get("eventType", "command")
        actual = [event for event in observer.events if type_of(name_of(event)) == kind]
        wanted = expected["events"]
        extra_allowed = expected.get("ignoreExtraEvents", False)
        if len(actual) < len(wanted) or (len(actual) > len(wanted) and not extra_allowed):
            raise Mismatch(
                f"expected {len(wanted)} {kind} events, got {len(actual)}:\n  expected "
                + ", ".join(next(iter(item)) for item in wanted)
                + "\n  got "
                + ", ".join(describe(event) for event in actual)
            )
        for index, item in enumerate(wanted):
            self.match(item, actual[index], f"{kind} event {index}")

    def count(self, expected: Mapping[str, Any], observer: Observer) -> int:
        return sum(self._matches(expected, event) for event in observer.events)

    def match(self, expected: Mapping[str, Any], event: Any, path: str) -> None:
        (name, properties), *_ = expected.items()
        if name_of(event) != name:
            raise Mismatch(f"{path}: expected {name}, got {describe(event)}")
        for key, value in properties.items():
            self._property(key, value, event, f"{path} {name}.{key}")

    def _matches(self, expected: Mapping[str, Any], event: Any) -> bool:
        try:
            self.match(expected, event, "")
        except Mismatch:
            return False
        return True

    def _property(self, key: str, value: Any, event: Any, path: str) -> None:
        if key == "command":
            self._matcher.match(value, plain_file_filter(event.command), path, root=True)
        elif key == "reply":
            self._matcher.match(value, event.reply, path, root=True)
        elif key in ("previousDescription", "newDescription"):
            self._description(value, event, key, path)
        elif key == "hasServiceId":
            self._presence(value, event.service_id is not None, path)
        elif key == "hasServerConnectionId":
            number = event.server_connection_id
            self._presence(value, isinstance(number, int) and number > 0, path)
        else:
            self._matcher.match(value, getattr(event, _ATTRIBUTES[key], MISSING), path)

    def _description(self, expected: Mapping[str, Any], event: Any, key: str, path: str) -> None:
        if "type" in expected:
            description = getattr(
                event, "previous_description" if key.startswith("previous") else "new_description"
            )
            actual = (
                description.topology_type_name
                if hasattr(description, "topology_type_name")
                else description.server_type_name
            )
            self._matcher.match(expected["type"], actual, f"{path}.type")

    def _presence(self, expected: bool, actual: bool, path: str) -> None:
        if expected != actual:
            raise Mismatch(f"{path}: expected {expected}, is {actual}")


_ATTRIBUTES = {
    "commandName": "command_name",
    "databaseName": "database_name",
    "reason": "reason",
    "awaited": "awaited",
    "interruptInUseConnections": "interrupt_connections",
}


def describe(event: Any) -> str:
    command = getattr(event, "command_name", "")
    return f"{name_of(event)}({command})" if command else name_of(event)
