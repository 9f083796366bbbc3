"""A collection's identity: database, name and options. The operations are in the modules beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn

from petiole._commands.collections import check_name
from petiole._commands.raw_data import with_raw_data
from petiole._core.administration import administer, refuse_session
from petiole._core.bound import Bound
from petiole._core.document import Document
from petiole._engine.scope import bound_session
from petiole._engine.session import in_transaction
from petiole._sdam.selectors import writable_server_selector

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, MutableMapping

    from petiole._commands.base import BatchCommand, Command
    from petiole._core.database import CoreDatabase
    from petiole._core.options import Options
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._native import Reply


class CollectionBase(Bound, Generic[Document]):
    """Construction, comparison and names, and how commands with the collection's options are run."""

    _database: CoreDatabase[Document]
    _name: str
    _full_name: str
    _executor: Executor
    _sibling: Callable[[str, Options], Any]
    """A collection of the same face and database, with another name and other options."""

    def _bind(self, database: CoreDatabase[Document], name: str, options: Options) -> None:
        check_name(name)
        self._database = database
        self._database_name = database._name
        self._executor = database._executor
        self._name = name
        self._full_name = f"{database._name}.{name}"
        self._options = options

    def _run(self, command: Command, session: Session | None = None) -> Coroutine[Any, Any, Reply | None]:
        """Run a command; None when it is unacknowledged."""
        if session is not None and not command.acknowledged:
            self._check_session(session)
        return self._executor.run(command, session)

    def _acknowledged(self, session: Session | None) -> bool:
        """Whether a write of the collection is answered: in a transaction it always is."""
        return self._options.write_concern.acknowledged or in_transaction(
            bound_session(self._executor, session)
        )

    def _check_session(self, session: Session | None) -> None:
        """Refuse an explicit session for writes that nobody acknowledges (Driver Sessions specification)."""
        refuse_session(session, self._options)

    def _batch_command(
        self, kind: type[BatchCommand], body: MutableMapping[str, Any], raw_data: bool | None = None
    ) -> BatchCommand:
        """A write with the collection's write concern."""
        options = self._options
        if raw_data is not None:
            kind = with_raw_data(kind, raw_data)
        return kind(
            self._database_name,
            body,
            options.codec,
            concern=options.write,
            write_concern=options.write_concern,
        )

    async def _administer(
        self, kind: type[Command], body: MutableMapping[str, Any], session: Session | None, database: str = ""
    ) -> dict[str, Any]:
        """Run a command that changes the collection as a whole, with its write concern; the reply."""
        return await administer(
            self._executor, kind, database or self._database_name, body, self._options, session
        )

    async def _writable_wire_version(self) -> int:
        """The protocol version of the server that writes go to, for checks that come before the write."""
        topology = self._executor.topology
        server = await topology.select(writable_server_selector, self._executor.runtime.never)
        description = topology.description.get(server.address)
        return 0 if description is None else description.max_wire_version

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

    __iter__ = None
    """`__getitem__` would make collections iterable, without end."""

    def __next__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__!r} object is not iterable")

    next = __next__

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Say what went wrong when a method was called that does not exist."""
        kind = type(self).__name__
        if "." in self._name:
            owner = f"a {kind!r}"
        else:
            owner = "an 'AsyncDatabase'" if kind.startswith("Async") else "a 'Database'"
        raise TypeError(
            f"{kind!r} object is not callable. If you meant to call the {self._name.split('.')[-1]!r} method on "
            f"{owner} object it is failing because no such method exists."
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._database!r}, {self._name!r})"
