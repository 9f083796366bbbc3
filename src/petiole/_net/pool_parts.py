"""What a pool is told, and who waits in it: its limits, and the requests for connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from petiole._net.connection import Connection
    from petiole._runtime.base import Waiter


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

    __slots__ = ("connection", "error", "may_connect", "waiter")

    def __init__(self, waiter: Waiter) -> None:
        self.waiter = waiter
        self.connection: Connection | None = None
        self.may_connect = False
        self.error: Exception | None = None

    @property
    def settled(self) -> bool:
        """Whether it has got something, be it an error."""
        return self.connection is not None or self.may_connect or self.error is not None
