"""PLAIN: the password itself, for servers that ask an LDAP directory (RFC 4616). Only TLS protects it.

Pure. Follows: Authentication, "PLAIN".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole._auth.conversation import sasl_start
from petiole.errors import OperationFailure

if TYPE_CHECKING:
    from petiole._auth.conversation import Conversation
    from petiole._auth.credentials import MongoCredential


def converse(credential: MongoCredential) -> Conversation:
    """The conversation: one message, with no identity to act as, the name and the password."""
    payload = f"\0{credential.username or ''}\0{credential.password or ''}".encode()
    reply = yield sasl_start("PLAIN", payload)
    if not reply.get("done"):
        raise OperationFailure("SASL conversation failed to complete.")
