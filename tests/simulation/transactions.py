"""Transactions as a member runs them: writes that are kept aside until a commit puts them into the log, all at once.

Owns: which transactions are open at a member, and when they end by themselves. They are in its memory only: a stepdown
or a crash ends them all. That one has been committed, the log remembers, like a retryable write. Reads see what
is committed and what the transaction itself has written; of two that write to one document, the later one fails.
"""

from __future__ import annotations

from typing import Any

from tests.simulation.oplog import Entry
from tests.simulation.replica_set import Member
from tests.simulation.wire import Request

Document = dict[str, Any]

NO_SUCH_TRANSACTION = 251
TRANSACTION_TOO_OLD = 225
ALREADY_STARTED = 117
WRITE_CONFLICT = 112
DUPLICATE_KEY = 11000
ENDINGS = frozenset({"commitTransaction", "abortTransaction"})
TRANSIENT = frozenset({NO_SUCH_TRANSACTION, WRITE_CONFLICT})
"""After these codes the whole may be tried again."""
_LIFETIME = 1.0
"""Seconds after which a transaction that nobody goes on with is aborted."""


class Refused(Exception):
    """The command fails with this code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Open:
    """A transaction under way."""

    def __init__(self, number: int, now: float) -> None:
        self.number = number
        self.touched = now
        self.entries: list[Entry] = []


class Transactions:
    """Those of one member."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._term = member.term
        self._process = member.process
        self._open: dict[bytes, Open] = {}
        self._numbers: dict[bytes, int] = {}
        """The newest of each session."""

    def _forget(self) -> None:
        """What another term or process began is lost, and what nobody goes on with."""
        member, now = self._member, self._member.set.scheduler.now
        if (member.term, member.process, member.is_primary) != (self._term, self._process, True):
            self._term, self._process = member.term, member.process
            self._open.clear()
            self._numbers.clear()
        for session, found in list(self._open.items()):
            if now - found.touched > _LIFETIME:
                del self._open[session]

    def enter(self, request: Request) -> Open:
        """The transaction that a command belongs to. Raises `Refused`."""
        self._forget()
        body = request.body
        session, number = bytes(body["lsid"]["id"]), body["txnNumber"]
        committed, _ = self._member.log.store.records.get(session, (-1, set()))
        newest = max(committed, self._numbers.get(session, -1))
        now = self._member.set.scheduler.now
        if number < newest:
            raise Refused(TRANSACTION_TOO_OLD, f"transaction {number} is older than {newest}")
        if body.get("startTransaction"):
            if number == newest:
                raise Refused(ALREADY_STARTED, f"transaction {number} was started already")
            self._numbers[session] = number
            self._open[session] = Open(number, now)
        found = self._open.get(session)
        if found is None or found.number != number:
            raise Refused(NO_SUCH_TRANSACTION, f"transaction {number} is not in progress")
        found.touched = now
        return found

    def write(self, request: Request, entries: list[Entry]) -> Document:
        """Keep the writes of a command aside."""
        mine = self.enter(request)
        others = [found for found in self._open.values() if found is not mine]
        taken = {(entry.collection, entry.key) for found in others for entry in found.entries}
        own = {entry.key for entry in mine.entries if not entry.increment}
        for number, entry in enumerate(entries):
            if (entry.collection, entry.key) in taken:
                self.abort(request)
                raise Refused(WRITE_CONFLICT, f"another transaction writes to {entry.key}")
            if not entry.increment and (entry.key in self._member.log.store.events or entry.key in own):
                self.abort(request)
                error = {"index": number, "code": DUPLICATE_KEY, "errmsg": f"duplicate key {entry.key}"}
                return {"ok": 1, "n": number, "writeErrors": [error]}
            mine.entries.append(entry._replace(statement=len(mine.entries)))
            own.add(entry.key)
        return {"ok": 1, "n": len(entries)}

    def commit(self, request: Request) -> int:
        """Write down what was kept aside; the position to wait for. Raises `Refused`."""
        self._forget()
        body, log = request.body, self._member.log
        session, number = bytes(body["lsid"]["id"]), body["txnNumber"]
        committed, _ = log.store.records.get(session, (-1, set()))
        if committed != number:
            for entry in self.enter(request).entries:
                self._member.write(entry._replace(term=self._member.term))
            self._open.pop(session, None)
        return len(log.entries)

    def abort(self, request: Request) -> None:
        """Throw away what was kept aside. Raises `Refused`."""
        self.enter(request)
        del self._open[bytes(request.body["lsid"]["id"])]

    def holds(self, keys: set[tuple[str, Any]], session: bytes | None, number: int | None) -> bool:
        """Whether a write outside of transactions has to wait; with a later number it ends its own session's."""
        self._forget()
        if session in self._open and number is not None and number > self._open[session].number:
            del self._open[session]
        kept = {(entry.collection, entry.key) for found in self._open.values() for entry in found.entries}
        return not keys.isdisjoint(kept)
