"""Collects what a client logs, and compares it with the messages that a test expects.

Follows: unified-test-format, "expectedLogMessagesForClient". A message is a line of JSON; those of other clients are
told apart by the id of their topology, which each message has as `clientId` or `topologyId`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from tests.spec.unified.driver import Driver
from tests.spec.unified.events import Observer
from tests.spec.unified.matching import MISSING, Matcher, Mismatch

_LEVELS = {
    "emergency": logging.CRITICAL,
    "alert": logging.CRITICAL,
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "notice": logging.INFO,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}

_LENGTH = 10_000
"""How much of a command or reply is to be logged: all of it, since the tests parse it."""
_LENGTH_VARIABLES = ("MONGODB_LOG_MAX_DOCUMENT_LENGTH", "MONGOB_LOG_MAX_DOCUMENT_LENGTH")
"""The logging specification's name for it, and PyMongo's."""


class LogCollector(logging.Handler):
    """The messages of all clients at the wanted levels, while it is entered."""

    def __init__(self, driver: Driver, levels: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__()
        self._loads = driver.bson("json_util").loads
        self._package = driver.package
        self._levels = {client: dict(wanted) for client, wanted in levels.items()}
        self._records: list[logging.LogRecord] = []
        self._environment = pytest.MonkeyPatch()
        self._before: list[tuple[logging.Logger, int]] = []

    def __enter__(self) -> LogCollector:
        for name in _LENGTH_VARIABLES:
            self._environment.setenv(name, str(_LENGTH))
        for component in {component for wanted in self._levels.values() for component in wanted}:
            logger = logging.getLogger(f"{self._package}.{component}")
            self._before.append((logger, logger.level))
            logger.setLevel(logging.DEBUG)
            logger.addHandler(self)
        return self

    def __exit__(self, *details: object) -> None:
        self._environment.undo()
        for logger, level in self._before:
            logger.removeHandler(self)
            logger.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def messages(self, client: str, observer: Observer) -> list[dict[str, Any]]:
        """The messages of one client, in the form of the format's expectations."""
        found = []
        for record in list(self._records):
            component = record.name.rpartition(".")[2]
            wanted = self._levels.get(client, {}).get(component)
            if wanted is None or record.levelno < _LEVELS[wanted]:
                continue
            data = self._loads(record.getMessage())
            if str(data.get("clientId", data.get("topologyId"))) in observer.topology_ids:
                found.append({"level": record.levelname.lower(), "component": component, "data": data})
        return found


def expect_messages(matcher: Matcher, expected: Mapping[str, Any], messages: list[dict[str, Any]]) -> None:
    """Raise Mismatch unless these are the expected messages, in their order."""
    ignored = expected.get("ignoreMessages", ())
    actual = [item for item in messages if not any(_matches(matcher, other, item) for other in ignored)]
    wanted = expected["messages"]
    if len(actual) < len(wanted) or (len(actual) > len(wanted) and not expected.get("ignoreExtraMessages")):
        names = "\n  ".join(str(item["data"].get("message")) for item in actual)
        raise Mismatch(f"expected {len(wanted)} messages, got {len(actual)}:\n  {names}")
    for index, item in enumerate(wanted):
        match_message(matcher, item, actual[index], f"message {index}")


def match_message(
    matcher: Matcher, expected: Mapping[str, Any], actual: Mapping[str, Any], path: str
) -> None:
    for name in ("level", "component"):
        matcher.match(expected[name], actual[name], f"{path}.{name}")
    data = dict(actual["data"])
    redacted = expected.get("failureIsRedacted")
    if redacted is not None:
        failure = data.get("failure", MISSING)
        if failure is MISSING:
            raise Mismatch(f"{path}: there is no failure in {data!r}")
        if redacted != ("errmsg" not in str(failure)):
            raise Mismatch(f"{path}: the failure is {'not ' if redacted else ''}redacted: {failure!r}")
    matcher.match(expected["data"], data, f"{path}.data", root=True)


def _matches(matcher: Matcher, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    try:
        match_message(matcher, expected, actual, "")
    except Mismatch:
        return False
    return True
