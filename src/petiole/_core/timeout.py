"""The timeout of a block of operations (specification: Client Side Operations Timeout)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole._engine.scope import CURRENT, enter
from petiole._runtime.clock import NEVER, deadline_in

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from contextvars import Token

    from petiole._engine.scope import Scope
    from petiole._runtime.base import Deadline


def timeout(seconds: float | None) -> AbstractContextManager[None]:
    """Give all operations in a `with` block one deadline, `seconds` after the block is entered.

    An operation that is not over by then raises an error whose `timeout` is True. A block within a block can only
    shorten the time. None and 0 set no deadline: operations then take as long as they do, whatever `timeoutMS` says.

    Raises `ValueError` if `seconds` is negative.
    """
    if not isinstance(seconds, (int, float, type(None))):
        raise TypeError(f"timeout must be None, an int, or a float, not {type(seconds)}")
    if seconds and seconds < 0:
        raise ValueError("timeout cannot be negative")
    return _Timeout(seconds or None)


class _Timeout:
    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._token: Token[Scope | None] | None = None

    def __enter__(self) -> None:
        outer = CURRENT.get()
        self._token = enter(_within(outer.deadline if outer else None, self._seconds))

    def __exit__(self, *exc: object) -> None:
        if self._token is not None:
            CURRENT.reset(self._token)
            self._token = None


def _within(outer: Deadline | None, seconds: float | None) -> Deadline:
    if outer is None or outer is NEVER:
        return deadline_in(seconds)
    return outer.sooner(seconds)
