"""Change one document and return it: `find_one_and_delete`, `_replace`, `_update`.

Owns the methods; the command's body is `_commands.find_and_modify`'s. Follows the CRUD specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.errors import write_concern_error
from petiole._commands.find_and_modify import (
    FindAndModify,
    Options,
    find_one_and_delete_body,
    find_one_and_replace_body,
    find_one_and_update_body,
    value,
)
from petiole._commands.raw_data import with_raw_data
from petiole._commands.write_options import check_unacknowledged
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from petiole._engine.session import Session
    from petiole.typings import _IndexKeyHint, _IndexList, _Pipeline


class ReturnDocument:
    """Which document `find_one_and_replace` and `find_one_and_update` return."""

    BEFORE = False
    """The document before the change; None if there was none."""
    AFTER = True
    """The document after the change, also if it was inserted by it."""


class CollectionModify(CollectionBase[Document]):
    """The operations on one document that return it."""

    async def _find_one_and_delete(
        self,
        filter: Mapping[str, Any],
        projection: Mapping[str, Any] | Iterable[str] | None = None,
        sort: _IndexList | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> Document | None:
        """Delete the first document that matches, and return it; None if there is none.

        `kwargs` are further fields of the `findAndModify` command, as `collation` and `maxTimeMS`. Raises
        `OperationFailure`, `WriteConcernError`.
        """
        options = Options(projection, sort, hint, let, comment, extra=kwargs)
        return await self._find_and_modify(
            find_one_and_delete_body(self._name, filter, options), session, raw_data
        )

    async def _find_one_and_replace(
        self,
        filter: Mapping[str, Any],
        replacement: Mapping[str, Any],
        projection: Mapping[str, Any] | Iterable[str] | None = None,
        sort: _IndexList | None = None,
        upsert: bool = False,
        return_document: bool = ReturnDocument.BEFORE,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> Document | None:
        """Replace the first document that matches, and return it as it was before, or is after.

        `kwargs` are further fields of the `findAndModify` command, as `collation` and `maxTimeMS`. Raises
        `OperationFailure`, `WriteConcernError`.
        """
        options = Options(projection, sort, hint, let, comment, upsert, return_document, extra=kwargs)
        body = find_one_and_replace_body(self._name, filter, replacement, options)
        return await self._find_and_modify(body, session, raw_data)

    async def _find_one_and_update(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any] | _Pipeline,
        projection: Mapping[str, Any] | Iterable[str] | None = None,
        sort: _IndexList | None = None,
        upsert: bool = False,
        return_document: bool = ReturnDocument.BEFORE,
        array_filters: Sequence[Mapping[str, Any]] | None = None,
        hint: _IndexKeyHint | None = None,
        session: Session | None = None,
        let: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> Document | None:
        """Apply operators or a pipeline to the first document that matches; return it before or after.

        `kwargs` are further fields of the `findAndModify` command, as `collation` and `maxTimeMS`. Raises
        `OperationFailure`, `WriteConcernError`.
        """
        options = Options(
            projection, sort, hint, let, comment, upsert, return_document, array_filters, kwargs
        )
        return await self._find_and_modify(
            find_one_and_update_body(self._name, filter, update, options), session, raw_data
        )

    async def _find_and_modify(
        self, body: dict[str, Any], session: Session | None, raw_data: bool | None
    ) -> Document | None:
        options = self._options
        if not self._acknowledged(session):
            check_unacknowledged(body)
        command = with_raw_data(FindAndModify, raw_data)(
            self._database_name,
            body,
            options.codec,
            concern=options.write,
            write_concern=options.write_concern,
        )
        reply = await self._run(command, session)
        if reply is None:
            return None
        if not reply.clean:
            error = write_concern_error(reply.document(options.reply_codec))
            if error is not None:
                raise error
        document: Document | None = value(reply, options.codec)
        return document
