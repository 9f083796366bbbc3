"""Opening and explaining an aggregation, over a collection or a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.errors import write_concern_error
from petiole._commands.explain import Explain, explain_body
from petiole._engine.cursor import ServerCursor
from petiole._engine.scope import bound_session
from petiole._engine.session import in_transaction
from petiole._sdam.selection import for_aggregate_write
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole._commands.aggregate import Pipeline
    from petiole._core.options import Options
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session


async def open_pipeline(
    executor: Executor, database: str, options: Options, built: Pipeline, session: Session | None
) -> ServerCursor:
    """Run an aggregation; the cursor over its result."""
    command = built.command(
        database,
        built.body,
        options.codec,
        concern=options.read,
        read_preference=options.read_preference,
        read_concern=options.read_concern,
    )
    if built.command.writes:
        command.concern = options.read + options.write
        command.write_concern = options.write_concern
        # Only a server that is known can say whether it runs writing stages as a secondary. Transactions run elsewhere.
        if not in_transaction(bound_session(executor, session)):
            await executor.discover(command.read_preference)
        if for_aggregate_write(executor.topology.description, options.read_preference).mode == 0:
            command.read_preference = ReadPreference.PRIMARY
    source = ServerCursor(executor, options.codec, session)
    reply = await source.open_reply(command)
    if reply is not None and not reply.clean:
        error = write_concern_error(reply.document(executor.codec))
        if error is not None:
            raise error
    return source


async def explain_pipeline(
    executor: Executor, database: str, options: Options, built: Pipeline, session: Session | None
) -> Any:
    """How the server would run the aggregation; it writes nothing."""
    body = explain_body(dict(built.body), read_concern=options.read_concern)
    command = Explain(database, body, options.codec, read_preference=options.read_preference)
    reply = await executor.run(command, session)
    assert reply is not None
    return reply.document(options.codec)
