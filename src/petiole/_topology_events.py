"""Events of the topology, its servers and their heartbeats (specification: SDAM Logging and Monitoring)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from petiole.bson.objectid import ObjectId

_Address = tuple[str, "int | None"]


class TopologyEvent:
    """An event of a topology."""

    __slots__ = ("topology_id",)

    def __init__(self, topology_id: ObjectId) -> None:
        self.topology_id = topology_id
        """The topology's own id."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} topology_id: {self.topology_id}>"


class TopologyOpenedEvent(TopologyEvent):
    """A topology begins to be discovered."""

    __slots__ = ()


class TopologyClosedEvent(TopologyEvent):
    """A topology was closed."""

    __slots__ = ()


class TopologyDescriptionChangedEvent(TopologyEvent):
    """The description of a topology changed."""

    __slots__ = ("new_description", "previous_description")

    def __init__(self, previous_description: Any, new_description: Any, *args: Any) -> None:
        super().__init__(*args)
        self.previous_description = previous_description
        """The `TopologyDescription` before."""
        self.new_description = new_description
        """The `TopologyDescription` now."""

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} topology_id: {self.topology_id} "
            f"changed from: {self.previous_description}, to: {self.new_description}>"
        )


class _ServerEvent:
    """An event of one server of a topology."""

    __slots__ = ("server_address", "topology_id")

    def __init__(self, server_address: _Address, topology_id: ObjectId) -> None:
        self.server_address = server_address
        """Host and port."""
        self.topology_id = topology_id
        """The topology's own id."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.server_address} topology_id: {self.topology_id}>"


class ServerOpeningEvent(_ServerEvent):
    """A server begins to be monitored."""

    __slots__ = ()


class ServerClosedEvent(_ServerEvent):
    """A server is no longer monitored."""

    __slots__ = ()


class ServerDescriptionChangedEvent(_ServerEvent):
    """The description of a server changed."""

    __slots__ = ("new_description", "previous_description")

    def __init__(self, previous_description: Any, new_description: Any, *args: Any) -> None:
        super().__init__(*args)
        self.previous_description = previous_description
        """The `ServerDescription` before."""
        self.new_description = new_description
        """The `ServerDescription` now."""

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.server_address} "
            f"changed from: {self.previous_description}, to: {self.new_description}>"
        )


class _ServerHeartbeatEvent:
    """An event of one check of a server."""

    __slots__ = ("awaited", "connection_id")

    def __init__(self, connection_id: _Address, awaited: bool = False) -> None:
        self.connection_id = connection_id
        """Host and port."""
        self.awaited = awaited
        """Whether the server holds the reply back until something changes."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.connection_id} awaited: {self.awaited}>"


class ServerHeartbeatStartedEvent(_ServerHeartbeatEvent):
    """A check began."""

    __slots__ = ()


class _ServerHeartbeatEndedEvent(_ServerHeartbeatEvent):
    __slots__ = ("duration", "reply")

    def __init__(self, duration: float, reply: Any, connection_id: _Address, awaited: bool = False) -> None:
        super().__init__(connection_id, awaited)
        self.duration = duration
        """How long it took, in seconds."""
        self.reply = reply
        """The server's `Hello`, or the exception."""

    def _shown(self) -> str:
        return repr(self.reply)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.connection_id} duration: {self.duration}, "
            f"awaited: {self.awaited}, reply: {self._shown()}>"
        )


class ServerHeartbeatSucceededEvent(_ServerHeartbeatEndedEvent):
    """A check was answered."""

    __slots__ = ()

    def _shown(self) -> str:
        return str(self.reply)


class ServerHeartbeatFailedEvent(_ServerHeartbeatEndedEvent):
    """A check failed."""

    __slots__ = ()
