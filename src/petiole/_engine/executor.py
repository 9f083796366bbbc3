"""Runs any command: selects a server, checks a connection out, exchanges, and lets the policies decide.

There is one way for every command of every face. What a command admits is in its traits, what a failure
means for the server in `_sdam.errors`, what is tried again in `_retry.policy`; this carries them out.
"""

from __future__ import annotations

from collections import deque
from contextlib import nullcontext
from copy import copy
from typing import TYPE_CHECKING

from petiole._commands import errors
from petiole._commands.base import Command, Retry
from petiole._engine.attempt import Attempt
from petiole._engine.forgiving import FORGIVING
from petiole._engine.fragments import Fragments
from petiole._engine.pinning import pin_of
from petiole._engine.scope import CURRENT, Scope, out_of_time
from petiole._engine.session import admit
from petiole._retry import policy
from petiole._retry.policy import DEFAULT_POLICY
from petiole._runtime.base import Deadline
from petiole._sdam.errors import ErrorKind, Failure, Phase
from petiole._sdam.selectors import writable_server_selector
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole.errors import AutoReconnect, NetworkTimeout, OperationFailure, PyMongoError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from petiole._engine.command_watch import CommandWatch
    from petiole._engine.cursor import Abandoned
    from petiole._engine.server import Server
    from petiole._engine.server_session import ClusterClock, ServerSession, SessionPool
    from petiole._engine.session import Session
    from petiole._engine.topology import Topology
    from petiole._engine.tracing import TransactionSpan
    from petiole._native import Reply
    from petiole._net.connection import Connection
    from petiole._net.pool import Pool
    from petiole._retry.policy import Policy
    from petiole._runtime.base import Runtime
    from petiole.read_preferences import _ServerMode as ReadPreference

MORE_TO_COME = 1 << 1
"""The OP_MSG flag of a request that wants no reply."""
_FINENESS = 1 << 20
"""Into how many steps chance divides a pause."""
_UNTRACED = nullcontext()
REAUTHENTICATION_REQUIRED = 391
"""The server's code for a token that has run out (authentication specification, "Reauthentication")."""


class Executor:
    """Shared by all databases, collections and cursors of one client."""

    def __init__(
        self,
        topology: Topology,
        runtime: Runtime,
        sessions: SessionPool,
        cluster_clock: ClusterClock,
        fragments: Fragments,
        *,
        retries: Policy = DEFAULT_POLICY,
        socket_timeout: float | None = None,
        timeout: float | None = None,
        watch: CommandWatch | None = None,
        balanced: bool = False,
    ) -> None:
        self.topology = topology
        self.runtime = runtime
        self.sessions = sessions
        self.cluster_clock = cluster_clock
        self.abandoned: deque[Abandoned] = deque()
        """Cursors whose owners were garbage collected; the housekeeper kills them."""
        self.killing: deque[Abandoned] = deque()
        """Those of them that are being killed."""
        self._fragments = fragments
        self.codec = fragments.codec
        self._policy = retries
        self._socket_timeout = socket_timeout
        self._timeout = timeout
        self._unlimited = Deadline(None, runtime.clock) if timeout == 0 else None
        """The deadline of operations where `timeoutMS` is 0: another one than `never`, by its rules."""
        self._watch = watch
        self.balanced = balanced
        """Whether there is a load balancer, so that what belongs together goes over one connection."""

    def on(self, runtime: Runtime) -> Executor:
        """The same executor on another runtime."""
        other = copy(self)
        other.runtime = runtime
        return other

    def operation(
        self, name: str, database: str, collection: str | None = None, session: Session | None = None
    ) -> AbstractContextManager[object]:
        """What several commands are parts of, for traces; other commands are operations of their own."""
        return _UNTRACED

    def transaction_span(self) -> TransactionSpan | None:
        """The trace of a transaction that begins now, if there is to be one."""
        return None

    async def run(
        self, command: Command, session: Session | None = None, lease: ServerSession | None = None
    ) -> Reply | None:
        """Run a command; None when it is unacknowledged.

        `lease` is a server session the caller keeps across commands (a cursor does); without it and
        without a session one is borrowed for this command. An `ok: 0` reply is raised as the server's error;
        write errors and write concern errors are left to the command's reader.
        """
        scope = CURRENT.get()
        if scope is None:
            deadline = self._unlimited or self.runtime.deadline(self._timeout)
        else:
            deadline = self._scoped(scope)
            if session is None and lease is None and command.sessions:
                session = scope.session_for(self, command.write_concern)
        attempt = Attempt(deadline, lease)
        pinned = command.server
        try:
            if session is not None:
                admit(session, command, self, attempt)
            while True:
                try:
                    return await self._attempt(command, attempt)
                except PyMongoError as error:
                    await self._wait_or_raise(command, error, attempt)
                command.server = pinned
        finally:
            if attempt.borrowed and attempt.lease is not None:
                self.sessions.give_back(attempt.lease)
            elif attempt.session is not None:
                attempt.session._leave(attempt)

    def _begin(self, lease: ServerSession | None = None) -> Attempt:
        return Attempt(self.deadline(), lease)

    def deadline(self) -> Deadline:
        """The deadline of an operation that begins now. Raises `ExecutionTimeout` if it has passed."""
        scope = CURRENT.get()
        return self._scoped(Scope() if scope is None else scope)

    def _scoped(self, scope: Scope) -> Deadline:
        scope.check_deadline()
        return scope.deadline or self._unlimited or self.runtime.deadline(self._timeout)

    async def hold(self, command: Command, server: Server) -> Connection:
        """A connection of that server, for a cursor that keeps it; it goes back to `server.pool`."""
        pool = server.pool(self.runtime)
        attempt = self._begin()
        while True:
            try:
                return pool.take() or await self._check_out(command, pool, attempt)
            except PyMongoError as error:
                await self._wait_or_raise(command, error, attempt)

    async def run_on(
        self,
        command: Command,
        server: Server,
        connection: Connection,
        session: Session | None,
        lease: ServerSession | None,
    ) -> Reply | None:
        """Run a command on a connection that the caller holds; again only if the server was overloaded.

        While the server streams there, nothing is sent: its next reply is awaited.
        """
        pool = server.pool(self.runtime)
        attempt = self._begin(lease)
        try:
            if session is not None:
                admit(session, command, self, attempt)
            while True:
                try:
                    return await self._exchange(command, attempt, server, pool, connection)
                except OperationFailure as error:
                    if error.code == REAUTHENTICATION_REQUIRED and connection.reauthenticate is not None:
                        await connection.reauthenticate(attempt.deadline)
                        return await self._exchange(command, attempt, server, pool, connection)
                    await self._wait_or_raise(command, error, attempt)
        finally:
            if attempt.session is not None:
                attempt.session._leave(attempt)

    async def discover(self, preference: ReadPreference | None) -> Server:
        """A server that suits; waits until one is known."""
        wanted = writable_server_selector if preference is None else preference
        return await self.topology.select(wanted, self._begin().deadline)

    async def _attempt(self, command: Command, attempt: Attempt) -> Reply | None:
        server = command.server or await self._select(command, attempt)
        command.server = server
        pool = server.pool(self.runtime)
        pin = pin_of(command, attempt.session) if self.balanced else None
        connection = pool.take() if pin is None else pin.connection or pool.take()
        if connection is None:
            connection = await self._check_out(command, pool, attempt)
        if pin is not None:
            pin.bind(pool, connection, self.runtime.key())
        try:
            # Not before: who waits for a connection needs no server session (sessions specification, prose test 14).
            if attempt.lease is None and command.sessions and command.acknowledged:
                attempt.lease = self.sessions.take()
                attempt.borrowed = True
            return await self._exchange(command, attempt, server, pool, connection)
        except OperationFailure as error:
            if error.code != REAUTHENTICATION_REQUIRED or connection.reauthenticate is None:
                raise
            await connection.reauthenticate(attempt.deadline)
            return await self._exchange(command, attempt, server, pool, connection)
        finally:
            if pin is None:
                pool.check_in(connection)

    async def _select(self, command: Command, attempt: Attempt) -> Server:
        if attempt.session is not None and attempt.session._pin is not None:
            return attempt.session._pin
        preference = command.read_preference if command.reads else None
        if preference is None or preference.mode == 0:
            server = self.topology.snapshot.writable
            if server is not None and self.topology.opened:
                return server
        wanted = writable_server_selector if preference is None else preference
        try:
            return await self.topology.select(wanted, attempt.deadline, deprioritized=attempt.failed_at)
        except AutoReconnect as error:
            policy.label(self._retry_kind(command, attempt), error)
            raise

    async def _check_out(self, command: Command, pool: Pool, attempt: Attempt) -> Connection:
        if self.topology.closed:
            raise self.topology.refusal()
        try:
            return await pool.check_out(attempt.deadline)
        except (AutoReconnect, OperationFailure) as error:
            policy.label(self._retry_kind(command, attempt), error)
            raise

    async def _exchange(
        self, command: Command, attempt: Attempt, server: Server, pool: Pool, connection: Connection
    ) -> Reply | None:
        deadline = attempt.deadline
        if self._socket_timeout is not None and deadline.at is None:  # Another limit takes its place.
            deadline = deadline.sooner(self._socket_timeout)
        watched = None
        try:
            if connection.dirty:
                if self._watch is not None:
                    watched = self._watch.start(command, None, connection)
                reply = await connection.receive(deadline)
            else:
                fragments = self._fragments.of(command, attempt, self.topology.snapshot, connection)
                acknowledged = command.acknowledged
                flags = command.flags if acknowledged else MORE_TO_COME
                message = command.message(flags, fragments, connection.limits)
                if self._watch is not None:
                    watched = self._watch.start(command, message, connection)
                    message = self._watch.completed(message, connection)
                if connection.compress is not None and not command.sensitive:
                    message = connection.compress(message)
                if not acknowledged:
                    await connection.send(message, deadline)
                    if watched is not None:
                        watched.sent()
                    return None
                reply = await connection.exchange(message, deadline)
        except BaseException as error:
            if watched is not None:
                watched.broke_off(error)
            if connection.dirty:
                self._broke_off(command, attempt, server, pool, connection, error)
            raise
        if watched is not None:
            watched.answered(reply)
        self.cluster_clock.advance(reply.cluster_time)
        if attempt.session is not None:
            attempt.session._observe(reply)
        if not reply.clean:
            self._examine(command, reply, attempt, server, pool, connection)
        return reply

    def _broke_off(
        self,
        command: Command,
        attempt: Attempt,
        server: Server,
        pool: Pool,
        connection: Connection,
        error: BaseException,
    ) -> None:
        """After whatever ended an exchange half-way; nobody knows what the server has done."""
        attempt.sent = True
        if attempt.lease is not None:
            attempt.lease.dirty = True
        if attempt.session is not None:
            attempt.session._transaction.advance()
        if isinstance(error, AutoReconnect):
            kind = ErrorKind.TIMEOUT if isinstance(error, NetworkTimeout) else ErrorKind.NETWORK
            failure = Failure(kind, Phase.READY, error, connection.generation, None, connection.service_id)
            self.topology.handle(server, pool, failure)
            policy.label(self._retry_kind(command, attempt), error)

    def _examine(
        self,
        command: Command,
        reply: Reply,
        attempt: Attempt,
        server: Server,
        pool: Pool,
        connection: Connection,
    ) -> None:
        """Raise an error reply; tell the topology of one that speaks of the server's state.

        A write concern error is raised only if it is going to be retried: the command's reader reports it.
        """
        attempt.sent = True
        document = reply.document(FORGIVING)
        wire_version = connection.description.max_wire_version if connection.description else None
        error: PyMongoError | None
        if reply.ok:
            error = errors.write_concern_error(document, wire_version)
        else:
            retryable_write = self._retry_kind(command, attempt) is Retry.WRITE
            error = errors.command_error(document, wire_version, retryable_write=retryable_write)
        if error is None:
            return
        generation, service_id = connection.generation, connection.service_id
        failure = Failure(ErrorKind.COMMAND, Phase.READY, error, generation, document, service_id)
        self.topology.handle(server, pool, failure)
        if not reply.ok or self._retries(command, error, attempt.count + 1, attempt):
            raise error

    def _retries(self, command: Command, error: PyMongoError, failed: int, attempt: Attempt) -> bool:
        return self._policy.may_retry(
            self._retry_kind(command, attempt),
            command.retry or command.ruled_by,
            error,
            failed,
            overloaded=attempt.overloaded,
            until_deadline=attempt.deadline is not self.runtime.never,
        )

    async def _wait_or_raise(self, command: Command, error: PyMongoError, attempt: Attempt) -> None:
        """After a failed attempt: wait until it is time for the next one, or raise what the caller is to know."""
        attempt.count += 1
        if attempt.session is not None:
            attempt.session._failed(command, error)
        if command.pin is not None:
            command.pin.failed()
        writes = Retry.WRITE in (command.retry or command.ruled_by)
        attempt.error = policy.error_to_raise(writes, attempt.error, error)
        jitter = self.runtime.draw(_FINENESS) / _FINENESS
        pause = policy.pause(error, attempt.count, jitter, overloaded=attempt.overloaded)
        remaining = attempt.deadline.remaining()
        in_time = remaining is None or remaining > pause
        retries = self._retries(command, error, attempt.count, attempt)
        if not in_time or not retries:
            if retries and not error.timeout and not error.has_error_label(policy.OVERLOADED):
                raise out_of_time() from error  # What ended it is the time that another attempt would have needed.
            if attempt.error is error:
                raise error
            raise attempt.error from error
        attempt.overloaded = attempt.overloaded or error.has_error_label(policy.OVERLOADED)
        sharded = self.topology.snapshot.description.topology_type == TOPOLOGY_TYPE.Sharded
        if command.server is not None and self._policy.avoids(error, sharded=sharded):
            attempt.failed_at += (command.server.address,)
        if pause:
            await self.runtime.sleep(pause)

    def _retry_kind(self, command: Command, attempt: Attempt) -> Retry:
        """What the command admits, the client's options allow, and what has been sent already leaves possible."""
        if attempt.session is not None and attempt.session._transaction.options is not None:
            return attempt.session._retry_kind(command)
        kind = command.retry
        if kind is Retry.READ and not self._policy.retry_reads:
            return Retry.NEVER
        if kind is Retry.WRITE:
            # Without a transaction number the server would apply what is sent again a second time.
            unnumbered = attempt.sent and not attempt.transaction
            if unnumbered or not self._policy.retry_writes or not command.acknowledged:
                return Retry.NEVER
        return kind
