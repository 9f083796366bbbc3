"""What the driver adds to a command besides its body, as elements that are encoded already.

The concern, the session's `lsid`, the transaction number, `$clusterTime` and `$readPreference`: each is
encoded once and kept beside what it comes from, so that adding it to a command is a copy of some bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Retry
from petiole._commands.elements import elements
from petiole._commands.read_preference import read_preference_document
from petiole._engine.scope import out_of_time
from petiole._engine.topology import MOST_KEPT
from petiole._runtime.clock import NEVER
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.attempt import Attempt
    from petiole._engine.server_session import ClusterClock, ServerSession
    from petiole._engine.topology import Snapshot
    from petiole._native import Codec
    from petiole._net.connection import Connection
    from petiole.write_concern import WriteConcern


_MAX_TIME_MS = "maxTimeMS"
_LONGEST = 2**31 - 1


def _time_limit(command: Command, attempt: Attempt, snapshot: Snapshot, connection: Connection) -> bytes:
    """How long the server may work: what is left until the deadline, less the way there and back.

    It takes the place of what the operation itself may have said (client side operations timeout specification). How
    long a `getMore` waits for new documents can only become shorter.
    """
    waits = command.body.get(_MAX_TIME_MS)
    if not (command.timed or waits):
        return b""
    server = snapshot.description.get(connection.address)
    left = (attempt.deadline.remaining() or 0.0) - (0.0 if server is None else server.min_round_trip_time)
    if left <= 0:
        raise out_of_time()
    milliseconds = min(max(1, int(left * 1000)), _LONGEST)
    if waits is not None:
        command.body[_MAX_TIME_MS] = milliseconds if command.timed else min(waits, milliseconds)
        return b""
    return b"\x10maxTimeMS\x00" + milliseconds.to_bytes(4, "little")


def _unnumbered(connection: Connection) -> ConfigurationError:
    """The error for a write that was sent with a number, where it would have to be sent again without one."""
    return ConfigurationError(f"{connection.address} does not support retryable writes")


class Fragments:
    """Makes the fragments of one client's commands."""

    __slots__ = ("_always", "_clock", "_retry_writes", "codec")

    def __init__(
        self,
        codec: Codec,
        clock: ClusterClock,
        *,
        retry_writes: bool,
        server_api: dict[str, Any] | None = None,
    ) -> None:
        self.codec = codec
        self._clock = clock
        self._retry_writes = retry_writes
        self._always = elements(codec, server_api) if server_api else b""

    def of(
        self,
        command: Command,
        attempt: Attempt,
        snapshot: Snapshot,
        connection: Connection,
    ) -> bytes:
        """All fragments of one attempt to run a command, in one piece."""
        session, lease = attempt.session, attempt.lease
        parts = command.concern if session is None else session._elements(command, connection, self.codec)
        governed = attempt.deadline is not NEVER
        if governed and parts and command.write_concern is not None:
            parts = self._without_wtimeout(parts, command.write_concern)
        if command.reads:
            parts += self._read_preference(command, snapshot, connection)
        if lease is not None and connection.sessions:
            parts += lease.fragment
            if command.retry is Retry.WRITE and self._retry_writes:
                parts += self._transaction(lease, attempt, connection)
        elif session is not None:
            raise ConfigurationError("Sessions are not supported by this MongoDB deployment")
        elif attempt.transaction:
            raise _unnumbered(connection)
        if session is not None:
            parts += session._cluster_time_element(self._clock)
        else:
            parts += self._clock.fragment
        if governed and attempt.deadline.at is not None:
            parts += _time_limit(command, attempt, snapshot, connection)
        if self._always and "apiVersion" not in command.body:
            parts += self._always
        return parts

    def _without_wtimeout(self, concern: bytes, write_concern: WriteConcern) -> bytes:
        """The concern elements without the write concern's own limit, whose place the deadline takes."""
        document = write_concern.document
        if "wtimeout" not in document:
            return concern
        given = elements(self.codec, {"writeConcern": document})
        del document["wtimeout"]
        return concern.replace(
            given, elements(self.codec, {"writeConcern": document}) if document else b"", 1
        )

    def _transaction(self, lease: ServerSession, attempt: Attempt, connection: Connection) -> bytes:
        """The transaction number: the same one for all attempts of one write."""
        if attempt.session is not None and attempt.session.in_transaction:
            return b""  # The transaction has its own.
        if not attempt.transaction:
            if connection.retryable_writes:
                attempt.transaction = lease.next_transaction()
        elif not connection.retryable_writes:
            raise _unnumbered(connection)
        return attempt.transaction

    def _read_preference(self, command: Command, snapshot: Snapshot, connection: Connection) -> bytes:
        preference = command.read_preference
        description = connection.description
        if preference is None or description is None:
            return b""
        key = (id(preference), description.server_type)
        known = snapshot.read_preferences.get(key)
        if known is None:
            kind = snapshot.description.topology_type
            document = read_preference_document(preference, kind, description.server_type)
            fragment = elements(self.codec, {"$readPreference": document}) if document else b""
            if len(snapshot.read_preferences) >= MOST_KEPT:
                snapshot.read_preferences.clear()
            # The object is kept beside its fragment: its id cannot be given to another while it is here.
            known = snapshot.read_preferences[key] = (preference, fragment)
        return known[1]
