"""A collection as a whole: create, drop, rename, and its options.

Owns the methods; the commands' bodies are `_commands.collections`'s. Follows the Collection Management and
Enumerating Collections specifications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.collections import (
    Create,
    ListCollections,
    RenameCollection,
    collection_options,
    create_body,
    list_collections_body,
    rename_body,
)
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from petiole._core.encrypted_fields import Place
    from petiole._engine.session import Session


class CollectionAdmin(CollectionBase[Document]):
    """What is done to the collection itself."""

    async def _create(self, options: Mapping[str, Any], session: Session | None = None) -> None:
        """Create the collection on the server. Raises `OperationFailure` if it is there."""
        from petiole._core.encrypted_fields import create_encrypted

        place, others = self._place(session), dict(options)
        fields = place.fields("encryptedFields", others.pop("encryptedFields", None))
        if fields is None:
            await self._administer(Create, create_body(self._name, others), session)
        else:
            await create_encrypted(place, fields, others, await self._writable_wire_version())

    async def _drop(
        self,
        session: Session | None = None,
        comment: Any | None = None,
        encrypted_fields: Mapping[str, Any] | None = None,
    ) -> None:
        """Drop the collection with its indexes; not an error if it does not exist.

        With `encrypted_fields`, or where the client knows them, the collections go too that the server keeps beside a
        collection with encrypted fields. A client with encryption asks the server for those it does not know.
        """
        from petiole._core.encrypted_fields import drop

        await drop(self._place(session), encrypted_fields, comment)

    def _place(self, session: Session | None) -> Place:
        from petiole._core.encrypted_fields import Place  # Few programs create or drop collections.

        return Place(self._database, self._name, self._options, session)

    async def _rename(
        self, new_name: str, session: Session | None = None, comment: Any | None = None, **kwargs: Any
    ) -> MutableMapping[str, Any]:
        """Rename the collection within its database; this object keeps the old name.

        `kwargs` are options of the command, as `dropTarget`. Raises `InvalidName`, `OperationFailure`.
        """
        body = rename_body(self._database_name, self._name, new_name, comment, kwargs)
        return await self._administer(RenameCollection, body, session, "admin")

    async def _collection_options(
        self, session: Session | None = None, comment: Any | None = None
    ) -> MutableMapping[str, Any]:
        """The options the collection was created with; empty if it does not exist."""
        codec = self._options.codec
        cursor = ServerCursor(self._executor, codec, session)
        command = ListCollections(
            self._database_name,
            list_collections_body({"name": self._name}, comment),
            codec,
            read_preference=ReadPreference.PRIMARY,
        )
        found = collection_options(await cursor.open(command))
        await cursor.close()
        return found
