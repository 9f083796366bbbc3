"""The asyncio session, and the options of sessions and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.client_session import CoreClientSession
from petiole._engine.scope import CURRENT, enter
from petiole._runtime.driver import face
from petiole.client_session_shared import SessionOptions, TransactionOptions

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType
    from typing import Self

    from petiole._engine.scope import Scope
    from petiole.asynchronous.mongo_client import AsyncMongoClient

__all__ = ["AsyncClientSession", "SessionOptions", "TransactionOptions"]


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
