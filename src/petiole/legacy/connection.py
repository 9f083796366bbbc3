"""The client of 1.x, `Connection`, on the blocking face.

Owns its parameters, by position, and what only it had. What it shares with the clients of 2.x is
`early.client.EarlyClient`: connecting at once, requests, unacknowledged writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.client import EarlyClient
from petiole.legacy.early.options import warn_of_old
from petiole.legacy.early.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Connection"]


class Connection(EarlyClient):
    """A connection to a single MongoDB server, or to whichever is the primary of a replica set."""

    _acknowledges = False
    _automatic = True

    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        pool_size: int | None = None,
        auto_start_request: bool | None = None,
        timeout: float | None = None,
        slave_okay: bool = False,
        network_timeout: float | None = None,
        document_class: type[Any] = dict,
        tz_aware: bool = True,
        **kwargs: Any,
    ) -> None:
        """Connect to `host`, and return when that is done.

        :param host: a host name or address, a connection string, or a list of both, of which the last database,
            user and password count; localhost for None.
        :param port: the port of hosts that name none; 27017 for None.
        :param pool_size: deprecated; the same as `max_pool_size`.
        :param auto_start_request: whether every thread keeps its connection from its first operation on: True for
            None.
        :param timeout: deprecated, and without an effect.
        :param slave_okay: whether a secondary may be connected to and be read from.
        :param network_timeout: seconds that an operation may wait for the network; no limit for None.
        :param document_class: what documents are decoded into.
        :param tz_aware: whether datetimes know their time zone.
        :param kwargs: `max_pool_size`, `safe`, `w`, `wtimeout`, `j`, `fsync`, `replicaSet`, `read_preference`,
            `tag_sets`, `use_greenlets`, and all options of today.
        :raises TypeError: if `port` is no int.
        :raises ConnectionFailure: if the connection cannot be made.
        """
        warn_of_old(pool_size=pool_size, timeout=timeout, auto_start_request=auto_start_request)
        if auto_start_request is not None:
            kwargs["auto_start_request"] = auto_start_request
        if slave_okay:
            kwargs["slave_okay"] = slave_okay
        if network_timeout is not None:
            kwargs["network_timeout"] = network_timeout
        size = kwargs.pop("max_pool_size", None)
        super().__init__(host, port, pool_size if size is None else size, document_class, tz_aware, **kwargs)

    @classmethod
    def from_uri(cls, uri: str = "mongodb://localhost", **connection_args: Any) -> Self:
        """A connection to the host of a connection string, which the constructor takes just as well."""
        deprecated("from_uri is deprecated. Give the connection string to Connection instead.")
        return cls(uri, **connection_args)

    @classmethod
    def paired(
        cls,
        left: tuple[str, int],
        right: tuple[str, int] | None = ("localhost", 27017),
        **connection_args: Any,
    ) -> Self:
        """A connection to one of two servers, given as pairs of host and port."""
        deprecated("paired is deprecated. Give a list of hosts to Connection instead.")
        pairs = (left, ("localhost", 27017) if right is None else right)
        return cls([f"{host}:{port}" for host, port in pairs], **connection_args)

    def start_request(self) -> Request:
        """Let the running thread keep its connection until `end_request`, which every operation begins by itself.

        What is returned ends it at the end of a `with` statement, as in 2.x.
        """
        if self.auto_start_request:
            deprecated("start_request is deprecated. All operations start a request.")
        return super().start_request()
