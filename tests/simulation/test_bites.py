"""The simulation finds bugs: each of these is planted, and a bounded number of seeds has to catch it.

A plant changes one thing of the engine into what a careless change would make of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.simulation.simulation import Failure, simulate_all

from petiole._commands.base import Command, Retry
from petiole._commands.change_stream import Position
from petiole._commands.get_more import GetMore
from petiole._engine.change_stream import ChangeCursor
from petiole._engine.cursor import ServerCursor
from petiole._engine.executor import Executor
from petiole._engine.fragments import Fragments
from petiole._engine.monitor import Monitor
from petiole._engine.server import Server
from petiole._engine.server_session import ServerSession
from petiole._engine.session import Session
from petiole._engine.topology import Topology
from petiole._engine.transaction import TransactionSession
from petiole._native import Reply, parse_reply
from petiole._net.connection import Connection
from petiole._net.pool import Pool
from petiole._retry import transaction
from petiole._retry.policy import Policy
from petiole._runtime.base import Deadline
from petiole._sdam.errors import Failure as ServerFailure
from petiole.errors import OperationFailure, PyMongoError

SEEDS = 300
"""So many seeds may pass before the bug is found; most are found by the first ten."""

Plant = Callable[[pytest.MonkeyPatch], None]
PLANTS: dict[str, tuple[Plant, str]] = {}


def plant(found_as: str) -> Callable[[Plant], Plant]:
    """A bug, and how the violation that it leads to is to read."""

    def add(function: Plant) -> Plant:
        PLANTS[function.__name__] = (function, found_as)
        return function

    return add


@plant("before the reply to the last one was read")
def a_dirty_connection_is_kept(patch: pytest.MonkeyPatch) -> None:
    check_in = Pool.check_in

    def careless(self: Pool, connection: Connection, **more: bool) -> None:
        connection.dirty = False
        check_in(self, connection, **more)

    patch.setattr(Pool, "check_in", careless)


@plant("a connection from before .* is idle")
def a_stale_generation_is_kept(patch: pytest.MonkeyPatch) -> None:
    check_in = Pool.check_in

    def careless(self: Pool, connection: Connection, **more: bool) -> None:
        connection.generation = self.generation
        check_in(self, connection, **more)

    patch.setattr(Pool, "check_in", careless)


@plant("saw .* of")
def a_stream_does_not_note_what_it_hands_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Position, "handed_out", lambda self, token, **more: None)


@plant("saw .* of")
def a_lost_stream_begins_anew(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Position, "options", lambda self: {})


@plant("left over: .* server session")
def a_lost_stream_keeps_its_session(patch: pytest.MonkeyPatch) -> None:
    async def careless(self: ChangeCursor) -> None:
        self.closed = True
        await self._kill()

    patch.setattr(ChangeCursor, "close", careless)


@plant("a stale error changed")
def a_stale_error_counts(patch: pytest.MonkeyPatch) -> None:
    handle = Topology.handle

    def careless(self: Topology, server: Server, pool: Pool, failure: ServerFailure) -> None:
        handle(self, server, pool, failure._replace(generation=pool.generation))

    patch.setattr(Topology, "handle", careless)


@plant("left over of .* that has ended")
def the_sockets_of_ended_loops_are_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Server, "_bury", lambda self, runtime: None)


@plant("applied twice|duplicate key")
def each_attempt_has_a_transaction_number_of_its_own(patch: pytest.MonkeyPatch) -> None:
    def careless(self: Fragments, lease: ServerSession, attempt: Any, connection: Connection) -> bytes:
        if attempt.session is not None and attempt.session.in_transaction:
            return b""
        attempt.transaction = lease.next_transaction()
        made: bytes = attempt.transaction
        return made

    patch.setattr(Fragments, "_transaction", careless)


@plant("applied twice|duplicate key|had no reason")
def writes_are_sent_again_without_a_transaction_number(patch: pytest.MonkeyPatch) -> None:
    def careless(self: Executor, command: Command, attempt: Any) -> Retry:
        return command.retry

    patch.setattr(Fragments, "_transaction", lambda *args: b"")
    patch.setattr(Executor, "_retry_kind", careless)


@plant("acknowledged, but|was started already")
def transaction_numbers_are_used_again(patch: pytest.MonkeyPatch) -> None:
    def careless(self: ServerSession) -> bytes:
        self.transaction_number = max(1, self.transaction_number)
        return self.transaction_fragment()

    patch.setattr(ServerSession, "next_transaction", careless)


@plant("was given|saw")
def the_next_batch_is_asked_for_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GetMore, "retry", Retry.READ)


@plant("was given|applied twice|raised what nobody told")
def every_error_is_retried(patch: pytest.MonkeyPatch) -> None:
    def careless(
        self: Policy, kind: Retry, ruled: Retry, error: PyMongoError, failed: int, **more: bool
    ) -> bool:
        return failed < 2

    patch.setattr(Policy, "may_retry", careless)


@plant("again and again")
def an_overloaded_server_is_asked_until_it_gives_in(patch: pytest.MonkeyPatch) -> None:
    may_retry = Policy.may_retry

    def careless(
        self: Policy, kind: Retry, ruled: Retry, error: PyMongoError, failed: int, **more: bool
    ) -> bool:
        return may_retry(self, kind, ruled, error, 1, **more)

    patch.setattr(Policy, "may_retry", careless)


@plant("had no reason")
def refusals_are_retried_only_where_other_errors_are(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Policy, "allows", lambda self, ruled: False)


@plant("pool of")
def a_full_pool_connects(patch: pytest.MonkeyPatch) -> None:
    def careless(self: Pool) -> bool:
        return len(self._connecting) < self._limits.max_connecting

    patch.setattr(Pool, "_may_connect", careless)


@plant("had no reason|left over|pool of|has not ended")
def who_is_cancelled_stays_in_the_queue(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pool, "_abandon", lambda self, request: None)


@plant("was taken for that to|had no reason|asked for|nobody told")
def replies_are_not_matched_with_requests(patch: pytest.MonkeyPatch) -> None:
    def careless(self: Connection, data: bytes | memoryview, *others: Any) -> Reply:
        reply = parse_reply(data)
        self.dirty = reply.more_to_come
        return reply

    patch.setattr(Connection, "_parse", careless)


@plant("left over|pool of|had no reason|has not ended")
def a_failed_connection_keeps_its_place(patch: pytest.MonkeyPatch) -> None:
    abandon = Pool._abandon

    def careless(self: Pool, request: Any) -> None:
        kept = request in self._connecting
        abandon(self, request)
        if kept:
            self._connecting.add(request)

    patch.setattr(Pool, "_abandon", careless)


@plant("waits for nothing")
def those_in_the_queue_are_not_woken(patch: pytest.MonkeyPatch) -> None:
    check_in = Pool.check_in

    def careless(self: Pool, connection: Connection, **more: bool) -> None:
        waiting = self._waiting
        self._waiting = type(waiting)()
        check_in(self, connection, **more)
        self._waiting = waiting

    patch.setattr(Pool, "check_in", careless)


@plant("has not ended|missed a server")
def those_who_wait_for_a_server_are_not_woken(patch: pytest.MonkeyPatch) -> None:
    async def careless(self: Topology, seen: Any, limit: Deadline) -> None:
        self.request_check()
        await self._runtime.waiter().wait(limit)

    patch.setattr(Topology, "_next_snapshot", careless)


@plant("died|not recovered")
def a_monitor_dies_of_an_error(patch: pytest.MonkeyPatch) -> None:
    def careless(self: Monitor, previous: Any, error: Exception) -> Any:
        raise error

    patch.setattr(Monitor, "_failed", careless)


@plant("had no reason")
def nothing_is_retried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Policy, "may_retry", lambda *args, **options: False)


@plant("was acknowledged, but is not there")
def sessions_do_not_see_their_own_writes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "_advance_operation", lambda self, seen: None)


@plant("applied twice|raised what nobody told")
def a_transaction_in_doubt_is_made_again(patch: pytest.MonkeyPatch) -> None:
    label = transaction.label_commit

    def careless(error: PyMongoError, **more: bool) -> None:
        label(error, **more)
        if error.has_error_label(transaction.UNKNOWN_RESULT):
            error._add_error_label(transaction.TRANSIENT)

    patch.setattr("petiole._engine.session.label_commit", careless)
    patch.setattr(transaction, "commits_again", lambda error: False)


@plant("was acknowledged, but")
def errors_of_commits_are_dropped_as_those_of_aborts(patch: pytest.MonkeyPatch) -> None:
    commit = TransactionSession._commit_transaction

    async def careless(self: TransactionSession) -> None:
        try:
            await commit(self)
        except OperationFailure:
            pass

    patch.setattr(TransactionSession, "_commit_transaction", careless)


@plant("there in part|raised what nobody told|had no reason")
def each_write_in_a_transaction_starts_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transaction.Transaction, "advance", lambda self: setattr(self, "sent", True))


@plant("there in part|raised what nobody told|had no reason")
def the_operations_of_a_transaction_are_retried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "_retry_kind", lambda self, command: command.retry or Retry.WRITE)


@plant("left over: cursors")
def abandoned_cursors_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    def careless(self: ServerCursor) -> None:
        self._release()

    patch.setattr(ServerCursor, "abandon", careless)


@plant("left over")
def a_closed_client_leaves_its_connections(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pool, "close", lambda self: None)


@plant("left over: .* server sessions")
def a_cursor_keeps_its_session(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ServerCursor, "_release", lambda self: self._let_go())


@plant("has not ended|not recovered")
def a_reply_is_awaited_for_ever(patch: pytest.MonkeyPatch) -> None:
    exchange = Connection.exchange

    async def careless(self: Connection, message: bytes, deadline: Deadline) -> Reply:
        return await exchange(self, message, Deadline(None, float))

    patch.setattr(Connection, "exchange", careless)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug, found_as = PLANTS[name]
    bug(monkeypatch)
    with pytest.raises(Failure, match=found_as):
        simulate_all(range(SEEDS))
