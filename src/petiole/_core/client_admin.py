"""What a client does with databases: list and drop them, and ask for the server's build.

Owns the methods; the commands' bodies are `_commands.databases`'s. Follows the Enumerating Databases specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._commands.databases import (
    ADMIN,
    BuildInfo,
    DropDatabase,
    ListDatabases,
    build_info_body,
    drop_database_body,
    list_database_names_body,
    list_databases_body,
)
from petiole._core.administration import administer
from petiole._core.bound import Bound
from petiole._core.database import CoreDatabase, check_database_name
from petiole._core.document import Document
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session


class ClientAdmin(Bound, Generic[Document]):
    """Operations on the whole deployment."""

    _executor: Executor

    async def _databases(self, body: dict[str, Any], session: Session | None) -> list[dict[str, Any]]:
        codec = self._executor.codec
        command = ListDatabases(ADMIN, body, codec, read_preference=ReadPreference.PRIMARY)
        reply = await self._executor.run(command, session)
        assert reply is not None
        databases: list[dict[str, Any]] = reply.get("databases", codec)
        return databases

    async def _list_databases(
        self, session: Session | None, comment: Any | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        """The descriptions of all databases, in the form of a cursor with nothing left on the server."""
        found = await self._databases(list_databases_body(comment, options), session)
        return {"id": 0, "ns": "admin.$cmd", "firstBatch": found}

    async def _list_database_names(
        self, session: Session | None = None, comment: Any | None = None
    ) -> list[str]:
        """The names of all databases."""
        found = await self._databases(list_database_names_body(comment), session)
        return [database["name"] for database in found]

    async def _drop_database(
        self,
        name_or_database: str | CoreDatabase[Any],
        session: Session | None = None,
        comment: Any | None = None,
    ) -> None:
        """Drop a database with all its collections; not an error if it does not exist."""
        name: Any = name_or_database
        if isinstance(name, CoreDatabase):
            name = name.name
        if not isinstance(name, str):
            raise TypeError(
                f"name_or_database must be an instance of str or a Database, not {type(name_or_database)}"
            )
        check_database_name(name)
        body = drop_database_body(comment)
        await administer(self._executor, DropDatabase, name, body, self._options, session)

    async def _server_info(self, session: Session | None = None) -> dict[str, Any]:
        """What the server says of its version and build."""
        codec = self._executor.codec
        command = BuildInfo(ADMIN, build_info_body(), codec, read_preference=ReadPreference.PRIMARY)
        reply = await self._executor.run(command, session)
        assert reply is not None
        info: dict[str, Any] = reply.document(codec)
        return info
