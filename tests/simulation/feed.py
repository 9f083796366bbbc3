"""Change streams as the simulated members serve them: what a majority has of one collection's insertions, in order.

Owns: where a stream's cursor stands, and its tokens, which count the log's entries. What a majority has is the same in
all logs, so a token means the same everywhere.
"""

from __future__ import annotations

from typing import Any

from tests.simulation.oplog import Entry
from tests.simulation.replica_set import Member

Document = dict[str, Any]
COLLECTION = "events"
_WAIT = 1.0
_BATCH = 101


class Feed:
    """One cursor: it has looked at so many entries of the log."""

    def __init__(self, member: Member, stage: Document) -> None:
        token = stage.get("resumeAfter")
        self._position = member.log.committed if token is None else place(token)

    def batch(self, member: Member, body: Document) -> tuple[list[Document], Document]:
        """The next events, and the token that stands for their end."""
        size = body.get("batchSize", body.get("cursor", {}).get("batchSize", _BATCH))
        found: list[Document] = []
        log = member.log
        while self._position < log.committed and len(found) < size:
            entry = log.entries[self._position]
            self._position += 1
            if is_event(entry):
                key = {"_id": entry.key}
                found.append({"_id": _token(self._position), "operationType": "insert", "documentKey": key})
        return found, _token(self._position)

    async def news(self, member: Member, body: Document) -> None:
        """Wait for a while until a majority has more."""
        until = member.set.scheduler.now + body.get("maxTimeMS", 1000 * _WAIT) / 1000
        while member.log.committed <= self._position and await member.changed(until):
            pass


def is_event(entry: Entry) -> bool:
    """Whether a stream of the collection tells of it."""
    return entry.collection == COLLECTION


def place(token: Document) -> int:
    """How many entries of the log are before the place that a token means."""
    return int(token["_data"])


def _token(position: int) -> Document:
    return {"_data": f"{position:08}"}
