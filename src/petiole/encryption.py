"""Explicit client-side encryption, blocking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._core.document import Document
from petiole._core.encryption.client_encryption import CoreClientEncryption
from petiole._core.encryption.explicit import EncryptionSetup
from petiole._native import run
from petiole._runtime.driver import blocking, face
from petiole.database import Database
from petiole.encryption_shared import Algorithm, QueryType, RewrapManyDataKeyResult
from petiole.mongo_client import MongoClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from petiole.bson.codec_options import CodecOptions
    from petiole.bson.raw_bson import RawBSONDocument
    from petiole.collection import Collection
    from petiole.cursor import Cursor
    from petiole.encryption_options import KMSConnectCallback

__all__ = ["Algorithm", "ClientEncryption", "QueryType", "RewrapManyDataKeyResult"]


@face
class ClientEncryption(CoreClientEncryption, Generic[Document]):
    """Encrypts and decrypts values, and manages the data keys for it. Thread-safe."""

    def __init__(
        self,
        kms_providers: Mapping[str, Any],
        key_vault_namespace: str,
        key_vault_client: MongoClient[Any],
        codec_options: CodecOptions[Document],
        kms_tls_options: Mapping[str, Any] | None = None,
        key_expiration_ms: int | None = None,
        kms_connect_callback: KMSConnectCallback | None = None,
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
        :param kms_connect_callback: connects to a KMS: called with a `KMSConnectContext`, on a thread of its own, it
            returns a connected socket without TLS. `HTTPProxyKMSConnect` is one.
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
        self._configure(setup, MongoClient)

    create_data_key = blocking(CoreClientEncryption._create_data_key)
    encrypt = blocking(CoreClientEncryption._encrypt)
    encrypt_expression = blocking(CoreClientEncryption._encrypt_expression)
    decrypt = blocking(CoreClientEncryption._decrypt)
    get_key = blocking(CoreClientEncryption._get_key)
    get_key_by_alt_name = blocking(CoreClientEncryption._get_key_by_alt_name)
    delete_key = blocking(CoreClientEncryption._delete_key)
    add_key_alt_name = blocking(CoreClientEncryption._add_key_alt_name)
    remove_key_alt_name = blocking(CoreClientEncryption._remove_key_alt_name)
    rewrap_many_data_key = blocking(CoreClientEncryption._rewrap_many_data_key)

    def get_keys(self) -> Cursor[RawBSONDocument]:
        """A cursor over all key documents."""
        self._check_open()
        found: Cursor[RawBSONDocument] = self._vault.find({})  # type: ignore[attr-defined]
        return found

    def create_encrypted_collection(
        self,
        database: Database[Any],
        name: str,
        encrypted_fields: Mapping[str, Any],
        kms_provider: str | None = None,
        master_key: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[Collection[Any], Mapping[str, Any]]:
        """Create a collection with encrypted fields; it, and the fields with their data keys.

        It changes no `encrypted_fields_map`: make a new client with the fields returned.

        :param encrypted_fields: as for the command `create`; a data key is made for each field whose `keyId` is None.
        :param kms_provider: as for `create_data_key`.
        :param master_key: as for `create_data_key`.
        :param kwargs: as for `Database.create_collection`.
        :raises EncryptedCollectionError: if a key or the collection cannot be made; it has the fields so far.
        """
        if not isinstance(database, Database):
            raise TypeError(f"Database required but given {type(database).__name__}")
        work = self._create_in(database, name, encrypted_fields, kms_provider, master_key, kwargs)
        return run(work)  # type: ignore[return-value]

    close = blocking(CoreClientEncryption._close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
