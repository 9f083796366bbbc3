"""Sessions as applications hold them.

Owns what is public: options, times, identity, binding. What a session adds to commands and learns from replies is
`_engine.session`'s. Follows the Driver Sessions, Causal Consistency and Snapshot Reads specifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from petiole._commands.elements import elements
from petiole._engine.cursor import Abandoned
from petiole._engine.scope import OneDeadline
from petiole._engine.session import timestamp
from petiole._engine.transaction import TransactionSession
from petiole.bson.timestamp import Timestamp
from petiole.client_session_shared import TransactionOptions
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from petiole._core.client import CoreClient
    from petiole.client_session_shared import SessionOptions
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

_T = TypeVar("_T")

_UUID_SUBTYPE = 4
_NO_OPTIONS = TransactionOptions()


class CoreClientSession(TransactionSession):
    """What the blocking and the asyncio session share. Made by `start_session`."""

    def __init__(self, client: CoreClient[Any], options: SessionOptions) -> None:
        super().__init__(
            client._executor,
            causal_consistency=bool(options.causal_consistency),
            snapshot=bool(options.snapshot),
            snapshot_time=None if options.snapshot_time is None else _bits(options.snapshot_time),
        )
        self._client: Any = client
        self._options = options

    async def _end_session(self) -> None:
        """End the session, and abort its transaction. May be called again; the session cannot be used any more."""
        await self._finish()

    # Transactions.

    def _start_with(
        self,
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        max_commit_time_ms: int | None = None,
    ) -> None:
        """Begin a transaction with these options; those not given are the session's, or else the client's."""
        self._check_free()
        self._start(self._complete(read_concern, write_concern, read_preference, max_commit_time_ms))

    def _complete(
        self,
        read_concern: ReadConcern | None,
        write_concern: WriteConcern | None,
        read_preference: _ServerMode | None,
        max_commit_time_ms: int | None,
    ) -> TransactionOptions:
        client = self._client._options
        default = self._options.default_transaction_options or _NO_OPTIONS
        if max_commit_time_ms is None:
            max_commit_time_ms = default.max_commit_time_ms
        return TransactionOptions(
            read_concern or default.read_concern or client.read_concern,
            write_concern or default.write_concern or client.write_concern,
            read_preference or default.read_preference or client.read_preference,
            max_commit_time_ms,
        )

    async def _run_in_transaction(self, callback: Callable[[], Awaitable[_T]], *options: Any) -> _T:
        """Run a callback in a transaction, all of it within the timeout of the block or of the client."""
        complete = self._complete(*options)
        with OneDeadline(self._executor) as deadline:
            return await self._transact(callback, complete, None if deadline.at is None else deadline)

    def __del__(self) -> None:
        # The pool is a deque: giving back takes no lock and does no I/O. A connection is for the housekeeper.
        lease, held = self.__dict__.get("_lease"), self.__dict__.get("_held")
        if held is not None and not self._inherited:
            self._executor.abandoned.append(Abandoned(None, "", 0, lease, held))
        elif lease is not None:
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

        return {"id": Binary(self._hold().id, _UUID_SUBTYPE)}

    @property
    def has_ended(self) -> bool:
        """Whether the session has ended."""
        return self._ended

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
    def snapshot_time(self) -> Timestamp | None:
        """The time that all reads of a snapshot session see; None before the first of them.

        Raises `InvalidOperation` if the session is no snapshot session.
        """
        if not self._snapshot:
            raise InvalidOperation("Only snapshot sessions have a snapshot time")
        return None if self._snapshot_time is None else timestamp(self._snapshot_time)

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
        element = elements(self._executor.codec, {"$clusterTime": cluster_time})
        self._advance_cluster((_bits(time), element))

    def advance_operation_time(self, operation_time: Timestamp) -> None:
        """Take over the operation time of another session, if it is later."""
        if not isinstance(operation_time, Timestamp):
            raise TypeError(
                f"operation_time must be an instance of bson.timestamp.Timestamp, not {type(operation_time)}"
            )
        self._advance_operation(_bits(operation_time))


def _bits(value: Timestamp) -> int:
    return value.time << 32 | value.inc
