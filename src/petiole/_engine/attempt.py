"""What the executor remembers of a command from one attempt to the next. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.server_session import ServerSession
    from petiole._engine.session import Session
    from petiole._runtime.base import Address, Deadline
    from petiole.errors import PyMongoError


class Attempt:
    """What is remembered from one attempt to the next."""

    __slots__ = (
        "__weakref__",
        "borrowed",
        "count",
        "deadline",
        "encrypted",
        "error",
        "failed_at",
        "lease",
        "overloaded",
        "sent",
        "session",
        "transaction",
    )

    encrypted: Command
    """What is sent in place of the command; there only once it has been encrypted."""

    def __init__(self, deadline: Deadline, lease: ServerSession | None) -> None:
        self.deadline = deadline
        self.session: Session | None = None
        """The session that it uses, once that has let it in."""
        self.lease = lease
        """The server session of the command."""
        self.borrowed = False
        """Whether that is to be given back after the command."""
        self.count = 0
        """Attempts that have failed."""
        self.error: PyMongoError | None = None
        """What to raise if no further attempt succeeds."""
        self.failed_at: tuple[Address, ...] = ()
        """Servers that are avoided now."""
        self.overloaded = False
        """Whether one of those attempts met an overloaded server."""
        self.sent = False
        """Whether an attempt has failed after it was sent."""
        self.transaction = b""
