"""The blocking session, and the options of sessions and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.client_session import CoreClientSession
from petiole._engine.scope import CURRENT, enter
from petiole._runtime.driver import blocking, face
from petiole.client_session_shared import SessionOptions, TransactionOptions

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType
    from typing import Self

    from petiole._engine.scope import Scope
    from petiole.mongo_client import MongoClient

__all__ = ["ClientSession", "SessionOptions", "TransactionOptions"]


@face
class ClientSession(CoreClientSession):
    """A logical session, as `MongoClient.start_session` gives it. For one thread at a time."""

    _client: MongoClient[Any]

    @property
    def client(self) -> MongoClient[Any]:
        """The client this session was created from."""
        return self._client

    end_session = blocking(CoreClientSession._end_session)

    def bind(self, end_session: bool = True) -> _Bound:
        """Give this session to all operations in a `with` block that are given none.

        The session ends with the block, unless `end_session` is off. Operations of other clients in the block raise
        `InvalidOperation`.
        """
        return _Bound(self, end_session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_session()


class _Bound:
    """The block that a session is bound to."""

    def __init__(self, session: ClientSession, end_session: bool) -> None:
        self._session = session
        self._end_session = end_session
        self._token: Token[Scope | None] | None = None

    def __enter__(self) -> ClientSession:
        self._token = enter(session=self._session)
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            CURRENT.reset(self._token)
            self._token = None
        if self._end_session:
            self._session.end_session()
