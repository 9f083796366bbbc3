"""Data keys: made, found, named, deleted, and encrypted anew with another master key.

Follows: Client Side Encryption, "ClientEncryption" and "Key Vault collection".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._core.encryption.explicit import ExplicitEncryption
from petiole._engine.encryption.errors import encryption_errors
from petiole._engine.scope import OneDeadline
from petiole.bson import decode, encode
from petiole.bson.binary import UUID_SUBTYPE, Binary
from petiole.bson.raw_bson import RawBSONDocument
from petiole.encryption_shared import RewrapManyDataKeyResult
from petiole.errors import ConfigurationError
from petiole.operations import UpdateOne

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole.results import DeleteResult


class DataKeys(ExplicitEncryption):
    """What is done to the keys of a vault."""

    async def _create_data_key(
        self,
        kms_provider: str,
        master_key: Mapping[str, Any] | None = None,
        key_alt_names: Sequence[str] | None = None,
        key_material: bytes | None = None,
    ) -> Binary:
        """Make a data key and store it in the key vault; its `_id`, a UUID.

        :param kms_provider: "aws", "azure", "gcp", "kmip", "local", or one with a name such as "kmip:name".
        :param master_key: what the provider encrypts the key with. Required but for "local" and "kmip":
            "aws" wants `region` and `key`, and takes an `endpoint`;
            "azure" wants `keyVaultEndpoint` and `keyName`, and takes a `keyVersion`;
            "gcp" wants `projectId`, `location`, `keyRing` and `keyName`, and takes a `keyVersion` and an `endpoint`;
            "kmip" takes a `keyId`, an `endpoint` and `delegated`. Endpoints are hosts with an optional port.
        :param key_alt_names: other names that the key can be referred to by.
        :param key_material: 96 bytes to encrypt with; random ones for None.
        :raises EncryptionError: if it cannot be made or stored.
        """
        from pymongocrypt.options import DataKeyOpts

        self._check_open()
        with encryption_errors(), OneDeadline(self._executor):
            options = DataKeyOpts(
                dict(master_key) if isinstance(master_key, Mapping) else master_key,
                None if key_alt_names is None else [encode({"keyAltName": name}) for name in key_alt_names],
                None if key_material is None else encode({"keyMaterial": key_material}),
            )
            made = await self._run(lambda handle: handle.data_key_context(kms_provider, options))
            assert made is not None
            key = RawBSONDocument(made)
            await self._vault._insert_one(key)
        return Binary(key["_id"], UUID_SUBTYPE)

    async def _get_key(self, id: Binary) -> RawBSONDocument | None:
        """The key document with that `_id`, a UUID; None if there is none."""
        self._check_open()
        return await self._vault._find_one({"_id": id})

    async def _get_key_by_alt_name(self, key_alt_name: str) -> RawBSONDocument | None:
        """The key document with that alternate name; None if there is none."""
        self._check_open()
        return await self._vault._find_one({"keyAltNames": key_alt_name})

    async def _delete_key(self, id: Binary) -> DeleteResult:
        """Delete the key document with that `_id`, a UUID. What was encrypted with it cannot be decrypted any more."""
        self._check_open()
        return await self._vault._delete_one({"_id": id})

    async def _add_key_alt_name(self, id: Binary, key_alt_name: str) -> RawBSONDocument | None:
        """Give a key another name; the key document as it was before, None if there is none."""
        self._check_open()
        update = {"$addToSet": {"keyAltNames": key_alt_name}}
        return await self._vault._find_one_and_update({"_id": id}, update)

    async def _remove_key_alt_name(self, id: Binary, key_alt_name: str) -> RawBSONDocument | None:
        """Take a name away from a key; the key document as it was before, None if there is none.

        With its last name goes the field `keyAltNames`.
        """
        self._check_open()
        others = {"$filter": {"input": "$keyAltNames", "cond": {"$ne": ["$$this", key_alt_name]}}}
        only = {"$eq": ["$keyAltNames", [key_alt_name]]}
        pipeline = [{"$set": {"keyAltNames": {"$cond": [only, "$$REMOVE", others]}}}]
        return await self._vault._find_one_and_update({"_id": id}, pipeline)

    async def _rewrap_many_data_key(
        self,
        filter: Mapping[str, Any],
        provider: str | None = None,
        master_key: Mapping[str, Any] | None = None,
    ) -> RewrapManyDataKeyResult:
        """Encrypt all data keys that match anew, with another master key or with the one they have.

        What was encrypted with the data keys stays as it is.

        :param provider: the KMS provider of the new master key; None for that of each key.
        :param master_key: as for `create_data_key`; only with a `provider`.
        :raises ConfigurationError: if there is a `master_key` without a `provider`.
        :raises EncryptionError: if a key cannot be decrypted or encrypted; then none is changed.
        """
        self._check_open()
        if master_key is not None and provider is None:
            raise ConfigurationError("A provider must be given if a master_key is given")
        with OneDeadline(self._executor):
            with encryption_errors():
                found = await self._run(
                    lambda handle: handle.rewrap_many_data_key_context(filter, provider, master_key)
                )
            updates = [] if found is None else [_update(key) for key in decode(found)["v"]]
            if not updates:
                return RewrapManyDataKeyResult()
            return RewrapManyDataKeyResult(await self._vault._bulk_write(updates))


def _update(key: Mapping[str, Any]) -> UpdateOne:
    changed = {"keyMaterial": key["keyMaterial"], "masterKey": key["masterKey"]}
    return UpdateOne({"_id": key["_id"]}, {"$set": changed, "$currentDate": {"updateDate": True}})
