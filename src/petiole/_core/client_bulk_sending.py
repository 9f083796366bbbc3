"""The sending of a client's bulk write, batch after batch, and the reading of each reply's cursor.

The batches and what the replies add up to are pure and in `_commands.client_bulk` and `client_bulk_result`. Imported
by the first bulk write: few programs make any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.client_bulk import WIRE_VERSION, Sizes, check_unacknowledged, next_batch
from petiole._commands.client_bulk_result import ClientBulkOutcome
from petiole._engine.cursor import ServerCursor
from petiole.errors import InvalidOperation, PyMongoError

if TYPE_CHECKING:
    from petiole._commands.client_bulk import Batch, BulkWrite, Statement
    from petiole._core.client_bulk import ClientBulk
    from petiole._engine.session import Session


class Sending:
    """One bulk write under way."""

    def __init__(
        self,
        client: ClientBulk[Any],
        command: BulkWrite,
        operations: list[Statement],
        session: Session | None,
    ) -> None:
        self._executor = client._executor
        self._codec = client._options.reply_codec
        self._command = command
        self._operations = operations
        self._session = session

    async def acknowledged(self, *, ordered: bool, verbose: bool) -> dict[str, Any]:
        """Send batch after batch, if `ordered` up to the first write that fails; what came of them."""
        outcome = ClientBulkOutcome(ordered=ordered, verbose=verbose)
        start = 0
        while start < len(self._operations) and not (ordered and outcome.failed):
            batch = self._next(start, await self._sizes(), outcome if start else None)
            await self._send(batch, outcome)
            start = batch.end
        return outcome.finish()

    async def unacknowledged(self) -> None:
        """Send batch after batch; nobody learns what comes of them."""
        sizes = await self._sizes()
        check_unacknowledged(self._operations, self._command.codec, sizes)
        start = 0
        while start < len(self._operations):
            batch = self._next(start, sizes, None)
            self._command.server = None
            await self._executor.run(self._command)
            start = batch.end

    def _next(self, start: int, sizes: Sizes, outcome: ClientBulkOutcome | None) -> Batch:
        """The batch that is sent next. If it cannot be made, what came of those before is told too."""
        command = self._command
        try:
            command.batch = next_batch(self._operations, start, command.codec, command.body, sizes)
        except Exception as error:
            if outcome is None:
                raise
            raise outcome.stopped(error) from error
        return command.batch

    async def _send(self, batch: Batch, outcome: ClientBulkOutcome) -> None:
        self._command.server = None  # Each batch goes to whichever server is the primary by then.
        cursor = ServerCursor(self._executor, self._codec, self._session)
        try:
            reply = await cursor.open_reply(self._command)
        except PyMongoError as error:
            raise outcome.stopped(error) from error
        assert reply is not None
        outcome.add_reply(batch, reply, self._codec)
        outcome.add_results(batch, cursor.batch)
        try:
            while cursor.id:
                outcome.add_results(batch, await cursor.more(comment=self._command.body.get("comment")))
        except PyMongoError as error:
            raise outcome.stopped(error, in_cursor=True) from error
        finally:
            await cursor.close()

    async def _sizes(self) -> Sizes:
        """What the server takes that writes go to.

        :raises InvalidOperation: if it does not know the command.
        """
        server = await self._executor.discover(None)
        found = self._executor.topology.description.get(server.address)
        if found is None or found.max_wire_version < WIRE_VERSION:
            raise InvalidOperation("MongoClient.bulk_write requires MongoDB server version 8.0+.")
        return Sizes(found.max_write_batch_size, found.max_message_size, found.max_bson_size)
