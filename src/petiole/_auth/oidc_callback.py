"""What an application that brings its own OIDC tokens implements, and what it is told.

Values and an interface only; `petiole.auth_oidc` is their public place. Follows: Authentication, "MONGODB-OIDC".
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, field

CALLBACK_VERSION = 1
HUMAN_CALLBACK_TIMEOUT_SECONDS = 5 * 60
MACHINE_CALLBACK_TIMEOUT_SECONDS = 60
TIME_BETWEEN_CALLS_SECONDS = 0.1
TOKEN_BUFFER_MINUTES = 5


@dataclass
class OIDCIdPInfo:
    """The identity provider that the server trusts."""

    issuer: str
    clientId: str | None = field(default=None)
    requestScopes: list[str] | None = field(default=None)


@dataclass
class OIDCCallbackContext:
    """What a callback is called with.

    `timeout_seconds` is how long it may take, `username` the user name of the client's options or "". A human's
    callback is also told the identity provider, and the refresh token that it gave before.
    """

    timeout_seconds: float
    username: str
    version: int
    refresh_token: str | None = field(default=None, repr=False)
    idp_info: OIDCIdPInfo | None = field(default=None)


@dataclass
class OIDCCallbackResult:
    """What a callback returns."""

    access_token: str = field(repr=False)
    expires_in_seconds: float | None = field(default=None)
    refresh_token: str | None = field(default=None, repr=False)


class OIDCCallback(abc.ABC):
    """A base class for callbacks."""

    @abc.abstractmethod
    def fetch(self, context: OIDCCallbackContext) -> OIDCCallbackResult:
        """Get a token. For an asyncio client it may be a coroutine function; another runs on a thread."""
