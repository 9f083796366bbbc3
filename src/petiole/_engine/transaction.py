"""Transactions as an application asks for them: start, commit, abort, and `with_transaction`.

Carries out what `_retry.transaction` decides; what commands in a transaction look like is `_engine.session`'s. Follows
the Transactions and Convenient API for Transactions specifications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from petiole._commands.errors import write_concern_error
from petiole._commands.transaction import (
    DATABASE,
    AbortTransaction,
    CommitTransaction,
    EndTransaction,
    end_transaction_body,
)
from petiole._engine.scope import CURRENT, enter
from petiole._engine.session import Session
from petiole._retry import transaction as policy
from petiole._retry.transaction import State, Transaction
from petiole.errors import InvalidOperation, PyMongoError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from petiole._native import Reply
    from petiole._runtime.base import Deadline
    from petiole.client_session_shared import TransactionOptions

_T = TypeVar("_T")
_DRAWN = 1 << 20


class TransactionSession(Session):
    """A session that can run transactions, one after the other."""

    def _start(self, options: TransactionOptions) -> None:
        """Begin a transaction; servers hear of it with its first command."""
        self._check_free()
        if self._snapshot:
            raise InvalidOperation("Transactions are not supported in snapshot sessions")
        if self._transaction.active:
            raise InvalidOperation("Transaction already in progress")
        self._transaction = Transaction(options, self._hold().next_transaction())
        self._span = self._executor.transaction_span()
        self._unpin()

    async def _commit_transaction(self) -> None:
        """Commit the transaction; again, if it has been committed already.

        Raises `InvalidOperation` if there is none, and what went wrong. After an error with the label
        "UnknownTransactionCommitResult" the transaction may be committed or not, and may be committed again.
        """
        self._check_free()
        self._hold()
        self._executor.deadline()  # If the time is over, nothing is sent, and the transaction can still be aborted.
        again = self._transaction.state is State.COMMITTED
        try:
            if not self._transaction.commit():
                return
            reply = await self._end_transaction(CommitTransaction, again=again)
        finally:
            self._end_span()
        if reply is not None and not reply.clean:
            error = write_concern_error(reply.document(self._executor.codec))
            if error is not None:
                policy.label_commit(error)
                raise error

    async def _abort_transaction(self) -> None:
        """Abort the transaction. What servers say to that is nobody's: they forget it anyhow.

        Raises `InvalidOperation` if there is none.
        """
        self._check_free()
        await self._abort()

    async def _abort(self) -> None:
        sent = self._transaction.abort()
        try:
            if sent and not self._inherited:
                await self._end_transaction(AbortTransaction)
        except PyMongoError:
            pass
        finally:
            self._end_span()
            self._unpin()

    async def _end_transaction(self, kind: type[EndTransaction], *, again: bool = False) -> Reply | None:
        transaction, executor = self._transaction, self._executor
        options = transaction.options
        assert options is not None
        limit = (options.max_commit_time_ms or None) if kind.commits else None  # 0 is no limit.
        body = end_transaction_body(kind, limit, transaction.recovery_token)
        command = kind(DATABASE, body, executor.codec, write_concern=options.write_concern, again=again)
        return await executor.run(command, self)

    async def _finish(self) -> None:
        """End the session, and before that the transaction under way. Raises nothing."""
        try:
            if self._transaction.active and not self._user:
                await self._abort()
        finally:
            self._end()

    # The convenient API.

    async def _transact(
        self, callback: Callable[[], Awaitable[_T]], options: TransactionOptions, limit: Deadline | None
    ) -> _T:
        """Run a callback in transactions until one is committed; `limit` is the user's own.

        Raises what the callback raises, and what the commit raises. Where another attempt could help but the time is
        over, a timeout with the labels of the last error, which is its cause.
        """
        executor = self._executor
        runtime = executor.runtime
        until = limit or runtime.deadline(policy.RETRY_LIMIT)
        span = None if limit is None else limit.remaining()
        attempts = 0
        while True:
            self._start(options)
            attempts += 1
            try:
                result = await callback()
                if self.in_transaction:
                    await self._commit_until(until, limited=limit is not None)
                return result
            except BaseException as error:
                if self.in_transaction:
                    await self._abort_within(span)
                if not isinstance(error, PyMongoError) or not error.has_error_label(policy.TRANSIENT):
                    raise
                wait = policy.pause(attempts, runtime.draw(_DRAWN) / _DRAWN)
                left = until.remaining()
                if left is not None and left <= wait:
                    raise policy.out_of_time(error, limited=limit is not None) from error
            await runtime.sleep(wait)

    async def _commit_until(self, until: Deadline, *, limited: bool) -> None:
        """Commit, for as long as nobody knows whether it is committed, and the time is not over."""
        while True:
            try:
                return await self._commit_transaction()
            except PyMongoError as error:
                if not policy.commits_again(error):
                    raise
                if until.expired():
                    raise policy.out_of_time(error, limited=limited) from error

    async def _abort_within(self, span: float | None) -> None:
        """Abort with a time limit of its own: that of the operation may be what has run out."""
        token = enter(self._executor.runtime.deadline(span))
        try:
            await self._abort()
        finally:
            CURRENT.reset(token)
