"""`explain`: how the server would run another command (specification: Driver Support for explain).

Pure. The command explained is a body made by its own builder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry

if TYPE_CHECKING:
    from petiole.read_concern import ReadConcern


class Explain(Command):
    """An `explain`, routed as a read whatever it explains."""

    name = "explain"
    reads = True
    retry = Retry.READ

    __slots__ = ()


def explain_body(
    body: dict[str, Any], verbosity: str | None = None, read_concern: ReadConcern | None = None
) -> dict[str, Any]:
    """The body; without `verbosity` the server's default applies.

    The read concern is the explained command's: it is added to `body`, and the `explain` itself gets none.
    """
    if read_concern is not None and read_concern.level:
        body["readConcern"] = read_concern.document
    return {"explain": body} if verbosity is None else {"explain": body, "verbosity": verbosity}
