"""Explicit client-side encryption on asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._core.document import Document
from petiole._core.encryption.client_encryption import CoreClientEncryption
from petiole._core.encryption.explicit import EncryptionSetup
from petiole._runtime.driver import face
from petiole.asynchronous.database import AsyncDatabase
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.encryption_shared import Algorithm, QueryType, RewrapManyDataKeyResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from petiole.asynchronous.collection import AsyncCollection
    from petiole.asynchronous.cursor import AsyncCursor
    from petiole.bson.codec_options import CodecOptions
    from petiole.bson.raw_bson import RawBSONDocument
    from petiole.encryption_options import AsyncKMSConnectCallback

__all__ = ["Algorithm", "AsyncClientEncryption", "QueryType", "RewrapManyDataKeyResult"]


@face
class AsyncClientEncryption(CoreClientEncryption, Generic[Document]):
    """Encrypts and decrypts values, and manages the data keys for it."""

    _face = "AsyncClientEncryption"

    def __init__(
        self,
        kms_providers: Mapping[str, Any],
        key_vault_namespace: str,
        key_vault_client: AsyncMongoClient[Any],
        codec_options: CodecOptions[Document],
        kms_tls_options: Mapping[str, Any] | None = None,
        key_expiration_ms: int | None = None,
        kms_connect_callback: AsyncKMSConnectCallback | None = None,
    ) -> None:
        """Nothing is connected to yet.

        :param kms_providers: the key management services, by name: `aws`, `azure`, `gcp`, `kmip`, `local`; a second one
            of a kind has a name of its own, as in `kmip:name`. Each is a dict, with
            `accessKeyId`, `secretAccessKey` and for temporary ones `sessionToken` for `aws`;
            `tenantId`, `clientId`, `clientSecret` and perhaps `identityPlatformEndpoint` for `azure`;
            `email`, `privateKey` (bytes, or base64) and perhaps `endpoint` for `gcp`;
            `endpoint` (host and port) for `kmip`; `key` (96 bytes, or base64) for `local`.
            An empty dict for `aws`, `azure` or `gcp` stands for the credentials of the environment or the machine.
        :param key_vault_namespace: `database.collection` of the data keys.
        :param key_vault_client: the client they are read and written by; its `timeoutMS` holds for KMS requests too.
        :param codec_options: how values are encoded before they are encrypted, and decoded when they are decrypted.
        :param kms_tls_options: TLS options, as of a client, by KMS provider.
        :param key_expiration_ms: milliseconds that data keys are kept; 60000 for None, 0 for as long as this object is.
        :param kms_connect_callback: connects to a KMS: a coroutine function that is given a `KMSConnectContext`
            and returns a connected socket without TLS. `AsyncHTTPProxyKMSConnect` is one.
        :raises ConfigurationError: without the extra `encryption`, or if the TLS options are of no use.
        :raises ValueError, TypeError, pymongocrypt.errors.MongoCryptError: if something else is wrong.
        """
        setup = EncryptionSetup(
            kms_providers,
            key_vault_namespace,
            key_vault_client,
            codec_options,
            kms_tls_options,
            key_expiration_ms,
            kms_connect_callback,
        )
        self._configure(setup, AsyncMongoClient)

    create_data_key = CoreClientEncryption._create_data_key
    encrypt = CoreClientEncryption._encrypt
    encrypt_expression = CoreClientEncryption._encrypt_expression
    decrypt = CoreClientEncryption._decrypt
    get_key = CoreClientEncryption._get_key
    get_key_by_alt_name = CoreClientEncryption._get_key_by_alt_name
    delete_key = CoreClientEncryption._delete_key
    add_key_alt_name = CoreClientEncryption._add_key_alt_name
    remove_key_alt_name = CoreClientEncryption._remove_key_alt_name
    rewrap_many_data_key = CoreClientEncryption._rewrap_many_data_key

    def get_keys(self) -> AsyncCursor[RawBSONDocument]:
        """A cursor over all key documents."""
        self._check_open()
        found: AsyncCursor[RawBSONDocument] = self._vault.find({})  # type: ignore[attr-defined]
        return found

    async def create_encrypted_collection(
        self,
        database: AsyncDatabase[Any],
        name: str,
        encrypted_fields: Mapping[str, Any],
        kms_provider: str | None = None,
        master_key: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[AsyncCollection[Any], Mapping[str, Any]]:
        """Create a collection with encrypted fields; it, and the fields with their data keys.

        It changes no `encrypted_fields_map`: make a new client with the fields returned.

        :param encrypted_fields: as for the command `create`; a data key is made for each field whose `keyId` is None.
        :param kms_provider: as for `create_data_key`.
        :param master_key: as for `create_data_key`.
        :param kwargs: as for `AsyncDatabase.create_collection`.
        :raises EncryptedCollectionError: if a key or the collection cannot be made; it has the fields so far.
        """
        if not isinstance(database, AsyncDatabase):
            raise TypeError(f"AsyncDatabase required but given {type(database).__name__}")
        work = self._create_in(database, name, encrypted_fields, kms_provider, master_key, kwargs)
        return await work  # type: ignore[return-value]

    close = CoreClientEncryption._close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
