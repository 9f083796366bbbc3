"""The blocking session, and the options of sessions and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.client_session import CoreClientSession, SessionOptions, TransactionOptions
from petiole._runtime.driver import blocking

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from petiole.mongo_client import MongoClient

__all__ = ["ClientSession", "SessionOptions", "TransactionOptions"]


class ClientSession(CoreClientSession):
    """A logical session, as `MongoClient.start_session` gives it. For one thread at a time."""

    _client: MongoClient[Any]

    @property
    def client(self) -> MongoClient[Any]:
        """The client this session was created from."""
        return self._client

    end_session = blocking(CoreClientSession._end_session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_session()
