"""AWS KMS, Azure Key Vault and Google Cloud KMS, as far as drivers ask them: the answers, without any connection.

Each wraps data keys by a key of its own, so that what one has wrapped only it unwraps, and checks the credentials: that
AWS requests are signed by the secret key, that Azure's and Google's carry a token which it has given out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.kms.http import Request, Response

Answer = Callable[[Request], Response]


class Wrapping:
    """Wraps keys for one service, by AES-GCM; the name of the master key goes in as associated data."""

    def __init__(self) -> None:
        self._cipher = AESGCM(secrets.token_bytes(32))

    def wrap(self, key: bytes, name: str) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self._cipher.encrypt(nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes | None:
        """The key; None if it was not wrapped here, or under another name."""
        try:
            return self._cipher.decrypt(wrapped[:12], wrapped[12:], name.encode())
        except (InvalidTag, ValueError):
            return None


class Aws:
    """AWS KMS: `TrentService.Encrypt` and `.Decrypt`, signed by Signature Version 4."""

    def __init__(
        self,
        masters: frozenset[str],
        credentials: Mapping[str, str],
        tokens: Mapping[str, str] | None = None,
    ) -> None:
        """:param masters: the names of the master keys that there are, each in the region that it names.
        :param credentials: secret keys by their ids.
        :param tokens: the session tokens that must come with some of them.
        """
        self._masters = masters
        self._credentials = dict(credentials)
        self._tokens = dict(tokens or {})
        self._wrapping = Wrapping()

    def wrap(self, key: bytes, region: str = "us-east-1") -> bytes:
        """A data key as the service has wrapped it, in that region."""
        return self._wrapping.wrap(key, region)

    def __call__(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return _aws_error(*refusal)
        action = request.headers["x-amz-target"]
        document = request.document
        region = _authorization(request.headers["authorization"])["Credential"].split("/")[2]
        if action == "TrentService.Encrypt":
            name: str = document["KeyId"]
            if name not in self._masters or name.split(":")[3] != region:
                return _aws_error("NotFoundException", f"Key '{name}' does not exist")
            blob = base64.b64encode(self.wrap(base64.b64decode(document["Plaintext"]), region)).decode()
            return Response.of({"CiphertextBlob": blob, "KeyId": name})
        if action == "TrentService.Decrypt":
            key = self._wrapping.unwrap(base64.b64decode(document["CiphertextBlob"]), region)
            if key is None:
                return _aws_error("InvalidCiphertextException", "nothing that was wrapped here")
            return Response.of({"Plaintext": base64.b64encode(key).decode()})
        return _aws_error("UnknownOperationException", action)

    def _refusal(self, request: Request) -> tuple[str, str] | None:
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return "MissingAuthenticationTokenException", "the request is not signed"
        parts = _authorization(request.headers["authorization"])
        identifier = parts["Credential"].partition("/")[0]
        secret = self._credentials.get(identifier)
        if secret is None:
            return "UnrecognizedClientException", "nobody has this access key"
        if self._tokens.get(identifier) != request.headers.get("x-amz-security-token"):
            return "UnrecognizedClientException", "the security token is not the one of this access key"
        if not hmac.compare_digest(signature(request, parts, secret), parts["Signature"]):
            return "InvalidSignatureException", "the signature is not that of this secret key"
        host, region = request.headers["host"], parts["Credential"].split("/")[2]
        if host.startswith("kms.") and not host.startswith(f"kms.{region}."):
            return "InvalidSignatureException", "the request is signed for another region"
        return None


def _aws_error(kind: str, text: str) -> Response:
    return Response.of({"__type": kind, "message": text}, 400)


def _authorization(header: str) -> dict[str, str]:
    parts = (part.strip().partition("=") for part in header.partition(" ")[2].split(","))
    return {name: value for name, _, value in parts}


def signature(request: Request, parts: Mapping[str, str], secret: str) -> str:
    """The signature that the request must have (AWS, "Signature Version 4 signing process")."""
    _, date, region, service, end = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    signed = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    body = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join([request.method, request.path, "", signed, ";".join(names), body])
    scope = f"{date}/{region}/{service}/{end}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest])
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, end):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


class Azure:
    """Azure's identity platform and a key vault: tokens for a client secret, wrapkey and unwrapkey."""

    def __init__(
        self, masters: frozenset[str], tenant: str, client: str, secret: str, tokens: set[str]
    ) -> None:
        """:param masters: the names of the master keys that there are.
        :param tokens: those that have been given out, here or by metadata services.
        """
        self._masters = masters
        self._client = (tenant, client, secret)
        self._tokens = tokens
        self._wrapping = Wrapping()

    def wrap(self, key: bytes, master: str) -> bytes:
        """A data key as the vault has wrapped it by the key of that name."""
        return self._wrapping.wrap(key, f"keys/{master}")

    def token(self, request: Request) -> Response:
        """A token for a client (OAuth 2.0 client credentials)."""
        form = request.form
        given = (request.path.split("/")[1], form.get("client_id"), form.get("client_secret"))
        if given != self._client or form.get("grant_type") != "client_credentials":
            return Response.of({"error": "invalid_client", "error_description": "no such client"}, 401)
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return Response.of({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def __call__(self, request: Request) -> Response:
        if request.path.endswith("/oauth2/v2.0/token"):
            return self.token(request)
        if _bearer(request) not in self._tokens:
            return _azure_error(401, "Unauthorized", "the token is none of those that were given out")
        *place, action = request.path.strip("/").split("/")
        name = "/".join(place[:2])
        value = _from_url_safe(request.document["value"])
        if place[0] != "keys" or place[1] not in self._masters or action not in ("wrapkey", "unwrapkey"):
            return _azure_error(404, "KeyNotFound", request.path)
        if request.document["alg"] != "RSA-OAEP-256" or request.query.get("api-version") != "7.1":
            return _azure_error(400, "BadParameter", "the algorithm or the version of the interface")
        key = self._wrapping.wrap(value, name) if action == "wrapkey" else self._wrapping.unwrap(value, name)
        if key is None:
            return _azure_error(400, "BadParameter", "nothing that was wrapped by this key")
        return Response.of({"kid": f"https://{request.headers['host']}/{name}/1", "value": _url_safe(key)})


def _azure_error(status: int, code: str, text: str) -> Response:
    return Response.of({"error": {"code": code, "message": text}}, status)


class Google:
    """Google's token endpoint and Cloud KMS: tokens for an assertion signed by a service account, encrypt, decrypt."""

    def __init__(self, masters: frozenset[str], email: str, tokens: set[str]) -> None:
        """:param masters: the names of the master keys that there are, in whatever ring."""
        self._masters = masters
        self._email = email
        self._tokens = tokens
        self._key = rsa.generate_private_key(65537, 2048)
        self._wrapping = Wrapping()

    @property
    def private_key(self) -> bytes:
        """The key of the service account, as options have it."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def wrap(self, key: bytes, master: Mapping[str, str]) -> bytes:
        """A data key as the service has wrapped it by that key."""
        place = ("projects", "projectId"), ("locations", "location"), ("keyRings", "keyRing")
        parts = [f"{kind}/{master[name]}" for kind, name in (*place, ("cryptoKeys", "keyName"))]
        return self._wrapping.wrap(key, "/".join(["/v1", *parts]))

    def token(self, request: Request) -> Response:
        """A token for an assertion (OAuth 2.0 JWT bearer)."""
        signed, _, given = request.form.get("assertion", "").rpartition(".")
        try:
            self._key.public_key().verify(
                _from_url_safe(given), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
            claims = json.loads(_from_url_safe(signed.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return Response.of({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        if claims["iss"] != self._email:
            return Response.of({"error": "invalid_grant", "error_description": "no such account"}, 400)
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return Response.of({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def __call__(self, request: Request) -> Response:
        if request.path == "/token":
            return self.token(request)
        name, _, action = request.path.partition(":")
        if not name.startswith("/v1/projects/") or action not in ("encrypt", "decrypt"):
            # What the real service says to what it does not know is a page.
            return Response(404, b"<!DOCTYPE html><title>Error 404 (Not Found)</title>")
        if _bearer(request) not in self._tokens:
            return _google_error(401, "UNAUTHENTICATED", "the token is none of those that were given out")
        if name.rpartition("/")[2] not in self._masters:
            return _google_error(404, "NOT_FOUND", f"CryptoKey {name} not found.")
        if action == "encrypt":
            wrapped = self._wrapping.wrap(base64.b64decode(request.document["plaintext"]), name)
            return Response.of({"name": name[4:], "ciphertext": base64.b64encode(wrapped).decode()})
        key = self._wrapping.unwrap(base64.b64decode(request.document["ciphertext"]), name)
        if key is None:
            return _google_error(400, "INVALID_ARGUMENT", "nothing that was wrapped by this key")
        return Response.of({"plaintext": base64.b64encode(key).decode()})


def _google_error(status: int, code: str, text: str) -> Response:
    return Response.of({"error": {"code": status, "message": text, "status": code}}, status)


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _url_safe(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _from_url_safe(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def routed(aws: Aws, azure: Azure, google: Google) -> Answer:
    """All three at one address, told apart by what is asked."""

    def answer(request: Request) -> Response:
        if "x-amz-target" in request.headers:
            return aws(request)
        if request.path.endswith("/oauth2/v2.0/token") or request.path.startswith("/keys/"):
            return azure(request)
        return google(request)

    return answer
