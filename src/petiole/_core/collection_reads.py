"""Reads on a collection."""

from __future__ import annotations

from typing import Any

from petiole._commands.find import Find, FindOptions, build, find_one_body, id_filter
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document


class CollectionReads(CollectionBase[Document]):
    """Find, count, distinct, aggregate."""

    async def _find_one(self, filter: Any = None, *args: Any, **kwargs: Any) -> Document | None:
        """The first document that matches, or None; takes what `find` takes, and an `_id` as the filter."""
        session = kwargs.pop("session", None) if kwargs else None
        if args or kwargs or type(filter) is not dict:
            options = FindOptions(id_filter(filter), *args, **kwargs)
            options.limit = -1
            body = build(self._name, options)
        else:
            body = find_one_body(self._name, filter)
        reply = await self._executor.run(self._find_command(body), session)
        assert reply is not None
        document: Document | None = reply.first(self._options.codec)
        return document

    def _find_command(self, body: dict[str, Any]) -> Find:
        options = self._options
        return Find(
            self._database_name,
            body,
            options.codec,
            concern=options.read,
            read_preference=options.read_preference,
            read_concern=options.read_concern,
        )
