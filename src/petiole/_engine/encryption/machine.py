"""Carries out what libmongocrypt asks for, one state after the other, until it has its result.

Everything it waits for has the operation's one deadline; cancelled or interrupted, it leaves nothing behind. What it
is told is the collaborators'. Follows: Client Side Encryption, "Implementation"; libmongocrypt's guide to integration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pymongocrypt.binding import lib
from pymongocrypt.errors import MongoCryptError

from petiole._engine.scope import CURRENT, Scope
from petiole._runtime.clock import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole._engine.encryption.library import Context
    from petiole._runtime.base import Deadline


class KeyVault(Protocol):
    """Where data keys are kept."""

    async def find_keys(self, filter: bytes) -> Sequence[bytes]:
        """All keys that match, each an encoded document."""
        ...


class Collections(Protocol):
    """What a server knows of its collections."""

    async def collection_infos(self, database: str, filter: bytes) -> Sequence[bytes]:
        """Their descriptions as `listCollections` gives them, each an encoded document."""
        ...


class Analyser(Protocol):
    """Who says what of a command must be encrypted: mongocryptd."""

    async def mark(self, database: str, command: bytes) -> bytes:
        """Its reply to the command."""
        ...


class Services(Protocol):
    """The key management services."""

    async def request(self, context: Context, deadline: Deadline) -> None:
        """Carry out one request; the context may then come again."""


class Credentials(Protocol):
    """What gives credentials for providers that were given as `{}`."""

    async def fetch(self, deadline: Deadline) -> bytes:
        """The providers' options, as an encoded document."""
        ...


class StateMachine:
    """Runs contexts of one handle, any number at a time."""

    def __init__(
        self,
        key_vault: KeyVault,
        services: Services,
        credentials: Credentials,
        collections: Collections | None = None,
        analyser: Analyser | None = None,
    ) -> None:
        """:param collections: only automatic encryption asks for it, and for the `analyser`."""
        self._key_vault = key_vault
        self._services = services
        self._credentials = credentials
        self._collections = collections
        self._analyser = analyser

    async def run(self, context: Context, deadline: Deadline) -> bytes | None:
        """The result as an encoded document; None where there was nothing to do.

        The commands of the collaborators take the deadline from here, and no session that is bound to the block.

        :raises MongoCryptError: if libmongocrypt refuses.
        """
        token = CURRENT.set(Scope(None if deadline is NEVER else deadline))
        try:
            while True:
                state = context.state
                if state == lib.MONGOCRYPT_CTX_READY:
                    return bytes(context.finish())
                if state == lib.MONGOCRYPT_CTX_DONE:
                    return None
                if state == lib.MONGOCRYPT_CTX_ERROR:
                    context._raise_from_status()
                await self._supply(state, context, deadline)
        finally:
            CURRENT.reset(token)

    async def _supply(self, state: Any, context: Context, deadline: Deadline) -> None:
        """What is needed to leave a state."""
        if state == lib.MONGOCRYPT_CTX_NEED_KMS:
            for request in context.kms_contexts():
                with request:
                    await self._services.request(request, deadline)
            context.complete_kms()
            return
        if state == lib.MONGOCRYPT_CTX_NEED_KMS_CREDENTIALS:
            context.provide_kms_providers(await self._credentials.fetch(deadline))
            return
        for answer in await self._ask(state, context):
            context.add_mongo_operation_result(answer)
        context.complete_mongo_operation()

    async def _ask(self, state: Any, context: Context) -> Sequence[bytes]:
        """The answers of a server."""
        if state == lib.MONGOCRYPT_CTX_NEED_MONGO_KEYS:
            return await self._key_vault.find_keys(context.mongo_operation())
        if state == lib.MONGOCRYPT_CTX_NEED_MONGO_COLLINFO and self._collections is not None:
            return await self._collections.collection_infos(context.database, context.mongo_operation())
        if state == lib.MONGOCRYPT_CTX_NEED_MONGO_MARKINGS and self._analyser is not None:
            return [await self._analyser.mark(context.database, context.mongo_operation())]
        raise MongoCryptError(f"libmongocrypt asks for what nobody here can give (state {state})")
