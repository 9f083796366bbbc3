"""MONGODB-AWS: the client signs a request to Amazon's STS, and the server sends it there to learn who signed.

Pure: the nonce is given, the time and the credentials are asked for. Follows: Authentication, "MONGODB-AWS", and
Amazon's Signature Version 4. The server chooses the host that the signature is for, so it is checked.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING

from petiole._auth.aws_credentials import find_credentials
from petiole._auth.conversation import Look, payload_of, sasl_continue, sasl_start
from petiole.bson import decode, encode
from petiole.bson.errors import BSONError
from petiole.errors import OperationFailure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from petiole._auth.aws_credentials import AwsCredentials
    from petiole._auth.conversation import Conversation
    from petiole._auth.credentials import MongoCredential

_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_NO_CHANNEL_BINDING = ord("n")
_NONCE_SIZE = 32
_MOST_HOST = 255


def converse(credential: MongoCredential, nonce: bytes) -> Conversation:
    """The conversation; where it fails, credentials that were kept are fetched anew the next time ("Caching")."""
    try:
        yield from _converse(credential, nonce)
    except Exception:
        if credential.cache is not None:
            credential.cache.data = None
        raise


def _converse(credential: MongoCredential, nonce: bytes) -> Conversation:
    """Exchange nonces, then show the signature."""
    start = encode({"r": nonce, "p": _NO_CHANNEL_BINDING})
    reply = yield sasl_start("MONGODB-AWS", start)
    server_nonce, host = _read_challenge(payload_of(reply), nonce)
    own = yield from find_credentials(credential)
    now = (yield Look()).now
    date = now.strftime("%Y%m%dT%H%M%SZ")
    answer = {"a": _authorization(own, server_nonce, host, now), "d": date}
    if own.session_token is not None:
        answer["t"] = own.session_token
    reply = yield sasl_continue(reply, encode(answer))
    if not reply.get("done"):
        raise OperationFailure("SASL conversation failed to complete.")


def _read_challenge(payload: bytes, nonce: bytes) -> tuple[bytes, str]:
    """The server's nonce and the STS host."""
    try:
        challenge = decode(payload)
    except BSONError:
        raise OperationFailure("Server returned an invalid MONGODB-AWS challenge.") from None
    theirs, host = challenge.get("s"), challenge.get("h")
    if not isinstance(theirs, bytes) or len(theirs) != 2 * _NONCE_SIZE or not theirs.startswith(nonce):
        raise OperationFailure("Server returned an invalid nonce.")
    if not isinstance(host, str) or not 1 <= len(host) <= _MOST_HOST or "" in host.split("."):
        raise OperationFailure("Server returned an invalid sts host")
    if not all(char.isascii() and (char.isalnum() or char in "-.") for char in host):
        raise OperationFailure("Server returned an invalid sts host")
    return theirs, host


def region_of(host: str) -> str:
    """The region that an STS host serves."""
    labels = host.split(".")
    return "us-east-1" if host == "sts.amazonaws.com" or len(labels) == 1 else labels[1]


def _authorization(own: AwsCredentials, server_nonce: bytes, host: str, now: datetime) -> str:
    headers = {
        "Content-Length": str(len(_BODY)),
        "Content-Type": "application/x-www-form-urlencoded",
        "Host": host,
        "X-Amz-Date": now.strftime("%Y%m%dT%H%M%SZ"),
        "X-MongoDB-GS2-CB-Flag": "n",
        "X-MongoDB-Server-Nonce": b64encode(server_nonce).decode(),
    }
    if own.session_token is not None:
        headers["X-Amz-Security-Token"] = own.session_token
    return authorization("POST", headers, _BODY, own, region_of(host), "sts")


def authorization(
    method: str,
    headers: Mapping[str, str],
    body: bytes,
    own: AwsCredentials,
    region: str,
    service: str,
) -> str:
    """The Authorization header of a request to "/" with these headers, by Signature Version 4."""
    date = headers["X-Amz-Date"]
    lowered = sorted((name.lower(), value) for name, value in headers.items())
    names = ";".join(name for name, _ in lowered)
    lines = [method, "/", "", *(f"{name}:{value}" for name, value in lowered), "", names]
    request = "\n".join([*lines, hashlib.sha256(body).hexdigest()])
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4" + own.secret_access_key.encode()
    for part in (date[:8], region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    return (
        f"AWS4-HMAC-SHA256 Credential={own.access_key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
