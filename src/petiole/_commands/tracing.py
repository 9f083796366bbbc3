"""What traces say of a command: the operation's name, what it works on, its text.

Pure: knows no tracer. The names are those of the OpenTelemetry specification ("Covered operations", "Operation Span
Attributes", "Command Span Attributes").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._commands.base import Command

_ADMIN = "admin"
_OPERATIONS = {"create": "createCollection", "drop": "dropCollection"}
_ON_COLLECTIONS = frozenset(
    {
        "aggregate",
        "collMod",
        "collStats",
        "compact",
        "convertToCapped",
        "count",
        "create",
        "createIndexes",
        "createSearchIndexes",
        "delete",
        "distinct",
        "drop",
        "dropIndexes",
        "dropSearchIndex",
        "find",
        "findAndModify",
        "findandmodify",
        "insert",
        "killCursors",
        "listIndexes",
        "mapReduce",
        "reIndex",
        "update",
        "updateSearchIndex",
        "validate",
    }
)
"""Commands whose value is a collection's name, if it is a string."""
_NOT_SHOWN = frozenset({"lsid", "$db", "$clusterTime", "signature"})


class Place(NamedTuple):
    """A database, and the collection in it, if there is one to speak of."""

    database: str
    collection: str | None = None

    def __str__(self) -> str:
        return self.database if self.collection is None else f"{self.database}.{self.collection}"


def operation_name(command: Command) -> str:
    """The operation that a command alone makes up."""
    return command.operation or _OPERATIONS.get(command.name, command.name)


def operation_place(command: Command) -> Place:
    """What an operation works on. A collection is renamed by a command of another database."""
    if command.name == "renameCollection":
        database, _, collection = str(command.body[command.name]).partition(".")
        return Place(database, collection)
    return command_place(command.database, command.body)


def command_place(database: str, body: Mapping[str, Any]) -> Place:
    """What a command works on; of the database "admin" no collection is told."""
    name = next(iter(body))
    collection = body.get("collection") if name == "getMore" else body[name]
    known = name == "getMore" or name in _ON_COLLECTIONS
    if database == _ADMIN or not known or not isinstance(collection, str) or collection.startswith("$cmd"):
        return Place(database)
    return Place(database, collection)


def cursor_sent(body: Mapping[str, Any]) -> int:
    """The one cursor that a command names, or 0."""
    found = body.get("getMore", 0)
    return int(found) if isinstance(found, int) else 0


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of a command goes into its text."""
    return {name: value for name, value in document.items() if name not in _NOT_SHOWN}
