"""Commands on whole databases (specification: Enumerating Databases).

Pure. Owns `listDatabases`, `dropDatabase` and the names a database may have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

ADMIN = "admin"


class ListDatabases(Command):
    """A `listDatabases`, sent to `admin`; retried once as a read."""

    name = "listDatabases"
    reads = True
    retry = Retry.READ

    __slots__ = ()


class DropDatabase(Command):
    """A `dropDatabase`."""

    name = "dropDatabase"

    __slots__ = ()


class BuildInfo(Command):
    """A `buildinfo`, sent to `admin`."""

    name = "buildinfo"
    reads = True
    retry = Retry.READ

    __slots__ = ()


def list_databases_body(comment: Any = None, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a `listDatabases`; the reply's field `databases` holds them all, there is no cursor."""
    body: dict[str, Any] = {"listDatabases": 1, **(options or {})}
    if comment is not None:
        body["comment"] = comment
    return body


def list_database_names_body(comment: Any = None) -> dict[str, Any]:
    """The body of a `listDatabases` of which only the names are wanted."""
    return list_databases_body(comment, {"nameOnly": True})


def drop_database_body(comment: Any = None) -> dict[str, Any]:
    """The body of a `dropDatabase`."""
    return {"dropDatabase": 1} if comment is None else {"dropDatabase": 1, "comment": comment}


def build_info_body() -> dict[str, Any]:
    """The body of a `buildinfo`."""
    return {"buildinfo": 1}
