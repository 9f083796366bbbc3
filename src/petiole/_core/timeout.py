"""The timeout of a block of operations (specification: Client Side Operations Timeout)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole._engine.scope import CURRENT, Scope
from petiole._runtime.clock import UNLIMITED, deadline_in

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from contextvars import Token

    from petiole._runtime.base import Deadline


def timeout(seconds: float | None) -> AbstractContextManager[None]:
    """Give all operations in a `with` block one deadline, `seconds` after the block is entered.

    An operation that is not over by then raises an error whose `timeout` is True. Several commands of one operation
    (those of a bulk write, retries, the batches of a cursor that are fetched in the block) share what time there is.
    A block within a block can only shorten the time. 0 is no limit, whatever `timeoutMS` says: what may be sent again
    is sent until it succeeds. None leaves operations the client's `timeoutMS`, and the time of a block around this one.

    Raises `ValueError` if `seconds` is negative.
    """
    if not isinstance(seconds, (int, float, type(None))):
        raise TypeError(f"timeout must be None, an int, or a float, not {type(seconds)}")
    if seconds and seconds < 0:
        raise ValueError("timeout cannot be negative")
    return _Timeout(seconds)


class _Timeout:
    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._token: Token[Scope | None] | None = None

    def __enter__(self) -> None:
        outer = CURRENT.get() or Scope()
        self._token = CURRENT.set(Scope(_within(outer.deadline, self._seconds), outer.session))

    def __exit__(self, *exc: object) -> None:
        if self._token is not None:
            CURRENT.reset(self._token)
            self._token = None


def _within(outer: Deadline | None, seconds: float | None) -> Deadline | None:
    if outer is not None and outer.at is not None:
        inner = deadline_in(seconds or None)
        return outer if inner.at is None or outer.at <= inner.at else inner
    if seconds is None:
        return None
    return deadline_in(seconds) if seconds else UNLIMITED
