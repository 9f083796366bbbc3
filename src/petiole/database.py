"""The blocking database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from petiole._core.database import CoreDatabase
from petiole._core.document import Document, OtherDocument
from petiole._native import run
from petiole.collection import Collection

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from petiole._engine.session import Session
    from petiole.bson.codec_options import CodecOptions
    from petiole.mongo_client import MongoClient
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["Database"]


class Database(CoreDatabase[Document], Generic[Document]):
    """A MongoDB database, as `client[name]` gives it."""

    def __init__(
        self,
        client: MongoClient[Document],
        name: str,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> None:
        options = client._options.replaced(codec_options, read_preference, write_concern, read_concern)
        self._bind(client, name, options)

    def __getattr__(self, name: str) -> Collection[Document]:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} collection, "
                f"use database[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> Collection[Document]:
        return Collection(self, name)

    @overload
    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: _ServerMode | None = None,
        codec_options: None = None,
        session: Session | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]: ...
    @overload
    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: _ServerMode | None = None,
        codec_options: CodecOptions[OtherDocument] = ...,
        session: Session | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> OtherDocument: ...
    def command(self, *args: Any, **kwargs: Any) -> Any:
        return run(self._command(*args, **kwargs))
