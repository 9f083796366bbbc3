"""What the executor of an encrypted client is.

Owns when a command is encrypted and a reply decrypted: before a connection is checked out, and after it has been given
back, so that neither waits for a key while it holds what others need. A command is encrypted once for all its attempts,
and what is retried is what was sent. Watches, logs and traces see what is sent and what comes back, never more.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from petiole._commands.encryption import note_sent
from petiole._commands.end_sessions import EndSessions
from petiole._commands.kill_cursors import KillCursors
from petiole._commands.transaction import EndTransaction
from petiole._engine.executor import Executor

if TYPE_CHECKING:
    from typing import Self

    from petiole._commands.base import Command
    from petiole._engine.attempt import Attempt
    from petiole._engine.auto_encryption.encrypter import AutoEncrypter
    from petiole._engine.server import Server
    from petiole._engine.server_session import ServerSession
    from petiole._engine.session import Session
    from petiole._native import Reply
    from petiole._net.connection import Connection

_WITHOUT_DATA = (KillCursors, EndSessions, EndTransaction)
"""They go on in the background too, and carry nothing of the application's."""


class EncryptingExecutor(Executor):
    """Encrypts commands and decrypts replies."""

    encrypter: AutoEncrypter | None
    """None for what goes to the same servers as it is: the key vault is looked into by the client itself."""

    def plain(self) -> Self:
        """The same executor, without encryption."""
        other = copy(self)
        other.encrypter = None
        return other

    async def _attempt(self, command: Command, attempt: Attempt) -> Reply | None:
        encrypter = self.encrypter
        if encrypter is None or isinstance(command, _WITHOUT_DATA):
            return await super()._attempt(command, attempt)
        if self.topology.closed:
            raise self.topology.refusal()
        sent: Command | None = getattr(attempt, "encrypted", None)
        if sent is None:
            sent = attempt.encrypted = await encrypter.encrypted(command, attempt.deadline)
        sent.server = command.server
        try:
            reply = await super()._attempt(sent, attempt)
        finally:
            if sent is not command:
                note_sent(command, sent)
        return reply and await encrypter.decrypted(reply, attempt.deadline)

    async def run_on(
        self,
        command: Command,
        server: Server,
        connection: Connection,
        session: Session | None,
        lease: ServerSession | None,
    ) -> Reply | None:
        reply = await super().run_on(command, server, connection, session, lease)
        if reply is None or self.encrypter is None:
            return reply
        return await self.encrypter.decrypted(reply, self.deadline())
