"""The asyncio client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._core.client import CoreClient
from petiole._core.document import Document
from petiole.asynchronous.database import AsyncDatabase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole.bson.codec_options import TypeRegistry

__all__ = ["AsyncMongoClient"]


class AsyncMongoClient(CoreClient[Document], Generic[Document]):
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
        from petiole._runtime.aio import AIO  # Imports asyncio, which blocking programs do not need.

        self._configure(AIO, host, port, keywords)

    def __getattr__(self, name: str) -> AsyncDatabase[Document]:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} database, "
                f"use client[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AsyncDatabase[Document]:
        return AsyncDatabase(self, name)

    close = CoreClient[Document]._close

    async def __aenter__(self) -> AsyncMongoClient[Document]:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
