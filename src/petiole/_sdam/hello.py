"""The reply to the `hello` (formerly `isMaster`) command, read defensively.

Owns: `Hello`, the typed view of the reply, and the decision which type of server sent it.
May not: compare replies or keep anything besides the document itself.
Follows: Server Discovery and Monitoring, "Parsing a hello or legacy hello response".
"""

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from petiole._sdam.address import parse_address
from petiole._sdam.server_type import SERVER_TYPE

_DocumentType = TypeVar("_DocumentType", bound=Mapping[str, Any])

DEFAULT_MAX_BSON_SIZE: Final = 16 * 1024 * 1024
DEFAULT_MAX_MESSAGE_SIZE: Final = 48_000_000
DEFAULT_MAX_WRITE_BATCH_SIZE: Final = 100_000


class HelloCompat:
    """The names of the command and of its fields, before and since MongoDB 5.0."""

    CMD = "hello"
    LEGACY_CMD = "ismaster"
    PRIMARY = "isWritablePrimary"
    LEGACY_PRIMARY = "ismaster"
    LEGACY_ERROR = "not master"


def _server_type(doc: Mapping[str, Any]) -> int:
    """The rules of "Type" in "Parsing a hello response", first match wins."""
    if doc.get("ok") != 1:
        return SERVER_TYPE.Unknown
    if doc.get("serviceId"):
        return SERVER_TYPE.LoadBalancer
    if doc.get("isreplicaset"):
        return SERVER_TYPE.RSGhost
    if doc.get("setName"):
        return _member_type(doc)
    if doc.get("msg") == "isdbgrid":
        return SERVER_TYPE.Mongos
    return SERVER_TYPE.Standalone


def _member_type(doc: Mapping[str, Any]) -> int:
    # A hidden member may also say "secondary", yet clients must never read from it.
    if doc.get("hidden"):
        return SERVER_TYPE.RSOther
    if doc.get(HelloCompat.PRIMARY) or doc.get(HelloCompat.LEGACY_PRIMARY):
        return SERVER_TYPE.RSPrimary
    if doc.get("secondary"):
        return SERVER_TYPE.RSSecondary
    if doc.get("arbiterOnly"):
        return SERVER_TYPE.RSArbiter
    return SERVER_TYPE.RSOther


_WRITABLE: Final = frozenset(
    {SERVER_TYPE.RSPrimary, SERVER_TYPE.Standalone, SERVER_TYPE.Mongos, SERVER_TYPE.LoadBalancer}
)


class Hello(Generic[_DocumentType]):
    """Parse a hello response from the server.

    :param doc: the complete reply
    :param awaitable: whether the reply answers an awaitable hello (one that waited for a change)
    """

    __slots__ = ("_awaitable", "_doc", "_server_type")

    def __init__(self, doc: _DocumentType, awaitable: bool = False) -> None:
        self._doc = doc
        self._awaitable = awaitable
        self._server_type = _server_type(doc)

    @property
    def document(self) -> _DocumentType:
        """The complete hello command response document."""
        return self._doc

    @property
    def server_type(self) -> int:
        """The type of the server, one of `SERVER_TYPE`."""
        return self._server_type

    @property
    def all_hosts(self) -> set[tuple[str, int]]:
        """The hosts, passives and arbiters known to this server."""
        doc = self._doc
        fields = ("hosts", "passives", "arbiters")
        return {parse_address(name) for field in fields for name in doc.get(field) or ()}

    @property
    def tags(self) -> Mapping[str, Any]:
        """Replica set member tags or an empty dict."""
        return self._doc.get("tags") or {}

    @property
    def primary(self) -> tuple[str, int] | None:
        """This server's opinion about who the primary is, or None."""
        return self._address("primary")

    @property
    def replica_set_name(self) -> str | None:
        """Replica set name or None."""
        return self._doc.get("setName")

    @property
    def max_bson_size(self) -> int:
        """The greatest size of a document in bytes."""
        return self._int("maxBsonObjectSize", DEFAULT_MAX_BSON_SIZE)

    @property
    def max_message_size(self) -> int:
        """The greatest size of a message in bytes."""
        return self._int("maxMessageSizeBytes", max(DEFAULT_MAX_MESSAGE_SIZE, 2 * self.max_bson_size))

    @property
    def max_write_batch_size(self) -> int:
        """The greatest number of writes in one command."""
        return self._int("maxWriteBatchSize", DEFAULT_MAX_WRITE_BATCH_SIZE)

    @property
    def min_wire_version(self) -> int:
        """The lowest wire protocol version that the server accepts."""
        return self._int("minWireVersion", 0)

    @property
    def max_wire_version(self) -> int:
        """The highest wire protocol version that the server accepts."""
        return self._int("maxWireVersion", 0)

    @property
    def set_version(self) -> int | None:
        """The version of the replica set's configuration."""
        return self._doc.get("setVersion")

    @property
    def election_id(self) -> Any:
        """The ObjectId of the election that made this server primary, or None."""
        return self._doc.get("electionId")

    @property
    def cluster_time(self) -> Mapping[str, Any] | None:
        """The newest cluster time that the server knows."""
        return self._doc.get("$clusterTime")

    @property
    def logical_session_timeout_minutes(self) -> int | None:
        """Minutes after which the server forgets an unused session, or None without sessions."""
        return self._doc.get("logicalSessionTimeoutMinutes")

    @property
    def is_writable(self) -> bool:
        """Whether the server takes writes."""
        return self._server_type in _WRITABLE

    @property
    def is_readable(self) -> bool:
        """Whether the server bears data for reading."""
        return self._server_type == SERVER_TYPE.RSSecondary or self.is_writable

    @property
    def me(self) -> tuple[str, int] | None:
        """The server's own name in the replica set's configuration."""
        return self._address("me")

    @property
    def last_write_date(self) -> Any:
        """The date of the newest write that this member has applied, or None."""
        return (self._doc.get("lastWrite") or {}).get("lastWriteDate")

    @property
    def compressors(self) -> list[str] | None:
        """The compressors that the server shares with the client."""
        return self._doc.get("compression")

    @property
    def sasl_supported_mechs(self) -> list[str]:
        """Supported authentication mechanisms for the current user, as ["SCRAM-SHA-1", "SCRAM-SHA-256"]."""
        mechanisms: list[str] = self._doc.get("saslSupportedMechs", [])
        return mechanisms

    @property
    def speculative_authenticate(self) -> Mapping[str, Any] | None:
        """The speculativeAuthenticate field."""
        return self._doc.get("speculativeAuthenticate")

    @property
    def topology_version(self) -> Mapping[str, Any] | None:
        """The server's count of its own state changes, or None before MongoDB 4.4."""
        return self._doc.get("topologyVersion")

    @property
    def awaitable(self) -> bool:
        """Whether the reply answers an awaitable hello."""
        return self._awaitable

    @property
    def service_id(self) -> Any:
        """The ObjectId of the service behind a load balancer, or None."""
        return self._doc.get("serviceId")

    @property
    def hello_ok(self) -> bool:
        """Whether the server understands the command by its new name."""
        return bool(self._doc.get("helloOk", False))

    @property
    def connection_id(self) -> int | None:
        """The server's number for this connection."""
        return self._doc.get("connectionId")

    def _address(self, field: str) -> tuple[str, int] | None:
        text = self._doc.get(field)
        return parse_address(text) if text else None

    def _int(self, field: str, default: int) -> int:
        # A null counts as absent: comparing None with a number later would hide who sent it.
        value = self._doc.get(field)
        return default if value is None else value
