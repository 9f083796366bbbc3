"""Motor's change streams, which open when the first event is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from petiole.motor.metaprogramming import AgnosticBase

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Mapping

OPTIONS = (
    "pipeline",
    "full_document",
    "resume_after",
    "max_await_time_ms",
    "batch_size",
    "collation",
    "start_at_operation_time",
    "session",
    "start_after",
    "comment",
    "full_document_before_change",
    "show_expanded_events",
)
"""What `watch` takes, in order."""


class AgnosticChangeStream(AgnosticBase):
    """Events of what is watched, with `async for`, in the order in which they happened, each once."""

    def __init__(
        self,
        target: Any,
        pipeline: Any = None,
        full_document: str | None = None,
        resume_after: Mapping[str, Any] | None = None,
        max_await_time_ms: int | None = None,
        batch_size: int | None = None,
        collation: Any = None,
        start_at_operation_time: Any = None,
        session: Any = None,
        start_after: Mapping[str, Any] | None = None,
        comment: Any = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> None:
        given = locals()
        super().__init__(None)
        self._target = target
        self._motor_client = target._motor_client
        self._options = {name: given[name] for name in OPTIONS}
        if session is not None:
            self._options["session"] = session.delegate
        self._closed = False

    async def _begin(self) -> bool:
        """Open the stream, if it is not; False if it is closed."""
        if self.delegate is None and not self._closed:
            self.delegate = await self._target.delegate.watch(**self._options)
        return not self._closed

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        if not await self._begin():
            raise StopAsyncIteration
        return await self.delegate.__anext__()

    def next(self, callback: Any = None) -> Future[Any]:
        """A Future of the next event. Raises `StopAsyncIteration` once the stream is closed or invalidated."""
        return self._launch(self.__anext__(), callback)  # type: ignore[no-any-return]

    def try_next(self, callback: Any = None) -> Future[Any]:
        """A Future of the next event if there is one, or None; the server is asked once at most."""
        return self._launch(self._try_next(), callback)  # type: ignore[no-any-return]

    async def _try_next(self) -> Any:
        if not await self._begin():
            raise StopAsyncIteration
        return await self.delegate.try_next()

    def close(self, callback: Any = None) -> Future[None]:
        """A Future of the stream's closing, and of its cursor on the server."""
        return self._launch(self._close(), callback)  # type: ignore[no-any-return]

    async def _close(self) -> None:
        self._closed = True
        if self.delegate is not None:
            await self.delegate.close()

    @property
    def alive(self) -> bool:
        """Whether there may be more events."""
        return not self._closed and (self.delegate is None or self.delegate.alive)

    @property
    def resume_token(self) -> Mapping[str, Any] | None:
        """The token after which the stream would be resumed; None before it is open."""
        return None if self.delegate is None else self.delegate.resume_token

    async def __aenter__(self) -> Self:
        await self._begin()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._close()

    def __enter__(self) -> NoReturn:
        raise RuntimeError('Use a change stream in "async with", not "with"')

    def __exit__(self, *exc: object) -> None:
        """Beside `__enter__`, so that it is asked."""
