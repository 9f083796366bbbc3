"""Creating and dropping collections with encrypted fields (Queryable Encryption).

Owns what goes with such a collection: which fields are encrypted, where nobody has said it in the call, and the
collections that the server keeps beside it. Follows the Client Side Encryption specification, "Queryable Encryption
Create and Drop Collection Helpers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.arguments import mapping
from petiole._commands.collections import (
    Create,
    Drop,
    ListCollections,
    collection_options,
    create_body,
    drop_body,
    list_collections_body,
)
from petiole._commands.indexes import CreateIndexes, create_indexes_body
from petiole._core.administration import administer
from petiole._engine.cursor import ServerCursor
from petiole._engine.scope import OneDeadline
from petiole.errors import ConfigurationError
from petiole.operations import IndexModel
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._commands.base import Command
    from petiole._core.database_admin import DatabaseAdmin
    from petiole._core.options import Options
    from petiole._engine.session import Session

WIRE_VERSION = 21
"""MongoDB 7.0."""
SAFE_CONTENT = "__safeContent__"
"""The field that the server looks encrypted values up by."""
_STATE_OPTIONS = {"clusteredIndex": {"key": {"_id": 1}, "unique": True}}


class Place(NamedTuple):
    """A collection of a database, with the options and the session its commands are run with."""

    database: DatabaseAdmin[Any]
    name: str
    options: Options
    session: Session | None

    async def administer(self, kind: type[Command], body: dict[str, Any]) -> dict[str, Any]:
        """Run a command of that kind; the reply."""
        database = self.database
        return await administer(database._executor, kind, database._name, body, self.options, self.session)

    def fields(self, option: str, given: Any) -> Mapping[str, Any] | None:
        """The encrypted fields that the call was given, or else the client's `encrypted_fields_map` has.

        :raises TypeError: if what was given is no mapping.
        """
        if given:
            return mapping(option, given)
        known = self._encryption and self._encryption._encrypted_fields_map
        return (known or {}).get(f"{self.database._name}.{self.name}") or None

    async def listed_fields(self) -> Mapping[str, Any] | None:
        """The encrypted fields that the server knows of; only a client with encryption asks for them."""
        if self._encryption is None:
            return None
        executor = self.database._executor
        command = ListCollections(
            self.database._name,
            list_collections_body({"name": self.name}),
            executor.codec,
            read_preference=ReadPreference.PRIMARY,
        )
        cursor = ServerCursor(executor, executor.codec, self.session)
        found = collection_options(await cursor.open(command))
        await cursor.close()
        return found.get("encryptedFields")

    @property
    def _encryption(self) -> Any:
        return self.database._client.options.auto_encryption_opts


async def create_encrypted(
    place: Place, fields: Mapping[str, Any], options: Mapping[str, Any], wire_version: int
) -> None:
    """Create a collection with its state collections and their index; the first failure ends it.

    Raises `ConfigurationError` if the server is older than 7.0.
    """
    if wire_version < WIRE_VERSION:
        raise ConfigurationError(
            "Driver support of Queryable Encryption is incompatible with server. Upgrade server to use Queryable "
            f"Encryption. Got maxWireVersion {wire_version} but need maxWireVersion >= {WIRE_VERSION} "
            "(MongoDB >=7.0)"
        )
    for name in _state_collections(place.name, fields):
        await place.administer(Create, create_body(name, _STATE_OPTIONS))
    await place.administer(Create, create_body(place.name, {**options, "encryptedFields": fields}))
    index = IndexModel([(SAFE_CONTENT, 1)]).document
    await place.administer(CreateIndexes, create_indexes_body(place.name, [index]))


async def drop(place: Place, given: Any, comment: Any | None) -> dict[str, Any]:
    """Drop a collection, and first its state collections if it has encrypted fields; the server's last reply."""
    with OneDeadline(place.database._executor):
        fields = place.fields("encrypted_fields", given) or await place.listed_fields()
        for name in _state_collections(place.name, fields) if fields else ():
            await place.administer(Drop, drop_body(name, comment))
        return await place.administer(Drop, drop_body(place.name, comment))


def _state_collections(name: str, fields: Mapping[str, Any]) -> tuple[str, str]:
    """The collections that the server keeps beside a collection of that name."""
    return (
        fields.get("escCollection", f"enxcol_.{name}.esc"),
        fields.get("ecocCollection", f"enxcol_.{name}.ecoc"),
    )
