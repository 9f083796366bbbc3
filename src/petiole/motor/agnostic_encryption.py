"""Motor's explicit client-side encryption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from petiole.asynchronous.encryption import AsyncClientEncryption
from petiole.motor.agnostic_client import AgnosticClient
from petiole.motor.agnostic_database import AgnosticDatabase
from petiole.motor.metaprogramming import AgnosticBase, bare, future

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole.bson.codec_options import CodecOptions
    from petiole.motor.agnostic_collection import AgnosticCollection
    from petiole.motor.agnostic_cursor import AgnosticCursor

_Encryption: Any = AsyncClientEncryption  # Bare of its types, which are those of another `self`.


class AgnosticClientEncryption(AgnosticBase):
    """Encrypts and decrypts values, and manages the data keys for it.

    Takes the arguments of `AsyncClientEncryption`, with a Motor client, and `io_loop`: the loop that operations run on,
    for which otherwise each takes the client's.
    """

    delegate: AsyncClientEncryption[Any]
    _io_loop: Any = None

    create_data_key = future(_Encryption.create_data_key)
    encrypt = future(_Encryption.encrypt)
    encrypt_expression = future(_Encryption.encrypt_expression)
    decrypt = future(_Encryption.decrypt)
    rewrap_many_data_key = future(_Encryption.rewrap_many_data_key)
    get_key = future(_Encryption.get_key)
    get_key_by_alt_name = future(_Encryption.get_key_by_alt_name)
    delete_key = future(_Encryption.delete_key)
    add_key_alt_name = future(_Encryption.add_key_alt_name)
    remove_key_alt_name = future(_Encryption.remove_key_alt_name)
    close = future(_Encryption.close)

    def __init__(
        self,
        kms_providers: Mapping[str, Any],
        key_vault_namespace: str,
        key_vault_client: AgnosticClient,
        codec_options: CodecOptions[Any],
        io_loop: Any = None,
        kms_tls_options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """:param kwargs: `key_expiration_ms` and `kms_connect_callback`, as of `AsyncClientEncryption`."""
        if io_loop is not None:
            self._framework.check_event_loop(io_loop)
            self._io_loop = io_loop
        client: Any = bare(key_vault_client)
        super().__init__(
            AsyncClientEncryption(
                kms_providers, key_vault_namespace, client, codec_options, kms_tls_options, **kwargs
            )
        )
        self._motor_client = key_vault_client
        database, _, name = key_vault_namespace.partition(".")
        self._collection: AgnosticCollection = key_vault_client[database][name]

    def get_io_loop(self) -> Any:
        """The loop that operations run on: that given as `io_loop`, or else the client's."""
        return super().get_io_loop() if self._io_loop is None else self._io_loop

    @property
    def io_loop(self) -> Any:
        """The same as `get_io_loop()`."""
        return self.get_io_loop()

    def _loop_to_start_on(self) -> Any:
        return super()._loop_to_start_on() if self._io_loop is None else self._io_loop

    async def get_keys(self) -> AgnosticCursor:
        """A cursor over all key documents."""
        return self._collection.wrap(self.delegate.get_keys())  # type: ignore[no-any-return]

    async def create_encrypted_collection(
        self,
        database: AgnosticDatabase,
        name: str,
        encrypted_fields: Mapping[str, Any],
        kms_provider: str | None = None,
        master_key: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[AgnosticCollection, Mapping[str, Any]]:
        """Create a collection with encrypted fields; it, and the fields with their data keys.

        Takes the arguments of `AsyncClientEncryption.create_encrypted_collection`.
        """
        if not isinstance(database, AgnosticDatabase):
            raise TypeError(f"MotorDatabase required but given {type(database).__name__}")
        bare_kwargs = {key: bare(value) for key, value in kwargs.items()}
        made, fields = await self.delegate.create_encrypted_collection(
            bare(database), name, encrypted_fields, kms_provider, master_key, **bare_kwargs
        )
        return database.wrap(made), fields

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.delegate.close()

    def __enter__(self) -> NoReturn:
        raise RuntimeError(f'Use {type(self).__name__} in "async with", not "with"')

    def __exit__(self, *exc: object) -> None:
        """Beside `__enter__`, so that it is asked."""
