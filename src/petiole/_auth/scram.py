"""SCRAM-SHA-256 and SCRAM-SHA-1: both sides prove that they know the password, and none shows it.

Pure: the nonce is given, and the key derivation is handed out as `Work`, for it takes milliseconds.
Follows: RFC 5802, RFC 7677; Authentication, "SCRAM-SHA-1" and "SCRAM-SHA-256". Against a server that lies:

1. its nonce must begin with ours, and be longer;
2. fewer than 4096 iterations are refused: they would make the password cheap to guess for who sees the proof;
3. absurdly many are refused: they would occupy a processor for hours;
4. extensions that it calls mandatory are refused, since we know none;
5. nothing counts before its signature has been checked, whatever it says about being done.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from petiole._auth.conversation import Work, payload_of, sasl_continue, sasl_start
from petiole._auth.saslprep import saslprep
from petiole.errors import ConfigurationError, OperationFailure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from petiole._auth.conversation import Body, Conversation
    from petiole._auth.credentials import MongoCredential

MECHANISMS = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}
NONCE_SIZE = 32
"""Bytes of chance, before they are written as text."""
MIN_ITERATIONS = 4096
MAX_ITERATIONS = 10_000_000
_GS2_HEADER = b"n,,"
"""No channel binding, no other identity to act as."""


class Keys(NamedTuple):
    """What a password, a salt and a count make. Kept with the credential, since deriving them is slow."""

    mechanism: str
    salt: bytes
    iterations: int
    client: bytes
    server: bytes

    def __repr__(self) -> str:
        return f"Keys({self.mechanism})"


class Scram:
    """One connection's conversation."""

    def __init__(self, credential: MongoCredential, mechanism: str, nonce: bytes) -> None:
        """:param nonce: `NONCE_SIZE` random bytes, for this conversation alone."""
        self._credential = credential
        self._mechanism = mechanism
        self._digest = MECHANISMS[mechanism]
        self._nonce = b64encode(nonce)
        name = (credential.username or "").replace("=", "=3D").replace(",", "=2C")
        self._first_bare = b"n=" + name.encode() + b",r=" + self._nonce

    def start(self) -> Body:
        """The first command, which may travel with the handshake."""
        # With skipEmptyExchange the server's proof is its last word (MongoDB 4.4).
        return sasl_start(
            self._mechanism, _GS2_HEADER + self._first_bare, options={"skipEmptyExchange": True}
        )

    def converse(self, begun: Mapping[str, Any] | None = None) -> Conversation:
        """The conversation, or the rest of it after the reply `begun` to a first command sent already."""
        reply = (yield self.start()) if begun is None else begun
        server_first = payload_of(reply)
        nonce, salt, iterations = self._read_first(server_first)
        keys = self._cached(salt, iterations)
        if keys is None:
            keys = yield Work(partial(_derive, self._secret(), self._mechanism, salt, iterations))
            if self._credential.cache is not None:
                self._credential.cache.data = keys
        without_proof = b"c=" + b64encode(_GS2_HEADER) + b",r=" + nonce
        signed = b",".join((self._first_bare, server_first, without_proof))
        reply = yield sasl_continue(reply, without_proof + b",p=" + self._proof(keys, signed))
        self._check_signature(payload_of(reply), keys, signed)
        if not reply.get("done"):  # A server that does not know skipEmptyExchange.
            reply = yield sasl_continue(reply, b"")
            if not reply.get("done"):
                raise OperationFailure("SASL conversation failed to complete.")

    def _read_first(self, payload: bytes) -> tuple[bytes, bytes, int]:
        """The whole nonce, the salt and the iteration count."""
        fields = _fields(payload)
        if b"m" in fields:
            raise OperationFailure("Server demands a SCRAM extension that is not supported.")
        nonce = fields.get(b"r", b"")
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise OperationFailure("Server returned an invalid nonce.")
        try:
            iterations = int(fields[b"i"])
            salt = b64decode(fields[b"s"], validate=True)
        except (KeyError, ValueError):
            raise OperationFailure("Server returned an invalid SCRAM challenge.") from None
        if not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS:
            raise OperationFailure("Server returned an invalid iteration count.")
        return nonce, salt, iterations

    def _cached(self, salt: bytes, iterations: int) -> Keys | None:
        keys = self._credential.cache.data if self._credential.cache is not None else None
        known = isinstance(keys, Keys) and keys[:3] == (self._mechanism, salt, iterations)
        return keys if known else None

    def _secret(self) -> bytes:
        """What the keys are derived from: the prepared password, or for SHA-1 an older digest of it."""
        username, password = self._credential.username or "", self._credential.password or ""
        if self._digest == "sha256":
            try:
                return saslprep(password).encode()
            except ValueError as error:
                raise ConfigurationError(
                    f"No user of SCRAM-SHA-256 can have this password: {error}"
                ) from None
        # Authentication, "SCRAM-SHA-1": the password as MONGODB-CR had digested it. Secrecy does not rest on MD5.
        given = f"{username}:mongo:{password}".encode()
        return hashlib.md5(given, usedforsecurity=False).hexdigest().encode()

    def _proof(self, keys: Keys, signed: bytes) -> bytes:
        stored = hashlib.new(self._digest, keys.client).digest()
        signature = hmac.digest(stored, signed, self._digest)
        return b64encode(bytes(a ^ b for a, b in zip(keys.client, signature, strict=True)))

    def _check_signature(self, payload: bytes, keys: Keys, signed: bytes) -> None:
        fields = _fields(payload)
        if b"e" in fields:
            raise OperationFailure(f"Authentication failed: {fields[b'e'].decode(errors='replace')}.", 18)
        expected = b64encode(hmac.digest(keys.server, signed, self._digest))
        if not hmac.compare_digest(fields.get(b"v", b""), expected):
            raise OperationFailure("Server returned an invalid signature.")


def _derive(secret: bytes, mechanism: str, salt: bytes, iterations: int) -> Keys:
    digest = MECHANISMS[mechanism]
    salted = hashlib.pbkdf2_hmac(digest, secret, salt, iterations)
    client = hmac.digest(salted, b"Client Key", digest)
    return Keys(mechanism, salt, iterations, client, hmac.digest(salted, b"Server Key", digest))


def _fields(payload: bytes) -> dict[bytes, bytes]:
    """`a=1,b=2` as a mapping."""
    pairs = (item.partition(b"=") for item in payload.split(b","))
    return {name: value for name, _, value in pairs}
