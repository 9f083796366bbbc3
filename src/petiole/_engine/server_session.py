"""Server sessions and their pool, and what a client knows of the cluster's time.

A server session is an id that servers keep state under. Explicit sessions own one until they end; every
other operation borrows one. The pool is a stack, so that few of them are kept alive.
Follows the sessions specification.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Never
from weakref import WeakSet

if TYPE_CHECKING:
    from petiole._runtime.base import Runtime

_SAFETY = 60.0
"""Seconds before its timeout from which on a server session is not reused."""


class ServerSession:
    """The `lsid` element as it goes into every command, and the transaction number of retryable writes."""

    __slots__ = (
        "__weakref__",
        "dirty",
        "fragment",
        "id",
        "inherited",
        "last_use",
        "transaction_number",
    )

    def __init__(self, random: bytes) -> None:
        raw = bytearray(random)
        raw[6] = raw[6] & 0x0F | 0x40  # A version 4 UUID, RFC 4122 section 4.4.
        raw[8] = raw[8] & 0x3F | 0x80
        self.id = bytes(raw)
        binary = b"\x05id\x00\x10\x00\x00\x00\x04" + self.id
        self.fragment = b"\x03lsid\x00" + (len(binary) + 5).to_bytes(4, "little") + binary + b"\x00"
        self.transaction_number = 0
        self.dirty = False
        """Whether its last use left it in doubt, so that it is not kept."""
        self.inherited = False
        """Whether the parent of this process goes on with it."""
        self.last_use = 0.0

    def next_transaction(self) -> bytes:
        """A new transaction number, as the element to send."""
        self.transaction_number += 1
        return self.transaction_fragment()

    def transaction_fragment(self) -> bytes:
        """The current transaction number, as the element to send."""
        return b"\x12txnNumber\x00" + self.transaction_number.to_bytes(8, "little")


class SessionPool:
    """A stack of idle server sessions. `deque` makes each step atomic: there is no lock."""

    __slots__ = ("_clock", "_idle", "_known", "_random_bytes", "timeout")

    def __init__(self, runtime: Runtime) -> None:
        self._clock = runtime.clock
        self._random_bytes = runtime.random_bytes
        self._idle: deque[ServerSession] = deque()
        self._known: WeakSet[ServerSession] = WeakSet()
        """All that have been made and are still held by somebody."""
        self.timeout = 30 * 60.0
        """Seconds after which servers forget an unused session; the topology sets it by what they say."""

    def __reduce__(self) -> Never:
        raise TypeError("cannot pickle what holds a client's server sessions")

    def take(self) -> ServerSession:
        """The most recently used idle session that servers still know, or a new one."""
        oldest = self._clock() - self.timeout + _SAFETY
        try:
            while True:
                session = self._idle.pop()
                if session.last_use > oldest:
                    return session
        except IndexError:
            session = ServerSession(self._random_bytes(16))
            self._known.add(session)
            return session

    def give_back(self, session: ServerSession) -> None:
        """Keep a session for the next operation, unless its last use left it in doubt."""
        if not session.dirty:
            session.last_use = self._clock()
            self._idle.append(session)

    def drain(self) -> list[bytes]:
        """Empty the pool; the ids are for `endSessions`."""
        idle, self._idle = self._idle, deque()
        return [session.id for session in idle]

    def renew_after_fork(self) -> None:
        """In a forked child: whatever anybody holds is the parent's, and is never kept here."""
        self._idle.clear()
        for session in self._known:
            session.dirty = session.inherited = True
        self._known.clear()


class ClusterClock:
    """The highest cluster time seen, as the element to send with every command."""

    __slots__ = ("fragment", "time")

    def __init__(self) -> None:
        self.time = 0
        self.fragment = b""

    def advance(self, seen: tuple[int, bytes] | None) -> None:
        """Take in the cluster time of a reply."""
        # Two threads may interleave and the older time win: the next reply corrects it, and nothing relies on more.
        if seen is not None and seen[0] > self.time:
            self.time, self.fragment = seen
