"""Why a connection could not be made, as the topology is told.

Owns: how an error carries the phase it happened in up to whoever asked for the connection. What it means for
the server is decided in `petiole._sdam.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._net.connection import network_error
from petiole._runtime.trouble import certificate_complaint, is_tls_error, is_tls_refusal, is_unresolved
from petiole._sdam.address import format_address
from petiole._sdam.errors import ErrorKind, Failure, Phase
from petiole.errors import AutoReconnect, NetworkTimeout, OperationFailure

if TYPE_CHECKING:
    from petiole._runtime.base import Address

_PHASE = "_phase"
_SERVICE = "_service"


def connect_error(address: Address, error: OSError, timeouts: str) -> AutoReconnect:
    """What is raised when the stream could not be connected. What a person can act on comes first."""
    complaint = certificate_complaint(error)
    if complaint is not None:
        return AutoReconnect(f"certificate verify failed for {format_address(address)}: {complaint}")
    if is_tls_error(error):
        return AutoReconnect(f"SSL handshake failed: {format_address(address)}: {error}")
    return network_error(address, error, timeouts)


def mark(error: BaseException, phase: Phase, service_id: Any = None) -> None:
    """Note on an error how far the connection had come, and to which service behind a load balancer."""
    setattr(error, _PHASE, phase)
    setattr(error, _SERVICE, service_id)


def failure_of(error: Exception, generation: int) -> Failure:
    """What an error of `Connector.establish` says, about a connection that was to be of that generation."""
    phase: Phase = getattr(error, _PHASE, Phase.CONNECTING)
    details = error.details if isinstance(error, (AutoReconnect, OperationFailure)) else None
    reply = details if isinstance(details, Mapping) else None
    service_id = getattr(error, _SERVICE, None)
    return Failure(_kind(error, phase, reply), phase, error, generation, reply, service_id)


def _kind(error: Exception, phase: Phase, reply: Mapping[str, object] | None) -> ErrorKind:
    if reply is not None:
        return ErrorKind.COMMAND
    if isinstance(error, NetworkTimeout):
        return ErrorKind.TIMEOUT
    if is_tls_refusal(error.__cause__):
        return ErrorKind.TLS
    if is_unresolved(error.__cause__):
        return ErrorKind.DNS
    if isinstance(error, AutoReconnect):
        return ErrorKind.NETWORK
    return ErrorKind.AUTH if phase is Phase.AUTH else ErrorKind.COMMAND
