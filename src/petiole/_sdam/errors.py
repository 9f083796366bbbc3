"""What an error on a connection means for its server, its pool and its monitor.

Owns: the decision, as a value. May not: carry it out.
The engine applies `Decision.description` with `transitions.update` and clears the pool under the same guard,
so that no other task sees the one without the other.

Follows: Server Discovery and Monitoring, "Error handling" (network errors, "not writable primary" and "node
is recovering", authentication and handshake errors, stale errors); Connection Pooling, backpressure labels;
Load Balancer Support, "Error handling".
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from petiole._sdam.server import ServerDescription, unknown_server
from petiole._sdam.transitions import is_not_newer

SHUTDOWN_CODES: Final = frozenset({91, 11600})
"""ShutdownInProgress, InterruptedAtShutdown."""
RECOVERING_CODES: Final = SHUTDOWN_CODES | {189, 11602, 13436}
"""And PrimarySteppedDown, InterruptedDueToReplStateChange, NotPrimaryOrSecondary."""
NOT_PRIMARY_CODES: Final = frozenset({10058, 10107, 13435})
"""LegacyNotPrimary, NotWritablePrimary, NotPrimaryNoSecondaryOk."""

OVERLOAD_LABELS: Final = ("SystemOverloadedError", "RetryableError")


class ErrorKind(Enum):
    """What went wrong on a connection."""

    NETWORK = "network"
    TIMEOUT = "timeout"
    DNS = "dns"
    """The name did not resolve."""
    TLS = "tls"
    """TLS refused: a bad certificate, no common cipher. A connection that broke meanwhile is NETWORK."""
    COMMAND = "command"
    """The server replied with an error."""
    AUTH = "auth"
    """Authentication failed on the client's side, as by a wrong server signature."""


class Phase(Enum):
    """How far the connection had come."""

    CONNECTING = "connecting"
    """Resolving, TCP, proxy, TLS."""
    HELLO = "hello"
    AUTH = "auth"
    READY = "ready"
    """Handed out to operations at least once, or ready for it."""


class Failure(NamedTuple):
    """An error, and the connection it happened on."""

    kind: ErrorKind
    phase: Phase
    error: Exception
    generation: int = 0
    """The pool's generation when the connection was made (for its service, behind a load balancer)."""
    reply: Mapping[str, Any] | None = None
    """The server's reply, if there is one."""
    service_id: Any = None


class Decision(NamedTuple):
    """What the engine must do. The default is nothing."""

    reason: str
    """For logs: why."""
    description: ServerDescription | None = None
    """Mark the server so."""
    clear_pool: bool = False
    service_id: Any = None
    """Clear only the connections of this service."""
    close_in_use: bool = False
    """Interrupt the operations that wait on connections in use."""
    request_check: bool = False
    """Let the monitor check at once."""
    cancel_check: bool = False
    """Interrupt the monitor's check under way: its connection is likely as dead."""


def state_change_code(reply: Mapping[str, Any] | None) -> int | None:
    """The code of a "not writable primary" or "node is recovering" reply; None for anything else.

    Only the command's own error and its writeConcernError count, never writeErrors. The message decides only
    where there is no code, as in replies of old servers.
    """
    if not reply:
        return None
    error: Any = reply if reply.get("ok") != 1 else reply.get("writeConcernError")
    if not isinstance(error, Mapping):
        return None
    code = error.get("code")
    if code is not None:
        return int(code) if code in RECOVERING_CODES or code in NOT_PRIMARY_CODES else None
    message = str(error.get("errmsg", "")).lower()
    if "node is recovering" in message or "not master or secondary" in message:
        return 13436
    return 10107 if "not master" in message else None


def establishment_labels(kind: ErrorKind, phase: Phase) -> tuple[str, ...]:
    """The labels of an error on a new connection that speaks of an overloaded server.

    A server sheds load by dropping connections before they have said hello. Names that do not resolve and
    refused certificates say nothing about load.
    """
    early = phase in (Phase.CONNECTING, Phase.HELLO)
    return OVERLOAD_LABELS if early and kind in (ErrorKind.NETWORK, ErrorKind.TIMEOUT) else ()


def on_operation_error(
    current: ServerDescription, pool_generation: int, failure: Failure, *, load_balanced: bool = False
) -> Decision:
    """What an error on an application's connection means, also while the connection is being made.

    :param current: the server as the newest snapshot has it
    :param pool_generation: the pool's generation now (of the failure's service, behind a load balancer)
    """
    if failure.generation < pool_generation:
        return Decision("stale: the pool was cleared since the connection was made")
    code = state_change_code(failure.reply) if failure.kind is ErrorKind.COMMAND else None
    version = (failure.reply or {}).get("topologyVersion")
    if is_not_newer(current.topology_version, version):
        return Decision("stale: the server's state is known to be newer")
    if establishment_labels(failure.kind, failure.phase):
        return Decision("the server may be overloaded: marking it unknown would add load")
    if load_balanced:
        return _behind_load_balancer(failure, code)
    if code is not None:
        return _state_change(current, failure, code, version)
    if failure.phase is not Phase.READY:
        return Decision(
            "the connection could not be made ready",
            description=unknown_server(current.address, failure.error, topology_version=version),
            clear_pool=True,
            # The server may be well (a password was wrong), and would not say so in a streaming check for long.
            cancel_check=True,
        )
    if failure.kind is ErrorKind.NETWORK:
        return Decision(
            "the connection broke",
            description=unknown_server(current.address, failure.error),
            clear_pool=True,
            cancel_check=True,
        )
    # A timeout may be the operation's own fault, and other errors are replies of a healthy server.
    return Decision("the error says nothing about the server")


def _state_change(
    current: ServerDescription, failure: Failure, code: int, version: Mapping[str, Any] | None
) -> Decision:
    # Since 4.2 servers keep connections open across elections; only one that shuts down will drop them.
    return Decision(
        "the server is shutting down" if code in SHUTDOWN_CODES else "the server changed its state",
        description=unknown_server(current.address, failure.error, topology_version=version),
        clear_pool=code in SHUTDOWN_CODES,
        request_check=True,
        cancel_check=failure.phase is not Phase.READY,
    )


def _behind_load_balancer(failure: Failure, code: int | None) -> Decision:
    """The load balancer stays as it is; only the connections of the failed service go."""
    broken = failure.kind is ErrorKind.NETWORK or code in SHUTDOWN_CODES or failure.phase is Phase.AUTH
    if failure.service_id is None or not broken:
        return Decision("the error says nothing about a service")
    return Decision("the service failed", clear_pool=True, service_id=failure.service_id)


def on_monitor_error(current: ServerDescription, failure: Failure) -> Decision:
    """What a failed check means. When to check again is `schedule.next_check`'s business.

    After a timeout the server may be hung, and operations would wait on it for ever: interrupt them.
    """
    version = (failure.reply or {}).get("topologyVersion")
    return Decision(
        "the check failed",
        description=unknown_server(current.address, failure.error, topology_version=version),
        clear_pool=True,
        close_in_use=failure.kind is ErrorKind.TIMEOUT,
    )
