"""What encryption asks servers itself: for data keys, and for what they know of collections.

These commands are outside of the application's session and of its transaction, and go as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.collections import ListCollections, check_name, list_collections_body
from petiole._commands.concerns import read_concern_fields
from petiole._commands.elements import elements
from petiole._commands.encryption import RAW
from petiole._commands.find import Find
from petiole._engine.cursor import ServerCursor
from petiole.bson.raw_bson import RawBSONDocument
from petiole.read_concern import ReadConcern
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._engine.executor import Executor
    from petiole.read_preferences import _ServerMode as ReadPreferenceMode

_MAJORITY = ReadConcern("majority")


class KeyVault:
    """The collection of data keys, read as majorities see it ("Key Vault collection")."""

    def __init__(self, executor: Executor, namespace: Any, preference: ReadPreferenceMode) -> None:
        """:param preference: that of the client whose executor it is.

        :raises ValueError, TypeError, InvalidName: if the namespace is none.
        """
        if not isinstance(namespace, str):
            raise TypeError(f"key_vault_namespace must be an instance of str, not {type(namespace)}")
        self._database, dot, self._name = namespace.partition(".")
        if not dot:
            raise ValueError(f"key_vault_namespace must be 'database.collection', not {namespace!r}")
        check_name(self._name)
        self._executor = executor
        self._preference = preference

    async def find_keys(self, filter: bytes) -> list[bytes]:
        """All keys that match, each an encoded document."""
        command = Find(
            self._database,
            {"find": self._name, "filter": RawBSONDocument(filter)},
            RAW,
            concern=elements(RAW, read_concern_fields(_MAJORITY)),
            read_preference=self._preference,
            read_concern=_MAJORITY,
        )
        return await _all_of(self._executor, command)


class Collections:
    """What a server knows of collections: their schemas and encrypted fields, where the client was given none."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def collection_infos(self, database: str, filter: bytes) -> list[bytes]:
        """The descriptions of those that match, each an encoded document."""
        body = list_collections_body(RawBSONDocument(filter))
        command = ListCollections(database, body, RAW, read_preference=ReadPreference.PRIMARY)
        return await _all_of(self._executor, command)


async def _all_of(executor: Executor, command: Command) -> list[bytes]:
    cursor = ServerCursor(executor, RAW, None)
    try:
        found = [bytes(document.raw) for document in await cursor.open(command)]
        while cursor.id:
            found += [bytes(document.raw) for document in await cursor.more()]
    except BaseException:
        cursor.abandon()
        raise
    return found
