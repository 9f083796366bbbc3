"""A pool: the connections to one server that belong to one runtime key (an event loop, or all threads).

Follows the connection monitoring and pooling specification. All changes of state happen in plain
functions under the guard, which do no I/O: `_assign` hands idle connections and permissions to connect to
those who wait, in their order; whoever removes connections closes them after the guard is released.
A connection is counted in `_size` from the permission to make it until it is closed.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from petiole.errors import AutoReconnect, WaitQueueTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from petiole._net.connection import Connection
    from petiole._runtime.base import Address, Deadline, Runtime, Waiter

_CHECK_AFTER_IDLE = 1.0
"""Seconds a connection may be idle before its socket is looked at on check-out."""


class PoolLimits:
    """The pool's options; seconds, None for no limit."""

    __slots__ = ("max_connecting", "max_idle", "max_size", "min_size", "wait_queue_timeout")

    def __init__(
        self,
        max_size: int | None = 100,
        min_size: int = 0,
        max_idle: float | None = None,
        max_connecting: int = 2,
        wait_queue_timeout: float | None = None,
    ) -> None:
        self.max_size = max_size or None
        self.min_size = min_size
        self.max_idle = max_idle
        self.max_connecting = max_connecting
        self.wait_queue_timeout = wait_queue_timeout


class PoolCleared(AutoReconnect):
    """The pool was cleared while an operation waited in it; the operation has not been sent."""


class _Request:
    """Somebody who waits for a connection, or for the permission to make one."""

    __slots__ = ("connection", "error", "may_connect", "waiter")

    def __init__(self, waiter: Waiter) -> None:
        self.waiter = waiter
        self.connection: Connection | None = None
        self.may_connect = False
        self.error: Exception | None = None

    @property
    def settled(self) -> bool:
        return self.connection is not None or self.may_connect or self.error is not None


class Pool:
    """Hands out clean connections of the current generation, and makes new ones."""

    def __init__(
        self,
        address: Address,
        limits: PoolLimits,
        runtime: Runtime,
        establish: Callable[[int, int, Deadline], Awaitable[Connection]],
    ) -> None:
        self.address = address
        self.generation = 0
        self.in_use = 0
        self._limits = limits
        self._runtime = runtime
        self._establish = establish
        self._guard = runtime.guard()
        self._idle: deque[Connection] = deque()
        self._active: set[Connection] = set()
        self._waiting: deque[_Request] = deque()
        self._size = 0
        self._connecting = 0
        self._number = 0
        self._ready = True
        self._closed = False
        self._cause: Exception | None = None

    # Handing out.

    def take(self) -> Connection | None:
        """An idle connection at once, or None: then `check_out` waits for one."""
        with self._guard:
            if self._waiting or not self._idle:
                return None
            return self._pop_idle()

    async def check_out(self, deadline: Deadline) -> Connection:
        """An idle connection, else a new one, waiting for either as the limits demand."""
        request = _Request(self._runtime.waiter())
        with self._guard:
            self._refuse_if_paused()
            self._waiting.append(request)
            self._assign()
        if not request.settled:
            limited = deadline.sooner(self._limits.wait_queue_timeout)
            try:
                await request.waiter.wait(limited)
            except BaseException:
                self._abandon(request)
                raise
        if request.error is not None:
            raise request.error
        if request.connection is not None:
            return request.connection
        if request.may_connect:
            return await self._connect(deadline)
        if self._abandon(request):
            raise WaitQueueTimeoutError(self._describe_timeout())
        return await self.check_out(deadline)

    async def _connect(self, deadline: Deadline) -> Connection:
        with self._guard:
            self._number += 1
            number, generation = self._number, self.generation
        try:
            connection = await self._establish(number, generation, deadline)
        except BaseException:
            with self._guard:
                self._connecting -= 1
                self._size -= 1
                self._assign()
            raise
        with self._guard:
            self._connecting -= 1
            self._lend(connection)
            self._assign()
        return connection

    def check_in(self, connection: Connection) -> None:
        """Take a connection back; a dirty, closed or outdated one is closed instead of kept."""
        reusable = not (connection.dirty or connection.closed)
        with self._guard:
            self.in_use -= 1
            self._active.discard(connection)
            if reusable and connection.generation == self.generation and not self._closed:
                connection.idle_since = self._runtime.clock()
                self._idle.append(connection)
                if self._waiting:
                    self._assign()
                return
            self._size -= 1
            if self._waiting:
                self._assign()
        connection.close()

    # Changing state: all under the guard, without I/O.

    def _lend(self, connection: Connection) -> None:
        self.in_use += 1
        self._active.add(connection)

    def _pop_idle(self) -> Connection | None:
        """The most recently used idle connection that still serves."""
        while self._idle:
            connection = self._idle.pop()
            idle = self._runtime.clock() - connection.idle_since
            outdated = connection.generation != self.generation
            expired = self._limits.max_idle is not None and idle > self._limits.max_idle
            if outdated or expired or (idle > _CHECK_AFTER_IDLE and not connection.stream.alive()):
                self._size -= 1
                connection.close()
                continue
            self._lend(connection)
            return connection
        return None

    def _assign(self) -> None:
        """Give those who wait, in their order, what there is: an idle connection or leave to make one."""
        while self._waiting:
            connection = self._pop_idle()
            if connection is None and not self._may_connect():
                return
            request = self._waiting.popleft()
            if connection is None:
                self._connecting += 1
                self._size += 1
                request.may_connect = True
            else:
                request.connection = connection
            request.waiter.set()

    def _may_connect(self) -> bool:
        full = self._limits.max_size is not None and self._size >= self._limits.max_size
        return not full and self._connecting < self._limits.max_connecting

    def _refuse_if_paused(self) -> None:
        if self._closed:
            raise AutoReconnect(f"{self._where()}: the connection pool is closed")
        if not self._ready:
            raise PoolCleared(
                f"{self._where()}: the connection pool was cleared: {self._cause}"
            ) from self._cause

    def _abandon(self, request: _Request) -> bool:
        """Leave the queue; what was assigned meanwhile goes to the next. True if nothing had been."""
        with self._guard:
            if not request.settled:
                self._waiting.remove(request)
                return True
            if request.may_connect:
                self._connecting -= 1
                self._size -= 1
                self._assign()
        if request.connection is not None:
            self.check_in(request.connection)
        return False

    # What the topology and the background do.

    def ready(self) -> None:
        """Let operations in again: a monitor has reached the server."""
        with self._guard:
            if not self._closed:
                self._ready = True
                self._cause = None

    def clear(self, cause: Exception | None, *, pause: bool = True, interrupt: bool = False) -> None:
        """Begin a new generation: connections of the old one are closed now or at their check-in."""
        with self._guard:
            self.generation += 1
            if pause:
                self._ready = False
                self._cause = cause
                self._fail_waiting(cause)
            victims = list(self._idle)
            self._size -= len(victims)
            self._idle.clear()
            if interrupt:
                victims.extend(self._active)
        for connection in victims:
            connection.close()

    def close(self) -> None:
        """Close for good: idle connections now, those in use at their check-in."""
        with self._guard:
            self._closed = True
            self._fail_waiting(None)
        self.clear(None, pause=False)

    def _fail_waiting(self, cause: Exception | None) -> None:
        while self._waiting:
            request = self._waiting.popleft()
            error = PoolCleared(f"{self._where()}: the connection pool was cleared: {cause}")
            error.__cause__ = cause
            request.error = error
            request.waiter.set()

    @property
    def needs_maintenance(self) -> bool:
        """Whether options ask for work beside the operations."""
        return self._limits.min_size > 0 or self._limits.max_idle is not None

    def due(self) -> bool:
        """Whether `maintain` has something to do."""
        limits = self._limits
        if self._closed or not self.needs_maintenance:
            return False
        now = self._runtime.clock()
        oldest = self._idle[0] if self._idle else None
        expired = (
            oldest is not None and limits.max_idle is not None and now - oldest.idle_since > limits.max_idle
        )
        return expired or (self._ready and self._size < limits.min_size)

    def forget(self) -> None:
        """In a forked child: let go of the parent's connections without ending them."""
        for connection in (*self._idle, *self._active):
            connection.stream.forget()

    async def maintain(self) -> None:
        """Close connections idle for too long, and keep the minimum of them open."""
        with self._guard:
            victims = self._remove_perished()
        for connection in victims:
            connection.close()
        while True:
            with self._guard:
                wanted = self._ready and not self._closed and self._size < self._limits.min_size
                if not wanted or not self._may_connect():
                    return
                self._connecting += 1
                self._size += 1
            try:
                connection = await self._connect(self._runtime.never)
            except AutoReconnect:
                return  # The monitor finds out what is wrong; the next round tries again.
            self.check_in(connection)

    def _remove_perished(self) -> list[Connection]:
        now = self._runtime.clock()
        limit = self._limits.max_idle
        perished = [
            connection
            for connection in self._idle
            if connection.generation != self.generation
            or (limit is not None and now - connection.idle_since > limit)
        ]
        for connection in perished:
            self._idle.remove(connection)
        self._size -= len(perished)
        return perished

    # Words.

    def _where(self) -> str:
        host, port = self.address
        return host if port is None else f"{host}:{port}"

    def _describe_timeout(self) -> str:
        return (
            f"Timed out while checking out a connection from connection pool to {self._where()}. "
            f"maxPoolSize: {self._limits.max_size}, timeout: {self._limits.wait_queue_timeout}, "
            f"in use: {self.in_use}, connecting: {self._connecting}"
        )
