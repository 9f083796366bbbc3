"""Credentials of key management services from where the process runs, for providers that were given as `{}`.

Pure: what has to be looked up is asked for. Follows: Client Side Encryption, "Automatic Credentials", but for the
bodies of answers that were no error: those may hold a secret, so no text shows them.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from petiole._auth.aws_credentials import find_surrounding_credentials
from petiole._auth.conversation import Fetch, Look, Step
from petiole._auth.credentials import CredentialCache
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from datetime import datetime

_GCP_HOST = "metadata.google.internal"
_GCP_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
_AZURE = "http://169.254.169.254/metadata/identity/oauth2/token"
_EARLY = timedelta(minutes=1)
"""A kept token of Azure is not used any more when it has less than this to live."""
_MOST_SHOWN = 500
"""Characters of a refusal that an error shows."""

Credentials = dict[str, str]


class KmsCredentialCache:
    """What is kept between requests: Amazon's keys and Azure's token, until shortly before they expire."""

    def __init__(self) -> None:
        self.aws = CredentialCache()
        self.azure: tuple[str, datetime] | None = None


def find_kms_credentials(
    providers: Mapping[str, Any], cache: KmsCredentialCache
) -> Generator[Step, Any, dict[str, Credentials]]:
    """Those of every provider that was given as `{}`, which those with names of their own cannot be.

    :raises ConfigurationError: if there are none.
    """
    sources = {"aws": _aws, "gcp": _gcp, "azure": _azure}
    found: dict[str, Credentials] = {}
    for name, source in sources.items():
        if name in providers and not providers[name]:
            found[name] = yield from source(cache)
    return found


def _aws(cache: KmsCredentialCache) -> Generator[Step, Any, Credentials]:
    try:
        found = yield from find_surrounding_credentials(cache.aws)
    except ConfigurationError as error:
        text = str(error).removeprefix("MONGODB-AWS: ")
        raise ConfigurationError(f"the KMS provider aws: {text}") from None
    credentials = {"accessKeyId": found.access_key_id, "secretAccessKey": found.secret_access_key}
    if found.session_token:
        credentials["sessionToken"] = found.session_token
    return credentials


def _gcp(cache: KmsCredentialCache) -> Generator[Step, Any, Credentials]:
    host = (yield Look()).environ.get("GCE_METADATA_HOST") or _GCP_HOST
    answer = yield from _ask("gcp", Fetch("GET", f"http://{host}{_GCP_PATH}", {"Metadata-Flavor": "Google"}))
    return {"accessToken": _text_in(answer, "access_token", "gcp")}


def _azure(cache: KmsCredentialCache) -> Generator[Step, Any, Credentials]:
    now = (yield Look()).now
    if cache.azure is not None and cache.azure[1] - now > _EARLY:
        return {"accessToken": cache.azure[0]}
    cache.azure = None
    query = urlencode({"api-version": "2018-02-01", "resource": "https://vault.azure.net"})
    headers = {"Metadata": "true", "Accept": "application/json"}
    answer = yield from _ask("azure", Fetch("GET", f"{_AZURE}?{query}", headers))
    token = _text_in(answer, "access_token", "azure")
    try:
        expires = now + timedelta(seconds=int(answer["expires_in"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ConfigurationError(
            "the KMS provider azure: the answer for its credentials holds no integer 'expires_in'"
        ) from None
    cache.azure = token, expires
    return {"accessToken": token}


def _ask(provider: str, request: Fetch) -> Generator[Step, Any, Any]:
    try:
        status, body = yield request
    except OSError as error:
        raise ConfigurationError(
            f"the KMS provider {provider}: no credentials can be fetched: {error}"
        ) from None
    text = body.decode(errors="replace")
    if status != 200:
        raise ConfigurationError(
            f"the KMS provider {provider}: no credentials were given: HTTP status {status}: {text[:_MOST_SHOWN]}"
        )
    try:
        return json.loads(text)
    except ValueError:
        raise ConfigurationError(
            f"the KMS provider {provider}: the answer for its credentials is not JSON"
        ) from None


def _text_in(answer: Any, name: str, provider: str) -> str:
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, str) or not found:
        raise ConfigurationError(
            f"the KMS provider {provider}: the answer for its credentials holds no {name!r}"
        )
    return found
