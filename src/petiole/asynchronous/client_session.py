"""The asyncio session, and the options of sessions and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.client_session import CoreClientSession, SessionOptions, TransactionOptions

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from petiole.asynchronous.mongo_client import AsyncMongoClient

__all__ = ["AsyncClientSession", "SessionOptions", "TransactionOptions"]


class AsyncClientSession(CoreClientSession):
    """A logical session, as `AsyncMongoClient.start_session` gives it. For one task at a time."""

    _owner = "AsyncMongoClient"
    _client: AsyncMongoClient[Any]

    @property
    def client(self) -> AsyncMongoClient[Any]:
        """The client this session was created from."""
        return self._client

    end_session = CoreClientSession._end_session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end_session()
