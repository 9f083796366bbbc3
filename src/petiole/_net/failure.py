"""Why a connection could not be made, as the topology is told.

Owns: how an error carries the phase it happened in up to whoever asked for the connection. What it means for
the server is decided in `petiole._sdam.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping

from petiole._sdam.errors import ErrorKind, Failure, Phase
from petiole.errors import AutoReconnect, NetworkTimeout, OperationFailure

_PHASE = "_phase"


def mark(error: BaseException, phase: Phase) -> None:
    """Note on an error how far the connection had come."""
    setattr(error, _PHASE, phase)


def failure_of(error: Exception, generation: int) -> Failure:
    """What an error of `Connector.establish` says, about a connection that was to be of that generation."""
    phase: Phase = getattr(error, _PHASE, Phase.CONNECTING)
    details = error.details if isinstance(error, (AutoReconnect, OperationFailure)) else None
    reply = details if isinstance(details, Mapping) else None
    return Failure(_kind(error, phase, reply), phase, error, generation, reply)


def _kind(error: Exception, phase: Phase, reply: Mapping[str, object] | None) -> ErrorKind:
    if reply is not None:
        return ErrorKind.COMMAND
    if isinstance(error, NetworkTimeout):
        return ErrorKind.TIMEOUT
    if isinstance(error, AutoReconnect):
        return ErrorKind.NETWORK
    return ErrorKind.AUTH if phase is Phase.AUTH else ErrorKind.COMMAND
