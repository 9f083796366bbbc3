"""Reads on a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands import aggregate as aggregation
from petiole._commands.count import Count, count_documents_body, counted, estimated_count_body
from petiole._commands.distinct import Distinct, distinct_body
from petiole._commands.find import Find, FindOptions, build, find_one_body, id_filter
from petiole._commands.raw_data import with_raw_data
from petiole._core.aggregation import explain_pipeline, open_pipeline
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._commands.aggregate import Pipeline
    from petiole._commands.base import Command
    from petiole._engine.session import Session


class CollectionReads(CollectionBase[Document]):
    """Find, count, distinct, aggregate."""

    async def _find_one(self, filter: Any = None, *args: Any, **kwargs: Any) -> Document | None:
        """The first document that matches, or None; takes what `find` takes, and an `_id` as the filter."""
        session = kwargs.pop("session", None) if kwargs else None
        if args or kwargs or type(filter) is not dict or "$query" in filter:
            options = FindOptions(id_filter(filter), *args, **kwargs)
            options.limit = -1
            command = self._find_command(build(self._name, options), raw_data=options.raw_data)
        else:
            command = self._find_command(find_one_body(self._name, filter))
        reply = await self._executor.run(command, session)
        assert reply is not None
        document: Document | None = reply.first(self._options.codec)
        return document

    def _find_command(
        self, body: dict[str, Any], kind: type[Command] = Find, raw_data: bool | None = None
    ) -> Command:
        options = self._options
        if raw_data is not None:
            kind = with_raw_data(kind, raw_data)
        return kind(
            self._database_name,
            body,
            options.codec,
            concern=options.read,
            read_preference=options.read_preference,
            read_concern=options.read_concern,
        )

    # Counting and distinct values.

    async def _count_documents(
        self,
        filter: Mapping[str, Any],
        session: Session | None = None,
        comment: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> int:
        """How many documents match, counted one by one.

        Options are `skip`, `limit`, `hint`, `maxTimeMS` (milliseconds) and `collation`.
        """
        body = count_documents_body(self._name, filter, comment, kwargs)
        reply = await self._executor.run(
            self._find_command(body, aggregation.CountDocuments, raw_data), session
        )
        assert reply is not None
        return counted(reply, self._options.codec)

    async def _estimated_document_count(
        self, comment: Any = None, *, raw_data: bool | None = None, **kwargs: Any
    ) -> int:
        """How many documents there are, from the collection's metadata; 0 where the collection does not exist."""
        if "session" in kwargs:
            raise ConfigurationError("estimated_document_count does not support sessions")
        reply = await self._executor.run(
            self._find_command(estimated_count_body(self._name, comment, kwargs), Count, raw_data)
        )
        assert reply is not None
        return reply.n

    async def _distinct(
        self,
        key: str,
        filter: Mapping[str, Any] | None = None,
        session: Session | None = None,
        comment: Any = None,
        hint: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> list[Any]:
        """The different values of `key` among all documents, or those that match."""
        return await self._distinct_values(
            distinct_body(self._name, key, filter, comment, hint, kwargs), session, raw_data
        )

    async def _distinct_values(
        self, body: dict[str, Any], session: Session | None, raw_data: bool | None
    ) -> list[Any]:
        reply = await self._executor.run(self._find_command(body, Distinct, raw_data), session)
        assert reply is not None
        values: list[Any] = reply.get("values", self._options.codec)
        return values

    # Aggregation.

    def _pipeline(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        let: Any,
        comment: Any,
        options: dict[str, Any],
        raw_data: bool | None = None,
    ) -> Pipeline:
        return aggregation.build(self._name, pipeline, let, comment, options, raw_data)

    async def _open_pipeline(self, built: Pipeline, session: Session | None) -> ServerCursor:
        """Run an aggregation; the cursor over its result."""
        return await open_pipeline(self._executor, self._database_name, self._options, built, session)

    async def _explain_pipeline(self, built: Pipeline, session: Session | None) -> Any:
        return await explain_pipeline(self._executor, self._database_name, self._options, built, session)
