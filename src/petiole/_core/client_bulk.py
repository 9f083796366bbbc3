"""Writes to several collections at once: `MongoClient.bulk_write`.

Owns the sending, batch after batch, and the reading of each reply's cursor; the batches and what the replies add up to
are pure and in `_commands.client_bulk` and `client_bulk_result`. Follows the CRUD specification's "Bulk Write".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.client_bulk import (
    WIRE_VERSION,
    BulkWrite,
    BulkWriteMany,
    Sizes,
    check_unacknowledged,
    check_unanswered,
    command_body,
    many,
    next_batch,
    statements,
)
from petiole._commands.client_bulk_result import ClientBulkOutcome
from petiole._commands.databases import ADMIN
from petiole._commands.raw_data import with_raw_data
from petiole._core.administration import refuse_session
from petiole._core.client_admin import ClientAdmin
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole._engine.scope import OneDeadline, bound_session
from petiole._engine.session import in_transaction
from petiole.errors import InvalidOperation, PyMongoError
from petiole.results import ClientBulkWriteResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._commands.client_bulk import Batch, Statement
    from petiole._core.options import Options
    from petiole._engine.engine import Engine
    from petiole._engine.session import Session
    from petiole.operations import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
    from petiole.write_concern import WriteConcern


class ClientBulk(ClientAdmin[Document]):
    """Bulk writes of a client."""

    _engine: Engine

    async def _bulk_write(
        self,
        models: Sequence[
            InsertOne[Document] | UpdateOne | UpdateMany | ReplaceOne[Document] | DeleteOne | DeleteMany
        ],
        session: Session | None = None,
        ordered: bool = True,
        verbose_results: bool = False,
        bypass_document_validation: bool | None = None,
        comment: Any | None = None,
        let: Mapping[str, Any] | None = None,
        write_concern: WriteConcern | None = None,
        *,
        raw_data: bool | None = None,
    ) -> ClientBulkWriteResult:
        """Write to several collections, each operation with its `namespace`, in as few commands as possible.

        Needs MongoDB 8.0. If `ordered`, the first failure ends it; otherwise all operations are tried. With
        `verbose_results` the result has those of the single operations. An unacknowledged one can be neither.

        Raises `ClientBulkWriteException`, whose `details` say what failed and what was done; `InvalidOperation` for
        an empty list, older servers and clients with automatic encryption; `DocumentTooLarge` for an operation that
        fits into no message.
        """
        if self._engine.encryption is not None:
            raise InvalidOperation("MongoClient.bulk_write does not currently support automatic encryption")
        session = bound_session(self._executor, session)
        options = self._bulk_options(session, write_concern)
        concern = options.write_concern
        acknowledged = concern.acknowledged or in_transaction(session)
        if not acknowledged:
            check_unanswered(ordered=ordered, verbose=verbose_results)
        operations = statements(models)
        body = command_body(
            ordered=ordered,
            verbose=verbose_results,
            bypass_document_validation=bypass_document_validation,
            comment=comment,
            let=let,
        )
        if not acknowledged:
            refuse_session(session, options)
        kind = with_raw_data(BulkWriteMany if many(operations) else BulkWrite, raw_data)
        command = kind(ADMIN, body, options.codec, concern=options.write, write_concern=concern)
        sending = _Sending(self, command, operations, session)
        with OneDeadline(self._executor), self._executor.operation(kind.name, ADMIN, None, session):
            if not acknowledged:
                await sending.unacknowledged()
                return ClientBulkWriteResult(None, False, False)  # type: ignore[arg-type]  # As PyMongo has it.
            outcome = ClientBulkOutcome(ordered=ordered, verbose=verbose_results)
            await sending.acknowledged(outcome, stops=ordered)
            return ClientBulkWriteResult(outcome.finish(), True, verbose_results)

    def _bulk_options(self, session: Session | None, concern: WriteConcern | None) -> Options:
        """The client's options with the write concern of the call, which a transaction does not admit."""
        if concern is not None and in_transaction(session):
            raise InvalidOperation("Cannot set write concern after starting a transaction")
        return self._options if concern is None else self._options.replaced(None, None, concern, None)


class _Sending:
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

    async def acknowledged(self, outcome: ClientBulkOutcome, *, stops: bool) -> None:
        """Send batch after batch and take in what comes of them; with `stops`, up to the first write that fails."""
        start = 0
        while start < len(self._operations) and not (stops and outcome.failed):
            batch = self._next(start, await self._sizes(), outcome if start else None)
            await self._send(batch, outcome)
            start = batch.end

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
