"""Writes on a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.errors import write_error
from petiole._commands.insert import Insert, checked_document, insert_body, insert_options_body
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document
from petiole.results import InsertOneResult

if TYPE_CHECKING:
    from petiole._engine.session import Session
    from petiole._native import Reply


class CollectionWrites(CollectionBase[Document]):
    """Insert, replace, update, delete, one or many, and in bulk."""

    async def _insert_one(
        self,
        document: Document,
        bypass_document_validation: bool | None = None,
        session: Session | None = None,
        comment: Any = None,
    ) -> InsertOneResult:
        """Insert one document; one without an `_id` is given an ObjectId, in place.

        Raises `DuplicateKeyError`, `WriteError`, `WriteConcernError`, `DocumentTooLarge`, `InvalidDocument`.
        """
        checked_document(document)
        if bypass_document_validation is None and comment is None:
            body = insert_body(self._name)
        else:
            body = insert_options_body(self._name, True, bypass_document_validation, comment)
        options = self._options
        command = Insert(
            self._database_name,
            body,
            options.codec,
            concern=options.write,
            write_concern=options.write_concern,
        )
        command.documents = (document,)
        reply = await self._executor.run(command, session)
        self._check(reply)
        return InsertOneResult(command.ids[0], reply is not None)

    def _check(self, reply: Reply | None) -> None:
        """Raise what a write's reply reports."""
        if reply is not None and not reply.clean:
            error = write_error(reply.document(self._executor.codec))
            if error is not None:
                raise error
