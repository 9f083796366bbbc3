"""When a monitor checks its server next, and how.

Owns: the decision between streaming and polling, and the waiting times. Times are seconds.
May not: wait. The engine's monitor waits and asks again.
Follows: Server Monitoring, "serverMonitoringMode", "heartbeatFrequencyMS", "minHeartbeatFrequencyMS",
"Streaming protocol" and "Network or command error during server check".
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from petiole._sdam.server import ServerDescription

MIN_HEARTBEAT: Final = 0.5
"""No server is checked more often, however many operations wait for it."""
MIN_SRV_POLL: Final = 60.0
"""SRV records are polled at most every 60 seconds."""

_FAAS_VARIABLES: Final = ("FUNCTIONS_WORKER_RUNTIME", "K_SERVICE", "FUNCTION_NAME", "VERCEL")


class CheckKind(Enum):
    """How to check."""

    POLL = "poll"
    """Send hello, read the reply."""
    AWAITABLE = "awaitable"
    """Send hello with topologyVersion and maxAwaitTimeMS; the server answers on change."""
    STREAM = "stream"
    """Send nothing: the server announced more replies (moreToCome)."""


class NextCheck(NamedTuple):
    """The next check of a server."""

    kind: CheckKind
    delay: float
    """Seconds to wait first, if nobody requests a check."""
    min_delay: float
    """Seconds to wait first even if somebody does."""
    read_timeout: float | None
    """Seconds that the reply may take; None for ever (connectTimeoutMS=0)."""
    measures_rtt: bool
    """Whether the check's duration is a round trip; otherwise a separate connection must measure it."""


def is_faas(environ: Mapping[str, str]) -> bool:
    """Whether the process runs as a function that is frozen between calls ("client.env")."""
    if environ.get("AWS_EXECUTION_ENV", "").startswith("AWS_Lambda_") or "AWS_LAMBDA_RUNTIME_API" in environ:
        return True
    return any(environ.get(name) for name in _FAAS_VARIABLES)


def may_stream(mode: str, faas: bool) -> bool:
    """Whether the server may be asked to stream: a frozen function would find its streams dead."""
    return mode == "stream" or (mode == "auto" and not faas)


def next_check(
    server: ServerDescription,
    *,
    mode: str,
    faas: bool,
    heartbeat_frequency: float,
    connect_timeout: float | None,
    more_to_come: bool = False,
    retry_now: bool = False,
) -> NextCheck:
    """What to do after a check that gave this description.

    :param server: the newest description; of type Unknown, with an error, after a failed check
    :param mode: serverMonitoringMode, "auto", "stream" or "poll"
    :param connect_timeout: seconds, or None for ever
    :param more_to_come: whether the last reply announced another
    :param retry_now: what `retries_at_once` said of the failed check
    """
    streams = may_stream(mode, faas) and server.topology_version is not None and server.is_server_type_known
    if streams:
        patience = connect_timeout + heartbeat_frequency if connect_timeout is not None else None
        kind = CheckKind.STREAM if more_to_come else CheckKind.AWAITABLE
        return NextCheck(kind, 0.0, 0.0, patience, measures_rtt=False)
    delay = 0.0 if retry_now else heartbeat_frequency
    return NextCheck(CheckKind.POLL, delay, min(MIN_HEARTBEAT, delay), connect_timeout, measures_rtt=True)


def retries_at_once(previous: ServerDescription, network_error: bool) -> bool:
    """Whether a failed check is repeated at once: perhaps only the connection broke, not the server."""
    return network_error and previous.is_server_type_known


def awaitable_fields(server: ServerDescription, heartbeat_frequency: float) -> dict[str, Any]:
    """The fields that make a hello command awaitable."""
    return {
        "topologyVersion": server.topology_version,
        "maxAwaitTimeMS": int(heartbeat_frequency * 1000),
    }


def srv_poll_delay(min_ttl: float, *, failed: bool, heartbeat_frequency: float) -> float:
    """Seconds until SRV records are looked up again ("Polling SRV Records", "rescanSRVIntervalMS")."""
    return heartbeat_frequency if failed else max(min_ttl, MIN_SRV_POLL)
