"""What has to hold, at every step and in the end.

Owns: the checks. They look at the engine's own state, at what the application was told, and at the model's logs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.simulation.feed import is_event
from tests.simulation.network import ClientStream
from tests.simulation.scheduler import Task, Violation
from tests.simulation.server import OVERLOADED
from tests.simulation.wire import Request, request_id
from tests.simulation.workload import LAST

from petiole._engine.server_session import ServerSession, SessionPool
from petiole._engine.topology import Topology
from petiole._net.connection import Connection
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

    from petiole._engine.server import Server
    from petiole._native import Reply
    from petiole._net.pool import Pool
    from petiole._runtime.base import Deadline
    from petiole._sdam.errors import Failure

_CODEC = DEFAULT_CODEC_OPTIONS._codec
_MOST_REFUSALS = 3
"""`maxAdaptiveRetries` of the client, and the first attempt."""


class CountedSessions(SessionPool):
    """Counts the server sessions that are lent."""

    __slots__ = ("lent",)

    def __init__(self, runtime: Any) -> None:
        super().__init__(runtime)
        self.lent: dict[ServerSession, None] = {}

    def take(self) -> ServerSession:
        session = super().take()
        if session in self.lent:
            raise Violation("a server session was lent twice")
        self.lent[session] = None
        return session

    def give_back(self, session: ServerSession) -> None:
        if session not in self.lent:
            raise Violation("a server session was given back twice")
        del self.lent[session]
        super().give_back(session)


class Invariants:
    """The checks of one run."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._topology = simulation.client._engine.topology
        self._cleared: dict[Pool, tuple[int, int]] = {}
        """Each pool's generation, and the step in which it began."""
        self._refusals: Counter[tuple[Any, ...]] = Counter()
        """How often in a row the client was told that a server is overloaded, of each command that was refused last."""
        self._tidy = False
        """Whether closing had all the tidying up to itself: a kill that the housekeeper had begun may be lost."""
        self.writable_since: float | None = None
        executor = simulation.client._engine.executor
        self.sessions = CountedSessions(simulation.runtime)
        executor.sessions = simulation.client._engine.sessions = self.sessions

    # At every step.

    def after_step(self, task: Task) -> None:
        """What a task has just done to the client."""
        if not task.home.client:
            if task.error is not None:
                raise task.error
            return
        if self._simulation.runtime.held:
            raise Violation(f"{task} waits while it holds a guard")
        if task.error is not None and not task.name.startswith(("task", "last", "close", "operation")):
            raise Violation(f"{task} died") from task.error
        if task.name == "Housekeeper.run" and not self._topology.closed:
            self._tidy = False
        if self._topology.snapshot.writable is None:
            self.writable_since = None
        elif self.writable_since is None:
            self.writable_since = self._simulation.scheduler.now
        for server in self._topology.servers:
            for pool in server.pools.values():
                self._check_pool(pool)

    def _check_pool(self, pool: Pool) -> None:
        known = self._cleared.get(pool)
        if known is None or known[0] != pool.generation:
            known = self._cleared[pool] = (pool.generation, self._simulation.scheduler.steps)
        idle, lent, connecting = pool._idle, pool._lent, pool._connecting
        size = len(idle) + len(lent) + len(connecting)
        limits = pool._limits
        if (limits.max_size is not None and size > limits.max_size) or len(
            connecting
        ) > limits.max_connecting:
            raise Violation(f"pool of {pool.address}: {len(idle)} + {len(lent)} + {len(connecting)}")
        for connection in idle:
            stream = connection.stream
            assert isinstance(stream, ClientStream)
            if connection.dirty or stream.closed:
                raise Violation(f"an unusable connection is idle in the pool of {pool.address}")
            if stream.began < known[1] and known[0]:
                raise Violation(f"a connection from before the pool of {pool.address} was cleared is idle")
        if pool._waiting and not pool._waiting[0].settled and (idle or pool._may_connect()):
            raise Violation(f"somebody waits for nothing in the pool of {pool.address}")

    def check_reply(self, message: bytes, reply: Reply) -> None:
        """A reply belongs to the request it was taken for."""
        answers = reply.get("answers", _CODEC)
        if answers is not None and answers != request_id(message):
            raise Violation(f"a reply to request {answers} was taken for that to {request_id(message)}")
        refused = not reply.ok and reply.get("code", _CODEC) == OVERLOADED
        if refused or self._refusals:
            request = Request(message)
            if (
                request.name != "commitTransaction"
            ):  # One whose result is in doubt is an operation again each time.
                self._count_refusal(request, refused)

    def _count_refusal(self, request: Request, refused: bool) -> None:
        cursor = str(request.body.get("getMore", request.body.get("cursors")))
        command = (request.name, request.tag, cursor, *_transaction(request))
        self._refusals[command] += 1
        if not refused:
            del self._refusals[command]
        elif self._refusals[command] > _MOST_REFUSALS:
            raise Violation(f"{command} was sent to an overloaded server again and again")

    # When the faults are over.

    def recovered(self, since: float) -> bool:
        """Whether the client sees the set as it is, and has heard of every member after that time."""
        primary = self._simulation.set.primary
        snapshot = self._topology.snapshot
        if primary is None or snapshot.writable is None or snapshot.writable.address[0] != primary.host.name:
            return False
        servers = snapshot.description.server_descriptions()
        return len(servers) == self._simulation.settings.members and all(
            server.is_server_type_known and server.last_update_time > since for server in servers.values()
        )

    def check_ended_homes(self) -> None:
        """The client has noticed that an event loop is closed, and has let go of what lived there."""
        for stream in self._simulation.network.streams:
            if stream.home.ended:
                raise Violation(f"left over of {stream.home} that has ended: {stream.link}")

    # In the end.

    def check_nothing_left(self) -> None:
        """The client is closed: no task, socket, waiter or lent session is left of it."""
        simulation = self._simulation
        tasks = [task for task in simulation.scheduler.tasks if task.home.client]
        if tasks:
            raise Violation(f"left over: {tasks}")
        if simulation.network.streams:
            raise Violation(f"left over: {[stream.link for stream in simulation.network.streams]}")
        if self.sessions.lent:
            raise Violation(f"left over: {len(self.sessions.lent)} server sessions")
        if self._topology._waiters:
            raise Violation("left over: somebody who waits for a server")
        for pool in self._cleared:
            if pool._waiting or pool._connecting or pool._lent or pool._idle:
                raise Violation(f"left over: something in the pool of {pool.address}")

        if self._tidy:
            self._check_server_side()

    def begin_closing(self) -> None:
        """Nobody but the closing is to tidy up from now on."""
        self._tidy = len(self.sessions.lent) == self._abandoned_sessions()

    def _abandoned_sessions(self) -> int:
        """Server sessions of cursors that nobody has a reference to, and nobody has killed yet."""
        abandoned = self._simulation.client._engine.executor.abandoned
        return sum(cursor.lease is not None for cursor in abandoned)

    def forget_server_side(self) -> None:
        """The sessions that the client uses from now on it has to end there."""
        self._simulation.server.sessions.clear()

    def _check_server_side(self) -> None:
        simulation = self._simulation
        for member in simulation.set.members:
            # Those of the last phase: a command that was delayed may open one when its sender has given up.
            tags = [tag for _, tag in member.cursors.values() if LAST in tag]
            if tags:
                raise Violation(f"left over: cursors of {tags} at {member.host.name}")
        sessions = simulation.server.sessions - simulation.server.ended
        if sessions:
            raise Violation(f"left over: {len(sessions)} sessions at the servers")

    def check_history(self) -> None:
        """What a majority has acknowledged is there, once; nothing is there twice."""
        simulation = self._simulation
        applied = Counter(
            (entry.tag, entry.key, entry.statement) for entry in simulation.set.committed if entry.tag
        )
        twice = [what for what, times in applied.items() if times > 1]
        if twice:
            raise Violation(f"applied twice: {twice}")
        statements = Counter(entry.tag for entry in simulation.set.committed)
        for tag, count in simulation.workload.ledger.transactions.items():
            if statements[tag] not in (0, count):
                raise Violation(f"{tag} is there in part: {statements[tag]} of {count} statements")
        for tag, count in simulation.workload.ledger.acknowledged.items():
            if statements[tag] != count:
                raise Violation(
                    f"{tag} was acknowledged, but {statements[tag]} of {count} statements are there"
                )
        self._check_followed()

    def _check_followed(self) -> None:
        """Each change stream has seen what a majority has between where it began and where it stopped, once."""
        for tag, begun, stopped, seen in self._simulation.workload.ledger.followed:
            entries = self._simulation.set.committed[begun:stopped]
            there = [entry.key for entry in entries if is_event(entry)]
            if seen != there:
                raise Violation(f"{tag} saw {seen} of {there}")


def _transaction(request: Request) -> tuple[Any, ...]:
    """What tells one attempt at a transaction from the next."""
    if "autocommit" not in request.body:
        return ()
    return bytes(request.body["lsid"]["id"]), request.body["txnNumber"]


@contextmanager
def watched(check_reply: Callable[[bytes, Reply], None]) -> Iterator[None]:
    """Look at every reply that is taken for the answer to a request, and at what stale errors do."""
    exchange, handle = Connection.exchange, Topology.handle

    async def watched_exchange(self: Connection, message: bytes, deadline: Deadline) -> Reply:
        reply = await exchange(self, message, deadline)
        check_reply(message, reply)
        return reply

    def watched_handle(self: Topology, server: Server, pool: Pool, failure: Failure) -> None:
        before = self.snapshot, pool.generation
        handle(self, server, pool, failure)
        if failure.generation < before[1] and before != (self.snapshot, pool.generation):
            raise Violation(f"a stale error changed what is thought of {server.address}: {failure.error!r}")

    Connection.exchange = watched_exchange  # type: ignore[method-assign]
    Topology.handle = watched_handle  # type: ignore[method-assign]
    try:
        yield
    finally:
        Connection.exchange = exchange  # type: ignore[method-assign]
        Topology.handle = handle  # type: ignore[method-assign]
