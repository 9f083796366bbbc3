"""Indexes and search indexes of a collection.

Owns the methods; the commands' bodies and the reading of replies are `_commands.indexes`'s. Follows the Index
Management specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.indexes import (
    CreateIndexes,
    CreateSearchIndexes,
    DropIndexes,
    DropSearchIndex,
    ListIndexes,
    UpdateSearchIndex,
    create_indexes_body,
    create_search_indexes_body,
    drop_index_body,
    drop_indexes_body,
    drop_search_index_body,
    index_documents,
    index_information,
    list_indexes_body,
    search_index_documents,
    update_search_index_body,
)
from petiole._commands.raw_data import with_raw_data
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole._engine.scope import OneDeadline
from petiole.bson.codec_options import CodecOptions
from petiole.bson.son import SON
from petiole.errors import OperationFailure
from petiole.operations import IndexModel, SearchIndexModel
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from petiole._commands.base import Command
    from petiole._engine.session import Session
    from petiole._native import Codec
    from petiole.typings import _IndexKeyHint


class CollectionIndexes(CollectionBase[Document]):
    """Create, drop and list indexes."""

    async def _create_index(
        self,
        keys: _IndexKeyHint,
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> str:
        """Create an index, and return its name.

        `keys` is a key, or a list of keys and (key, direction) pairs, or a mapping. `kwargs` are options of the
        index, as `unique`, `name`, `expireAfterSeconds`, `collation`; `maxTimeMS` is the command's. Raises
        `OperationFailure`, as when there is an index of the same name with other options.
        """
        options = {"maxTimeMS": kwargs.pop("maxTimeMS")} if "maxTimeMS" in kwargs else {}
        names = await self._send_indexes(
            [IndexModel(keys, **kwargs).document], session, comment, options, raw_data
        )
        return names[0]

    async def _create_indexes(
        self,
        indexes: Sequence[IndexModel],
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Create several indexes at once, and return their names. `kwargs` are options of the command."""
        return await self._send_indexes(index_documents(indexes), session, comment, kwargs, raw_data)

    async def _send_indexes(
        self,
        documents: list[Mapping[str, Any]],
        session: Session | None,
        comment: Any,
        options: dict[str, Any],
        raw_data: bool | None,
    ) -> list[str]:
        body = create_indexes_body(self._name, documents, comment, options)
        await self._administer(with_raw_data(CreateIndexes, raw_data), body, session)
        return [document["name"] for document in documents]

    async def _drop_index(
        self,
        index_or_name: _IndexKeyHint,
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Drop an index by its name, or by the list of keys it was created with.

        `kwargs` are options of the command. Raises `OperationFailure` if the collection has no such index.
        """
        body = drop_index_body(self._name, index_or_name, comment, kwargs)
        await self._administer(with_raw_data(DropIndexes, raw_data), body, session)

    async def _drop_indexes(
        self,
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Drop all indexes but the one on `_id`. `kwargs` are options of the command."""
        body = drop_indexes_body(self._name, comment, kwargs)
        await self._administer(with_raw_data(DropIndexes, raw_data), body, session)

    async def _open_indexes(
        self, session: Session | None, comment: Any, raw_data: bool | None = None
    ) -> ServerCursor:
        """The cursor of `list_indexes`: an exhausted one if the collection does not exist."""
        codec: Codec = CodecOptions(document_class=SON)._codec
        cursor = ServerCursor(self._executor, codec, session)
        command = with_raw_data(ListIndexes, raw_data)(
            self._database_name,
            list_indexes_body(self._name, comment),
            codec,
            read_preference=ReadPreference.PRIMARY,
        )
        try:
            await cursor.open(command)
        except OperationFailure as error:
            if error.code not in command.allowed:
                raise
        return cursor

    async def _index_information(
        self,
        session: Session | None = None,
        comment: Any | None = None,
        *,
        raw_data: bool | None = None,
    ) -> MutableMapping[str, Any]:
        """The options of each index by its name; its `key` is a list of (key, direction) pairs."""
        executor = self._executor
        with (
            OneDeadline(executor),
            executor.operation("listIndexes", self._database_name, self._name, session),
        ):
            cursor = await self._open_indexes(session, comment, raw_data)
            documents: list[Any] = list(cursor.batch)
            while cursor.id:
                documents.extend(await cursor.more())
        return index_information(documents)

    async def _create_search_index(
        self,
        model: Mapping[str, Any] | SearchIndexModel,
        session: Session | None = None,
        comment: Any = None,
        **kwargs: Any,
    ) -> str:
        """Create a search index, and return its name.

        A mapping has the `definition` and may have a `name` and a `type`. Servers without Atlas Search refuse it.
        """
        if not isinstance(model, SearchIndexModel) and hasattr(model, "keys"):
            model = SearchIndexModel(**model)
        names = await self._create_search_indexes([model], session, comment, **kwargs)  # type: ignore[list-item]
        return names[0]

    async def _create_search_indexes(
        self,
        models: list[SearchIndexModel],
        session: Session | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Create several search indexes, and return their names. `kwargs` are options of the command."""
        body = create_search_indexes_body(self._name, search_index_documents(models), comment, kwargs)
        reply = await self._search_index_command(CreateSearchIndexes, body, session)
        return [index["name"] for index in reply["indexesCreated"]]

    async def _update_search_index(
        self,
        name: str,
        definition: Mapping[str, Any],
        session: Session | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> None:
        """Give a search index a new definition. `kwargs` are options of the command."""
        body = update_search_index_body(self._name, name, definition, comment, kwargs)
        await self._search_index_command(UpdateSearchIndex, body, session)

    async def _drop_search_index(
        self,
        name: str,
        session: Session | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> None:
        """Drop a search index. `kwargs` are options of the command."""
        body = drop_search_index_body(self._name, name, comment, kwargs)
        await self._search_index_command(DropSearchIndex, body, session)

    async def _search_index_command(
        self, kind: type[Command], body: dict[str, Any], session: Session | None
    ) -> dict[str, Any]:
        """Commands on search indexes know no write concern."""
        codec = self._options.codec
        try:
            reply = await self._run(kind(self._database_name, body, codec), session)
        except OperationFailure as error:
            if error.code not in getattr(kind, "allowed", ()):
                raise
            return dict(error.details or {})
        assert reply is not None
        document: dict[str, Any] = reply.document(self._options.reply_codec)
        return document
