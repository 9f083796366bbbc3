"""How the 3.x face says that something is old, and that a server no longer has it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from petiole.errors import OperationFailure

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMAND_NOT_FOUND = 59


def deprecated(text: str, stacklevel: int = 3) -> None:
    """Warn whoever called the method that calls this."""
    warnings.warn(text, DeprecationWarning, stacklevel=stacklevel)


def unless_removed(run: Callable[[], Any], what: str, since: str, instead: str, *codes: int) -> Any:
    """The result of `run`, or an error that says since when servers lack the command, and what to use.

    :param codes: which errors of the server mean that it lacks it, besides "command not found".
    """
    try:
        return run()
    except OperationFailure as error:
        if error.code != _COMMAND_NOT_FOUND and error.code not in codes:
            raise
        details: Any = error.details
        raise OperationFailure(
            f"MongoDB has no {what} since version {since}: {instead}", error.code, details
        ) from error
