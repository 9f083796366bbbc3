"""A small model of a replica set: terms, elections, stepdowns, replication by copying, majority commit, rollback.

Owns: who is primary, and what is written where. It follows Raft's rules, as MongoDB's protocol does: a member votes
once per term, and only for a log as long as its own; a primary commits entries of its own term that a majority has
copied. May not: know of connections and messages; `server` speaks for the members.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.simulation.network import Host
from tests.simulation.oplog import Entry, Log
from tests.simulation.scheduler import Home, Scheduler, Signal, Violation

NAME = "rs"
PORT = 27017
_TICK = 0.2
"""Seconds between a member's looks at the others."""


class Member:
    """One data-bearing member."""

    def __init__(self, replica_set: ReplicaSet, host: Host, number: int) -> None:
        self.set = replica_set
        self.host = host
        self.home = Home(host.name, client=False)
        self.number = number
        self.log = Log()
        self.term = 0
        self.primary: Member | None = None
        """Whom it follows; itself when it is primary."""
        self.isolated = False
        """Whether it reaches none of the other members."""
        self.patience = 0.0
        """When it stands for election, or steps down, unless it sees a primary, or a majority, before."""
        self.process = 1
        self.version = 0
        """How often what hello says has changed."""
        self.cursors: dict[int, tuple[Any, str]] = {}
        self.troubles: list[Trouble] = []
        self.lies = ""
        self._waiting: list[Signal] = []

    @property
    def address(self) -> str:
        """As connection strings and hello replies have it."""
        return f"{self.host.name}:{PORT}"

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes."""
        return self.primary is self

    def change(self) -> None:
        """Let those look again who wait for something of this member: hello replies, writes to be committed."""
        waiting, self._waiting = self._waiting, []
        for signal in waiting:
            signal.fire()

    async def changed(self, until: float | None = None) -> bool:
        """Wait for a change; False when there is none until then."""
        signal = Signal()
        self._waiting.append(signal)
        return await self.set.scheduler.wait(signal, until)

    def reaches(self, other: Member) -> bool:
        """Whether it can talk to another member."""
        both_up = self.host.up and other.host.up
        return self is other or (both_up and not self.isolated and not other.isolated)

    def write(self, entry: Entry) -> int:
        """Append to the log, and let the others know; the position to wait for."""
        position = self.log.append(entry)
        self.set.note("%s writes %d: %s %s", self.host.name, position, entry.tag or "a term", entry.key)
        for other in self.set.members:
            if other is not self:
                delay = 0.001 + 0.01 * self.set.random.random()
                self.set.scheduler.call_later(delay, other.pull)
        return position

    def pull(self) -> None:
        """Copy what the primary has."""
        source = self.primary
        if source is None or source is self or not source.is_primary or not self.reaches(source):
            return
        if source.term != self.term:
            return
        before = self.log.position
        lost = self.log.follow(source.log)
        if lost:
            self.set.note("%s rolls back %d", self.host.name, lost)
            self.cursors.clear()
        source.commit()
        self.log.committed = min(source.log.committed, len(self.log.entries))
        if self.log.position != before:
            self.change()

    def commit(self) -> None:
        """As primary, find out what a majority has copied."""
        followers = [
            member for member in self.set.members if member.primary is self and member.term == self.term
        ]
        copied = sorted((member.log.common(self.log) for member in followers), reverse=True)
        majority = self.set.majority
        if len(copied) < majority:
            return
        position = copied[majority - 1]
        if position > self.log.committed and self.log.entries[position - 1].term == self.term:
            self.log.committed = position
            self.set.commit(self, position)
            self.change()

    def adopt(self, term: int, primary: Member | None) -> None:
        """Follow somebody, or nobody, in that term."""
        if (term, primary) != (self.term, self.primary):
            if self.is_primary:
                self.set.note("%s steps down from term %d", self.host.name, self.term)
            self.term, self.primary = term, primary
            self.version += 1
            self.change()

    def stand(self) -> bool:
        """Ask for votes; whether it became primary."""
        term = self.term + 1
        voters = [
            member
            for member in self.set.members
            if self.reaches(member) and member.term < term and member.log.position <= self.log.position
        ]
        if len(voters) < self.set.majority:
            return False
        for voter in voters:
            voter.adopt(term, self)
        self.set.note("%s is elected in term %d", self.host.name, term)
        self.set.seen_elected(self, term)
        self.write(Entry(term))
        return True

    def look(self) -> None:
        """What a member does now and then."""
        if not self.host.up:
            return
        now, random = self.set.scheduler.now, self.set.random
        visible = [member for member in self.set.members if self.reaches(member)]
        newest = max(visible, key=lambda member: member.term)
        if newest.term > self.term:
            self.adopt(newest.term, newest.primary if newest.is_primary else None)
        leaders = [member for member in visible if member.is_primary and member.term == self.term]
        content = len(visible) >= self.set.majority if self.is_primary else bool(leaders)
        if content:
            self.patience = now + 1.0 + random.random()
            if leaders and not self.is_primary:
                self.adopt(self.term, leaders[0])
                self.pull()
        elif self.primary is not None and not self.is_primary:
            self.adopt(self.term, None)
        elif now > self.patience:
            self.patience = now + 1.0 + random.random()
            if self.is_primary:
                self.adopt(self.term, None)
            else:
                self.stand()

    def crash(self) -> None:
        """The process ends; what it wrote is on its disk."""
        self.host.up = False
        self.cursors.clear()
        self.primary = None
        self.change()

    def restart(self) -> None:
        """A new process on the same data."""
        self.host.up = True
        self.process += 1
        self.version = 0
        self.patience = self.set.scheduler.now + 1.0 + self.set.random.random()


class Trouble:
    """What befalls the next commands at a member."""

    def __init__(self, kind: str, names: frozenset[str], code: int = 0) -> None:
        self.kind = kind
        self.names = names
        """The commands it befalls."""
        self.code = code


class ReplicaSet:
    """All members, and what a majority has acknowledged."""

    def __init__(self, scheduler: Scheduler, random: Random, size: int, note: Any) -> None:
        self.scheduler = scheduler
        self.random = random
        self.note = note
        self.majority = size // 2 + 1
        self.members = [Member(self, Host(name), number) for number, name in enumerate("abcde"[:size])]
        self.left_out: Member | None = None
        """Whom hello replies do not name as a host."""
        self.committed: list[Entry] = []
        """What no member may ever lose again."""
        self._elected: dict[int, Member] = {}
        self.members[0].stand()

    def start(self) -> None:
        """Let the members look at each other from now on."""
        for member in self.members:
            self.scheduler.spawn(self._tick(member), member.home, "tick")

    async def _tick(self, member: Member) -> None:
        while True:
            await self.scheduler.sleep(_TICK * (0.5 + self.random.random()))
            member.look()

    def reconfigured(self) -> None:
        """Let the members tell their new hosts."""
        for member in self.members:
            member.version += 1
            member.change()

    @property
    def primary(self) -> Member | None:
        """The primary of the newest term, if it is one still."""
        newest = max(self.members, key=lambda member: member.term)
        leaders = [member for member in self.members if member.is_primary and member.term == newest.term]
        return leaders[0] if leaders else None

    def seen_elected(self, member: Member, term: int) -> None:
        """Check the model itself: one primary per term."""
        if self._elected.setdefault(term, member) is not member:
            raise Violation(f"the model is wrong: two primaries in term {term}")

    def commit(self, member: Member, position: int) -> None:
        """A primary found these to be on a majority. Checks the model: what was committed stays."""
        entries = member.log.entries[:position]
        if entries[: len(self.committed)] != self.committed[:position]:
            raise Violation("the model is wrong: a committed entry is lost")
        if position > len(self.committed):
            self.committed = entries

    def member_of(self, host: Host) -> Member:
        """The member that runs on a host."""
        return next(member for member in self.members if member.host is host)
