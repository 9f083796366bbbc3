"""The options of sessions and transactions, the same for both faces (specifications: Driver Sessions, Transactions)."""

from __future__ import annotations

from typing import Any

from petiole.bson.timestamp import Timestamp
from petiole.errors import ConfigurationError
from petiole.read_concern import ReadConcern
from petiole.read_preferences import _ServerMode
from petiole.write_concern import WriteConcern

__all__ = ["SessionOptions", "TransactionOptions"]


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
        if read_concern is not None and not isinstance(read_concern, ReadConcern):
            raise TypeError(
                f"read_concern must be an instance of petiole.read_concern.ReadConcern, not: {read_concern!r}"
            )
        if write_concern is not None:
            _check_write_concern(write_concern)
        if read_preference is not None and not isinstance(read_preference, _ServerMode):
            raise TypeError(
                f"{read_preference!r} is not valid for read_preference. "
                "See petiole.read_preferences for valid options."
            )
        if max_commit_time_ms is not None and not isinstance(max_commit_time_ms, int):
            raise TypeError(f"max_commit_time_ms must be an integer or None, not {type(max_commit_time_ms)}")
        self._read_concern = read_concern
        self._write_concern = write_concern
        self._read_preference = read_preference
        self._max_commit_time_ms = max_commit_time_ms

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
    `snapshot` is. With `snapshot` all reads see the data as of the first one, or as of `snapshot_time`.
    """

    def __init__(
        self,
        causal_consistency: bool | None = None,
        default_transaction_options: TransactionOptions | None = None,
        snapshot: bool | None = False,
        snapshot_time: Timestamp | None = None,
    ) -> None:
        if snapshot and causal_consistency:
            raise ConfigurationError("snapshot reads do not support causal_consistency=True")
        if snapshot_time is not None:
            if not isinstance(snapshot_time, Timestamp):
                raise TypeError(f"snapshot_time must be a Timestamp or None, not {type(snapshot_time)}")
            if not snapshot:
                raise ConfigurationError("snapshot_time needs snapshot=True")
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
        self._snapshot_time = snapshot_time

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

    @property
    def snapshot_time(self) -> Timestamp | None:
        """The time that the reads of a snapshot see; None for that of the first one."""
        return self._snapshot_time
