"""Writes to several collections at once: `MongoClient.bulk_write`.

Owns the call and the checks of its arguments; the batches are sent by `client_bulk_sending`. Follows the CRUD
specification's "Bulk Write".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.databases import ADMIN
from petiole._commands.raw_data import with_raw_data
from petiole._core.administration import refuse_session
from petiole._core.client_admin import ClientAdmin
from petiole._core.document import Document
from petiole._engine.scope import OneDeadline, bound_session
from petiole._engine.session import in_transaction
from petiole.errors import InvalidOperation
from petiole.results import ClientBulkWriteResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        from petiole._commands import client_bulk as bulk  # Few programs need it.
        from petiole._core.client_bulk_sending import Sending

        if self._engine.encryption is not None:
            raise InvalidOperation("MongoClient.bulk_write does not currently support automatic encryption")
        session = bound_session(self._executor, session)
        options = self._bulk_options(session, write_concern)
        concern = options.write_concern
        acknowledged = concern.acknowledged or in_transaction(session)
        if not acknowledged:
            bulk.check_unanswered(ordered=ordered, verbose=verbose_results)
        operations = bulk.statements(models)
        body = bulk.command_body(
            ordered=ordered,
            verbose=verbose_results,
            bypass_document_validation=bypass_document_validation,
            comment=comment,
            let=let,
        )
        if not acknowledged:
            refuse_session(session, options)
        kind = with_raw_data(bulk.BulkWriteMany if bulk.many(operations) else bulk.BulkWrite, raw_data)
        command = kind(ADMIN, body, options.codec, concern=options.write, write_concern=concern)
        sending = Sending(self, command, operations, session)
        with OneDeadline(self._executor), self._executor.operation(kind.name, ADMIN, None, session):
            if not acknowledged:
                await sending.unacknowledged()
                return ClientBulkWriteResult(None, False, False)  # type: ignore[arg-type]  # As PyMongo has it.
            details = await sending.acknowledged(ordered=ordered, verbose=verbose_results)
            return ClientBulkWriteResult(details, True, verbose_results)

    def _bulk_options(self, session: Session | None, concern: WriteConcern | None) -> Options:
        """The client's options with the write concern of the call, which a transaction does not admit."""
        if concern is not None and in_transaction(session):
            raise InvalidOperation("Cannot set write concern after starting a transaction")
        return self._options if concern is None else self._options.replaced(None, None, concern, None)
