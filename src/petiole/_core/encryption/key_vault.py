"""The collection of data keys, for who manages them.

Reads and writes are always of majorities (Client Side Encryption, "Key Vault collection").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
