"""The collection of data keys: how its name is read, and how libmongocrypt is given keys of it.

Reads and writes are always of majorities (Client Side Encryption, "Key Vault collection").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._engine.cursor import ServerCursor
from petiole.bson.codec_options import CodecOptions
from petiole.bson.raw_bson import RawBSONDocument
from petiole.read_concern import ReadConcern
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from petiole._core.client import CoreClient
    from petiole._core.collection import CoreCollection

RAW = CodecOptions(document_class=RawBSONDocument)


def open_vault(client: CoreClient[Any], namespace: str) -> CoreCollection[RawBSONDocument]:
    """The collection of that namespace, of the client's face; its documents are raw.

    :raises ValueError, TypeError, InvalidName: if the namespace is none.
    """
    if not isinstance(namespace, str):
        raise TypeError(f"key_vault_namespace must be an instance of str, not {type(namespace)}")
    database, dot, name = namespace.partition(".")
    if not dot:
        raise ValueError(f"key_vault_namespace must be 'database.collection', not {namespace!r}")
    vault: CoreCollection[RawBSONDocument] = client[database].get_collection(  # type: ignore[index]
        name, RAW, write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority")
    )
    return vault


class KeyVault:
    """Finds keys for the state machine."""

    def __init__(self, collection: CoreCollection[RawBSONDocument]) -> None:
        self._collection = collection

    async def find_keys(self, filter: bytes) -> list[bytes]:
        """All keys that match, each an encoded document."""
        collection = self._collection
        executor = collection._executor
        source = ServerCursor(executor, RAW._codec, None)
        body = {"find": collection.name, "filter": RawBSONDocument(filter)}
        try:
            batch = await source.open(collection._find_command(body))
            keys = [bytes(key.raw) for key in batch]
            while source.id:
                keys += [bytes(key.raw) for key in await source.more()]
        except BaseException:
            source.abandon()
            raise
        return keys
