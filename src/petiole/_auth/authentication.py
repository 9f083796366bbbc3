"""Which conversation a connection has, by its credential and by what the server said in the handshake.

Pure (specification: Authentication, "Authentication Handshake", "Mechanism Negotiation via Handshake",
"Speculative Authentication").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole._auth.plain import converse as converse_plain
from petiole._auth.scram import MECHANISMS as SCRAM_MECHANISMS
from petiole._auth.scram import Scram
from petiole._auth.x509 import X509

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from petiole._auth.conversation import Body, Conversation
    from petiole._auth.credentials import MongoCredential
    from petiole._auth.oidc import Oidc

_STRONGEST, _OLDEST = "SCRAM-SHA-256", "SCRAM-SHA-1"


class Authentication:
    """What one new connection does to authenticate: first in its handshake, then by `converse`."""

    def __init__(self, credential: MongoCredential, nonce: bytes, host: str = "") -> None:
        """:param nonce: `petiole._auth.scram.NONCE_SIZE` random bytes, for this connection alone."""
        self._credential = credential
        self._host = host
        self._nonce = nonce
        negotiated = credential.mechanism == "DEFAULT"
        self.source = credential.source
        """The database that the commands are sent to."""
        self.supported_mechs = f"{credential.source}.{credential.username}" if negotiated else None
        """The user whose mechanisms the handshake is to ask for."""
        self._first = self._speaker(_STRONGEST if negotiated else credential.mechanism)
        self._oidc: Oidc | None = None
        if credential.mechanism == "MONGODB-OIDC":
            from petiole._auth.oidc import Oidc  # Late: few use it.

            self._oidc = Oidc(credential, host)

    def speculative(self) -> Body | None:
        """The conversation's first command, for the handshake to take along."""
        first = self._first.start() if self._first is not None else None
        if self._oidc is not None:
            first = self._oidc.speculate()
        return None if first is None else {**first, "db": self.source}

    @property
    def renewable(self) -> bool:
        """Whether the server may ask for authentication again on a connection that has authenticated."""
        return self._oidc is not None

    def renew(self) -> Conversation:
        """The conversation that follows when it does."""
        assert self._oidc is not None
        self._oidc.forget()
        return self._oidc.converse()

    def converse(
        self, supported: tuple[str, ...] | None = None, begun: Mapping[str, Any] | None = None
    ) -> Conversation:
        """The conversation that remains after the handshake.

        :param supported: the user's mechanisms by the handshake's reply; None where it did not say.
        :param begun: the reply to `speculative`, if the server answered it.
        """
        if self._oidc is not None:
            return self._oidc.converse(begun)
        if begun is not None and self._first is not None:
            return self._first.converse(begun)
        mechanism = self._credential.mechanism
        if mechanism == "DEFAULT":
            mechanism = _STRONGEST if _STRONGEST in (supported or ()) else _OLDEST
        if mechanism == "PLAIN":
            return converse_plain(self._credential)
        if mechanism == "GSSAPI":
            from petiole._auth.gssapi import converse as converse_gssapi  # Late: few use it.

            return converse_gssapi(self._credential, self._host)
        if mechanism == "MONGODB-AWS":
            from petiole._auth.aws import converse as converse_aws  # Late: few use it.

            return converse_aws(self._credential, self._nonce)
        speaker = self._speaker(mechanism)
        assert speaker is not None, mechanism
        return speaker.converse()

    def _speaker(self, mechanism: str) -> Scram | X509 | None:
        if mechanism in SCRAM_MECHANISMS:
            return Scram(self._credential, mechanism, self._nonce)
        return X509(self._credential) if mechanism == "MONGODB-X509" else None
