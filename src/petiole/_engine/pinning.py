"""Connections that are kept over several commands.

Behind a load balancer every connection may lead to another server, so a cursor and a transaction keep the one
they began on (load balancer specification, "Connection Pinning"); anywhere, an exhaust cursor keeps the one that its
server streams on. Owns who keeps a connection and until when; the executor runs commands on it.

A cursor makes its `Pin` before its first command, gives it to every command, and releases it when it is exhausted,
killed or closed. A session gets one with the first command of a transaction, which binds it to its connection; all
others follow, until the session unpins. A cursor in a transaction shares the session's, and the connection goes back
when both have released it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole.errors import AutoReconnect

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._net.connection import Connection
    from petiole._net.pool import Pool

CURSOR, TRANSACTION = "cursor", "transaction"
"""What a connection may be kept for."""


class Pin:
    """Who keeps a connection; at first none, then that of the first command."""

    __slots__ = ("_lasting", "_users", "connection", "key", "pool", "purpose")

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        self.connection: Connection | None = None
        self.pool: Pool | None = None
        self.key: object = None
        """The event loop that the connection belongs to."""
        self._users = 1
        self._lasting = purpose == TRANSACTION

    def bind(self, pool: Pool, connection: Connection, key: object) -> None:
        """Keep that connection, which is checked out."""
        self.pool, self.connection, self.key = pool, connection, key
        connection.kept_for = self.purpose

    def last(self) -> None:
        """Keep the connection whatever errors are to come: the cursor is open."""
        self._lasting = True

    def failed(self) -> None:
        """After a failed command: a cursor that is not open yet needs no connection, and its next attempt another."""
        if not self._lasting:
            self._give_back()

    @property
    def usable(self) -> bool:
        """Whether a command can be sent on the connection: not after an error, or while the server streams there."""
        connection = self.connection
        return connection is not None and not connection.dirty and not connection.closed

    def share(self) -> Pin:
        """The same, for one more who releases it."""
        self._users += 1
        return self

    def release(self) -> None:
        """Once by each who keeps it: give the connection back. One that is dirty is closed by that."""
        self._users -= 1
        if self._users <= 0:
            self._give_back()

    def _give_back(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None and self.pool is not None:
            connection.kept_for = ""
            self.pool.check_in(connection)


def pin_of(command: Command, session: Session | None) -> Pin | None:
    """What a command has to run on, behind a load balancer.

    Raises `AutoReconnect` if its connection is lost: any other would lead to a server that knows nothing of it.
    """
    pin = command.pin
    if pin is None and session is not None:
        if session._held is None and session.in_transaction:
            session._held = Pin(TRANSACTION)
        pin = session._held
    if pin is not None and pin.connection is not None and not pin.usable:
        raise AutoReconnect(f"the connection that the {pin.purpose} has kept is lost")
    return pin


def pin_for_cursor(executor: Executor, session: Session | None) -> Pin | None:
    """What a new cursor keeps; None where its commands may take any connection to the server."""
    if not executor.balanced:
        return None
    if session is not None and session.in_transaction:
        if session._held is None:
            session._held = Pin(TRANSACTION)
        return session._held.share()
    return Pin(CURSOR)
