"""Any command the user makes up (specification: Run Command).

Pure. Such a command is sent as it is: no read or write concern is added, it is retried only if the server was
overloaded, and it runs where its own read preference admits, primary by default. The order of its fields is kept,
the user's mapping left alone.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from petiole._command_events import is_sensitive
from petiole._commands.base import Command, Retry
from petiole.errors import InvalidOperation


class RunCommand(Command):
    """A command made up by the user, with that command's name."""

    reads = True
    ruled_by = Retry.READ | Retry.WRITE  # Nobody knows which it is.
    operation = "runCommand"

    __slots__ = ("allowed", "own_preference")
    allowed: Container[int | str] | None
    """The codes of errors that the caller takes for a reply, None for all; there only if any was named."""

    @property
    def name(self) -> str:  # type: ignore[override]  # Read-only: of each instance, not of the class.
        return str(next(iter(self.body)))


class SensitiveRunCommand(RunCommand):
    """One that carries credentials."""

    sensitive = True

    __slots__ = ()


class MapReduce(RunCommand):
    """A `mapReduce`, an operation of its own in the API of 3.x; it was never retried."""

    operation = ""

    __slots__ = ()


def command_body(
    command: str | Mapping[str, Any],
    value: Any = 1,
    comment: Any = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body: `{command: value}` or the mapping itself, then `options` and the comment.

    :raises TypeError: if `command` is neither a string nor a mapping.
    :raises ValueError: if the mapping is empty.
    """
    if isinstance(command, str):
        body: dict[str, Any] = {command: value}
    elif isinstance(command, Mapping):
        body = dict(command)
    else:
        raise TypeError(f"command must be a string or a mapping, not {type(command)}")
    if options:
        body.update(options)
    if comment is not None:
        body["comment"] = comment
    if not body:
        raise ValueError("command must name a command, but is empty")
    return body


def command_class(body: Mapping[str, Any]) -> type[RunCommand]:
    """The kind of command a body is."""
    return SensitiveRunCommand if is_sensitive(next(iter(body)), body) else RunCommand


def not_a_cursor() -> InvalidOperation:
    """The error for a `cursor_command` whose reply has none."""
    return InvalidOperation("Command does not return a cursor.")
