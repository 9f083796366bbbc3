"""The topology of one client: the current snapshot, its servers and monitors, and those who wait for a change.

The snapshot is immutable and stands behind one reference: choosing a server on the fast path takes no
lock. Every change goes through `apply`, which asks the pure `_sdam.transitions` what the new description is.
Follows server discovery and monitoring, and server selection.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from petiole._engine import log_switch
from petiole._engine.monitor import Monitor
from petiole._engine.server import Server
from petiole._sdam.errors import Phase, on_operation_error
from petiole._sdam.failure import describe_failure
from petiole._sdam.selection import pick, select
from petiole._sdam.selectors import writable_server_selector
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.transitions import initial, update, with_load_balancer, with_srv_hosts
from petiole.errors import InvalidOperation, ServerSelectionTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from petiole._engine.server_session import SessionPool
    from petiole._engine.topology_watch import TopologyWatch
    from petiole._net.connector import Connector
    from petiole._net.listeners import Listeners
    from petiole._net.pool import Pool
    from petiole._runtime.base import Address, Deadline, Runtime, Task, Waiter
    from petiole._sdam.errors import Decision, Failure
    from petiole._sdam.selection import Wanted
    from petiole._sdam.server import ServerDescription
    from petiole._sdam.settings import TopologySettings
    from petiole._sdam.topology import TopologyDescription


MOST_KEPT = 100
"""Read preferences that a snapshot remembers something for: an application may make one for each operation."""


class Snapshot:
    """What an operation sees: a description, its servers, and selections already made from it."""

    __slots__ = ("_selections", "description", "read_preferences", "servers", "writable")

    def __init__(self, description: TopologyDescription, servers: dict[Address, Server]) -> None:
        self.description = description
        self.servers = servers
        self.writable = self._only_writable()
        """The one server for everything that needs a writable one, where there is exactly one."""
        self.read_preferences: dict[tuple[int, int], tuple[object, bytes]] = {}
        """The `$readPreference` elements made for this snapshot."""
        self._selections: dict[int, tuple[Wanted, tuple[ServerDescription, ...]]] = {}

    def _only_writable(self) -> Server | None:
        description = self.description
        if description.compatibility_error or description.settings.server_selector is not None:
            return None
        found: Sequence[ServerDescription]
        if description.topology_type == TOPOLOGY_TYPE.Sharded:
            found = description.known_servers  # Not only the near ones: after a failure another is wanted.
        else:
            found = select(description, writable_server_selector)
        return self.servers[found[0].address] if len(found) == 1 else None

    def select(self, wanted: Wanted) -> tuple[ServerDescription, ...]:
        """The suitable servers; computed once per snapshot and read preference."""
        found = self._selections.get(id(wanted))
        if found is not None:
            return found[1]
        settings = self.description.settings
        servers = select(
            self.description,
            wanted,
            local_threshold=settings.local_threshold_ms / 1000,
            server_selector=settings.server_selector,
        )
        if len(self._selections) >= MOST_KEPT:
            self._selections.clear()
        # The object is kept beside its selection: its id cannot be given to another while it is here.
        self._selections[id(wanted)] = (wanted, servers)
        return servers

    def least_loaded(self, found: tuple[ServerDescription, ...], draw: Callable[[int], int]) -> Server:
        """The less busy of two servers drawn from those found."""
        servers = self.servers
        return servers[pick(found, lambda address: servers[address].in_use, draw).address]


class Topology:
    """Discovers, watches and selects the servers of one deployment."""

    def __init__(
        self,
        settings: TopologySettings,
        runtime: Runtime,
        connector_for: Callable[[Address], Connector],
        server_selection_timeout: float,
        sessions: SessionPool,
    ) -> None:
        self.watch: TopologyWatch | None = None
        """Told of every change, where somebody listens."""
        self.heartbeats: tuple[Any, ...] = ()
        """The heartbeat listeners."""
        self.owner = "MongoClient"
        """What errors call the client."""
        self.companions: list[Callable[[], Coroutine[Any, Any, None]]] = []
        """What runs on the background loop from opening to closing, besides the monitors."""
        self._companion_tasks: list[Task] = []
        self.preparation: Callable[[Deadline], Coroutine[Any, Any, None]] | None = None
        """What comes before opening: it finds out what the settings are, and says so by `configure`."""
        self._settings = settings
        self._runtime = runtime
        self._background = runtime.background
        self._connector_for = connector_for
        self._selection_timeout = server_selection_timeout
        self._sessions = sessions
        self._guard = runtime.guard()
        self._waiters: dict[Waiter, None] = {}
        """In the order of their coming, in which they are woken."""
        self._servers: dict[Address, Server] = {}
        self._home: tuple[object, ...] = ()
        """The event loop (the threads) that opened the topology, where every server has a pool from the start."""
        self._touched: deque[Server] = deque()
        """Servers whose pools may have something to tell their listeners."""
        self._monitors: dict[Address, tuple[Monitor, Task]] = {}
        self.opened = False
        self.closed = False
        self.reopens = False
        """Whether the next operation after closing begins anew, as the 3.x client's does."""
        self.snapshot = Snapshot(initial(settings), {})

    def listen(self, listeners: Listeners) -> None:
        """Tell these listeners, if there are any, what is found out from now on; takes no guard."""
        if self.watch is None and (listeners.topologies or listeners.servers or listeners.heartbeats):
            from petiole._engine.topology_watch import TopologyWatch  # Most clients have no listeners.

            self.watch = TopologyWatch(listeners, self._runtime)
        if self.watch is not None and listeners.heartbeats:
            self.heartbeats = (self.watch,)
            for monitor, _ in tuple(self._monitors.values()):
                monitor.listeners = self.heartbeats

    @property
    def description(self) -> TopologyDescription:
        """The current description."""
        return self.snapshot.description

    def configure(self, settings: TopologySettings) -> None:
        """Take other settings, unless it is too late."""
        with self._guard:
            if not self.opened and not self.closed:
                self._settings = settings
                self.snapshot = Snapshot(initial(settings), {})

    async def begin(self, deadline: Deadline) -> None:
        """Prepare what has to be, and open."""
        if self.preparation is not None and not self.opened and not self.closed:
            await self.preparation(deadline)
        self._home = (self._runtime.key(),)
        self.open()

    def open(self) -> None:
        """Start the monitors, once. Does not wait for them."""
        if self.opened:
            return
        with self._guard:
            if not self.opened and not self.closed:
                description = self.snapshot.description
                balanced = self._settings.load_balanced
                begun = with_load_balancer(description) if balanced else description
                if self.watch is not None:
                    self.watch.opened(description)
                    self.watch.changed(description, begun)
                self._publish(begun)
                self._companion_tasks = [self._background.spawn(work) for work in self.companions]
                self.opened = True
        self._flush()
        log_switch.watch()  # The background loop has imported `logging`, if nobody had before.

    # Selection.

    async def select(
        self, wanted: Wanted, deadline: Deadline, *, deprioritized: Iterable[Address] = ()
    ) -> Server:
        """A server for the operation, waiting for one up to the deadline and the selection timeout.

        Raises `ServerSelectionTimeoutError`, which says what is in the way; `ConfigurationError` when a
        server is too old or too new for this driver.
        """
        limit = deadline.sooner(self._selection_timeout)
        while True:
            if not self.opened:
                await self.begin(deadline)
            if self.closed:
                raise self.refusal()
            snapshot = self.snapshot
            found = self._suitable(snapshot, wanted, deprioritized)
            if found:
                return snapshot.least_loaded(found, self._runtime.draw)
            if limit.expired():
                reason = describe_failure(snapshot.description, wanted, self._selection_timeout)
                raise ServerSelectionTimeoutError(reason)
            await self._next_snapshot(snapshot, limit)

    def refusal(self) -> InvalidOperation:
        """The error for using a closed client."""
        return InvalidOperation(f"Cannot use {self.owner} after close")

    def _suitable(
        self, snapshot: Snapshot, wanted: Wanted, deprioritized: Iterable[Address]
    ) -> tuple[ServerDescription, ...]:
        if not deprioritized:
            return snapshot.select(wanted)
        settings = self._settings
        return select(
            snapshot.description,
            wanted,
            local_threshold=settings.local_threshold_ms / 1000,
            server_selector=settings.server_selector,
            deprioritized=deprioritized,
        )

    async def _next_snapshot(self, seen: Snapshot, limit: Deadline) -> None:
        waiter = self._runtime.waiter()
        with self._guard:
            if self.snapshot is not seen or self.closed:
                return
            self._waiters[waiter] = None
        try:
            self.request_check()
            await waiter.wait(limit)
        finally:
            self._waiters.pop(waiter, None)

    def request_check(self) -> None:
        """Ask all monitors to look at once."""
        for monitor, _ in tuple(self._monitors.values()):
            monitor.request_check()

    # Changes.

    def apply(self, server: ServerDescription, decision: Decision | None = None) -> None:
        """Take in what a monitor has found. Called from any thread."""
        with self._guard:
            changed = self._take_in(server, decision)
        if changed:
            self._announce()
        else:
            self._flush()

    def _take_in(self, server: ServerDescription, decision: Decision | None = None) -> bool:
        """Under the guard: whether that changed the description."""
        old = self.snapshot.description
        if self.closed or not old.has_server(server.address):
            return False
        entry = self._servers.get(server.address)
        if entry is not None and server.is_server_type_known:
            self._touched.append(entry)
            entry.ready()  # First, so that nobody who selects the server finds its pool paused.
        new = update(old, server)
        if new is not old:
            if self.watch is not None:
                self.watch.changed(old, new, server)
            self._publish(new)
        if decision is not None and decision.clear_pool and entry is not None:
            self._touched.append(entry)
            entry.clear(server.error, interrupt=decision.close_in_use)
        return new is not old

    def rescan(self, hosts: Sequence[Address]) -> None:
        """Take in what SRV records name as hosts now. Called from any thread."""
        with self._guard:
            old = self.snapshot.description
            new = old if self.closed else with_srv_hosts(old, hosts, self._runtime.draw)
            if new is not old:
                if self.watch is not None:
                    self.watch.changed(old, new)
                self._publish(new)
        if new is not old:
            self._announce()

    def _flush(self) -> None:
        """Publish what has been noted, now that the guard is free."""
        while self._touched:
            self._touched.popleft().flush()
        if self.watch is not None:
            self.watch.flush()

    def handle(self, server: Server, pool: Pool, failure: Failure) -> None:
        """Draw the conclusions from a failure on one of the pool's connections, or to make one."""
        with self._guard:  # Of several failures of one generation, only the first counts.
            description = self.snapshot.description.get(server.address)
            if description is None or self._servers.get(server.address) is not server:
                return
            oldest = pool.oldest(failure.service_id)
            balanced = self._settings.load_balanced
            decision = on_operation_error(description, oldest, failure, load_balanced=balanced)
            changed = decision.description is not None and self._take_in(decision.description, decision)
            if decision.description is None and decision.clear_pool:
                self._touched.append(server)
                server.clear_service(decision.service_id)
            entry = self._monitors.get(server.address)
        if changed:
            self._announce()
        else:
            self._flush()
        if entry is not None and decision.cancel_check:
            entry[0].cancel_check(at_once=failure.phase is Phase.READY)
        elif entry is not None and decision.request_check:
            entry[0].request_check()

    def _announce(self) -> None:
        """After a change, without the guard: tell those who wait, and those who listen.

        Who waits leaves by itself, so none is forgotten when this is interrupted half-way.
        """
        for waiter in tuple(self._waiters):
            waiter.set()
        self._flush()

    def _publish(self, description: TopologyDescription) -> None:
        """Under the guard: make the description current, and servers and monitors follow it."""
        known = description.server_descriptions()
        for address in [address for address in self._servers if address not in known]:
            gone = self._servers.pop(address)
            gone.close()
            self._touched.append(gone)
            self._stop_monitor(address)
        for address, server in known.items():  # In their order: a set's would be another in each process.
            if address not in self._servers:
                self._add(address, reached=server.is_server_type_known)
        self.snapshot = Snapshot(description, dict(self._servers))
        minutes = description.logical_session_timeout_minutes
        if self._settings.load_balanced:
            self._sessions.timeout = float("inf")  # Who serves is not known, nor when it forgets sessions.
        elif minutes is not None:
            self._sessions.timeout = minutes * 60.0

    def _add(self, address: Address, *, reached: bool) -> None:
        """:param reached: whether the server is known already, as in a forked child."""
        connector = self._connector_for(address)
        server = self._servers[address] = Server(address, connector, self.handle, ready=reached)
        for key in self._home:
            server.open(key, self._runtime)
        self._touched.append(server)
        if self._settings.load_balanced:
            return  # Load balancers are not monitored (load balancer specification, "Monitoring").
        monitor = Monitor(
            connector.for_monitoring(self._background.runtime),
            self.apply,
            heartbeat_frequency=self._settings.heartbeat_frequency,
            mode=self._settings.server_monitoring_mode,
            listeners=self.heartbeats,
        )
        self._monitors[address] = (monitor, self._background.spawn(monitor.run))

    def _stop_monitor(self, address: Address) -> None:
        entry = self._monitors.pop(address, None)
        if entry is not None:
            entry[1].cancel()

    def close(self) -> None:
        """Stop the monitors and close the pools; operations under way fail, later ones are refused."""
        with self._guard:
            if self.closed:
                return
            if self.watch is not None and self.opened:
                self.watch.closed(self.snapshot.description)
            # At once, so that nobody on another thread finds a client closed that is only to begin anew.
            self.opened, self.closed = self.opened and not self.reopens, not self.reopens
            self.snapshot = Snapshot(self.snapshot.description.reset(), {})
            servers, self._servers = self._servers, {}
            monitors, self._monitors = self._monitors, {}
            companions, self._companion_tasks = self._companion_tasks, []
        for _, task in monitors.values():
            task.cancel()
        for task in companions:
            task.cancel()
        for server in servers.values():
            server.close()
            self._touched.append(server)
        self._announce()

    def reopen(self) -> None:
        """After `close`: let the next operation open it again, and discover the deployment anew."""
        with self._guard:
            if self.closed:
                self._companion_tasks = []
                self.snapshot = Snapshot(initial(self._settings), {})
                self.opened = self.closed = False

    def renew_after_fork(self) -> None:
        """In a forked child: sockets and monitors are the parent's. The first operation begins with its own."""
        self._guard = self._runtime.guard()
        self._waiters = {}
        for monitor, _ in self._monitors.values():
            monitor.forget()
        for server in self._servers.values():
            server.renew_after_fork()
        self._servers = {}
        self._monitors = {}
        self._companion_tasks = []
        self.opened = False

    @property
    def servers(self) -> tuple[Server, ...]:
        """The servers known at this moment."""
        return tuple(self._servers.values())
