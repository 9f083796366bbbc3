"""What a block of the application's code gives to all operations in it: a deadline, and a session.

Kept in one context variable, so that operations outside of such blocks look once. Threads, tasks and background work
begin outside. Follows the Client Side Operations Timeout specification, and PyMongo's bound sessions.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, NamedTuple

from petiole.errors import ConfigurationError, ExecutionTimeout, InvalidOperation

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._runtime.base import Deadline

_MAX_TIME_MS_EXPIRED = 50


class Scope(NamedTuple):
    """Both may be None: not given."""

    deadline: Deadline | None = None
    session: Session | None = None

    def check_deadline(self) -> None:
        """Raise `ExecutionTimeout` if the time is over before the operation has begun."""
        if self.deadline is not None and self.deadline.expired():
            message = "operation would exceed time limit"
            raise ExecutionTimeout(
                message, _MAX_TIME_MS_EXPIRED, {"ok": 0, "errmsg": message, "code": _MAX_TIME_MS_EXPIRED}
            )

    def session_for(self, executor: Executor, command: Command) -> Session | None:
        """The bound session, for a command that was given none."""
        session = self.session
        if session is None:
            return None
        if session._executor is not executor:
            raise InvalidOperation(
                "Only the client that created the bound session can perform operations within its context block."
            )
        if not command.acknowledged:
            raise ConfigurationError(
                "Explicit sessions are incompatible with unacknowledged write concern: "
                f"{command.write_concern!r}"
            )
        return session


CURRENT: ContextVar[Scope | None] = ContextVar("petiole_scope", default=None)
"""The scope of the code that runs; None outside of all blocks."""


def enter(deadline: Deadline | None = None, session: Session | None = None) -> Token[Scope | None]:
    """Begin a block that gives a deadline or a session, and leaves the other as it is."""
    outer = CURRENT.get() or Scope()
    return CURRENT.set(Scope(deadline or outer.deadline, session or outer.session))
