"""Puts the parts of one client together: topology, sessions, executor, housekeeping.

Owns their lifetimes: opening, closing, and what a forked child must renew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from petiole._engine.command_watch import CommandWatch
from petiole._engine.executor import Executor
from petiole._engine.fragments import Fragments
from petiole._engine.housekeeper import Housekeeper, keep_for_later, let_go, orphans
from petiole._engine.logs import ClientLogs
from petiole._engine.server_session import ClusterClock, SessionPool
from petiole._engine.topology import Topology
from petiole._engine.tracing_switch import traced
from petiole._net.connector import Connector
from petiole._net.listeners import Listeners, registered_listeners
from petiole._net.pool_parts import PoolLimits
from petiole._net.tls import make_context, make_ocsp, server_name
from petiole._retry.policy import Policy
from petiole._runtime.base import StreamOptions
from petiole._runtime.fork import after_fork_in_child
from petiole._sdam.settings import TopologySettings
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS
from petiole.bson.objectid import ObjectId
from petiole.errors import PyMongoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._engine.auto_encryption.encrypter import AutoEncrypter
    from petiole._engine.seedlist import Seedlist
    from petiole._native import Reply
    from petiole._runtime.base import Address, Runtime
    from petiole._uri.srv import SrvRules
    from petiole.client_options import ClientSetup


class Engine:
    """Everything behind one client."""

    def __init__(
        self,
        setup: ClientSetup,
        runtime: Runtime,
        metadata: Callable[[], dict[str, Any]],
        *,
        heard: bool = True,
    ) -> None:
        """:param heard: whether listeners and logs are told of anything it does."""
        self.setup = setup
        """The options and seeds; those of an SRV name once it is resolved."""
        options = setup.options
        self._runtime = runtime
        self._metadata = metadata
        self._client_metadata: dict[str, Any] | None = None
        self._left = False
        """Whether it is closed, or will be at once, in the background."""
        tls = options.pool_options.tls
        self._tls = None if tls is None else make_context(tls)
        self._ocsp = None if tls is None else make_ocsp(tls)
        server_api = options.pool_options.server_api
        client_id = ObjectId()
        self._listeners = listeners = Listeners(
            (*options.event_listeners, *registered_listeners()) if heard else ()
        )
        self._api_fields = {} if server_api is None else server_api._fields()
        self.sessions = SessionPool(runtime)
        self.topology = Topology(
            _settings(setup, client_id),
            runtime,
            self._connector,
            options.server_selection_timeout,
            self.sessions,
        )
        self.topology.listen(listeners)
        self.executor = self._make_executor()
        self.encryption: AutoEncrypter | None = None
        if options.auto_encryption_opts is not None:
            from petiole._engine.auto_encryption.encrypter import encrypt_client  # Late: it needs the extra.

            self.encryption = encrypt_client(self, options.auto_encryption_opts)
        if heard:
            timeout = options.server_selection_timeout
            self._logs = ClientLogs(self.executor, listeners, client_id, timeout)
        self._housekeeper = Housekeeper(self.executor)
        self.topology.companions.append(self._housekeeper.run)
        self._seedlist = None if setup.srv is None else self._resolve_by(setup.srv)
        _engines.add(self)

    def _make_executor(self) -> Executor:
        options, runtime, commands = self.setup.options, self._runtime, self._listeners.commands
        clock, codec = ClusterClock(), DEFAULT_CODEC_OPTIONS._codec
        executor = Executor(
            self.topology,
            runtime,
            self.sessions,
            clock,
            Fragments(codec, clock, retry_writes=options.retry_writes, server_api=self._api_fields),
            retries=Policy(
                options.retry_reads,
                options.retry_writes,
                options.max_adaptive_retries,
                options.enable_overload_retargeting,
            ),
            socket_timeout=options.pool_options.socket_timeout,
            timeout=options.timeout,
            balanced=bool(options.load_balanced),
            watch=CommandWatch(commands, runtime.clock) if commands else None,
        )
        if traced(options.tracing):
            from petiole._engine.tracing import trace_client  # Late: it needs the extra.

            trace_client(executor, CommandWatch(commands, runtime.clock), options.tracing)
        return executor

    def behind(self, setup: ClientSetup, *, heard: bool) -> Engine:
        """An engine of the same runtime for another client behind this one, which closes it."""
        return Engine(setup, self._runtime, self._metadata, heard=heard)

    def _behind(self) -> list[Engine]:
        return [] if self.encryption is None else self.encryption.engines

    def _resolve_by(self, rules: SrvRules) -> Seedlist:
        from petiole._engine.seedlist import Seedlist  # Few clients need it.

        seedlist = Seedlist(self.setup, rules, self.topology, self._runtime, self._adopt)
        self.topology.preparation = seedlist.resolve
        self.topology.companions.append(seedlist.poll)
        return seedlist

    def _adopt(self, setup: ClientSetup) -> None:
        self.setup = setup
        self.topology.configure(_settings(setup, self.topology.description.settings.topology_id))

    async def open(self) -> None:
        """Begin to discover the deployment, without waiting for it; but for the DNS, if an SRV name says where it is.

        Raises `ConfigurationError` if the SRV name has no answer that can be believed.
        """
        if not self.topology.opened:
            await self.topology.begin(self._runtime.never)

    async def close(self) -> None:
        """End the server sessions, close all connections and stop the monitors."""
        try:
            await self._housekeeper.end()
        except PyMongoError:
            pass  # A courtesy: servers clean up by themselves in time.
        finally:
            self.topology.close()
            let_go(self.executor)
            for engine in self._stop_encryption():
                await engine.close()

    def _stop_encryption(self) -> list[Engine]:
        """Encrypt nothing any more; the engines that are to be closed."""
        if self.encryption is not None:
            self.encryption.close()
        return self._behind()

    def leave(self) -> None:
        """Close without waiting: the farewell goes its way in the background. For once."""
        self._left = True
        for engine in self._stop_encryption():
            engine.leave()
        if self.topology.opened:
            self._runtime.background.spawn(self._farewell)
        else:
            self.topology.close()

    async def _farewell(self) -> None:
        try:
            await Housekeeper(self.executor.on(self._runtime.background.runtime)).end()
        except PyMongoError:
            pass
        finally:
            self.topology.close()
            let_go(self.executor)

    def disconnect(self) -> None:
        """Close all connections and stop the monitors, until the next operation. Server sessions are kept."""
        topology = self.topology
        # Never closed, not for a moment: a cursor that is collected just then would be dropped without a word.
        final, topology.reopens = topology.reopens, True
        try:
            topology.close()
        finally:
            topology.reopens = final
        keep_for_later(self.executor)
        topology.reopen()
        for engine in self._behind():
            engine.disconnect()

    async def disconnect_in_order(self) -> None:
        """The same, once abandoned cursors are killed."""
        try:
            await self._housekeeper.clear_up()
        except PyMongoError:
            pass  # A courtesy, as in `close`.
        finally:
            self.disconnect()

    def abandon(self) -> bool:
        """Leave a client's remains to the housekeepers; whether it was unclosed. Safe in `__del__`."""
        if self._left:
            return False
        for engine in self._behind():
            engine.abandon()
        unclosed = self.topology.opened and not self.topology.closed
        if unclosed:
            orphans.append(self.topology)
        return unclosed

    def renew_metadata(self) -> None:
        """Introduce the client anew on the next connections; the connectors hold this very document."""
        if self._client_metadata is not None:
            renewed = self._metadata()
            self._client_metadata.clear()
            self._client_metadata.update(renewed)
        for engine in self._behind():
            engine.renew_metadata()

    def renew_after_fork(self) -> None:
        """In a forked child: sessions, sockets and monitors are the parent's."""
        self.sessions.renew_after_fork()
        self.executor.abandoned.clear()
        self.executor.killing.clear()
        if self._seedlist is not None:
            self._seedlist.renew_after_fork()
        self.topology.renew_after_fork()
        if self.encryption is not None:
            self.encryption.renew_after_fork()

    def _observe(self, reply: Reply) -> None:
        self.executor.cluster_clock.advance(reply.cluster_time)

    def _connector(self, address: Address) -> Connector:
        if self._client_metadata is None:
            self._client_metadata = self._metadata()
        options = self.setup.options
        pool = options.pool_options
        return Connector(
            address,
            self._runtime,
            DEFAULT_CODEC_OPTIONS._codec,
            stream_options=StreamOptions(
                connect_timeout=pool.connect_timeout,
                tls=self._tls,
                server_hostname=None if self._tls is None else server_name(address, self._tls),
                proxy=pool.proxy,
                keep_alive=pool.keep_alive,
            ),
            pool_limits=PoolLimits(
                max_size=pool.max_pool_size,
                min_size=pool.min_pool_size,
                max_idle=pool.max_idle_time_seconds,
                max_connecting=pool.max_connecting,
                wait_queue_timeout=pool.wait_queue_timeout,
                max_waiting=pool.max_waiting,
            ),
            metadata=self._client_metadata,
            compressors=list(pool.compressors),
            zlib_level=pool.zlib_compression_level,
            load_balanced=bool(options.load_balanced),
            api_fields=self._api_fields,
            listeners=self._listeners,
            credential=pool.credentials,
            ocsp=self._ocsp,
            socket_timeout=pool.socket_timeout,
            observe=self._observe,
            requests=pool.requests,
        )


def _settings(setup: ClientSetup, topology_id: ObjectId) -> TopologySettings:
    """What discovery needs of a client's options. An SRV name stands for the seeds until it is resolved."""
    options = setup.options
    return TopologySettings(
        seeds=tuple(setup.seeds) or ((str(setup.parsed.fqdn), None),),
        replica_set_name=options.replica_set_name,
        direct=bool(options.direct_connection),
        load_balanced=bool(options.load_balanced),
        topology_id=topology_id,
        heartbeat_frequency=options.heartbeat_frequency,
        local_threshold_ms=options.local_threshold_ms,
        server_selector=options.server_selector,
        srv_max_hosts=0 if setup.srv is None else setup.srv.max_hosts,
        server_monitoring_mode=options.server_monitoring_mode,
    )


_engines: WeakSet[Engine] = WeakSet()


def _renew_all() -> None:
    orphans.clear()  # The parent closes them; closing them here would end its connections.
    for engine in list(_engines):
        engine.renew_after_fork()


after_fork_in_child(_renew_all)
