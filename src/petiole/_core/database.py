"""A database: its identity, and the commands that belong to no collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn

from petiole._core.database_admin import DatabaseAdmin
from petiole._core.document import Document
from petiole.errors import InvalidName

if TYPE_CHECKING:
    from petiole._core.client import CoreClient
    from petiole._core.options import Options
    from petiole._engine.executor import Executor


class CoreDatabase(DatabaseAdmin[Document], Generic[Document]):
    """What the blocking and the asyncio database share."""

    _client: CoreClient[Document]
    _name: str
    _executor: Executor

    def _bind(self, client: CoreClient[Document], name: str, options: Options) -> None:
        check_database_name(name)
        self._client = client
        self._executor = client._executor
        self._name = name
        self._options = options

    @property
    def name(self) -> str:
        """The name of this database."""
        return self._name

    __iter__ = None
    """`__getitem__` would make databases iterable, without end."""

    def __next__(self) -> NoReturn:
        """Say that this is no iterator: without it, `next` would be a collection."""
        raise TypeError(f"{type(self).__name__!r} object is not iterable")

    next = __next__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return self._client == other._client and self._name == other._name
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self._client, self._name))

    def __bool__(self) -> bool:
        raise NotImplementedError(
            f"{type(self).__name__} objects do not implement truth value testing or bool(). "
            "Please compare with None instead: database is not None"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._client!r}, {self._name!r})"


def check_database_name(name: Any) -> None:
    """Raise `TypeError` or `InvalidName` for what servers refuse as a database's name."""
    if not isinstance(name, str):
        raise TypeError(f"name must be an instance of str, not {type(name)}")
    if not name:
        raise InvalidName("database name cannot be the empty string")
    if name == "$external":
        return
    for character in ' .$/\\\x00"':
        if character in name:
            raise InvalidName(f"database names cannot contain the character {character!r}")
