"""A server of the topology: its pools, one for each event loop that uses it, and how many operations it runs.

Follows the connection monitoring and pooling specification, "Creating a Pool": a pool is there as soon as its server
is, and lets operations in once a monitor has reached the server. What pools note for their listeners here is
published by `flush`, for most of this happens under the topology's guard.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from petiole._net.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._net.connector import Connector
    from petiole._runtime.base import Address, Runtime
    from petiole._sdam.errors import Failure


class Server:
    """Lives as long as the topology knows its address."""

    __slots__ = ("_closed", "_connector", "_failed", "_guard", "_ready", "address", "inherited", "pools")

    def __init__(
        self,
        address: Address,
        connector: Connector,
        failed: Callable[[Server, Pool, Failure], None],
        *,
        ready: bool = False,
    ) -> None:
        self.address = address
        self._connector = connector
        self._failed = failed
        self._guard = connector.runtime.guard()
        self._ready = ready
        self._closed = False
        self.inherited = False
        """Whether it was made by the parent of this process."""
        self.pools: dict[object, Pool] = {}

    def pool(self, runtime: Runtime) -> Pool:
        """The pool of the running event loop (of all threads, for the blocking runtime), made when missing."""
        key = runtime.key()
        pool = self.pools.get(key)
        if pool is None:
            pool = self.open(key, runtime)
            pool.flush()
        return pool

    def open(self, key: object, runtime: Runtime) -> Pool:
        """The pool of that event loop, made when missing. Callable from any thread."""
        self._bury(runtime)
        with self._guard:
            pool = self.pools.get(key)
            if pool is None:
                connector = self._connector.on(runtime)
                # Threads have requests; the background loop, which kills cursors, has none.
                requests = None if key is not None else connector.requests
                make = Pool if requests is None else requests.pool
                pool = make(
                    self.address,
                    connector.pool_limits,
                    runtime,
                    connector.establish,
                    connector.watch_pool(runtime),
                    partial(self._failed, self),
                    ready=self._ready,
                )
                if self._closed:
                    pool.close()
                self.pools[key] = pool
        if pool.due():
            runtime.spawn_at(key, pool.maintain)
        return pool

    def _bury(self, runtime: Runtime) -> None:
        """Close the pools of event loops that have ended."""
        for key, pool in tuple(self.pools.items()):
            if runtime.ended(key):
                self.pools.pop(key, None)
                pool.close()
                pool.flush()

    @property
    def in_use(self) -> int:
        """Connections checked out at this moment, over all pools."""
        return sum(pool.in_use for pool in tuple(self.pools.values()))

    def ready(self) -> None:
        """Let operations use the pools: the server has been reached."""
        if self._ready:
            return
        with self._guard:
            self._ready = True
            pools = tuple(self.pools.items())
        for key, pool in pools:
            pool.ready()
            if pool.due():
                self._connector.runtime.spawn_at(key, pool.maintain)

    def clear_service(self, service_id: Any) -> None:
        """Close what is connected to one service behind a load balancer."""
        for pool in tuple(self.pools.values()):
            pool.clear(None, pause=False, service_id=service_id)

    def clear(self, cause: Exception | None, *, interrupt: bool = False) -> None:
        """Close what is connected and refuse operations until the server has been reached again."""
        with self._guard:
            self._ready = False
            pools = tuple(self.pools.values())
        for pool in pools:
            pool.clear(cause, interrupt=interrupt)

    def flush(self) -> None:
        """Let the pools' listeners know what has been noted; not under a guard that they might wait for."""
        for pool in tuple(self.pools.values()):
            pool.flush()

    def maintain(self, runtime: Runtime) -> None:
        """Let pools that have fallen below their minimum, or hold perished connections, see to it."""
        self._bury(runtime)
        for key, pool in tuple(self.pools.items()):
            if pool.due():
                runtime.spawn_at(key, pool.maintain)

    def add_listener(self, listener: Any) -> None:
        """Tell one more listener what happens in the pools there are; takes no guard."""
        for pool in tuple(self.pools.values()):
            pool.add_listener(listener)

    def renew_after_fork(self) -> None:
        """In a forked child: let go of the parent's connections. Open cursors still know this server."""
        self.inherited = True
        self._guard = self._connector.runtime.guard()
        pools, self.pools = self.pools, {}
        for pool in pools.values():
            pool.forget()

    def close(self) -> None:
        """Close all pools for good, and those that late operations ask for yet."""
        with self._guard:
            self._closed = True
            pools = tuple(self.pools.values())
        for pool in pools:
            pool.close()
