"""The asyncio session, and the options of sessions and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from petiole._core.client_session import CoreClientSession
from petiole._engine.scope import CURRENT, enter
from petiole._runtime.driver import face
from petiole.client_session_shared import SessionOptions, TransactionOptions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from contextvars import Token
    from types import TracebackType
    from typing import Self

    from petiole._engine.scope import Scope
    from petiole.asynchronous.mongo_client import AsyncMongoClient
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["AsyncClientSession", "SessionOptions", "TransactionOptions"]

_T = TypeVar("_T")


@face
class AsyncClientSession(CoreClientSession):
    """A logical session, as `AsyncMongoClient.start_session` gives it. For one task at a time."""

    _owner = "AsyncMongoClient"
    _client: AsyncMongoClient[Any]

    @property
    def client(self) -> AsyncMongoClient[Any]:
        """The client this session was created from."""
        return self._client

    end_session = CoreClientSession._end_session
    commit_transaction = CoreClientSession._commit_transaction
    abort_transaction = CoreClientSession._abort_transaction

    async def start_transaction(
        self,
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        max_commit_time_ms: int | None = None,
    ) -> AbstractAsyncContextManager[Any]:
        """Start a transaction. Options not given are the session's, or else the client's.

        As a context manager (`async with await session.start_transaction():`) it commits at the end of its block, or
        aborts if an exception ends it. `max_commit_time_ms` is the most milliseconds that one commit may take on the
        server.

        Raises `InvalidOperation` if one is under way already, `ConfigurationError` for an unacknowledged write
        concern.
        """
        self._start_with(read_concern, write_concern, read_preference, max_commit_time_ms)
        return _AsyncTransactionContext(self)

    async def with_transaction(
        self,
        callback: Callable[[AsyncClientSession], Awaitable[_T]],
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        max_commit_time_ms: int | None = None,
    ) -> _T:
        """Await `callback` in a transaction and commit it; what the callback returns.

        The callback is given this session, and passes it to its operations. It may be called several times, as the
        whole is tried again after errors that pass: for 120 seconds, or as long as a timeout says. An error of an
        operation has to leave the callback, for the server may have aborted the transaction.

        Raises what the callback and the commit raise.
        """

        async def call() -> _T:
            return await callback(self)

        return await self._run_in_transaction(
            call, read_concern, write_concern, read_preference, max_commit_time_ms
        )

    def bind(self, end_session: bool = True) -> _Bound:
        """Give this session to all operations in an `async` `with` block that are given none.

        The session ends with the block, unless `end_session` is off. Operations of other clients in the block raise
        `InvalidOperation`.
        """
        return _Bound(self, end_session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end_session()


class _AsyncTransactionContext:
    """The block of a transaction."""

    def __init__(self, session: AsyncClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session.in_transaction:
            if kind is None:
                await self._session.commit_transaction()
            else:
                await self._session.abort_transaction()


class _Bound:
    """The block that a session is bound to."""

    def __init__(self, session: AsyncClientSession, end_session: bool) -> None:
        self._session = session
        self._end_session = end_session
        self._token: Token[Scope | None] | None = None

    async def __aenter__(self) -> AsyncClientSession:
        self._token = enter(session=self._session)
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            CURRENT.reset(self._token)
            self._token = None
        if self._end_session:
            await self._session.end_session()
