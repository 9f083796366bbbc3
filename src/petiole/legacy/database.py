"""The database of the 3.x API, on the blocking face.

Owns what 4.x removed but users and old diagnostics, which are `users` and `diagnostics`: lists of names, stored
JavaScript and SON manipulators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from petiole.database import Database as TodaysDatabase
from petiole.legacy.collection import Collection
from petiole.legacy.deprecation import deprecated
from petiole.legacy.diagnostics import Diagnostics
from petiole.legacy.system_js import SystemJS
from petiole.legacy.users import Users

if TYPE_CHECKING:
    from petiole.legacy.mongo_client import MongoClient
    from petiole.legacy.son_manipulator import SONManipulator

__all__ = ["Database", "SystemJS"]


class Database(Users, Diagnostics, TodaysDatabase[Any]):
    """A MongoDB database, as `client[name]` gives it."""

    def __init__(
        self,
        client: MongoClient,
        name: str,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> None:
        super().__init__(client, name, codec_options, read_preference, write_concern, read_concern)

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
        return Collection(self, name, False, codec_options, read_preference, write_concern, read_concern)

    def with_options(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        """The same database with other options; those not given are kept."""
        made = Database.__new__(Database)
        options = self._options.replaced(codec_options, read_preference, write_concern, read_concern)
        made._bind(self._client, self._name, options)
        made._incoming, made._outgoing = self._incoming, self._outgoing
        return made

    def collection_names(self, include_system_collections: bool = True, session: Any = None) -> list[str]:
        """The names of all collections; without system collections, if asked so."""
        deprecated("collection_names is deprecated. Use list_collection_names instead.")
        names = self.list_collection_names(session)
        if include_system_collections:
            return names
        return [name for name in names if not name.startswith("system.")]

    # JavaScript.

    @property
    def system_js(self) -> SystemJS:
        """The functions stored on the server."""
        deprecated("SystemJS is deprecated.")
        return SystemJS(self)

    # SON manipulators.

    _incoming: tuple[SONManipulator, ...] = ()
    _outgoing: tuple[SONManipulator, ...] = ()

    def add_son_manipulator(self, manipulator: SONManipulator) -> None:
        """Let a manipulator change documents on their way to and from this database object."""
        deprecated("add_son_manipulator is deprecated. Transform documents in your application instead.")
        manipulator.will_copy()  # What is none says so here.
        base = type(manipulator).__mro__[-2]
        if type(manipulator).transform_incoming is not base.transform_incoming:  # type: ignore[attr-defined]
            self._incoming = (manipulator, *self._incoming)
        if type(manipulator).transform_outgoing is not base.transform_outgoing:  # type: ignore[attr-defined]
            self._outgoing = (manipulator, *self._outgoing)

    @property
    def incoming_manipulators(self) -> list[str]:
        """The names of the manipulators that change documents on their way in, in place."""
        deprecated("Database.incoming_manipulators() is deprecated.")
        return _names(self._incoming, copying=False)

    @property
    def incoming_copying_manipulators(self) -> list[str]:
        """The names of the manipulators that copy documents on their way in."""
        deprecated("Database.incoming_copying_manipulators() is deprecated.")
        return _names(self._incoming, copying=True)

    @property
    def outgoing_manipulators(self) -> list[str]:
        """The names of the manipulators that change documents on their way out, in place."""
        deprecated("Database.outgoing_manipulators() is deprecated.")
        return _names(self._outgoing, copying=False)

    @property
    def outgoing_copying_manipulators(self) -> list[str]:
        """The names of the manipulators that copy documents on their way out."""
        deprecated("Database.outgoing_copying_manipulators() is deprecated.")
        return _names(self._outgoing, copying=True)

    def _transform_incoming(self, document: Any, collection: Collection) -> Any:
        """What is stored for a document: those that change it in place come first."""
        for copying in (False, True):
            for manipulator in self._incoming:
                if bool(manipulator.will_copy()) is copying:
                    document = manipulator.transform_incoming(document, collection)
        return document

    def _transform_outgoing(self, document: Any, collection: Collection) -> Any:
        for copying in (False, True):
            for manipulator in self._outgoing:
                if bool(manipulator.will_copy()) is copying:
                    document = manipulator.transform_outgoing(document, collection)
        return document

    # What comparisons and mistakes give.

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Self:  # type: ignore[override]
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Say what went wrong when a method of the client was called that does not exist."""
        raise TypeError(
            f"{type(self).__name__!r} object is not callable. If you meant to call the {self._name!r} method on a "
            f"{type(self._client).__name__!r} object it is failing because no such method exists."
        )


def _names(manipulators: tuple[SONManipulator, ...], *, copying: bool) -> list[str]:
    return [type(one).__name__ for one in manipulators if bool(one.will_copy()) is copying]
