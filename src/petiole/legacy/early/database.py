"""The database of 1.x and 2.x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from petiole.bson.codec_options import CodecOptions
from petiole.legacy.database import Database as DatabaseOf3
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.collection import Collection
from petiole.legacy.early.settings import Settings
from petiole.legacy.system_js import SystemJS

if TYPE_CHECKING:
    from petiole.bson.dbref import DBRef

__all__ = ["Database", "SystemJS"]


class Database(Settings, DatabaseOf3):
    """A MongoDB database, as `connection[name]` gives it."""

    def __init__(
        self,
        connection: Any,
        name: str,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> None:
        concern, self._safe = connection._given_concern(write_concern)
        options = connection._options.replaced(codec_options, read_preference, concern, read_concern)
        self._bind(connection, name, options)

    @property
    def connection(self) -> Any:
        """The client of this database."""
        return self._client

    # Collections.

    def __getitem__(self, name: str) -> Collection:
        return Collection(self, name)

    def __getattr__(self, name: str) -> Collection:
        found: Any = super().__getattr__(name)
        return found  # type: ignore[no-any-return]

    def get_collection(
        self,
        name: str,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Collection:
        """A collection with its own options; those not given are the database's."""
        kind = type(self[name])
        return kind(self, name, False, codec_options, read_preference, write_concern, read_concern)

    def create_collection(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        name: str,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        **kwargs: Any,
    ) -> Collection:
        """Create a collection, and return it; `kwargs` are options of the `create` command.

        :param codec_options: those of 2.9; a dict is the `options` of 1.x.
        :raises CollectionInvalid: if it exists.
        """
        options = kwargs.pop("options", None)
        if isinstance(codec_options, Mapping):
            codec_options, options = None, codec_options
        if options is not None:
            deprecated("The parameter options is deprecated. Use keywords instead.")
            kwargs = {**options, **kwargs}
        super().create_collection(name, **kwargs)
        return self.get_collection(name, codec_options, read_preference, write_concern)

    def with_options(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        """The same database with other options; those not given are kept."""
        made = type(self).__new__(type(self))
        vars(made).update(vars(self))
        concern, made._safe = self._given_concern(write_concern)
        made._options = self._options.replaced(codec_options, read_preference, concern, read_concern)
        return made

    # Commands.

    def command(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        command: Any,
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        uuid_subtype: int | None = None,
        compile_re: bool = True,
        read_preference: Any = None,
        codec_options: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Run a command and return the server's reply.

        :param allowable_errors: codes, and texts of `errmsg`, of errors that are returned.
        :param uuid_subtype: how UUIDs in the reply are understood; that of the database for None.
        :param compile_re: accepted; regular expressions are `Regex` objects.
        """
        if isinstance(uuid_subtype, CodecOptions):
            uuid_subtype, codec_options = None, uuid_subtype
        if codec_options is None:
            codec_options = self._options.codec_options.with_options(document_class=dict)
        if uuid_subtype is not None:
            codec_options = codec_options.with_options(uuid_representation=uuid_subtype)
        return super().command(
            command,
            value,
            check,
            allowable_errors,
            read_preference=read_preference,
            codec_options=codec_options,
            **kwargs,
        )

    def collection_names(self, include_system_collections: bool = True) -> list[str]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """The names of all collections; without system collections, if asked so."""
        return super().collection_names(include_system_collections)

    def dereference(self, dbref: DBRef, **kwargs: Any) -> Any:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """The document a reference points to, or None. Raises `ValueError` if it is in another database."""
        return super().dereference(dbref, **kwargs)
