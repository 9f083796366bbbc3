"""What MONGODB-OIDC keeps between connections of a client: the tokens, and the identity provider.

Pure: who may fetch a token at a time is arranged by whoever fetches it, by means of `turns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._auth.oidc_callback import OIDCCallbackResult
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from petiole._auth.credentials import CredentialCache
    from petiole._auth.oidc_callback import OIDCIdPInfo


class TokenCache:
    """One of each credential."""

    def __init__(self) -> None:
        self.access_token: str | None = None
        self.refresh_token: str | None = None
        self.idp_info: OIDCIdPInfo | None = None
        self.called_at: float | None = None
        """When a token was last asked for, on the runtime's clock."""
        self.turns: dict[str, Any] = {}

    @classmethod
    def of(cls, cache: CredentialCache) -> TokenCache:
        """The token cache in a credential's cache."""
        if not isinstance(cache.data, TokenCache):
            cache.data = cls()
        found: TokenCache = cache.data
        return found

    def drop(self, token: str | None) -> None:
        """Forget an access token that was refused, unless another has taken its place."""
        if token is not None and self.access_token == token:
            self.access_token = None

    def accept(self, result: Any) -> str:
        """Keep what a callback returned.

        :raises ConfigurationError: if that is no `OIDCCallbackResult` with a token.
        """
        if not isinstance(result, OIDCCallbackResult):
            raise ConfigurationError(f"Callback result must be of type OIDCCallbackResult not {type(result)}")
        if not isinstance(result.access_token, str) or not result.access_token:
            raise ConfigurationError("OIDC callback must return a token, a string that is not empty")
        self.access_token = result.access_token
        self.refresh_token = result.refresh_token
        return result.access_token
