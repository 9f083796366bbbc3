"""Sessions as applications hold them.

Owns what is public: options, times, identity, binding. What a session adds to commands and learns from replies is
`_engine.session`'s. Follows the Driver Sessions, Causal Consistency and Snapshot Reads specifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from petiole._commands.elements import elements
from petiole._engine.session import Session, timestamp
from petiole.bson.timestamp import Timestamp

if TYPE_CHECKING:
    from petiole._core.client import CoreClient
    from petiole.client_session_shared import SessionOptions

_UUID_SUBTYPE = 4


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
        self._end()

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

        return {"id": Binary(self._hold().id, _UUID_SUBTYPE)}

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
