"""The blocking client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._core.client import CoreClient
from petiole._core.document import Document
from petiole._runtime.blocking import BLOCKING
from petiole._runtime.driver import blocking
from petiole.database import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole.bson.codec_options import TypeRegistry

__all__ = ["MongoClient"]


class MongoClient(CoreClient[Document], Generic[Document]):
    """Client for a MongoDB instance, a replica set, or a set of mongoses. Thread-safe, with pools built in."""

    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        document_class: type[Document] | None = None,
        tz_aware: bool | None = None,
        connect: bool | None = None,
        type_registry: TypeRegistry | None = None,
        **kwargs: Any,
    ) -> None:
        keywords = {
            "document_class": document_class,
            "tz_aware": tz_aware,
            "connect": connect,
            "type_registry": type_registry,
            **kwargs,
        }
        self._configure(BLOCKING, host, port, keywords)
        if self._client_options.connect is not False:
            self._engine.open()

    def __getattr__(self, name: str) -> Database[Document]:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} database, "
                f"use client[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> Database[Document]:
        return Database(self, name)

    close = blocking(CoreClient[Document]._close)

    def __enter__(self) -> MongoClient[Document]:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
