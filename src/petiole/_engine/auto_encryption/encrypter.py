"""One client's automatic encryption: libmongocrypt's handle, whom its state machine asks, and how long they live.

The key vault and the descriptions of collections are asked for by a client of their own, unless the client's pools have
no limit: operations that wait for a connection must not wait for each other ("What's the deal with metadataClient,
keyVaultClient, and the internal client?"). A third one belongs to the query analyser. All of them are opened when they
are first needed, and closed with the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import BatchCommand
from petiole._commands.encryption import decrypted, encrypted, whole
from petiole._engine.auto_encryption.analyser import SELECTION_TIMEOUT_MS, Analyser, Spawner
from petiole._engine.auto_encryption.executor import EncryptingExecutor
from petiole._engine.encryption.credentials import OnDemandCredentials
from petiole._engine.encryption.deployment import Collections, KeyVault
from petiole._engine.encryption.errors import encryption_errors
from petiole._engine.encryption.kms import Kms
from petiole._engine.encryption.library import Library, LibraryOptions
from petiole._engine.encryption.machine import StateMachine
from petiole._engine.encryption.tls import KmsTls
from petiole._engine.engine import Engine
from petiole._engine.executor import Executor
from petiole.bson.binary import UuidRepresentation
from petiole.bson.codec_options import CodecOptions
from petiole.client_options import build_client_options, without_encryption
from petiole.errors import EncryptionError, InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from petiole._commands.base import Command
    from petiole._engine.encryption.library import Context
    from petiole._native import Reply
    from petiole._runtime.base import Deadline
    from petiole.client_options import ClientSetup

_CODEC = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)._codec


def encrypt_client(engine: Engine, options: Any) -> AutoEncrypter:
    """Encrypt all that an engine's executor sends from now on, by the client's `AutoEncryptionOpts`.

    :raises ValueError, TypeError, ConfigurationError, MongoCryptError: if something is wrong with the options.
    """
    executor = engine.executor
    kind = type(executor)  # That of a traced client stays traced.
    encrypting = (
        EncryptingExecutor if kind is Executor else type(kind.__name__, (EncryptingExecutor, kind), {})
    )
    executor.__class__ = encrypting
    assert isinstance(executor, EncryptingExecutor)
    executor.encrypter = encrypter = AutoEncrypter(engine, executor, options)
    return encrypter


class AutoEncrypter:
    """Encrypts commands and decrypts replies."""

    def __init__(self, engine: Engine, executor: EncryptingExecutor, options: Any) -> None:
        self._engine = engine
        self._options = _library_options(options)
        self._library = Library(self._options, engine.topology.owner)
        self._inherited: list[Library] = []
        """The handles of the parents of this process: threads of theirs may have been in the middle of them."""
        self._stale = False
        self.engines: list[Engine] = []
        """Those of the clients behind this one."""
        self.internal: Engine | None = None
        """The one among them that is like this one, but does not encrypt."""
        self._encrypts = not options._bypass_auto_encryption
        self._unlimited = not engine.setup.options.pool_options.max_pool_size
        collections = Collections(self._internal(executor)) if self._encrypts else None
        self._analyser = self._make_analyser(options) if self._needs_analyser(options) else None
        runtime = executor.runtime
        self._machine = StateMachine(
            self._make_vault(executor, options),
            Kms(runtime, KmsTls(options._kms_tls_options), options._kms_connect_callback),
            OnDemandCredentials(options._kms_providers, runtime),
            collections,
            self._analyser,
        )

    # What it does.

    async def encrypted(self, command: Command, deadline: Deadline) -> Command:
        """The command to send in place of this one; itself where there is nothing to encrypt.

        Raises `EncryptionError`, with the cause.
        """
        if not self._encrypts:
            return command
        document = whole(command)
        database = command.database
        found = await self._run(lambda handle: handle.encryption_context(database, document), deadline)
        if (found is None or found == document) and not isinstance(command, BatchCommand):
            return command
        # A batch goes as it was analysed, also where nothing in it is encrypted: never with statements more.
        return encrypted(command, document if found is None else found)

    async def decrypted(self, reply: Reply, deadline: Deadline) -> Reply:
        """The reply in clear; itself where nothing in it is encrypted.

        Raises `EncryptionError`, with the cause.
        """
        document = reply.raw
        found = await self._run(lambda handle: handle.decryption_context(document), deadline)
        return reply if found is None or found == document else decrypted(reply, found)

    async def _run(self, make: Callable[[Any], Context], deadline: Deadline) -> bytes | None:
        if self._stale:
            self._renew()
        try:
            with encryption_errors(), self._library.context(make) as context:
                return await self._machine.run(context, deadline)
        except EncryptionError as error:
            topology = self._engine.topology
            if topology.closed and isinstance(error.cause, InvalidOperation):  # Closed meanwhile.
                raise topology.refusal() from error
            raise

    # Whom it asks.

    def _internal(self, executor: EncryptingExecutor) -> Executor:
        """The executor of the client behind this one, made when missing; this one's own where no pool has a limit."""
        if self._unlimited:
            return executor.plain()
        if self.internal is None:
            self.internal = self._add(without_encryption(self._engine.setup))
        return self.internal.executor

    def _make_vault(self, executor: EncryptingExecutor, options: Any) -> KeyVault:
        client, namespace, owner = options._key_vault_client, options._key_vault_namespace, self._engine
        if client is None:
            found = self._internal(executor)
        else:
            owner = _engine_of(client)
            found = owner.executor
            if (
                found.runtime is not executor.runtime
            ):  # Of another face: the same client again, on this runtime.
                found = self._add(without_encryption(owner.setup)).executor
        return KeyVault(found, namespace, owner.setup.options.read_preference)

    def _needs_analyser(self, options: Any) -> bool:
        bypassed = options._bypass_query_analysis or self._library.has_crypt_shared
        return self._encrypts and not bypassed

    def _make_analyser(self, options: Any) -> Analyser:
        keywords = {
            "serverSelectionTimeoutMS": SELECTION_TIMEOUT_MS,
            "connectTimeoutMS": SELECTION_TIMEOUT_MS,
            "tracing": {"enabled": False},
        }
        setup = build_client_options(options._mongocryptd_uri, None, keywords)
        spawner = None
        if not options._mongocryptd_bypass_spawn:
            spawner = Spawner(options._mongocryptd_spawn_path, options._mongocryptd_spawn_args)
        return Analyser(self._add(setup, heard=False).executor, spawner)

    def _add(self, setup: ClientSetup, *, heard: bool = True) -> Engine:
        engine = self._engine.behind(setup, heard=heard)
        self.engines.append(engine)
        return engine

    # How long it lives.

    def close(self) -> None:
        """Begin nothing any more. The engines behind this one are their owner's to close."""
        self._library.close()

    def renew_after_fork(self) -> None:
        """In a forked child; the engines renew themselves."""
        self._stale = True
        if self._analyser is not None:
            self._analyser.renew_after_fork()

    def _renew(self) -> None:
        self._stale = False
        self._inherited.append(self._library)
        self._library = Library(self._options, self._engine.topology.owner)


def _engine_of(client: Any) -> Engine:
    """The engine of a client of any face; Motor's stand before one of the asyncio face.

    :raises TypeError: if it is none.
    """

    # Asked in the usual way, clients have databases of any name.
    def attribute(owner: Any, name: str) -> Any:
        return getattr(owner, "__dict__", {}).get(name)

    engine = attribute(attribute(client, "delegate") or client, "_engine")
    if not isinstance(engine, Engine):
        raise TypeError(f"key_vault_client must be an instance of MongoClient, not {type(client)}")
    return engine


def _library_options(options: Any) -> LibraryOptions:
    return LibraryOptions(
        kms_providers=options._kms_providers,
        key_expiration_ms=options._key_expiration_ms,
        schema_map=_encoded(options._schema_map),
        encrypted_fields_map=_encoded(options._encrypted_fields_map),
        bypass_query_analysis=options._bypass_query_analysis,
        bypass_encryption=options._bypass_auto_encryption,
        crypt_shared_lib_path=options._crypt_shared_lib_path,
        crypt_shared_lib_required=options._crypt_shared_lib_required,
    )


def _encoded(document: Mapping[str, Any] | None) -> bytes | None:
    return None if document is None else _CODEC.encode(document)
