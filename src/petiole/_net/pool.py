"""A pool: the connections to one server that belong to one runtime key (an event loop, or all threads).

Follows the connection monitoring and pooling specification. All changes of state happen in plain functions
under the guard, which do not wait for anything: `_assign` hands idle connections and permissions to connect to
those who wait, in their order.

What is counted is read off the containers: a connection is idle, or lent, or being made on somebody's
permission, and there is no counter beside them that could go wrong. So a Ctrl-C between any two steps may lose a
connection, but never its place: lent ones are held weakly, and the place of one that nobody holds any more is
free again. For the same reason `_assign` settles a request first, wakes it then, and takes it off the queue last.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any
from weakref import ref

from petiole._net.failure import failure_of
from petiole._net.pool_parts import ExceededMaxWaiters, PoolLimits, Request, cleared, describe_timeout
from petiole._sdam.errors import establishment_labels
from petiole.errors import AutoReconnect, OperationFailure, PyMongoError, WaitQueueTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from petiole._net.connection import Connection
    from petiole._net.pool_watch import PoolWatch
    from petiole._runtime.base import Address, Deadline, Runtime, Stream
    from petiole._sdam.errors import Failure

# Why a connection is closed: `petiole.monitoring.ConnectionClosedReason`, which is not loaded for this.
STALE, IDLE, ERROR, POOL_CLOSED = "stale", "idle", "error", "poolClosed"

CHECK_AFTER_IDLE = 1.0
"""Seconds a connection may be idle before its socket is looked at on check-out."""


class Pool:
    """Hands out clean connections of the current generation, and makes new ones."""

    def __init__(
        self,
        address: Address,
        limits: PoolLimits,
        runtime: Runtime,
        establish: Callable[[int, int, Deadline, Callable[[Connection], None]], Awaitable[Connection]],
        watch: PoolWatch | None = None,
        failed: Callable[[Pool, Failure], None] | None = None,
        *,
        ready: bool = True,
    ) -> None:
        self.address = address
        self.generation = 0
        """Of the connections that are made now; it grows whenever older ones are not to be used again."""
        self._oldest = 0
        self._oldest_of: dict[Any, int] = {}
        """The same for services behind a load balancer, where it differs."""
        self._limits = limits
        self._runtime = runtime
        self._establish = establish
        self._guard = runtime.guard()
        self._idle: deque[Connection] = deque()
        self._lent: dict[ref[Connection], Stream] = {}
        self._connecting: set[Request] = set()
        self._lost: deque[ref[Connection]] = deque()
        """Connections that nobody holds any more; those among them that were never given back are still `_lent`."""
        self._waiting: deque[Request] = deque()
        self._number = 0
        self._ready = ready
        self._closed = False
        self._cause: Exception | None = None
        self._maintained = False
        self._watch = watch
        self._failed = failed
        """Is told why a connection could not be made, for whomever, before anybody hears that it is closed (SDAM
        specification, "Connection Pool Management")."""
        if watch is not None:
            watch.created(limits.chosen())
            if ready:
                watch.ready()

    # Handing out.

    def take(self) -> Connection | None:
        """An idle connection at once, or None: then `check_out` waits for one."""
        with self._guard:
            if self._waiting or not self._idle or self._watch is not None:
                return None
            return self._pop_idle()

    async def check_out(self, deadline: Deadline) -> Connection:
        """An idle connection, else a new one, waiting for either as the limits demand."""
        watch = self._watch
        if watch is None:
            return await self._check_out(deadline)
        started = watch.asked()
        try:
            connection = await self._check_out(deadline)
        except BaseException as error:
            watch.refused(error, started, pool_closed=self._closed)
            raise
        watch.lent(connection, started)
        return connection

    async def _check_out(self, deadline: Deadline) -> Connection:
        request = Request(self._runtime.waiter())
        try:
            with self._guard:
                self._refuse_if_paused()
                self._waiting.append(request)
                self._assign()
            if not request.settled:
                if self._limits.max_waiting is not None:
                    self._refuse_crowd(self._limits.max_waiting)
                # An operation's own limit takes the place of the pool's (client side operations timeout).
                patience = self._limits.wait_queue_timeout if deadline is self._runtime.never else None
                await request.waiter.wait(deadline.sooner(patience))
                self._refuse_if_unsettled(request)
            if request.error is not None:
                raise request.error
            if request.connection is not None:
                return request.connection
            return await self._connect(request, deadline)
        except BaseException:
            self._abandon(request)
            raise

    async def _connect(self, request: Request, deadline: Deadline) -> Connection:
        with self._guard:
            self._number += 1
            number, generation = self._number, self.generation
        if self._watch is None:
            connection = await self._try(request, number, generation, deadline)
        else:
            connection = await self._watched_try(self._watch, request, number, generation, deadline)
        connection.ref = ref(connection, self._lost.append)
        with self._guard:
            self._lent[connection.ref] = connection.stream
            request.connection = connection
            self._connecting.discard(request)
            self._assign()
        return connection

    async def _try(self, request: Request, number: int, generation: int, deadline: Deadline) -> Connection:
        try:
            return await self._establish(number, generation, deadline, request.begun)
        except (AutoReconnect, OperationFailure) as error:
            if request.interrupted(generation):  # It says nothing about the server that is not known.
                raise cleared(self.address, self._cause, closed=self._closed) from error
            failure = failure_of(error, generation)
            if self._failed is not None:
                self._failed(self, failure)
            for label in establishment_labels(failure.kind, failure.phase):
                error._add_error_label(label)
            raise

    async def _watched_try(
        self, watch: PoolWatch, request: Request, number: int, generation: int, deadline: Deadline
    ) -> Connection:
        watch.connecting(number)
        started = watch.clock()
        try:
            connection = await self._try(request, number, generation, deadline)
        except BaseException:
            watch.ended(number, ERROR)
            raise
        watch.connected(number, started)
        return connection

    def check_in(self, connection: Connection, *, handed_out: bool = True) -> None:
        """Take a connection back; a dirty, closed or outdated one is closed instead of kept.

        :param handed_out: whether listeners have heard of a check-out: not if nobody came to use the connection
        """
        with self._guard:
            if self._lent.pop(connection.ref, None) is None:
                return  # It has been given back already.
            keep = not (connection.dirty or connection.closed or self._closed) and (
                connection.generation == self.generation or self._serves(connection)
            )
            if self._watch is not None:
                if handed_out:
                    self._watch.returned(connection)
                if not keep:
                    self._watch.ended(connection.number, self._reason(connection))
            if keep:
                connection.idle_since = self._runtime.clock()
                self._idle.append(connection)
            if self._waiting:
                self._assign()
        if not keep:
            connection.close()
        self.flush()

    def oldest(self, service_id: Any = None) -> int:
        """The first generation whose connections serve yet (those to that service, behind a load balancer)."""
        return max(self._oldest, self._oldest_of.get(service_id, 0))

    def _serves(self, connection: Connection) -> bool:
        return connection.generation >= self.oldest(connection.service_id)

    def _reason(self, connection: Connection) -> str:
        """Why a connection that is given back is not kept."""
        if connection.dirty or connection.closed:
            return ERROR
        return POOL_CLOSED if self._closed else STALE

    @property
    def in_use(self) -> int:
        """Connections lent at this moment."""
        return len(self._lent)

    # Changing state: all under the guard, without waiting.

    def _pop_idle(self) -> Connection | None:
        """Lend the most recently used idle connection that still serves."""
        now = self._runtime.clock()
        while self._idle:
            connection = self._idle.pop()
            idle = now - connection.idle_since
            expired = self._limits.max_idle is not None and idle > self._limits.max_idle
            if expired or (idle > CHECK_AFTER_IDLE and not connection.stream.alive()):
                if self._watch is not None:
                    self._watch.ended(connection.number, IDLE if expired else ERROR)
                connection.close()
                continue
            self._lent[connection.ref] = connection.stream
            return connection
        return None

    def _assign(self) -> None:
        """Give those who wait, in their order, what there is: an idle connection or leave to make one."""
        self._find_lost()
        while self._waiting:
            request = self._waiting[0]
            if not request.settled:
                connection = self._pop_idle()
                if connection is not None:
                    request.connection = connection
                elif not request.settled:
                    if not self._may_connect():
                        return
                    self._connecting.add(request)
                    request.may_connect = True
            request.waiter.set()
            # A signal handler or a finalizer may have come in between and served it.
            if self._waiting and self._waiting[0] is request:
                self._waiting.popleft()

    def _may_connect(self) -> bool:
        limits = self._limits
        full = limits.max_size is not None and self._size() >= limits.max_size
        return not full and len(self._connecting) < limits.max_connecting

    def _size(self) -> int:
        return len(self._idle) + len(self._lent) + len(self._connecting)

    def _find_lost(self) -> None:
        """Close what was lent to somebody who is no more."""
        while self._lost:
            stream = self._lent.pop(self._lost.popleft(), None)
            if stream is not None:
                stream.close()

    def _refuse_if_paused(self) -> None:
        if self._closed or not self._ready:
            raise cleared(self.address, self._cause, closed=self._closed)

    def _refuse_crowd(self, most: int) -> None:
        if len(self._waiting) > most:
            raise ExceededMaxWaiters(f"exceeded max waiters: {most} threads already waiting")

    def _refuse_if_unsettled(self, request: Request) -> None:
        with self._guard:
            if not request.settled:
                lent = [found for known in self._lent if (found := known()) is not None]
                text = describe_timeout(self.address, self._limits, lent, len(self._connecting))
                raise WaitQueueTimeoutError(text)

    def _abandon(self, request: Request) -> None:
        """Leave the queue; what was assigned already goes to the next. May be called in any state."""
        with self._guard:
            if request in self._waiting:
                self._waiting.remove(request)
            self._connecting.discard(request)
            connection, request.connection = request.connection, None
            self._assign()
        if connection is not None:
            self.check_in(connection, handed_out=False)

    # What the topology and the background do.

    def ready(self) -> None:
        """Let operations in again: a monitor has reached the server."""
        with self._guard:
            if not self._closed:
                if self._watch is not None and not self._ready:
                    self._watch.ready()
                self._ready = True
                self._cause = None

    def clear(
        self,
        cause: Exception | None,
        *,
        pause: bool = True,
        interrupt: bool = False,
        service_id: Any = None,
    ) -> None:
        """Begin a new generation: connections of the old one are closed now or at their check-in.

        :param interrupt: break those in use under their owners, and those that are being made
        :param service_id: only those to this service, behind a load balancer
        """
        with self._guard:
            self.generation += 1
            if service_id is None:
                self._oldest = self.generation
            else:
                self._oldest_of[service_id] = self.generation
            if self._watch is not None and self._ready and (pause or service_id is not None):
                self._watch.cleared(service_id, interrupt=interrupt)
            if pause:
                self._ready = False
                self._cause = cause
                self._fail_waiting()
            idle = [one for one in self._idle if not self._serves(one)]
            self._idle = deque(one for one in self._idle if self._serves(one))
            lent = [found for known in self._lent if (found := known()) is not None] if interrupt else ()
            connecting = tuple(self._connecting) if interrupt else ()
        for connection in idle:
            if self._watch is not None:
                self._watch.ended(connection.number, POOL_CLOSED if self._closed else STALE)
            connection.close()
        for connection in lent:
            connection.interrupt()
        for request in connecting:
            request.interrupt(self._oldest)

    def close(self) -> None:
        """Close for good: idle connections now, those in use at their check-in."""
        with self._guard:
            already, self._closed = self._closed, True
            self._fail_waiting()
        self.clear(None, pause=False)
        if self._watch is not None and not already:
            self._watch.closed()

    def _fail_waiting(self) -> None:
        while self._waiting:
            request = self._waiting[0]
            if not request.settled:
                request.error = cleared(self.address, self._cause, closed=self._closed)
            request.waiter.set()
            self._waiting.popleft()

    def due(self) -> bool:
        """Whether `maintain` has something to do; after a yes it has to be called."""
        limits = self._limits
        with self._guard:
            if self._maintained or self._closed:
                return False
            self._assign()
            short = self._ready and self._size() < limits.min_size
            self._maintained = short or bool(self._idle and self._perished(self._idle[0]))
            return self._maintained

    async def maintain(self) -> None:
        """Close connections idle for too long, and keep the minimum of them open."""
        try:
            self._close_perished()
            while self._may_grow(request := Request(self._runtime.waiter())):
                try:
                    await self._connect(request, self._runtime.never)
                except PyMongoError:
                    return  # The topology has been told.
                finally:
                    self._abandon(request)
        finally:
            self._maintained = False

    def _close_perished(self) -> None:
        with self._guard:
            # The least recently used ones stand first.
            perished = []
            while self._idle and self._perished(self._idle[0]):
                perished.append(self._idle.popleft())
        for connection in perished:
            if self._watch is not None:
                self._watch.ended(connection.number, IDLE)
            connection.close()
        self.flush()

    def _perished(self, connection: Connection) -> bool:
        limit = self._limits.max_idle
        return limit is not None and self._runtime.clock() - connection.idle_since > limit

    def _may_grow(self, request: Request) -> bool:
        """Give leave to connect while there are fewer connections than the minimum."""
        with self._guard:
            wanted = self._ready and not self._closed and self._size() < self._limits.min_size
            if wanted and self._may_connect():
                self._connecting.add(request)
                request.may_connect = True
        return request.may_connect

    def add_listener(self, listener: Any) -> None:
        """Tell one more listener what happens here from now on; takes no guard."""
        if self._watch is not None:
            self._watch.add(listener)
            return
        from petiole._net.pool_watch import PoolWatch  # Late: most clients have no listeners.

        self._watch = PoolWatch((listener,), self.address, self._runtime)

    def forget(self) -> None:
        """In a forked child: let go of the parent's connections without ending them."""
        for stream in (*(connection.stream for connection in self._idle), *self._lent.values()):
            stream.forget()

    def flush(self) -> None:
        """Publish what has been noted. What the topology has done to the pool is published by whoever did it, once
        all guards are free."""
        if self._watch is not None:
            self._watch.flush()
