"""What a pool is told, who waits in it, and what it says: its limits, the requests for connections, and its errors."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from petiole._sdam.address import format_address
from petiole.errors import AutoReconnect, WaitQueueTimeoutError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole._net.connection import Connection
    from petiole._runtime.base import Address, Waiter


class PoolLimits:
    """The pool's options; seconds, None for no limit."""

    __slots__ = ("max_connecting", "max_idle", "max_size", "max_waiting", "min_size", "wait_queue_timeout")

    def __init__(
        self,
        max_size: int | None = 100,
        min_size: int = 0,
        max_idle: float | None = None,
        max_connecting: int = 2,
        wait_queue_timeout: float | None = None,
        max_waiting: int | None = None,
    ) -> None:
        self.max_size = max_size or None
        self.min_size = min_size
        self.max_idle = max_idle
        self.max_connecting = max_connecting
        self.wait_queue_timeout = wait_queue_timeout
        self.max_waiting = max_waiting
        """How many may wait at a time: the `waitQueueMultiple` of 3.x clients."""

    def chosen(self) -> dict[str, Any]:
        """The options that are not the default, by their names in connection strings."""
        default = PoolLimits()
        named = (
            ("maxPoolSize", self.max_size, default.max_size),
            ("minPoolSize", self.min_size, default.min_size),
            ("maxIdleTimeMS", self.max_idle, default.max_idle),
            ("maxConnecting", self.max_connecting, default.max_connecting),
            ("waitQueueTimeoutMS", self.wait_queue_timeout, default.wait_queue_timeout),
        )
        return {
            name: value * 1000 if name.endswith("MS") and value is not None else value
            for name, value, usual in named
            if value != usual
        }


class Request:
    """Somebody who waits for a connection, or for the permission to make one."""

    __slots__ = ("_being_made", "_oldest", "connection", "error", "may_connect", "waiter")

    def __init__(self, waiter: Waiter) -> None:
        self.waiter = waiter
        self.connection: Connection | None = None
        self.may_connect = False
        self.error: Exception | None = None
        self._being_made: Connection | None = None
        self._oldest = 0

    # Who connects and who interrupts each leave word first and look then, so one of the two sees the other.

    def begun(self, connection: Connection) -> None:
        """The connection that it has leave to make is about to shake hands."""
        self._being_made = connection
        if connection.generation < self._oldest:
            connection.interrupt()

    def interrupt(self, oldest: int) -> None:
        """Break off the making of a connection of an older generation. Callable from any thread."""
        self._oldest = oldest
        connection = self._being_made
        if connection is not None and connection.generation < oldest:
            connection.interrupt()

    def interrupted(self, generation: int) -> bool:
        """Whether the making of a connection of that generation was broken off."""
        return generation < self._oldest

    @property
    def settled(self) -> bool:
        """Whether it has got something, be it an error."""
        return self.connection is not None or self.may_connect or self.error is not None


class PoolCleared(AutoReconnect):
    """The pool is paused or closed, or became so while an operation waited in it; the operation has not been sent."""

    _attempted = False


class ExceededMaxWaiters(WaitQueueTimeoutError):
    """As many as may wait for a connection are waiting already; the operation has not been sent."""


def cleared(address: Address, cause: Exception | None, *, closed: bool) -> PoolCleared:
    """The error for who asks a pool that lets nobody in, and why it does not."""
    state = (
        "Attempted to check out a connection from closed connection pool"
        if closed
        else "connection pool paused"
    )
    reason = "" if cause is None else f" ({cause})"
    error = PoolCleared(f"{format_address(address)}: {state}{reason}")
    error.__cause__ = cause
    return error


def describe_timeout(
    address: Address, limits: PoolLimits, lent: Sequence[Connection], connecting: int
) -> str:
    """What is said to somebody who has waited in vain; behind a load balancer, who has the connections and why."""
    rest = (
        f"timeout: {limits.wait_queue_timeout}, server: {format_address(address)}, in use: {len(lent)}, "
        f"connecting: {connecting}"
    )
    if any(connection.service_id is not None for connection in lent):
        kept = Counter(connection.kept_for for connection in lent)
        # Load balancer specification, "Connection Tracking".
        return (
            f"Timeout waiting for connection from the connection pool. maxPoolSize: {limits.max_size}, "
            f"connections in use by cursors: {kept['cursor']}, connections in use by transactions: "
            f"{kept['transaction']}, connections in use by other operations: {kept['']}, {rest}"
        )
    return (
        "Timed out while checking out a connection from connection pool. "
        f"maxPoolSize: {limits.max_size}, {rest}"
    )
