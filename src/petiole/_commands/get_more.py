"""`getMore`: the next batch of a cursor (specification: Find, getMore and killCursors Commands).

Pure. Not retried: the server may have moved the cursor on already. Only one that was overloaded has not.
"""

from __future__ import annotations

from typing import Any

from petiole._commands.base import Command, Retry
from petiole.bson.int64 import Int64


class GetMore(Command):
    """A `getMore`; it goes to the server, and often the connection, that holds the cursor."""

    name = "getMore"
    reads = True
    ruled_by = Retry.READ
    timed = False  # Its `maxTimeMS` means how long to wait for new documents.

    __slots__ = ()


class ExhaustGetMore(GetMore):
    """A `getMore` that lets the server go on sending batches unasked, on the same connection."""

    flags = 1 << 16  # exhaustAllowed of OP_MSG.

    __slots__ = ()


def get_more_body(
    cursor_id: int,
    name: str,
    batch_size: int = 0,
    max_await_time_ms: int | None = None,
    comment: Any = None,
) -> dict[str, Any]:
    """The body for the collection `name`; `max_await_time_ms` only for cursors that await data."""
    body: dict[str, Any] = {"getMore": Int64(cursor_id), "collection": name}
    if batch_size:
        body["batchSize"] = batch_size
    if max_await_time_ms is not None:
        body["maxTimeMS"] = max_await_time_ms
    if comment is not None:
        body["comment"] = comment
    return body


def next_batch_size(limit: int, batch_size: int, received: int) -> int:
    """How many documents to ask for when `received` came so far; 0 leaves it to the server."""
    if not limit:
        return batch_size
    wanted = abs(limit) - received
    return min(batch_size, wanted) if batch_size else wanted
