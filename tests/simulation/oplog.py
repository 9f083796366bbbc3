"""What the members of the simulated set write down, and the state that follows from it.

Owns: entries, and a store that applies them in order. A store is never changed but by entries, so that a member which
rolls back, restarts or catches up has exactly the documents and retry records that its log says.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One write; without a key it is the note that a term has begun."""

    term: int
    tag: str = ""
    """The operation it belongs to, as the workload calls it."""
    collection: str = ""
    key: Any = None
    increment: int = 0
    """What is added to the document's counter; 0 for an insertion."""
    session: bytes | None = None
    transaction: int | None = None
    statement: int = 0


class Store:
    """Documents, and which statements of each session's last transaction have been executed."""

    __slots__ = ("counters", "events", "records")

    def __init__(self) -> None:
        self.events: dict[Any, str] = {}
        self.counters: dict[Any, int] = {}
        self.records: dict[bytes, tuple[int, set[int]]] = {}

    def apply(self, entry: Entry) -> None:
        """Take in one entry."""
        if entry.key is None:
            return
        if entry.increment:
            self.counters[entry.key] = self.counters.get(entry.key, 0) + entry.increment
        else:
            self.events[entry.key] = entry.tag
        if entry.session is not None and entry.transaction is not None:
            number, statements = self.records.get(entry.session, (-1, set()))
            if number != entry.transaction:
                statements = set()
            statements.add(entry.statement)
            self.records[entry.session] = (entry.transaction, statements)


class Log:
    """One member's entries, and their store."""

    __slots__ = ("committed", "entries", "store")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.store = Store()
        self.committed = 0
        """So many entries are known to be on a majority."""

    def append(self, entry: Entry) -> int:
        """Add an entry; how many there are then."""
        self.entries.append(entry)
        self.store.apply(entry)
        return len(self.entries)

    @property
    def position(self) -> tuple[int, int]:
        """The last entry's term, and how many there are: what elections compare."""
        return (self.entries[-1].term if self.entries else 0), len(self.entries)

    def common(self, other: Log) -> int:
        """How many entries from the first on both have. Entries of one term and position are the same entry."""
        count = min(len(self.entries), len(other.entries))
        while count and self.entries[count - 1].term != other.entries[count - 1].term:
            count -= 1
        return count

    def follow(self, other: Log) -> int:
        """Become a copy of another log; how many entries were rolled back for that."""
        shared = self.common(other)
        lost = len(self.entries) - shared
        if lost:
            del self.entries[shared:]
            self.store = Store()
            for entry in self.entries:
                self.store.apply(entry)
        for entry in other.entries[shared:]:
            self.append(entry)
        return lost
