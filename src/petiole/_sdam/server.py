"""What is known about one server.

Owns: `ServerDescription`, an immutable value, and the pure functions that make one from a hello reply or from
an error. May not: know of other servers.
Follows: Server Discovery and Monitoring, "ServerDescription".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from petiole._sdam.address import Address
from petiole._sdam.hello import Hello
from petiole._sdam.immutable import Immutable
from petiole._sdam.server_type import SERVER_TYPE

_RETRYABLE_WRITES: Final = frozenset({SERVER_TYPE.Mongos, SERVER_TYPE.RSPrimary, SERVER_TYPE.LoadBalancer})
_RETRYABLE_READS_WIRE_VERSION: Final = 6
_LOAD_BALANCER_WIRE_VERSION: Final = 13
"""MongoDB 5.0, the first that serves behind a load balancer."""

# "ServerDescription" marks the fields that count for equality: those whose change interests an application.
_COMPARED: Final = (
    "address",
    "server_type",
    "min_wire_version",
    "max_wire_version",
    "me",
    "all_hosts",
    "tags",
    "replica_set_name",
    "set_version",
    "election_id",
    "primary",
    "logical_session_timeout_minutes",
)


def seconds_since_epoch(date: Any) -> float | None:
    """A BSON date as seconds since 1970, whether decoded naive, aware, or as milliseconds (DatetimeMS)."""
    if date is None:
        return None
    if isinstance(date, datetime):
        # Naive dates are in UTC; `timestamp()` alone would take them for local time.
        aware = date.replace(tzinfo=UTC) if date.tzinfo is None else date
        return aware.timestamp()
    return int(date) / 1000


class ServerDescription(Immutable):
    """Immutable representation of one server.

    :param address: a (host, port) pair
    :param hello: the server's reply, or None if it never answered
    :param round_trip_time: average latency in seconds
    :param error: the last error attempting to connect to the server
    :param min_round_trip_time: the least latency of the most recent samples, in seconds
    :param last_update_time: when the reply arrived, in seconds of the caller's monotonic clock
    :param topology_version: overrides the reply's or the error's topologyVersion
    """

    __slots__ = (
        "address",
        "all_hosts",
        "cluster_time",
        "election_id",
        "error",
        "hello_ok",
        "is_cryptd",
        "is_readable",
        "is_writable",
        "last_update_time",
        "last_write_date",
        "logical_session_timeout_minutes",
        "max_bson_size",
        "max_message_size",
        "max_wire_version",
        "max_write_batch_size",
        "me",
        "min_round_trip_time",
        "min_wire_version",
        "primary",
        "replica_set_name",
        "round_trip_time",
        "server_type",
        "set_version",
        "tags",
        "topology_version",
    )

    address: Address
    server_type: int
    all_hosts: set[tuple[str, int]]
    tags: Mapping[str, Any]
    replica_set_name: str | None
    primary: tuple[str, int] | None
    max_bson_size: int
    max_message_size: int
    max_write_batch_size: int
    min_wire_version: int
    max_wire_version: int
    set_version: int | None
    election_id: Any
    cluster_time: Mapping[str, Any] | None
    me: tuple[str, int] | None
    logical_session_timeout_minutes: int | None
    last_write_date: float | None
    last_update_time: float
    round_trip_time: float | None
    min_round_trip_time: float
    error: Exception | None
    is_writable: bool
    is_readable: bool
    topology_version: Mapping[str, Any] | None
    hello_ok: bool
    is_cryptd: bool

    def __init__(
        self,
        address: Address,
        hello: Hello[Any] | None = None,
        round_trip_time: float | None = None,
        error: Exception | None = None,
        min_round_trip_time: float = 0.0,
        *,
        last_update_time: float = 0.0,
        topology_version: Mapping[str, Any] | None = None,
    ) -> None:
        reply: Hello[Any] = _NO_REPLY if hello is None else hello
        self.fill(_fields_of(reply))
        self.fill(
            {
                "address": address,
                "round_trip_time": round_trip_time,
                "min_round_trip_time": min_round_trip_time,
                "last_update_time": last_update_time,
                "error": error,
                "topology_version": topology_version or reply.topology_version or _version_of(error),
            }
        )

    @property
    def server_type_name(self) -> str:
        """The server type as a human readable string."""
        return SERVER_TYPE._fields[self.server_type]

    @property
    def election_tuple(self) -> tuple[int | None, Any]:
        """The set version and the election id."""
        return self.set_version, self.election_id

    @property
    def mongos(self) -> bool:
        """Whether this is a mongos."""
        return self.server_type == SERVER_TYPE.Mongos

    @property
    def is_server_type_known(self) -> bool:
        """Whether the server has answered, and since then nothing spoke against it."""
        return self.server_type != SERVER_TYPE.Unknown

    @property
    def retryable_writes_supported(self) -> bool:
        """Whether this server supports retryable writes."""
        return self.server_type in _RETRYABLE_WRITES

    @property
    def retryable_reads_supported(self) -> bool:
        """Whether this server supports retryable reads."""
        return self.max_wire_version >= _RETRYABLE_READS_WIRE_VERSION

    def to_unknown(self, error: Exception | None = None) -> "ServerDescription":
        """The same address and topologyVersion as a server of type Unknown, with the reason."""
        unknown = ServerDescription(self.address, error=error)
        unknown.fill({"topology_version": self.topology_version})
        return unknown

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ServerDescription):
            return NotImplemented
        same = all(getattr(self, name) == getattr(other, name) for name in _COMPARED)
        return same and _same_error(self.error, other.error)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        reason = f", error={self.error!r}" if self.error else ""
        return (
            f"<{type(self).__name__} {self.address!r} server_type: {self.server_type_name}, "
            f"rtt: {self.round_trip_time}{reason}>"
        )


def _fields_of(reply: Hello[Any]) -> dict[str, Any]:
    return {
        "server_type": reply.server_type,
        "all_hosts": reply.all_hosts,
        "tags": reply.tags,
        "replica_set_name": reply.replica_set_name,
        "primary": reply.primary,
        "max_bson_size": reply.max_bson_size,
        "max_message_size": reply.max_message_size,
        "max_write_batch_size": reply.max_write_batch_size,
        "min_wire_version": reply.min_wire_version,
        "max_wire_version": reply.max_wire_version,
        "set_version": reply.set_version,
        "election_id": reply.election_id,
        "cluster_time": reply.cluster_time,
        "me": reply.me,
        "logical_session_timeout_minutes": reply.logical_session_timeout_minutes,
        "last_write_date": seconds_since_epoch(reply.last_write_date),
        "is_writable": reply.is_writable,
        "is_readable": reply.is_readable,
        "hello_ok": reply.hello_ok,
        "is_cryptd": bool(reply.document.get("iscryptd", False)),
    }


def _same_error(one: Exception | None, two: Exception | None) -> bool:
    # Exceptions compare by identity, and every failed check raises a new one that says the same.
    return one == two or (type(one) is type(two) and str(one) == str(two))


def _version_of(error: Exception | None) -> Mapping[str, Any] | None:
    details = getattr(error, "details", None)
    return details.get("topologyVersion") if isinstance(details, Mapping) else None


_NO_REPLY: Final[Hello[Any]] = Hello({})


def describe_server(
    address: Address,
    reply: Mapping[str, Any],
    *,
    round_trip_time: float,
    last_update_time: float,
    min_round_trip_time: float = 0.0,
) -> ServerDescription:
    """A server as its hello reply describes it. Times are seconds, the last on the caller's clock."""
    return ServerDescription(
        address,
        Hello(reply),
        round_trip_time,
        min_round_trip_time=min_round_trip_time,
        last_update_time=last_update_time,
    )


def unknown_server(
    address: Address,
    error: Exception | None = None,
    *,
    last_update_time: float = 0.0,
    topology_version: Mapping[str, Any] | None = None,
) -> ServerDescription:
    """A server of which nothing is known but the reason."""
    return ServerDescription(
        address, error=error, last_update_time=last_update_time, topology_version=topology_version
    )


def load_balancer(address: Address, last_update_time: float = 0.0) -> ServerDescription:
    """The one server of a load balanced deployment, which is never checked.

    Follows: Load Balancer Support, "Monitoring".
    """
    reply = {"ok": 1, "serviceId": True, "maxWireVersion": _LOAD_BALANCER_WIRE_VERSION}
    return ServerDescription(address, Hello(reply), last_update_time=last_update_time)
