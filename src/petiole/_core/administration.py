"""Running commands that change a collection or a database as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.errors import write_concern_error
from petiole._engine.session import in_transaction
from petiole.errors import ConfigurationError, OperationFailure

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from petiole._commands.base import Command
    from petiole._core.options import Options
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session


async def administer(
    executor: Executor,
    kind: type[Command],
    database: str,
    body: MutableMapping[str, Any],
    options: Options,
    session: Session | None,
) -> dict[str, Any]:
    """Run such a command with the options' write concern; the reply, `{"ok": 1}` where there is none.

    Errors that the command declares harmless (`allowed`) are returned as the reply. Raises `WriteConcernError`.
    """
    command = kind(database, body, options.codec, concern=options.write, write_concern=options.write_concern)
    if not command.acknowledged:
        refuse_session(session, options)
    try:
        reply = await executor.run(command, session)
    except OperationFailure as error:
        details = dict(error.details or {})
        if error.code in getattr(kind, "allowed", ()):
            return details
        raise write_concern_error(details) or error from None
    if reply is None:
        return {"ok": 1}
    document: dict[str, Any] = reply.document(options.reply_codec)
    if not reply.clean:
        failure = write_concern_error(document)
        if failure is not None:
            raise failure
    return document


def refuse_session(session: Session | None, options: Options) -> None:
    """Refuse an explicit session for writes that nobody acknowledges (Driver Sessions specification).

    A transaction has its own write concern, so that in one any other goes for nothing.
    """
    if session is not None and not options.write_concern.acknowledged and not in_transaction(session):
        raise ConfigurationError(
            f"Explicit sessions are incompatible with unacknowledged write concern: {options.write_concern!r}"
        )
