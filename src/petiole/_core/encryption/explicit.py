"""Explicit encryption: values that the application encrypts and decrypts itself.

Owns the construction too: the handle of libmongocrypt's, the key vault, and who reaches a KMS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from petiole._core.encryption.key_vault import open_vault
from petiole._engine.encryption.errors import encryption_errors
from petiole.bson import decode, encode
from petiole.bson.binary import UUID_SUBTYPE, Binary
from petiole.bson.codec_options import CodecOptions
from petiole.encryption_options import (
    KMSConnectContext,
    check_connect_callback,
    check_min_pymongocrypt,
)

if TYPE_CHECKING:
    from petiole._core.collection import CoreCollection
    from petiole._engine.encryption.library import Context, Library
    from petiole._engine.encryption.machine import StateMachine
    from petiole._engine.executor import Executor
    from petiole.bson.raw_bson import RawBSONDocument
    from petiole.encryption_options import RangeOpts, StringOpts

_ENCRYPTED_SUBTYPE = 6


class EncryptionSetup(NamedTuple):
    """What `ClientEncryption` was given."""

    kms_providers: Any
    key_vault_namespace: Any
    key_vault_client: Any
    codec_options: Any
    kms_tls_options: Any
    key_expiration_ms: Any
    kms_connect_callback: Callable[[KMSConnectContext], Any] | None

    def __repr__(self) -> str:
        return "EncryptionSetup(<redacted>)"


class Manner(NamedTuple):
    """How a value is to be encrypted."""

    algorithm: str
    key_id: Binary | UUID | None = None
    key_alt_name: str | None = None
    query_type: str | None = None
    contention_factor: int | None = None
    range_opts: RangeOpts | None = None
    string_opts: StringOpts | None = None


class ExplicitEncryption:
    """Encrypts and decrypts values. No `__slots__`: applications mix these classes with their own."""

    _face = "ClientEncryption"
    """What errors call the class."""
    _vault: CoreCollection[RawBSONDocument]
    _executor: Executor
    _library: Library
    _machine: StateMachine

    def _configure(self, setup: EncryptionSetup, kind: type) -> None:
        """:param kind: the class that the client must be of."""
        check_min_pymongocrypt()
        from petiole._core.encryption.assembly import assemble  # Late: it needs the extra.

        client = setup.key_vault_client
        if not isinstance(client, kind):
            raise TypeError(f"{kind.__name__} required but given {type(client).__name__}")
        if not isinstance(setup.codec_options, CodecOptions):
            raise TypeError(
                "codec_options must be an instance of bson.codec_options.CodecOptions, "
                f"not {type(setup.codec_options)}"
            )
        check_connect_callback(setup.kms_connect_callback)
        self._codec_options: CodecOptions[Any] = setup.codec_options
        self._vault = open_vault(client, setup.key_vault_namespace)  # type: ignore[arg-type]
        self._executor = self._vault._executor
        self._library, self._machine = assemble(setup, self._vault, self._face)

    def _check_open(self) -> None:
        self._library.check_open()

    async def _run(self, make: Callable[[Any], Context]) -> bytes | None:
        """The result of a context that `make` makes."""
        with self._library.context(make) as context:
            return await self._machine.run(context, self._executor.deadline())

    async def _encrypt(
        self,
        value: Any,
        algorithm: str,
        key_id: Binary | UUID | None = None,
        key_alt_name: str | None = None,
        query_type: str | None = None,
        contention_factor: int | None = None,
        range_opts: RangeOpts | None = None,
        string_opts: StringOpts | None = None,
    ) -> Binary:
        """Encrypt a BSON value; a `Binary` of subtype 6.

        What is encrypted by the algorithms "Indexed", "Range" and "String" has to be processed by the server: insert
        it and query by it with a client that has `auto_encryption_opts`, in which `bypass_query_analysis` may be set
        and `bypass_auto_encryption` may not.

        :param algorithm: one of `Algorithm`.
        :param key_id: the `_id` of the data key, a UUID. Either this or `key_alt_name` is required.
        :param key_alt_name: an alternate name of the data key.
        :param query_type: one of `QueryType`, for a value to query by.
        :param contention_factor: tunes the index, for the algorithms that have one.
        :param range_opts: the index, for the algorithm "Range".
        :param string_opts: the index, for the algorithm "String".
        :raises EncryptionError: if there is no such key, or the value or the options are not to be encrypted so.
        """
        manner = Manner(
            algorithm, key_id, key_alt_name, query_type, contention_factor, range_opts, string_opts
        )
        encrypted = await self._encrypt_in(manner, value)
        found: Binary = decode(encrypted)["v"]
        return found

    async def _encrypt_expression(
        self,
        expression: Mapping[str, Any],
        algorithm: str,
        key_id: Binary | UUID | None = None,
        key_alt_name: str | None = None,
        query_type: str | None = None,
        contention_factor: int | None = None,
        range_opts: RangeOpts | None = None,
    ) -> dict[str, Any]:
        """Encrypt the values of a match or an aggregate expression, to query a field that is indexed by range.

        It has one of the forms `{"$and": [{field: {"$gt": value1}}, {field: {"$lt": value2}}]}` and
        `{"$and": [{"$gt": [path, value1]}, {"$lt": [path, value2]}]}`; there may be `$gte` and `$lte` instead. The
        parameters are those of `encrypt`.
        """
        manner = Manner(algorithm, key_id, key_alt_name, query_type, contention_factor, range_opts)
        encrypted = await self._encrypt_in(manner, expression, expression=True)
        found: dict[str, Any] = decode(encrypted)["v"]
        return found

    async def _encrypt_in(self, manner: Manner, value: Any, *, expression: bool = False) -> bytes:
        self._check_open()
        codec = self._codec_options._codec
        document = codec.encode({"v": value})
        options = self._options_of(manner, expression=expression)
        with encryption_errors():
            encrypted = await self._run(
                lambda handle: handle.explicit_encryption_context(document, options())
            )
        assert encrypted is not None
        return encrypted

    def _options_of(self, manner: Manner, *, expression: bool) -> Callable[[], Any]:
        """What libmongocrypt is told, once it is asked for: errors of pymongocrypt's are errors of encryption."""
        from pymongocrypt.options import ExplicitEncryptOpts

        key_id = manner.key_id
        if isinstance(key_id, UUID):
            key_id = Binary.from_uuid(key_id)
        if key_id is not None and getattr(key_id, "subtype", None) != UUID_SUBTYPE:
            raise TypeError("key_id must be a bson.binary.Binary with subtype 4")
        codec = self._codec_options._codec
        ranges = None if manner.range_opts is None else codec.encode(manner.range_opts.document)
        strings = None if manner.string_opts is None else codec.encode(manner.string_opts.document)
        name = manner.key_alt_name
        return lambda: ExplicitEncryptOpts(
            manner.algorithm,
            key_id,
            None if name is None else encode({"keyAltName": name}),
            manner.query_type,
            manner.contention_factor,
            ranges,
            expression,
            strings,
        )

    async def _decrypt(self, value: Binary) -> Any:
        """Decrypt a `Binary` of subtype 6; the value that was encrypted, decoded by the `codec_options`.

        Raises `EncryptionError` if it cannot be, for want of its key or because it is damaged.
        """
        self._check_open()
        if not isinstance(value, bytes) or getattr(value, "subtype", None) != _ENCRYPTED_SUBTYPE:
            raise TypeError("value to decrypt must be a bson.binary.Binary with subtype 6")
        document = encode({"v": value})
        with encryption_errors():
            decrypted = await self._run(lambda handle: handle.explicit_decryption_context(document))
            assert decrypted is not None
        return decode(decrypted, self._codec_options)["v"]

    async def _close(self) -> None:
        """Let go of the keys. May be called again; the client of the key vault stays open."""
        self._library.close()
