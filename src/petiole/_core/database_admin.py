"""What a database does with its collections: list, create, drop, validate, and follow references.

Owns the methods; the commands' bodies are `_commands.collections`'s. Follows the Enumerating Collections and
Collection Management specifications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.arguments import mapping
from petiole._commands.collections import (
    ListCollections,
    Validate,
    already_exists,
    check_validation,
    exists_body,
    list_collection_names_body,
    list_collections_body,
    validate_body,
)
from petiole._commands.raw_data import with_raw_data
from petiole._core.collection_base import CollectionBase
from petiole._core.database_commands import DatabaseCommands
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole._engine.scope import OneDeadline, bound_session
from petiole._engine.session import in_transaction
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._core.client import CoreClient
    from petiole._core.collection import CoreCollection
    from petiole._engine.session import Session

_DBREF = 100
"""What the class of a DBRef is marked with, ours and any other."""


class DatabaseAdmin(DatabaseCommands[Document]):
    """Operations on the collections of one database."""

    _client: CoreClient[Document]

    # Lists.

    async def _open_list(
        self, body: dict[str, Any], session: Session | None, raw_data: bool | None = None
    ) -> ServerCursor:
        """Run a `listCollections`, always on the primary; descriptions are plain dicts."""
        codec = self._executor.codec
        source = ServerCursor(self._executor, codec, session)
        command = with_raw_data(ListCollections, raw_data)(
            self._name, body, codec, read_preference=ReadPreference.PRIMARY
        )
        await source.open(command)
        return source

    async def _open_collections(
        self,
        session: Session | None,
        filter: Mapping[str, Any] | None,
        comment: Any | None,
        raw_data: bool | None,
        options: dict[str, Any],
    ) -> ServerCursor:
        return await self._open_list(list_collections_body(filter, comment, options), session, raw_data)

    async def _list_collection_names(
        self,
        session: Session | None = None,
        filter: Mapping[str, Any] | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """The names of all collections, or of those whose descriptions match `filter`.

        `kwargs` are further fields of the `listCollections` command.
        """
        if filter is not None:
            mapping("filter", filter)
        executor = self._executor
        with OneDeadline(executor), executor.operation("listCollections", self._name, None, session):
            return await self._names(list_collection_names_body(filter, comment, kwargs), session)

    async def _names(self, body: dict[str, Any], session: Session | None) -> list[str]:
        source = await self._open_list(body, session)
        names: list[str] = [found["name"] for found in source.batch]
        while source.id:
            names += [found["name"] for found in await source.more()]
        return names

    # Collections.

    async def _create_collection(
        self,
        collection: CoreCollection[Any],
        session: Session | None,
        check_exists: bool | None,
        options: dict[str, Any],
    ) -> None:
        """Create a collection; with `check_exists`, `CollectionInvalid` is raised if there is one.

        In a transaction only the server can tell, and says so with an error of its own.
        """
        name = collection.name
        if in_transaction(bound_session(self._executor, session)):
            check_exists = False
        executor = self._executor
        with OneDeadline(executor), executor.operation("createCollection", self._name, name, session):
            if check_exists and await self._names(exists_body(name), session):
                raise already_exists(name)
            await collection._create(options, session)

    async def _drop_collection(
        self,
        name_or_collection: str | CollectionBase[Any],
        session: Session | None = None,
        comment: Any | None = None,
        encrypted_fields: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Drop a collection with its indexes; the server's reply. Not an error if it does not exist.

        With `encrypted_fields`, or where the client knows them, the collections go too that the server keeps beside a
        collection with encrypted fields. A client with encryption asks the server for those it does not know.
        """
        name = _name_of(name_or_collection)
        if not isinstance(name, str):
            raise TypeError(f"name_or_collection must be an instance of str, not {type(name)}")
        from petiole._core.encrypted_fields import Place, drop  # Few programs drop collections.

        return await drop(Place(self, name, self._options, session), encrypted_fields, comment)

    async def _validate_collection(
        self,
        name_or_collection: str | CollectionBase[Any],
        scandata: bool = False,
        full: bool = False,
        session: Session | None = None,
        background: bool | None = None,
        comment: Any | None = None,
    ) -> dict[str, Any]:
        """Look for damage in a collection; what the server has found out.

        `scandata` and `full` look more closely, `background` (None: the server's choice) lets others work on.
        Raises `CollectionInvalid` if the collection is damaged.
        """
        name = _name_of(name_or_collection)
        if not isinstance(name, str):
            raise TypeError(f"name_or_collection must be an instance of str or Collection, not {type(name)}")
        codec = self._executor.codec
        body = validate_body(name, scandata, full, background, comment)
        command = Validate(self._name, body, codec, read_preference=ReadPreference.PRIMARY)
        reply = await self._executor.run(command, session)
        assert reply is not None
        result: dict[str, Any] = reply.document(codec)
        check_validation(name, result)
        return result

    # References.

    async def _dereference(
        self,
        collection: CoreCollection[Document],
        dbref: Any,
        session: Session | None,
        comment: Any | None,
        options: dict[str, Any],
    ) -> Document | None:
        return await collection._find_one({"_id": dbref.id}, session=session, comment=comment, **options)

    def _referenced(self, dbref: Any) -> str:
        """The collection a reference points to. Raises `ValueError` if it is another database's."""
        if getattr(type(dbref), "_type_marker", None) != _DBREF:
            raise TypeError(f"cannot dereference a {type(dbref)}")
        if dbref.database is not None and dbref.database != self._name:
            raise ValueError(
                "trying to dereference a DBRef that points to another database "
                f"({dbref.database!r} not {self._name!r})"
            )
        name: str = dbref.collection
        return name


def _name_of(name_or_collection: Any) -> Any:
    if isinstance(name_or_collection, CollectionBase):
        return name_or_collection.name
    return name_or_collection
