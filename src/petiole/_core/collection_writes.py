"""Writes of one statement on a collection, and `insert_many`.

Owns the methods; what a statement looks like is in `_commands`, many statements are `collection_bulk`'s.
Follows the CRUD specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.arguments import is_raw_document, is_raw_kind
from petiole._commands.bulk import Options, check_options, insert_run
from petiole._commands.delete import Delete, DeleteMany, delete_body, delete_options_body, delete_statement
from petiole._commands.errors import write_error
from petiole._commands.insert import (
    Insert,
    checked_document,
    checked_documents,
    insert_body,
    insert_options_body,
)
from petiole._commands.update import (
    Update,
    UpdateMany,
    replace_statement,
    update_body,
    update_options_body,
    update_result,
    update_statement,
)
from petiole._commands.write_options import check_unacknowledged
from petiole._core.collection_bulk import CollectionBulk
from petiole._core.document import Document
from petiole.results import DeleteResult, InsertManyResult, InsertOneResult, UpdateResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from petiole._commands.base import BatchCommand
    from petiole._engine.session import Session
    from petiole._native import Reply
    from petiole.bson.raw_bson import RawBSONDocument
    from petiole.typings import _CollationIn, _IndexKeyHint, _Pipeline


class CollectionWrites(CollectionBulk[Document]):
    """Insert, replace, update, delete."""

    async def _insert_one(
        self,
        document: Document | RawBSONDocument,
        bypass_document_validation: bool | None = None,
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> InsertOneResult:
        """Insert one document; one without an `_id` is given an ObjectId, in place.

        Raises `DuplicateKeyError`, `WriteError`, `WriteConcernError`, `DocumentTooLarge`, `InvalidDocument`.
        """
        checked_document(document)
        if bypass_document_validation is None and comment is None:
            body = insert_body(self._name)
        else:
            body = insert_options_body(self._name, True, bypass_document_validation, comment)
        command = self._batch_command(Insert, body, raw_data)
        command.documents = (document,)
        reply = await self._run(command, session)
        if reply is not None and not reply.clean:
            self._raise_write_error(reply)
        return InsertOneResult(command.ids[0], reply is not None)

    async def _insert_many(
        self,
        documents: Iterable[Document | RawBSONDocument],
        ordered: bool = True,
        bypass_document_validation: bool | None = None,
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> InsertManyResult:
        """Insert documents; those without an `_id` are given an ObjectId, in place.

        `documents` may be any iterable. If `ordered`, the first failure ends the insertion; otherwise all that can
        be inserted are. Raises `BulkWriteError`, whose `details` say which failed and how many were inserted.
        """
        statements = checked_documents(documents)
        options = Options(ordered, bypass_document_validation, None, comment, raw_data)
        acknowledged = self._acknowledged(session)
        check_options(options, acknowledged)
        ids: list[Any] = []
        await self._execute_bulk([insert_run(statements)], options, session, ids)
        if any(map(is_raw_kind, set(map(type, statements)))):
            # Raw documents are not looked into: they have no id to report.
            ids = [made for made, source in zip(ids, statements, strict=False) if not is_raw_document(source)]
        return InsertManyResult(ids, acknowledged)

    async def _replace_one(
        self,
        filter: Mapping[str, Any],
        replacement: Mapping[str, Any],
        upsert: bool = False,
        bypass_document_validation: bool | None = None,
        collation: _CollationIn | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        sort: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> UpdateResult:
        """Replace the first document that matches; with `upsert`, insert the replacement if none does.

        `sort` says which is the first (servers from 8.0). Raises `DuplicateKeyError`, `WriteError`,
        `WriteConcernError`.
        """
        statement = replace_statement(filter, replacement, upsert, collation=collation, hint=hint, sort=sort)
        body = self._update_body(bypass_document_validation, let, comment)
        return await self._update(Update, body, statement, session, raw_data)

    async def _update_one(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any] | _Pipeline,
        upsert: bool = False,
        bypass_document_validation: bool | None = None,
        collation: _CollationIn | None = None,
        array_filters: Sequence[Mapping[str, Any]] | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        sort: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> UpdateResult:
        """Apply operators or a pipeline to the first document that matches.

        `sort` says which is the first (servers from 8.0). Raises `DuplicateKeyError`, `WriteError`,
        `WriteConcernError`.
        """
        statement = update_statement(
            filter,
            update,
            False,
            upsert,
            collation=collation,
            array_filters=array_filters,
            hint=hint,
            sort=sort,
        )
        body = self._update_body(bypass_document_validation, let, comment)
        return await self._update(Update, body, statement, session, raw_data)

    async def _update_many(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any] | _Pipeline,
        upsert: bool = False,
        array_filters: Sequence[Mapping[str, Any]] | None = None,
        bypass_document_validation: bool | None = None,
        collation: _CollationIn | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> UpdateResult:
        """Apply operators or a pipeline to all documents that match; not retried.

        Raises `DuplicateKeyError`, `WriteError`, `WriteConcernError`.
        """
        statement = update_statement(
            filter, update, True, upsert, collation=collation, array_filters=array_filters, hint=hint
        )
        body = self._update_body(bypass_document_validation, let, comment)
        return await self._update(UpdateMany, body, statement, session, raw_data)

    async def _delete_one(
        self,
        filter: Mapping[str, Any],
        collation: _CollationIn | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> DeleteResult:
        """Delete the first document that matches. Raises `WriteError`, `WriteConcernError`."""
        statement = delete_statement(filter, False, collation, hint)
        return await self._delete(Delete, self._delete_body(let, comment), statement, session, raw_data)

    async def _delete_many(
        self,
        filter: Mapping[str, Any],
        collation: _CollationIn | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> DeleteResult:
        """Delete all documents that match; not retried. Raises `WriteError`, `WriteConcernError`."""
        statement = delete_statement(filter, True, collation, hint)
        return await self._delete(DeleteMany, self._delete_body(let, comment), statement, session, raw_data)

    def _update_body(
        self, bypass_document_validation: bool | None, let: Mapping[str, Any] | None, comment: Any
    ) -> dict[str, Any]:
        if bypass_document_validation is None and let is None and comment is None:
            return update_body(self._name)
        return update_options_body(self._name, True, bypass_document_validation, let, comment)

    def _delete_body(self, let: Mapping[str, Any] | None, comment: Any) -> dict[str, Any]:
        if let is None and comment is None:
            return delete_body(self._name)
        return delete_options_body(self._name, True, let, comment)

    async def _update(
        self,
        kind: type[BatchCommand],
        body: dict[str, Any],
        statement: dict[str, Any],
        session: Session | None,
        raw_data: bool | None,
    ) -> UpdateResult:
        reply = await self._write(kind, body, statement, session, raw_data)
        if reply is None:
            return UpdateResult(None, False)
        return UpdateResult(update_result(reply, self._options.reply_codec), True)

    async def _delete(
        self,
        kind: type[BatchCommand],
        body: dict[str, Any],
        statement: dict[str, Any],
        session: Session | None,
        raw_data: bool | None,
    ) -> DeleteResult:
        reply = await self._write(kind, body, statement, session, raw_data)
        if reply is None:
            return DeleteResult({"ok": 1}, False)
        return DeleteResult(reply.document(self._options.reply_codec), True)

    async def _write(
        self,
        kind: type[BatchCommand],
        body: dict[str, Any],
        statement: dict[str, Any],
        session: Session | None,
        raw_data: bool | None,
    ) -> Reply | None:
        """Run one statement; raises what the reply reports."""
        if not self._acknowledged(session):
            version = None if statement.get("sort") is None else await self._writable_wire_version()
            check_unacknowledged(statement, version)
        command = self._batch_command(kind, body, raw_data)
        command.documents = (statement,)
        reply = await self._run(command, session)
        if reply is not None and not reply.clean:
            self._raise_write_error(reply)
        return reply

    def _raise_write_error(self, reply: Reply) -> None:
        error = write_error(reply.document(self._options.reply_codec))
        if error is not None:
            raise error
