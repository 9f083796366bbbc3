"""Motor's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from petiole.asynchronous.collection import AsyncCollection
from petiole.asynchronous.command_cursor import AsyncCommandCursor
from petiole.asynchronous.database import AsyncDatabase
from petiole.motor.agnostic_change_stream import AgnosticChangeStream
from petiole.motor.agnostic_collection import AgnosticCollection
from petiole.motor.agnostic_cursor import AgnosticCommandCursor, AgnosticLatentCommandCursor
from petiole.motor.metaprogramming import delegated, future, future_of_wrapped
from petiole.motor.properties import AgnosticBaseProperties, immutable

if TYPE_CHECKING:
    from petiole.bson.codec_options import CodecOptions
    from petiole.motor.agnostic_client import AgnosticClient
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

_Database: Any = AsyncDatabase  # Bare of its types, which are those of another `self`.


class AgnosticDatabase(AgnosticBaseProperties):
    """A MongoDB database, as `client[name]` gives it."""

    delegate: AsyncDatabase[Any]

    command = future(_Database.command)
    cursor_command = future_of_wrapped(_Database.cursor_command)
    create_collection = future_of_wrapped(_Database.create_collection)
    list_collections = future_of_wrapped(_Database.list_collections)
    list_collection_names = future(_Database.list_collection_names)
    drop_collection = future(_Database.drop_collection)
    validate_collection = future(_Database.validate_collection)
    dereference = future(_Database.dereference)
    name = delegated("The name of this database.")

    def __init__(self, client: AgnosticClient, name: str, **kwargs: Any) -> None:
        """:param kwargs: options as `get_database` takes them; `_delegate` is the asyncio face's database."""
        given = kwargs.pop("_delegate", None)
        super().__init__(AsyncDatabase(client.delegate, name, **kwargs) if given is None else given)
        self._motor_client = client

    @property
    def client(self) -> AgnosticClient:
        """The client of this database."""
        return self._motor_client

    def __getattr__(self, name: str) -> AgnosticCollection:
        if name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {name} collection, "
                f"use database[{name!r}]."
            )
        return self[name]

    def __getitem__(self, name: str) -> AgnosticCollection:
        return self._of_framework(AgnosticCollection)(self, name)

    __iter__ = None
    """`__getitem__` would make databases iterable, without end."""

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"MotorDatabase object is not callable. If you meant to call the {self.name!r} method on a "
            f"{type(self._motor_client).__name__} object it is failing because no such method exists."
        )

    def __bool__(self) -> bool:
        return bool(self.delegate)

    def _inner(self) -> str:
        return f"Database({self._motor_client._inner()}, {self.name!r})"

    def get_collection(
        self,
        name: str,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AgnosticCollection:
        """A collection with its own options; those not given are the database's."""
        kind = self._of_framework(AgnosticCollection)
        return kind(self, name, codec_options, read_preference, immutable(write_concern), read_concern)

    def with_options(
        self,
        codec_options: CodecOptions[Any] | None = None,
        read_preference: _ServerMode | None = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> AgnosticDatabase:
        """The same database with other options; those not given are kept."""
        found: AsyncDatabase[Any] = self.delegate.with_options(
            codec_options, read_preference, immutable(write_concern), read_concern
        )
        return self._of_framework(AgnosticDatabase)(self._motor_client, self.name, _delegate=found)

    def wrap(self, obj: Any) -> Any:
        """The Motor object for one of the asyncio face; other values themselves."""
        if isinstance(obj, AsyncCollection):
            return self._of_framework(AgnosticCollection)(self, obj.name, _delegate=obj)
        if isinstance(obj, AsyncDatabase):
            return self._of_framework(AgnosticDatabase)(self._motor_client, obj.name, _delegate=obj)
        if isinstance(obj, AsyncCommandCursor):
            return self._of_framework(AgnosticCommandCursor)(obj, self["$cmd"])
        return obj

    def aggregate(self, pipeline: Any, *args: Any, **kwargs: Any) -> AgnosticLatentCommandCursor:
        """A cursor over the result of a pipeline that begins without a collection."""
        return self["$cmd.aggregate"]._latent(self.delegate.aggregate, (pipeline, *args), kwargs)

    def watch(self, *args: Any, **kwargs: Any) -> AgnosticChangeStream:
        """Events of all collections of the database, from when the first is asked for."""
        return self._of_framework(AgnosticChangeStream)(self, *args, **kwargs)
