"""Where MONGODB-AWS has its credentials from: the user or the application, the environment, a web identity, the
container or the machine.

Pure: what has to be looked up is asked for. Follows: Authentication, "MONGODB-AWS", "Obtaining Credentials" (the order
below is its order) and "Caching Credentials".
"""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from petiole._auth.conversation import Fetch, Look, Read, Step, Work
from petiole._auth.credentials import AWSProperties, AWSProvider
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._auth.credentials import CredentialCache, MongoCredential

_CONTAINER = "http://169.254.170.2"
_MACHINE = "http://169.254.169.254/latest/"
_STS = "https://sts.amazonaws.com/"
_EARLY = timedelta(minutes=5)
"""Kept credentials are not used any more when they have less than this to live."""


class AwsCredentials(NamedTuple):
    """Keys, and until when they serve."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires: datetime | None = None

    def __repr__(self) -> str:
        return "AwsCredentials(<redacted>)"


Search: TypeAlias = Generator[Step, Any, AwsCredentials]


def find_credentials(credential: MongoCredential) -> Search:
    """The credentials to sign with.

    :raises ConfigurationError: if there are none.
    """
    properties = credential.mechanism_properties
    if credential.username is not None:
        token = properties.aws_session_token if isinstance(properties, AWSProperties) else None
        return AwsCredentials(credential.username, credential.password or "", token)
    if isinstance(properties, AWSProvider):
        return _provided((yield Work(properties.provider)))
    return (yield from find_surrounding_credentials(credential.cache))


def find_surrounding_credentials(cache: CredentialCache | None) -> Search:
    """The credentials of the environment the process runs in; fetched ones are kept in `cache`, where there is one.

    :raises ConfigurationError: if there are none.
    """
    environ, now = yield Look()
    kept = None if cache is None else cache.data
    # Before the environment: as Amazon's own libraries do it, who has once fetched them goes on with these.
    if isinstance(kept, AwsCredentials) and kept.expires is not None and kept.expires - now > _EARLY:
        return kept
    from_environment = _of_environment(environ)
    if from_environment is not None:
        return from_environment
    found = yield from _fetch(environ)
    if cache is not None:
        cache.data = found
    return found


def _provided(found: Any) -> AwsCredentials:
    """What the application's provider returned: an object with the attributes of botocore's credentials."""
    parts = [getattr(found, name, None) for name in ("access_key", "secret_key", "token")]
    if not all(isinstance(part, str) and part for part in parts[:2]) or not isinstance(
        parts[2], (str, type(None))
    ):
        raise ConfigurationError(
            "MONGODB-AWS: AWS_CREDENTIAL_PROVIDER must return an object with access_key, secret_key and token, "
            f"not {type(found)}"
        )
    return AwsCredentials(parts[0] or "", parts[1] or "", parts[2] or None)


def _of_environment(environ: Mapping[str, str]) -> AwsCredentials | None:
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    token = environ.get("AWS_SESSION_TOKEN")
    if key and secret:
        return AwsCredentials(key, secret, token or None)
    if key or secret or token:
        lacking = "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
        raise ConfigurationError(
            f"MONGODB-AWS: the environment has only a part of credentials, not {lacking}"
        )
    return None


def _fetch(environ: Mapping[str, str]) -> Search:
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environ.get("AWS_ROLE_ARN"):
        return (yield from _web_identity(environ))
    relative = environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    if relative:
        document = yield from _json("the container's", Fetch("GET", _CONTAINER + relative, {}))
        return _read(document, "Token")
    return (yield from _machine())


def _web_identity(environ: Mapping[str, str]) -> Search:
    path = environ["AWS_WEB_IDENTITY_TOKEN_FILE"]
    try:
        token = yield Read(path)
    except OSError as error:
        raise ConfigurationError(
            f"MONGODB-AWS: AWS_WEB_IDENTITY_TOKEN_FILE cannot be read: {error}"
        ) from error
    query = {
        "Action": "AssumeRoleWithWebIdentity",
        "RoleSessionName": environ.get("AWS_ROLE_SESSION_NAME") or "petiole",
        "RoleArn": environ["AWS_ROLE_ARN"],
        "WebIdentityToken": token.strip(),
        "Version": "2011-06-15",
    }
    request = Fetch("GET", f"{_STS}?{urlencode(query)}", {"Accept": "application/json"})
    document = yield from _json("the web identity's", request)
    # Amazon wraps them twice; the specification does not.
    for name in ("AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult", "Credentials"):
        if isinstance(document, dict):
            document = document.get(name, document)
    return _read(document, "SessionToken")


def _machine() -> Search:
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "30"}
    token = yield from _text("the machine's", Fetch("PUT", f"{_MACHINE}api/token", lifetime))
    shown = {"X-aws-ec2-metadata-token": token.strip()}
    folder = f"{_MACHINE}meta-data/iam/security-credentials/"
    role = yield from _text("the machine's", Fetch("GET", folder, shown))
    document = yield from _json("the machine's", Fetch("GET", folder + role.strip(), shown))
    return _read(document, "Token")


def _text(whose: str, request: Fetch) -> Generator[Step, Any, str]:
    # Neither the request nor the answer is in the texts: both hold secrets.
    try:
        status, body = yield request
    except OSError as error:
        raise ConfigurationError(
            f"MONGODB-AWS: no credentials were given, and {whose} cannot be fetched: {error}"
        ) from None
    if status != 200:
        raise ConfigurationError(f"MONGODB-AWS: {whose} credentials were refused: HTTP status {status}")
    return str(body.decode(errors="replace"))


def _json(whose: str, request: Fetch) -> Generator[Step, Any, Any]:
    text = yield from _text(whose, request)
    try:
        return json.loads(text)
    except ValueError:
        raise ConfigurationError(f"MONGODB-AWS: {whose} credentials are not JSON") from None


def _read(document: Any, token_name: str) -> AwsCredentials:
    """Credentials as Amazon's services write them; a time is text, or seconds since 1970."""
    try:
        expires = document.get("Expiration")
        if isinstance(expires, str):
            expires = datetime.fromisoformat(expires)
            expires = expires if expires.tzinfo is not None else expires.replace(tzinfo=UTC)
        elif expires is not None:
            expires = datetime.fromtimestamp(expires, UTC)
        found = AwsCredentials(
            document["AccessKeyId"], document["SecretAccessKey"], document[token_name], expires
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ConfigurationError("MONGODB-AWS: the credentials fetched are not complete") from None
    if not all(isinstance(part, str) for part in found[:3]):
        raise ConfigurationError("MONGODB-AWS: the credentials fetched are not complete")
    return found
