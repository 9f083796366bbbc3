"""MONGODB-X509: the user is the subject of the certificate that the connection has shown already.

Pure. Follows: Authentication, "MONGODB-X509".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from petiole._auth.conversation import Body, Conversation
    from petiole._auth.credentials import MongoCredential


class X509:
    """One connection's conversation: a single command."""

    def __init__(self, credential: MongoCredential) -> None:
        self._username = credential.username

    def start(self) -> Body:
        """The command, which may travel with the handshake. The server knows the name; ours must agree."""
        body: Body = {"authenticate": 1, "mechanism": "MONGODB-X509"}
        if self._username is not None:
            body["user"] = self._username
        return body

    def converse(self, begun: Mapping[str, Any] | None = None) -> Conversation:
        """The conversation; there is none left if the handshake's reply `begun` has answered the command."""
        if begun is None:
            yield self.start()
