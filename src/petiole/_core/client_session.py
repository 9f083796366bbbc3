"""Sessions as applications hold them, and the options of sessions and transactions.

Owns what is public: options, times, identity. What a session adds to commands and learns from replies is
`_engine.session`'s. Follows the Driver Sessions, Causal Consistency and Snapshot Reads specifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from petiole._commands.arguments import integer_or_none
from petiole._engine.session import Session, timestamp
from petiole.bson.timestamp import Timestamp
from petiole.errors import ConfigurationError
from petiole.read_concern import ReadConcern
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from petiole._core.client import CoreClient
    from petiole.read_preferences import _ServerMode

_UUID_SUBTYPE = 4


class TransactionOptions:
    """Options for transactions; None leaves one to the session, and from there to the client.

    `max_commit_time_ms` is the most milliseconds that one commit may take on the server.
    """

    __slots__ = ("_max_commit_time_ms", "_read_concern", "_read_preference", "_write_concern")

    def __init__(
        self,
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        max_commit_time_ms: int | None = None,
    ) -> None:
        from petiole.read_preferences import _ServerMode as Mode

        if read_concern is not None and not isinstance(read_concern, ReadConcern):
            raise TypeError(
                f"read_concern must be an instance of petiole.read_concern.ReadConcern, not: {read_concern!r}"
            )
        if write_concern is not None:
            _check_write_concern(write_concern)
        if read_preference is not None and not isinstance(read_preference, Mode):
            raise TypeError(
                f"{read_preference!r} is not valid for read_preference. "
                "See petiole.read_preferences for valid options."
            )
        self._read_concern = read_concern
        self._write_concern = write_concern
        self._read_preference = read_preference
        self._max_commit_time_ms = integer_or_none("max_commit_time_ms", max_commit_time_ms)

    @property
    def read_concern(self) -> ReadConcern | None:
        """The read concern of transactions."""
        return self._read_concern

    @property
    def write_concern(self) -> WriteConcern | None:
        """The write concern that transactions are committed with."""
        return self._write_concern

    @property
    def read_preference(self) -> _ServerMode | None:
        """Where transactions run."""
        return self._read_preference

    @property
    def max_commit_time_ms(self) -> int | None:
        """The most milliseconds that one commit may take."""
        return self._max_commit_time_ms


def _check_write_concern(concern: Any) -> None:
    if not isinstance(concern, WriteConcern):
        raise TypeError(
            f"write_concern must be an instance of petiole.write_concern.WriteConcern, not: {concern!r}"
        )
    if not concern.acknowledged:
        raise ConfigurationError(f"transactions do not support unacknowledged write concern: {concern!r}")


class SessionOptions:
    """Options for a session.

    With `causal_consistency` reads see the session's own earlier operations, on any member; it is on unless
    `snapshot` is. With `snapshot` all reads see the data as of the first one.
    """

    def __init__(
        self,
        causal_consistency: bool | None = None,
        default_transaction_options: TransactionOptions | None = None,
        snapshot: bool | None = False,
    ) -> None:
        if snapshot and causal_consistency:
            raise ConfigurationError("snapshot reads do not support causal_consistency=True")
        if causal_consistency is None:
            causal_consistency = not snapshot
        if default_transaction_options is not None and not isinstance(
            default_transaction_options, TransactionOptions
        ):
            raise TypeError(
                "default_transaction_options must be an instance of petiole.client_session.TransactionOptions, "
                f"not: {default_transaction_options!r}"
            )
        self._causal_consistency = causal_consistency
        self._default_transaction_options = default_transaction_options
        self._snapshot = snapshot

    @property
    def causal_consistency(self) -> bool:
        """Whether causal consistency is on."""
        return self._causal_consistency

    @property
    def default_transaction_options(self) -> TransactionOptions | None:
        """The options of transactions that are started without."""
        return self._default_transaction_options

    @property
    def snapshot(self) -> bool | None:
        """Whether all reads see the data as of the first one."""
        return self._snapshot


class CoreClientSession(Session):
    """What the blocking and the asyncio session share. Made by `start_session`."""

    def __init__(self, client: CoreClient[Any], options: SessionOptions) -> None:
        super().__init__(
            client._executor,
            causal_consistency=bool(options.causal_consistency),
            snapshot=bool(options.snapshot),
        )
        self._client: Any = client
        self._options = options

    async def _end_session(self) -> None:
        """End the session. May be called again; the session cannot be used any more."""
        self.end()

    def __del__(self) -> None:
        # The pool is a deque: giving back takes no lock and does no I/O.
        lease = self.__dict__.get("_lease")
        if lease is not None:
            self._executor.sessions.give_back(lease)

    def __copy__(self) -> NoReturn:
        raise TypeError("A ClientSession cannot be copied, create a new session instead")

    @property
    def options(self) -> SessionOptions:
        """The options the session was started with."""
        return self._options

    @property
    def session_id(self) -> Mapping[str, Any]:
        """The id that servers know the session by. Raises `InvalidOperation` if the session has ended."""
        from petiole.bson.binary import Binary

        return {"id": Binary(self.hold().id, _UUID_SUBTYPE)}

    @property
    def has_ended(self) -> bool:
        """Whether the session has ended."""
        return self._ended

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""
        return False

    @property
    def cluster_time(self) -> Mapping[str, Any] | None:
        """The cluster time of the last reply to the session, or None."""
        if self._cluster_time is None:
            return None
        element = self._cluster_time[1]
        document = (len(element) + 5).to_bytes(4, "little") + element + b"\x00"
        time: Mapping[str, Any] = self._executor.codec.decode(document)["$clusterTime"]
        return time

    @property
    def operation_time(self) -> Timestamp | None:
        """The time of the session's last operation, or None."""
        return None if self._operation_time is None else timestamp(self._operation_time)

    def advance_cluster_time(self, cluster_time: Mapping[str, Any]) -> None:
        """Take over the cluster time of another session, if it is later.

        `cluster_time` is that session's `cluster_time`.
        """
        if not isinstance(cluster_time, Mapping):
            raise TypeError(
                f"cluster_time must be a subclass of collections.Mapping, not {type(cluster_time)}"
            )
        time = cluster_time.get("clusterTime")
        if not isinstance(time, Timestamp):
            raise TypeError("Invalid cluster_time")
        element = self._executor.codec.encode({"$clusterTime": cluster_time})[4:-1]
        self.advance_cluster((_bits(time), element))

    def advance_operation_time(self, operation_time: Timestamp) -> None:
        """Take over the operation time of another session, if it is later."""
        if not isinstance(operation_time, Timestamp):
            raise TypeError(
                f"operation_time must be an instance of bson.timestamp.Timestamp, not {type(operation_time)}"
            )
        self.advance_operation(_bits(operation_time))


def _bits(value: Timestamp) -> int:
    return value.time << 32 | value.inc
