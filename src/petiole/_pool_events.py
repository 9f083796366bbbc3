"""Events of connection pools (specification: Connection Monitoring and Pooling, "Events")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from petiole.bson.objectid import ObjectId

_Address = tuple[str, "int | None"]


class ConnectionClosedReason:
    """Why a connection was closed."""

    STALE = "stale"
    """The pool was cleared since it was made."""
    IDLE = "idle"
    """It was idle for longer than maxIdleTimeMS."""
    ERROR = "error"
    """It broke."""
    POOL_CLOSED = "poolClosed"
    """The pool was closed."""


class ConnectionCheckOutFailedReason:
    """Why no connection was handed out."""

    TIMEOUT = "timeout"
    """waitQueueTimeoutMS, or the operation's own deadline, passed."""
    POOL_CLOSED = "poolClosed"
    """The pool was closed."""
    CONN_ERROR = "connectionError"
    """A new connection could not be made."""


class _PoolEvent:
    """An event of the pool at an address; its `repr` lists what its constructor takes."""

    __slots__ = ("address",)

    def __init__(self, address: _Address) -> None:
        self.address = address
        """Host and port of the server the pool belongs to."""

    def _values(self) -> tuple[Any, ...]:
        return (self.address,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._values()))})"


class PoolCreatedEvent(_PoolEvent):
    """A pool was made."""

    __slots__ = ("options",)

    def __init__(self, address: _Address, options: dict[str, Any]) -> None:
        super().__init__(address)
        self.options = options
        """The pool's options that are not the default."""

    def _values(self) -> tuple[Any, ...]:
        return self.address, self.options


class PoolReadyEvent(_PoolEvent):
    """A pool lets operations in."""

    __slots__ = ()


class PoolClearedEvent(_PoolEvent):
    """All of a pool's connections have become stale."""

    __slots__ = ("interrupt_connections", "service_id")

    def __init__(
        self, address: _Address, service_id: ObjectId | None = None, interrupt_connections: bool = False
    ) -> None:
        super().__init__(address)
        self.service_id = service_id
        """The service whose connections are meant, behind a load balancer."""
        self.interrupt_connections = interrupt_connections
        """Whether connections in use are closed at once."""

    def _values(self) -> tuple[Any, ...]:
        return self.address, self.service_id, self.interrupt_connections


class PoolClosedEvent(_PoolEvent):
    """A pool was closed for good."""

    __slots__ = ()


class _ConnectionEvent(_PoolEvent):
    """An event of one connection, by its number in the pool."""

    __slots__ = ("connection_id",)

    def __init__(self, address: _Address, connection_id: int) -> None:
        super().__init__(address)
        self.connection_id = connection_id
        """The connection's number in its pool."""

    def _values(self) -> tuple[Any, ...]:
        return self.address, self.connection_id


class _ConnectionDurationEvent(_ConnectionEvent):
    __slots__ = ("duration",)

    def __init__(self, address: _Address, connection_id: int, duration: float | None) -> None:
        super().__init__(address, connection_id)
        self.duration = duration
        """How long it took, in seconds."""

    def _values(self) -> tuple[Any, ...]:
        return self.address, self.connection_id, self.duration


class ConnectionCreatedEvent(_ConnectionEvent):
    """A connection object was made; it is not connected yet."""

    __slots__ = ()


class ConnectionReadyEvent(_ConnectionDurationEvent):
    """A connection has completed its handshake."""

    __slots__ = ()


class ConnectionClosedEvent(_ConnectionEvent):
    """A connection was closed."""

    __slots__ = ("reason",)

    def __init__(self, address: _Address, connection_id: int, reason: str) -> None:
        super().__init__(address, connection_id)
        self.reason = reason
        """One of `ConnectionClosedReason`."""

    def _values(self) -> tuple[Any, ...]:
        return self.address, self.connection_id, self.reason


class ConnectionCheckOutStartedEvent(_PoolEvent):
    """An operation asks for a connection."""

    __slots__ = ()


class ConnectionCheckOutFailedEvent(_ConnectionDurationEvent):
    """An operation got no connection."""

    __slots__ = ("reason",)

    def __init__(self, address: _Address, reason: str, duration: float | None) -> None:
        super().__init__(address, 0, duration)
        self.reason = reason
        """One of `ConnectionCheckOutFailedReason`."""

    def _values(self) -> tuple[Any, ...]:
        return self.address, self.reason, self.duration


class ConnectionCheckedOutEvent(_ConnectionDurationEvent):
    """An operation got a connection."""

    __slots__ = ()


class ConnectionCheckedInEvent(_ConnectionEvent):
    """An operation gave its connection back."""

    __slots__ = ()
