"""Asks PyMongo what it makes of the expressions in `command_cases`, and keeps the answers.

Run it with a mongod on the port given: ``python -m tests.unit.commands.record_commands 27017``. It writes
`recorded_commands.json`: the first command of each expression as a listener saw it, without what depends on
the connection, or the error that PyMongo raised before it sent anything.
"""

from __future__ import annotations

import copy
import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pymongo
import pymongo.collation
import pymongo.cursor
import pymongo.errors
import pymongo.monitoring
import pymongo.operations
from tests.unit.commands import command_cases

RECORDED = Path(__file__).with_name("recorded_commands.json")
_NOT_THE_BUILDERS = (
    "lsid",
    "$clusterTime",
    "$db",
    "$readPreference",
    "txnNumber",
    "writeConcern",
    "readConcern",
)


def as_text(command: Any) -> str:
    """A command as one string: equal for equal types, values and order of fields in either package."""
    return json.dumps(command, default=_by_repr)


def _by_repr(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else repr(value)


class _FirstCommand(pymongo.monitoring.CommandListener):
    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        command = {key: value for key, value in event.command.items() if key not in _NOT_THE_BUILDERS}
        self.commands.append(copy.deepcopy(command))

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        """Replies do not matter here."""

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """Nor do the server's errors."""


def record(port: int) -> dict[str, Any]:
    """What PyMongo makes of every expression."""
    listener = _FirstCommand()
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(
        "127.0.0.1", port, directConnection=True, event_listeners=[listener]
    )
    names = {
        "client": client,
        "db": client["t"],
        "c": client["t"]["c"],
        "MappingProxyType": MappingProxyType,
        "Collation": pymongo.collation.Collation,
        **{name: getattr(pymongo.operations, name) for name in ("IndexModel", "SearchIndexModel")},
    }
    recorded: dict[str, Any] = {}
    for expression in command_cases.ALL:
        client.drop_database("t")
        client["t"]["c"].insert_one({"_id": 0, "a": 0})
        listener.commands.clear()
        try:
            result = eval(expression, dict(names))
            if isinstance(result, pymongo.cursor.Cursor) and not listener.commands:
                result.next()
        except (pymongo.errors.PyMongoError, StopIteration, TypeError, ValueError) as error:
            if not listener.commands:
                recorded[expression] = {"error": type(error).__name__, "message": str(error)}
                continue
        recorded[expression] = {"command": as_text(listener.commands[0])}
    return recorded


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    RECORDED.write_text(json.dumps(record(int(sys.argv[1])), indent=1) + "\n")
