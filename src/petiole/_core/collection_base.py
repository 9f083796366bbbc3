"""A collection's identity: database, name and options. The operations are in the modules beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._core.bound import Bound
from petiole._core.document import Document
from petiole.errors import InvalidName

if TYPE_CHECKING:
    from petiole._commands.base import Command
    from petiole._core.database import CoreDatabase
    from petiole._core.options import Options
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._native import Reply


class CollectionBase(Bound, Generic[Document]):
    """Construction, comparison and names; `_new` is the only thing a face must add."""

    _database: CoreDatabase[Document]
    _name: str
    _full_name: str
    _executor: Executor

    def _bind(self, database: CoreDatabase[Document], name: str, options: Options) -> None:
        check_collection_name(name)
        self._database = database
        self._database_name = database._name
        self._executor = database._executor
        self._name = name
        self._full_name = f"{database._name}.{name}"
        self._options = options

    async def _run(self, command: Command, session: Session | None = None) -> Reply | None:
        """Run a command; None when it is unacknowledged."""
        return await self._executor.run(command, session)

    @property
    def full_name(self) -> str:
        """The full name of this collection: `database.name`."""
        return self._full_name

    @property
    def name(self) -> str:
        """The name of this collection."""
        return self._name

    @property
    def database(self) -> Any:
        """The database this collection is a part of."""
        return self._database

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return self._database == other._database and self._name == other._name
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self._database, self._name))

    def __bool__(self) -> bool:
        raise NotImplementedError(
            f"{type(self).__name__} objects do not implement truth value testing or bool(). "
            "Please compare with None instead: collection is not None"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._database!r}, {self._name!r})"


def check_collection_name(name: Any) -> None:
    """Raise `TypeError` or `InvalidName` for what servers refuse as a collection's name."""
    if not isinstance(name, str):
        raise TypeError(f"name must be an instance of str, not {type(name)}")
    if not name or ".." in name:
        raise InvalidName("collection names cannot be empty")
    if "$" in name and not name.startswith(("oplog.$main", "$cmd")):
        raise InvalidName(f"collection names must not contain '$': {name!r}")
    if name.startswith(".") or name.endswith("."):
        raise InvalidName(f"collection names must not start or end with '.': {name!r}")
    if "\x00" in name:
        raise InvalidName("collection names must not contain the null character")
