"""What the blocking and the asyncio `ClientEncryption` share.

Owns the creation of encrypted collections; encrypting and keys are in the modules beside this one.
Follows: Client Side Encryption, "Create Encrypted Collection Helper".
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from petiole._core.encryption.data_keys import DataKeys
from petiole._engine.scope import OneDeadline
from petiole.errors import EncryptedCollectionError, EncryptionError

if TYPE_CHECKING:
    from petiole._core.collection import CoreCollection
    from petiole._core.database import CoreDatabase

_OF_THE_COLLECTION = ("codec_options", "read_preference", "write_concern", "read_concern")


class CoreClientEncryption(DataKeys):
    """Everything a client encryption can be asked."""

    async def _create_in(
        self,
        database: CoreDatabase[Any],
        name: str,
        encrypted_fields: Mapping[str, Any],
        kms_provider: str | None,
        master_key: Mapping[str, Any] | None,
        options: dict[str, Any],
    ) -> tuple[CoreCollection[Any], Mapping[str, Any]]:
        """A new collection and its encrypted fields, with data keys for those that have none."""
        self._check_open()
        fields = deepcopy(encrypted_fields)
        with OneDeadline(self._executor):
            for field in fields["fields"]:
                if isinstance(field, dict) and field.get("keyId") is None:
                    try:
                        field["keyId"] = await self._create_data_key(kms_provider, master_key)  # type: ignore[arg-type]
                    except EncryptionError as error:
                        raise EncryptedCollectionError(error, fields) from error
            try:
                return await _create(database, name, {**options, "encryptedFields": fields}), fields
            except Exception as error:
                raise EncryptedCollectionError(error, fields) from error


async def _create(database: CoreDatabase[Any], name: str, options: dict[str, Any]) -> CoreCollection[Any]:
    chosen = {key: options.pop(key) for key in _OF_THE_COLLECTION if key in options}
    session = options.pop("session", None)
    check_exists = options.pop("check_exists", False)
    made: CoreCollection[Any] = database.get_collection(name, **chosen)  # type: ignore[attr-defined]
    await database._create_collection(made, session, check_exists, options)
    return made
