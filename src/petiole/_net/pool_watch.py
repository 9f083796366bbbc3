"""Tells pool listeners what happens in one pool. It exists only where somebody listens.

Follows the connection monitoring and pooling specification, "Events". Most is noted under the pool's guard
and published when the pool has let go of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole import _pool_events as events
from petiole._net.listeners import Outbox
from petiole.errors import WaitQueueTimeoutError

if TYPE_CHECKING:
    from petiole._net.connection import Connection
    from petiole._runtime.base import Address, Runtime


class PoolWatch:
    """The pool listeners of one pool."""

    def __init__(self, listeners: tuple[Any, ...], address: Address, runtime: Runtime) -> None:
        self._outbox = Outbox(listeners, runtime.guard())
        self._address = address
        self.clock = runtime.clock
        self.flush = self._outbox.flush

    def add(self, listener: Any) -> None:
        """Tell one more listener."""
        if listener not in self._outbox.listeners:
            self._outbox.listeners += (listener,)

    def created(self, options: dict[str, Any]) -> None:
        """The pool was made."""
        self._outbox.note("pool_created", events.PoolCreatedEvent(self._address, options))

    def ready(self) -> None:
        """The pool lets operations in."""
        self._outbox.note("pool_ready", events.PoolReadyEvent(self._address))

    def cleared(self, service_id: Any, *, interrupt: bool) -> None:
        """The pool has begun a new generation (for one service, behind a load balancer)."""
        self._outbox.note("pool_cleared", events.PoolClearedEvent(self._address, service_id, interrupt))

    def closed(self) -> None:
        """The pool was closed for good."""
        self._outbox.note("pool_closed", events.PoolClosedEvent(self._address))

    def connecting(self, number: int) -> None:
        """A connection is about to be made."""
        self._outbox.note("connection_created", events.ConnectionCreatedEvent(self._address, number))
        self.flush()

    def connected(self, number: int, started: float) -> None:
        """A connection has completed its handshake."""
        event = events.ConnectionReadyEvent(self._address, number, self.clock() - started)
        self._outbox.note("connection_ready", event)

    def ended(self, number: int, reason: str) -> None:
        """A connection is closed."""
        event = events.ConnectionClosedEvent(self._address, number, reason)
        self._outbox.note("connection_closed", event)

    def asked(self) -> float:
        """An operation asks for a connection; the time, for what follows."""
        event = events.ConnectionCheckOutStartedEvent(self._address)
        self._outbox.note("connection_check_out_started", event)
        self.flush()
        return self.clock()

    def lent(self, connection: Connection, started: float) -> None:
        """An operation got a connection."""
        duration = self.clock() - started
        event = events.ConnectionCheckedOutEvent(self._address, connection.number, duration)
        self._outbox.note("connection_checked_out", event)
        self.flush()

    def refused(self, error: BaseException, started: float, *, pool_closed: bool) -> None:
        """An operation got no connection."""
        reasons = events.ConnectionCheckOutFailedReason
        if isinstance(error, WaitQueueTimeoutError):
            reason = reasons.TIMEOUT
        else:
            reason = reasons.POOL_CLOSED if pool_closed else reasons.CONN_ERROR
        event = events.ConnectionCheckOutFailedEvent(self._address, reason, self.clock() - started)
        self._outbox.note("connection_check_out_failed", event)
        self.flush()

    def returned(self, connection: Connection) -> None:
        """An operation gives its connection back."""
        event = events.ConnectionCheckedInEvent(self._address, connection.number)
        self._outbox.note("connection_checked_in", event)
