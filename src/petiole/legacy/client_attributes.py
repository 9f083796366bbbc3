"""The options and limits that 3.x clients have as attributes.

Owns the properties; each warns, as they did at the end, and says where today's client has the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.legacy.deprecation import deprecated
from petiole.mongo_client import MongoClient as TodaysClient

if TYPE_CHECKING:
    from petiole._sdam.server import ServerDescription

from petiole._native import run


class ClientAttributes(TodaysClient[Any]):
    """Read-only attributes; those of the server wait until it is known."""

    @property
    def event_listeners(self) -> list[Any]:
        """The event listeners registered for this client."""
        _moved("event_listeners", "options.event_listeners")
        return self.options.event_listeners

    @property
    def max_pool_size(self) -> int | None:
        """The most connections at a time to each server; None for no limit."""
        _moved("max_pool_size", "options.pool_options.max_pool_size")
        return self.options.pool_options.max_pool_size

    @property
    def min_pool_size(self) -> int:
        """The connections that are kept to each server, used or not."""
        _moved("min_pool_size", "options.pool_options.min_pool_size")
        return self.options.pool_options.min_pool_size

    @property
    def max_idle_time_ms(self) -> float | None:
        """Milliseconds that a connection may be idle before it is replaced; None for no limit."""
        _moved("max_idle_time_ms", "options.pool_options.max_idle_time_seconds")
        seconds = self.options.pool_options.max_idle_time_seconds
        return None if seconds is None else seconds * 1000

    @property
    def local_threshold_ms(self) -> float:
        """Milliseconds that a server may be farther away than the nearest one, to be selected."""
        _moved("local_threshold_ms", "options.local_threshold_ms")
        return self.options.local_threshold_ms

    @property
    def server_selection_timeout(self) -> float:
        """Seconds to wait for a suitable server."""
        _moved("server_selection_timeout", "options.server_selection_timeout")
        return self.options.server_selection_timeout

    @property
    def retry_writes(self) -> bool:
        """Whether supported writes are tried again once."""
        _moved("retry_writes", "options.retry_writes")
        return self.options.retry_writes

    @property
    def retry_reads(self) -> bool:
        """Whether supported reads are tried again once."""
        _moved("retry_reads", "options.retry_reads")
        return self.options.retry_reads

    @property
    def max_bson_size(self) -> int:
        """The largest document the server accepts, in bytes."""
        _reported("max_bson_size", "maxBsonObjectSize")
        return self._server().max_bson_size

    @property
    def max_message_size(self) -> int:
        """The largest message the server accepts, in bytes."""
        _reported("max_message_size", "maxMessageSizeBytes")
        return self._server().max_message_size

    @property
    def max_write_batch_size(self) -> int:
        """The most statements the server accepts in one message."""
        _reported("max_write_batch_size", "maxWriteBatchSize")
        return self._server().max_write_batch_size

    def _server(self) -> ServerDescription:
        return run(self._writable())


def _moved(name: str, place: str) -> None:
    deprecated(f"{name} is deprecated. Use ``client.{place}`` instead.", 4)


def _reported(name: str, field: str) -> None:
    deprecated(f"{name} is deprecated. Use ``client.admin.command('hello')['{field}']`` instead.", 4)
