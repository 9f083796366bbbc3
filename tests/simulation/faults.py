"""What goes wrong, when, and for how long: drawn from the seed before anything runs.

Owns: the kinds of faults. Every fault ends: after `Faults.end` the world is whole again, but for sockets that have
died unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from tests.simulation.network import Network
from tests.simulation.replica_set import Member, ReplicaSet, Trouble
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import OPERATIONS, RETRYABLE, WRITES, Server
from tests.simulation.transactions import ENDINGS

_TROUBLES = (
    "refuse",
    "refuse",
    "fail before",
    "fail after",
    "concern",
    "cut before",
    "cut after",
    "cut within",
    "mute",
    "stall",
    "trickle",
    "garble",
    "oversize",
    "misdirect",
    "repeat",
)
_HIDDEN = ("refuse", "fail before", "fail after", "concern", "cut before", "cut after", "cut within")
_MILD_CODES = sorted(RETRYABLE - {13435, 13436, 10107, 11602, 189})
"""Without those that speak of an election: there is none."""
_APART = 4.0
"""Seconds between troubles that are to be hidden."""
_LIES = ("primary", "hosts", "error", "recovering", "polled", "flip")
_CODES = (*sorted(RETRYABLE), 8000, 64)


class Faults:
    """The schedule of one run."""

    def __init__(
        self, scheduler: Scheduler, network: Network, replica_set: ReplicaSet, server: Server, random: Random
    ) -> None:
        self._scheduler = scheduler
        self._network = network
        self._set = replica_set
        self._server = server
        self._random = random
        self.calm = random.random() < 0.05
        """Whether nothing goes wrong at all."""
        self.mild = not self.calm and random.random() < 0.1
        """Whether only such things go wrong as a retry hides, and one at a time."""
        self._over = False
        self.end = 4.0 + 8.0 * random.random()
        self._kinds: tuple[Callable[[Member, float], None], ...] = (
            self._trouble,
            self._trouble,
            self._trouble,
            self._cut,
            self._mute,
            self._silence,
            self._isolate,
            self._crash,
            self._step_down,
            self._slow_down,
            self._lie,
            self._leave_out,
            self._shed,
            self._pause,
        )

    def schedule(self) -> None:
        """Let things go wrong at their times, and be mended at the end."""
        random = self._random
        if self.mild:
            self._schedule_mildly()
        elif not self.calm:
            for _ in range(random.choice((1, 2, 4, 8, 16, 24))):
                kind = random.choice(self._kinds)
                at = self.end * random.random()
                length = min(self.end - at, 0.2 + 4.0 * random.random() ** 2)
                member = random.choice(self._set.members)
                self._scheduler.call_at(at, partial(self._begin, kind, member, length))
        self._scheduler.call_at(self.end, self._mend)

    def _schedule_mildly(self) -> None:
        """Now and then one command fails in a way that retryable reads and writes are for."""
        for number in range(int(self.end / _APART)):
            kind = self._random.choice(_HIDDEN)
            names = WRITES if kind in ("fail after", "concern") else WRITES | {"find"}
            if kind == "refuse":
                names = OPERATIONS
            trouble = Trouble(kind, names, self._random.choice(_MILD_CODES))
            self._scheduler.call_at(_APART * number, partial(self._trouble_primary, trouble))
            self._scheduler.call_at(_APART * number + 1.5, partial(self._trouble_primary, None))

    def _trouble_primary(self, trouble: Trouble | None) -> None:
        """Leave that trouble to the primary, or, if nobody has met it, take it away."""
        for member in self._set.members:
            times = 2 if trouble is not None and trouble.kind == "refuse" else 1
            member.troubles[:] = [trouble] * times if trouble is not None and member.is_primary else []

    def _begin(self, kind: Callable[[Member, float], None], member: Member, length: float) -> None:
        if self._over:
            return  # The clock has jumped past the end.
        primary = self._set.primary
        if primary is not None and self._random.random() < 0.5:
            member = primary
        self._set.note("fault: %s at %s for %.3f s", kind.__name__.strip("_"), member.host.name, length)
        kind(member, length)

    def _after(self, length: float, mend: Callable[[], None]) -> None:
        self._scheduler.call_later(length, lambda: None if self._over else mend())

    # The kinds.

    def _trouble(self, member: Member, length: float) -> None:
        """The next commands at a member meet with something."""
        kind = self._random.choice(_TROUBLES)
        code = self._random.choice(_CODES)
        names = self._random.choice((OPERATIONS, OPERATIONS, WRITES, frozenset({"getMore"}), ENDINGS))
        for _ in range(self._random.choice((1, 1, 2, 4, 8))):
            member.troubles.append(Trouble(kind, names, code))

    def _cut(self, member: Member, length: float) -> None:
        """All connections to a member break, or one of them."""
        links = self._network.links_to(member.host)
        if links and self._random.random() < 0.5:
            links = [self._random.choice(links)]
        for link in links:
            link.cut()

    def _mute(self, member: Member, length: float) -> None:
        """Connections to a member become half-open: nobody will ever be told."""
        for link in self._network.links_to(member.host):
            if self._random.random() < 0.5:
                link.mute = True

    def _silence(self, member: Member, length: float) -> None:
        """The client is cut off from a member; what was connected before stays dead afterwards."""
        member.host.silent = True
        self._after(length, lambda: self._speak(member))

    def _speak(self, member: Member) -> None:
        member.host.silent = False
        for link in self._network.links_to(member.host):
            link.mute = self._random.random() < 0.7 or link.mute

    def _isolate(self, member: Member, length: float) -> None:
        """A member is cut off from the others, but not from the client."""
        member.isolated = True
        self._after(length, lambda: setattr(member, "isolated", False))

    def _crash(self, member: Member, length: float) -> None:
        if member.host.up:
            self._server.crash(member, self._network)
            self._after(length, lambda: None if member.host.up else member.restart())

    def _step_down(self, member: Member, length: float) -> None:
        """A planned election."""
        if member.is_primary:
            member.adopt(member.term, None)
            member.patience = self._scheduler.now + length
            other = self._random.choice([one for one in self._set.members if one is not member])
            other.patience = self._scheduler.now

    def _slow_down(self, member: Member, length: float) -> None:
        member.host.lag = 0.5 * self._random.random()
        self._after(length, lambda: setattr(member.host, "lag", 0.0))

    def _lie(self, member: Member, length: float) -> None:
        member.lies = self._random.choice(_LIES)
        self._after(length, lambda: setattr(member, "lies", ""))

    def _leave_out(self, member: Member, length: float) -> None:
        """The set is configured to do without a member, and then with it again."""
        self._set.left_out = None if member.is_primary else member
        self._set.reconfigured()
        self._after(length, self._take_back)

    def _take_back(self) -> None:
        self._set.left_out = None
        self._set.reconfigured()

    def _shed(self, member: Member, length: float) -> None:
        """New connections to a member are dropped as soon as they are made."""
        member.host.sheds = True
        self._after(length, lambda: setattr(member.host, "sheds", False))

    def _pause(self, member: Member, length: float) -> None:
        """The client's process is stopped for a while; for the model's sake, the whole world is."""
        self._scheduler.jump(length)

    def _mend(self) -> None:
        self._over = True
        self._set.note("the faults are over")
        self._take_back()
        for member in self._set.members:
            member.isolated = False
            member.lies = ""
            member.troubles.clear()
            if member.host.silent:
                self._speak(member)
            member.host.sheds = False
            member.host.lag = 0.0
            if not member.host.up:
                member.restart()
