"""MONGODB-OIDC: the connection shows a token that the user has from an identity provider.

Pure: who provides tokens is called by whoever carries the conversation out, one call at a time. Follows:
Authentication, "MONGODB-OIDC" (one-step and two-step conversations, "Credential Caching", "Reauthentication").

A token is kept until the server refuses it: the server alone knows for how long it serves. Then, for a human, the
refresh token is tried, and at last the identity provider is asked for anew.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from petiole._auth.conversation import TokenNeeded, payload_of, sasl_continue, sasl_start
from petiole._auth.credentials import OIDCProperties
from petiole._auth.oidc_callback import (
    CALLBACK_VERSION,
    HUMAN_CALLBACK_TIMEOUT_SECONDS,
    MACHINE_CALLBACK_TIMEOUT_SECONDS,
    OIDCCallbackContext,
    OIDCIdPInfo,
)
from petiole._auth.oidc_providers import token_of
from petiole._auth.token_cache import TokenCache
from petiole.bson import decode, encode
from petiole.bson.errors import BSONError
from petiole.errors import ConfigurationError, OperationFailure

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from petiole._auth.conversation import Body, Conversation, Step
    from petiole._auth.credentials import MongoCredential

_AUTHENTICATION_FAILED = 18


class Oidc:
    """One connection's conversation."""

    def __init__(self, credential: MongoCredential, host: str) -> None:
        """:param host: the host that is connected to; a human's token is not shown to any."""
        assert isinstance(credential.mechanism_properties, OIDCProperties)
        assert credential.cache is not None
        self._properties = credential.mechanism_properties
        self._username = credential.username
        self._host = host
        self._cache = TokenCache.of(credential.cache)
        self._shown: str | None = None

    def speculate(self) -> Body | None:
        """The only command, for the handshake to take along, when there is a token already."""
        self._shown = self._cache.access_token
        return None if self._shown is None else _show(self._shown)

    def converse(self, begun: Mapping[str, Any] | None = None) -> Conversation:
        """The conversation, or what is left of it after the reply `begun` to `speculate`."""
        human = self._properties.human_callback is not None
        if human:
            self._check_host()
        if begun is not None and begun.get("done"):
            return
        kept = self._cache.access_token
        if kept is not None and (yield from self._try(kept)):
            return
        if not human:
            token = yield self._needed(None)
            yield from self._insist(_show(token), token)
            return
        if self._cache.refresh_token is not None and self._cache.idp_info is not None:
            token = yield self._needed(self._cache.idp_info)
            if (yield from self._try(token)):
                return
            self._cache.refresh_token = None
        yield from self._two_steps()

    def forget(self) -> None:
        """The server wants another token than the one that this connection has shown."""
        self._cache.drop(self._shown)

    def _two_steps(self) -> Conversation:
        name = {} if self._username is None else {"n": self._username}
        reply = yield sasl_start("MONGODB-OIDC", encode(name))
        self._cache.idp_info = _read_provider(payload_of(reply))
        token = yield self._needed(self._cache.idp_info)
        yield from self._insist(sasl_continue(reply, encode({"jwt": token})), token)

    def _try(self, token: str) -> Generator[Step, Any, bool]:
        """Whether the server takes the token."""
        try:
            yield from self._insist(_show(token), token)
        except OperationFailure as error:
            if error.code != _AUTHENTICATION_FAILED:
                raise
            return False
        return True

    def _insist(self, body: Body, token: str) -> Generator[Step, Any, None]:
        self._shown = token
        try:
            reply = yield body
        except OperationFailure:
            self._cache.drop(token)
            raise
        if not reply.get("done"):
            raise OperationFailure("SASL conversation failed to complete.")

    def _needed(self, provider: OIDCIdPInfo | None) -> TokenNeeded:
        properties = self._properties
        timeout = MACHINE_CALLBACK_TIMEOUT_SECONDS if provider is None else HUMAN_CALLBACK_TIMEOUT_SECONDS
        context = OIDCCallbackContext(
            timeout_seconds=timeout,
            username=properties.username,
            version=CALLBACK_VERSION,
            refresh_token=self._cache.refresh_token,
            idp_info=provider,
        )
        callback = properties.callback or properties.human_callback
        if callback is not None:
            return TokenNeeded(self._cache, callback.fetch, context, None)
        return TokenNeeded(self._cache, None, context, token_of(properties))

    def _check_host(self) -> None:
        allowed = self._properties.allowed_hosts
        if not any(fnmatchcase(self._host, pattern) for pattern in allowed):
            raise ConfigurationError(
                f"Refusing to connect to {self._host}, which is not in authOIDCAllowedHosts: {allowed}"
            )


def _show(token: str) -> Body:
    return sasl_start("MONGODB-OIDC", encode({"jwt": token}))


def _read_provider(payload: bytes) -> OIDCIdPInfo:
    try:
        said = decode(payload)
        return OIDCIdPInfo(said["issuer"], said.get("clientId"), said.get("requestScopes"))
    except (BSONError, KeyError):
        raise OperationFailure("Server did not say which identity provider it trusts.") from None
