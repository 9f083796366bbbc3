"""What a command is: a body, and the traits by which the executor routes, bounds and retries it.

A command does not know a server, a session or a connection. The executor appends what depends on those
(`lsid`, `$clusterTime`, `$readPreference`, `txnNumber`, API version) as fragments that are encoded
already, and the body, the fragments and the document sequence become one message in one native pass.
"""

from __future__ import annotations

from enum import Flag
from typing import TYPE_CHECKING, Any, ClassVar

from petiole._native import op_msg, op_msg_batch

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from petiole._engine.pinning import Pin
    from petiole._engine.server import Server
    from petiole._native import Codec
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode as ReadPreference
    from petiole.write_concern import WriteConcern


class Retry(Flag):
    """Whether a command may be sent a second time, and under which specification."""

    NEVER = 0
    READ = 1
    WRITE = 2


class Limits:
    """What one connection accepts, from its server's hello reply; sizes in bytes."""

    __slots__ = ("max_bson_size", "max_message_size", "max_wire_version", "max_write_batch_size")

    def __init__(
        self,
        max_bson_size: int = 16 * 1024 * 1024,
        max_message_size: int = 48_000_000,
        max_write_batch_size: int = 100_000,
        max_wire_version: int = 0,
    ) -> None:
        self.max_bson_size = max_bson_size
        self.max_message_size = max_message_size
        self.max_write_batch_size = max_write_batch_size
        self.max_wire_version = max_wire_version


class Command:
    """One command for one database.

    `body` starts with the command's name. `codec` encodes the values in it and, unless the caller of the
    reply says otherwise, decodes the documents that come back. `concern` is the read or write concern as
    encoded elements, empty when there is none; the two concern objects are kept for sessions, which may
    have to rewrite them.
    """

    name: ClassVar[str] = ""
    reads: ClassVar[bool] = False
    """May run on a server that only its read preference admits; otherwise it needs a writable one."""
    retry: Retry = Retry.NEVER
    ruled_by: ClassVar[Retry] = Retry.WRITE
    """Which options have to be on for it to be sent to an overloaded server again, where `retry` does not say."""
    sessions: ClassVar[bool] = True
    """Takes an `lsid`; the few commands of the handshake and of sessions themselves do not."""
    flags: ClassVar[int] = 0
    """Flags of its OP_MSG, besides the one of unacknowledged writes."""
    timed: ClassVar[bool] = True
    """Tells the server how long it may take, where the operation has a deadline."""
    own_preference: bool = False
    """Whether the read preference was given for this very command, and so goes before a transaction's."""
    sensitive: ClassVar[bool] = False
    """Never shown to listeners, logs or traces."""
    operation: ClassVar[str] = ""
    """What traces call it, where that is not its name."""

    __slots__ = (
        "body",
        "codec",
        "concern",
        "database",
        "operation_id",
        "pin",
        "read_concern",
        "read_preference",
        "server",
        "write_concern",
    )

    def __init__(
        self,
        database: str,
        body: MutableMapping[str, Any],
        codec: Codec,
        *,
        concern: bytes = b"",
        read_preference: ReadPreference | None = None,
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
    ) -> None:
        self.database = database
        self.body = body
        self.codec = codec
        self.concern = concern
        self.read_preference = read_preference
        self.read_concern = read_concern
        self.write_concern = write_concern
        self.server: Server | None = None
        """Where it must run, if that is fixed; afterwards, where it ran."""
        self.pin: Pin | None = None
        """Which connection it must run on, behind a load balancer."""
        self.operation_id: int | None = None
        """What the events of all attempts, and of all commands of a bulk write, have in common."""

    @property
    def acknowledged(self) -> bool:
        """Whether the server answers at all."""
        return self.write_concern is None or self.write_concern.acknowledged

    def message(self, flags: int, fragments: bytes, limits: Limits) -> bytes:
        """The whole wire message, header included."""
        return op_msg(self.codec, flags, self.body, self.database, fragments)


class BatchCommand(Command):
    """A write whose statements travel as a document sequence, split at the server's limits.

    `documents` is the whole list; one message takes as many from `start` on as the limits allow, and
    leaves in `end` where the next one begins. With `add_ids`, documents without an `_id` get one
    on the way, and `ids` collects all of them.
    """

    identifier: ClassVar[str] = "documents"
    add_ids: ClassVar[bool] = False

    __slots__ = ("documents", "end", "ids", "start")

    def __init__(self, database: str, body: MutableMapping[str, Any], codec: Codec, **traits: Any) -> None:
        super().__init__(database, body, codec, **traits)
        self.documents: Sequence[Any] = ()
        self.start = 0
        self.end = 0
        self.ids: list[Any] = []

    def message(self, flags: int, fragments: bytes, limits: Limits) -> bytes:
        del self.ids[self.start :]  # A retry encodes the same documents again.
        message, self.end = op_msg_batch(
            self.codec,
            flags,
            self.body,
            self.database,
            fragments,
            self.identifier,
            self.documents,
            self.start,
            self.ids if self.add_ids else None,
            limits.max_write_batch_size,
            limits.max_message_size,
            limits.max_bson_size,
        )
        return message
