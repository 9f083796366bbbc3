"""The seeds behind an SRV name: resolved before the client opens, and looked up again while it may be of use.

Owns who asks and when. What is believed is decided by `_uri.srv`, what becomes of the topology by `_sdam`.
Follows Initial DNS Seedlist Discovery and Polling SRV Records for mongos Discovery.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from petiole._engine.log_switch import name_of
from petiole._runtime.dns import LookupFailed, look_up
from petiole._sdam.schedule import srv_poll_delay
from petiole._sdam.server_type import SRV_POLLING_TOPOLOGIES
from petiole._uri.defaults import CONNECT_TIMEOUT
from petiole.client_options import with_srv
from petiole.errors import ConfigurationError, ServerSelectionTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._engine.topology import Topology
    from petiole._runtime.base import Deadline, Runtime, Waiter
    from petiole._runtime.dns import SrvAnswer
    from petiole._uri.srv import SrvRules
    from petiole.client_options import ClientSetup


class _Turn:
    """One attempt to resolve the seeds, and who waits for its end."""

    __slots__ = ("failure", "waiters")

    def __init__(self) -> None:
        self.waiters: list[Waiter] = []
        self.failure: ConfigurationError | None = None


class Seedlist:
    """One per client with a ``mongodb+srv://`` connection string."""

    def __init__(
        self,
        setup: ClientSetup,
        rules: SrvRules,
        topology: Topology,
        runtime: Runtime,
        adopt: Callable[[ClientSetup], None],
    ) -> None:
        self._setup = setup
        self._rules = rules
        self._topology = topology
        self._runtime = runtime
        self._adopt = adopt
        self._patience = setup.options.pool_options.connect_timeout or CONNECT_TIMEOUT
        self._guard = runtime.guard()
        self._turn: _Turn | None = None
        self._resolved = False
        self._ttl = 0.0

    async def resolve(self, deadline: Deadline) -> None:
        """Resolve the seeds, unless that is done. However many ask at once, one of them does the work.

        Raises `ConfigurationError` if the DNS has no answer that can be believed, `ServerSelectionTimeoutError` when
        the deadline passes first.
        """
        while not self._resolved:
            with self._guard:
                leading = self._turn is None
                turn = self._turn = self._turn or _Turn()
                waiter = self._runtime.waiter()
                turn.waiters.append(waiter)
            if leading:
                await self._lead(turn, deadline)
            elif not await waiter.wait(deadline):
                raise self._late()
            elif turn.failure is not None:
                # An error of one's own: its traceback belongs to one thread or task.
                raise type(turn.failure)(str(turn.failure)) from turn.failure

    async def _lead(self, turn: _Turn, deadline: Deadline) -> None:
        rules = self._rules
        try:
            answer = await self._ask(self._runtime, rules.fqdn, deadline)
            self._adopt(with_srv(self._setup, answer.hosts, answer.txt, self._runtime.draw))
            self._ttl = answer.ttl
            self._resolved = True
        except ConfigurationError as error:
            turn.failure = error
            raise
        finally:
            with self._guard:
                self._turn = None
            for waiter in turn.waiters:
                waiter.set()

    async def _ask(self, runtime: Runtime, txt_name: str | None, deadline: Deadline) -> SrvAnswer:
        remaining = deadline.remaining()
        patience = self._patience if remaining is None else min(self._patience, remaining)
        try:
            return await runtime.offload(
                partial(look_up, self._rules.query_name, txt_name, patience), deadline
            )
        except TimeoutError:
            raise self._late() from None
        except LookupFailed as error:
            if deadline.expired():
                raise self._late() from error
            raise ConfigurationError(str(error)) from error

    def _late(self) -> ServerSelectionTimeoutError:
        return ServerSelectionTimeoutError(
            f"the DNS did not answer within the time of the operation: {self._rules.query_name}"
        )

    async def poll(self) -> None:
        """Look the hosts up again from time to time, on the background loop; ends with the need for it."""
        runtime = self._runtime.background.runtime
        failed = False
        while self._topology.description.topology_type in SRV_POLLING_TOPOLOGIES:
            frequency = self._setup.options.heartbeat_frequency
            await runtime.sleep(srv_poll_delay(self._ttl, failed=failed, heartbeat_frequency=frequency))
            if self._topology.description.topology_type in SRV_POLLING_TOPOLOGIES:
                failed = not await self._rescan(runtime)

    async def _rescan(self, runtime: Runtime) -> bool:
        """Whether the records named hosts. Hosts that are not believed are left out, as if they were not there."""
        try:
            answer = await self._ask(runtime, None, runtime.never)
            hosts, refused = self._rules.believed(answer.hosts)
            if hosts:
                self._topology.rescan(hosts)
        except Exception as error:
            _warn("the SRV records could not be looked up again: %s", error)
            return False
        for refusal in refused:
            _warn("left out of the SRV records: %s", refusal)
        self._ttl = answer.ttl
        return bool(hosts)

    def renew_after_fork(self) -> None:
        """In a forked child: who was resolving did so in the parent."""
        self._guard = self._runtime.guard()
        self._turn = None


def _warn(message: str, reason: Exception) -> None:
    import logging  # Late: it takes as long to import as half of the engine.

    logging.getLogger(name_of("topology")).warning(message, reason)
