"""`commitTransaction` and `abortTransaction` (specification: Transactions, "Server Commands").

Pure. Their transaction fields are the session's to add; what of them is sent again, and what their errors mean, is
`_retry.transaction`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from petiole._commands.base import Command
from petiole._commands.concerns import write_concern_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole.write_concern import WriteConcern

DATABASE = "admin"
_MAJORITY_TIMEOUT_MS = 10_000

AUTOCOMMIT = b"\x08autocommit\x00\x00"
"""The element `autocommit: false` of every command in a transaction."""
START_TRANSACTION = b"\x08startTransaction\x00\x01"
"""The element `startTransaction: true` of the first one."""


class EndTransaction(Command):
    """Either of the two. Sent again whatever `retryWrites` says, which the session sees to."""

    commits: ClassVar[bool]

    __slots__ = ("again",)

    def __init__(self, *args: Any, again: bool = False, **traits: Any) -> None:
        super().__init__(*args, **traits)
        self.again = again
        """Whether an earlier attempt may have had an effect."""

    def concern_fields(self) -> dict[str, Any]:
        """The write concern of the next attempt."""
        if self.commits and self.again:
            return {"writeConcern": majority(self.write_concern)}
        return write_concern_fields(self.write_concern)


class CommitTransaction(EndTransaction):
    """A `commitTransaction`."""

    name = "commitTransaction"
    commits = True

    __slots__ = ()


class AbortTransaction(EndTransaction):
    """An `abortTransaction`."""

    name = "abortTransaction"
    commits = False

    __slots__ = ()


def majority(concern: WriteConcern | None) -> dict[str, Any]:
    """The write concern of a commit that is sent again: only a majority remembers an earlier one for sure.

    What else was asked for stays; without a time limit one is added, so that nobody waits for ever.
    """
    document = {} if concern is None else concern.document
    return {"wtimeout": _MAJORITY_TIMEOUT_MS, **document, "w": "majority"}


def end_transaction_body(
    kind: type[EndTransaction],
    max_time_ms: int | None = None,
    recovery_token: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a command of that kind; the token is the last one that a mongos gave."""
    body: dict[str, Any] = {kind.name: 1}
    if max_time_ms is not None:
        body["maxTimeMS"] = max_time_ms
    if recovery_token is not None:
        body["recoveryToken"] = recovery_token
    return body
