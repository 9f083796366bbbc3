"""Requests: threads that keep their connection from one operation to the next, as clients of 1.x and 2.x let them.

Owns who is in a request, and the pool that heeds it. To the rest of the driver it is a pool as any other: what an
operation gives back inside of a request stays the thread's, and is what the thread's next operation gets. Without a
request nothing differs. A connection that is dirty, closed or of an old generation is never kept, and one whose
thread has died is free again, as all that nobody holds any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from petiole._net.pool import CHECK_AFTER_IDLE, Pool
from petiole._runtime.threads import ThreadLocal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from petiole._net.connection import Connection
    from petiole._runtime.base import Deadline


class Requests:
    """The requests of one client's threads."""

    def __init__(self, *, automatic: bool) -> None:
        self.automatic = automatic
        """Whether a thread's first operation begins one."""
        self.pools: WeakSet[RequestPool] = WeakSet()
        self._threads = ThreadLocal()

    @property
    def depth(self) -> int:
        """How many requests of the running thread have begun and not ended: they can be nested."""
        depth: int = getattr(self._threads, "depth", 0)
        return depth

    @property
    def firm(self) -> bool:
        """Whether the running thread has begun one itself."""
        return self.depth > self.automatic

    def pool(self, *args: Any, **kwargs: Any) -> RequestPool:
        """A pool that heeds them; the arguments are those of any pool."""
        return RequestPool(*args, requests=self, **kwargs)

    def begin(self) -> None:
        """Let the running thread keep its connections from now on."""
        self._threads.depth = self.depth + 1

    def end(self) -> None:
        """End the thread's innermost request; with the outermost one its connections go back. Harmless without one."""
        self._threads.depth = max(self.depth - 1, 0)
        if not self._threads.depth:
            for pool in tuple(self.pools):
                pool.return_kept()

    def entered(self) -> bool:
        """Whether what the running thread uses now is to be kept."""
        if not self.depth and self.automatic:
            self.begin()
        return self.depth > 0


class Kept:
    """What one thread keeps of a pool while none of its operations has it. Changed under the pool's guard."""

    __slots__ = ("__weakref__", "connection", "firm")

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.firm = False
        """Whether the application has asked for it, so that nobody else may get it."""


class RequestPool(Pool):
    """A pool whose connections can be kept by threads; a kept one counts as lent."""

    def __init__(self, *args: Any, requests: Requests, **kwargs: Any) -> None:
        self._hushed = False
        super().__init__(*args, **kwargs)
        self._requests = requests
        self._own = ThreadLocal()
        self._all: WeakSet[Kept] = WeakSet()
        requests.pools.add(self)

    # Handing out.

    def take(self) -> Connection | None:
        """The thread's own connection, or an idle one."""
        return self._take_kept() or super().take()

    async def check_out(self, deadline: Deadline) -> Connection:
        """The thread's own connection, else any."""
        connection = self._take_kept()
        if connection is None:
            self._relieve()
            connection = await super().check_out(deadline)
        return connection

    def _take_kept(self) -> Connection | None:
        kept: Kept | None = getattr(self._own, "kept", None)
        if kept is None:
            return None
        with self._guard:  # Whoever has it holds the only reference: nothing is lost by an interruption.
            connection, kept.connection = kept.connection, None
        if connection is None or self._is_fresh(connection):
            return connection
        self._return(connection)
        return None

    def _is_fresh(self, connection: Connection) -> bool:
        idle = self._runtime.clock() - connection.idle_since
        expired = self._limits.max_idle is not None and idle > self._limits.max_idle
        silent = idle > CHECK_AFTER_IDLE and not connection.stream.alive()
        return self._is_sound(connection) and not expired and not silent

    def _is_sound(self, connection: Connection) -> bool:
        return not (connection.dirty or connection.closed or self._closed) and self._serves(connection)

    def _is_full(self) -> bool:
        limit = self._limits.max_size
        return limit is not None and self._size() >= limit

    def _relieve(self) -> None:
        """Where the limit is reached, take an idle connection from a thread that never asked to keep one."""
        if self._idle or not self._is_full():
            return
        for kept in tuple(self._all):
            with self._guard:
                if kept.firm or kept.connection is None:
                    continue
                connection, kept.connection = kept.connection, None
            self._return(connection)
            return

    def check_in(self, connection: Connection, *, handed_out: bool = True) -> None:
        """Keep the connection for the thread, if it is in a request and the connection is sound; or take it back."""
        if not (handed_out and self._requests.entered() and self._keep(connection)):
            super().check_in(connection, handed_out=handed_out)

    def _keep(self, connection: Connection) -> bool:
        kept: Kept | None = getattr(self._own, "kept", None)
        if kept is None:
            kept = self._own.kept = Kept()
            self._all.add(kept)
        with self._guard:
            kept.firm = self._requests.firm
            if self._waiting and self._is_full() and not kept.firm:
                return False
            if (
                kept.connection is not None
                or connection.ref not in self._lent
                or not self._is_sound(connection)
            ):
                return False
            connection.idle_since = self._runtime.clock()
            kept.connection = connection
            return True

    # Taking back.

    def return_kept(self) -> None:
        """Take back what the running thread keeps. What an operation of it uses follows when that ends."""
        kept: Kept | None = getattr(self._own, "kept", None)
        if kept is not None:
            self._take_back([kept])

    def clear(self, *args: Any, **kwargs: Any) -> None:
        """As any pool's; what threads keep of old generations is closed, too."""
        super().clear(*args, **kwargs)
        self._hushed = True  # Whoever clears it publishes that, once no guard is held.
        try:
            self._take_back(tuple(self._all))
        finally:
            self._hushed = False

    def flush(self) -> None:
        """As any pool, but not while it is being cleared."""
        if not self._hushed:
            super().flush()

    def _take_back(self, all_kept: Iterable[Kept]) -> None:
        for kept in all_kept:
            with self._guard:
                connection, kept.connection = kept.connection, None
            if connection is not None:
                self._return(connection)

    def _return(self, connection: Connection) -> None:
        """Give the pool what was kept for a while, in which it may have perished."""
        if not self._is_fresh(connection):
            connection.dirty = True  # Or it would pass for one that was used just now.
        super().check_in(connection)
