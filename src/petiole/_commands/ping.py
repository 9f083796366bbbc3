"""`ping`: does the server answer?"""

from __future__ import annotations

from typing import Any

from petiole._commands.base import Command


class Ping(Command):
    """A `ping`."""

    name = "ping"
    reads = True

    __slots__ = ()


def ping_body() -> dict[str, Any]:
    """The body."""
    return {"ping": 1}
