"""Motor's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from petiole.asynchronous.client_session import AsyncClientSession
from petiole.motor.metaprogramming import AgnosticBase, delegated, future

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable

    from petiole.motor.agnostic_client import AgnosticClient
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern


class AgnosticClientSession(AgnosticBase):
    """A logical session, as `start_session` gives it. For one task at a time."""

    def __init__(self, delegate: AsyncClientSession, motor_client: AgnosticClient) -> None:
        super().__init__(delegate)
        self._motor_client = motor_client

    end_session = future(AsyncClientSession.end_session)
    commit_transaction = future(AsyncClientSession.commit_transaction)
    abort_transaction = future(AsyncClientSession.abort_transaction)
    cluster_time = delegated("The cluster time of the last reply to the session, or None.")
    operation_time = delegated("The operation time of the last reply to the session, or None.")
    has_ended = delegated("Whether the session has ended.")
    in_transaction = delegated("Whether a transaction is under way.")
    options = delegated("The options the session was started with.")
    session_id = delegated("The id that servers know the session by.")
    advance_cluster_time = delegated("Take in another session's cluster time.")
    advance_operation_time = delegated("Take in another session's operation time.")

    @property
    def client(self) -> AgnosticClient:
        """The client this session was created from."""
        return self._motor_client

    def start_transaction(
        self,
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        max_commit_time_ms: int | None = None,
    ) -> _Transaction:
        """Start a transaction, at once; nothing is sent before its first operation.

        As a context manager (`async with session.start_transaction():`) it commits at the end of its block, or aborts
        if an exception ends it.
        """
        self.delegate._start_with(read_concern, write_concern, read_preference, max_commit_time_ms)
        return _Transaction(self)

    def with_transaction(
        self,
        coro: Callable[[Self], Awaitable[Any]],
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        max_commit_time_ms: int | None = None,
    ) -> Future[Any]:
        """A Future of what `coro(session)` returns, awaited in a transaction that is then committed.

        It may be called several times, as the whole is tried again after errors that pass.
        """

        async def call(_: AsyncClientSession) -> Any:
            return await coro(self)

        work = self.delegate.with_transaction(
            call, read_concern, write_concern, read_preference, max_commit_time_ms
        )
        return self._launch(work)  # type: ignore[no-any-return]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.delegate.end_session()

    def __enter__(self) -> NoReturn:
        raise AttributeError("Use Motor sessions like 'async with await client.start_session()', not 'with'")

    def __exit__(self, *exc: object) -> None:
        """Beside `__enter__`, so that it is asked."""


class _Transaction:
    """The block of a transaction."""

    def __init__(self, session: AgnosticClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        session = self._session.delegate
        if session.in_transaction:
            if kind is None:
                await session.commit_transaction()
            else:
                await session.abort_transaction()
