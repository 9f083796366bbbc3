"""What a block of the application's code gives to all operations in it: a deadline, and a session.

Kept in one context variable, so that operations outside of such blocks look once. Threads, tasks and background work
begin outside. Follows the Client Side Operations Timeout specification, and PyMongo's bound sessions.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, NamedTuple

from petiole.errors import ConfigurationError, ExecutionTimeout, InvalidOperation

if TYPE_CHECKING:
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._runtime.base import Deadline
    from petiole.write_concern import WriteConcern

_MAX_TIME_MS_EXPIRED = 50


def out_of_time() -> ExecutionTimeout:
    """The error of an operation that is not sent, because its time is over."""
    message = "operation would exceed time limit"
    return ExecutionTimeout(
        message, _MAX_TIME_MS_EXPIRED, {"ok": 0, "errmsg": message, "code": _MAX_TIME_MS_EXPIRED}
    )


class Scope(NamedTuple):
    """Both may be None: not given."""

    deadline: Deadline | None = None
    session: Session | None = None

    def check_deadline(self) -> None:
        """Raise `ExecutionTimeout` if the time is over before the operation has begun."""
        if self.deadline is not None and self.deadline.expired():
            raise out_of_time()

    def session_for(self, executor: Executor, concern: WriteConcern | None = None) -> Session | None:
        """The bound session, for a command that was given none and has that write concern."""
        session = self.session
        if session is None:
            return None
        if session._executor is not executor:
            raise InvalidOperation(
                "Only the client that created the bound session can perform operations within its context block."
            )
        if concern is not None and not concern.acknowledged and not session.in_transaction:
            raise ConfigurationError(
                f"Explicit sessions are incompatible with unacknowledged write concern: {concern!r}"
            )
        return session


CURRENT: ContextVar[Scope | None] = ContextVar("petiole_scope", default=None)
"""The scope of the code that runs; None outside of all blocks."""


def bound_session(executor: Executor, given: Session | None) -> Session | None:
    """The session of an operation of several commands: the one it was given, or else the one bound to the block.

    Whoever keeps a server session across commands asks first, as every command asks when it is given neither.
    """
    scope = CURRENT.get()
    return given if scope is None or given is not None else scope.session_for(executor)


def enter(deadline: Deadline | None = None, session: Session | None = None) -> Token[Scope | None]:
    """Begin a block that gives a deadline or a session, and leaves the other as it is."""
    outer = CURRENT.get() or Scope()
    return CURRENT.set(Scope(deadline or outer.deadline, session or outer.session))


class OneDeadline:
    """A block in which all commands share one deadline, for a call that may send several: gives that deadline.

    It is the application's where there is one, or else the one `kept` from an earlier block, or else one made of the
    client's `timeoutMS`. Raises `ExecutionTimeout` if the time is over already.
    """

    __slots__ = ("_executor", "_kept", "_token")

    def __init__(self, executor: Executor, kept: Deadline | None = None) -> None:
        self._executor = executor
        self._kept = kept
        self._token: Token[Scope | None] | None = None

    def __enter__(self) -> Deadline:
        deadline = self._executor.deadline()
        if self._kept is not None and not _has_deadline():
            deadline = self._kept
            Scope(deadline).check_deadline()
        if deadline.at is not None:
            self._token = enter(deadline)
        return deadline

    def __exit__(self, *exc: object) -> None:
        if self._token is not None:
            CURRENT.reset(self._token)


def lifetime(executor: Executor) -> Deadline | None:
    """The deadline to keep for a stream opened now: of the client's `timeoutMS`, unless the block has one."""
    return None if executor._timeout is None or _has_deadline() else executor.deadline()


def _has_deadline() -> bool:
    scope = CURRENT.get()
    return scope is not None and scope.deadline is not None
