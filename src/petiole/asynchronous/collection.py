"""The asyncio collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._core.collection import CoreCollection
from petiole._core.document import Document

if TYPE_CHECKING:
    from petiole.bson.codec_options import CodecOptions
    from petiole.asynchronous.database import AsyncDatabase
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["AsyncCollection"]


class AsyncCollection(CoreCollection[Document], Generic[Document]):
    """A MongoDB collection, as `database[name]` gives it."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        name: str,
        create: bool | None = False,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
        session: Any = None,
        **kwargs: Any,
    ) -> None:
        options = database._options.replaced(codec_options, read_preference, write_concern, read_concern)
        self._bind(database, name, options)

    def __getattr__(self, name: str) -> AsyncCollection[Document]:
        if name.startswith("_"):
            full = f"{self._full_name}.{name}" if "_full_name" in self.__dict__ else name
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {full} collection, "
                f"use database[{full.partition('.')[2]!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AsyncCollection[Document]:
        return type(self)(self._database, f"{self._name}.{name}")  # type: ignore[arg-type]

    insert_one = CoreCollection[Document]._insert_one
    find_one = CoreCollection[Document]._find_one
