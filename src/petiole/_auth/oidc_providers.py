"""Tokens for machines, from the platform they run on: Azure, Google's cloud, Kubernetes, the drivers' own tests.

Pure: what has to be looked up is asked for. Follows: Authentication, "MONGODB-OIDC", "Built-in Provider Integrations".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from petiole._auth.conversation import Fetch, Look, Read
from petiole._auth.oidc_callback import OIDCCallbackResult
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator

    from petiole._auth.conversation import Step
    from petiole._auth.credentials import OIDCProperties

_AZURE = "http://169.254.169.254/metadata/identity/oauth2/token"
_GCP = "http://metadata/computeMetadata/v1/instance/service-accounts/default/identity"
_K8S_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_K8S_VARIABLES = ("AZURE_FEDERATED_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


def token_of(properties: OIDCProperties) -> Generator[Step, Any, OIDCCallbackResult]:
    """A token of the environment that the properties name.

    :raises ConfigurationError: if it gives none.
    """
    if properties.environment == "azure":
        return (yield from _azure(properties))
    if properties.environment == "gcp":
        url = f"{_GCP}?audience={quote(properties.token_resource, safe='')}"
        return OIDCCallbackResult((yield from _ask(Fetch("GET", url, {"Metadata-Flavor": "Google"}))).strip())
    environ = (yield Look()).environ
    if properties.environment == "test":
        path = environ.get("OIDC_TOKEN_FILE")
        if not path:
            raise ConfigurationError("MONGODB-OIDC: OIDC_TOKEN_FILE is not set in the environment")
    else:
        path = next((environ[name] for name in _K8S_VARIABLES if environ.get(name)), _K8S_FILE)
    try:
        return OIDCCallbackResult((yield Read(path)).strip())
    except OSError as error:
        raise ConfigurationError(f"MONGODB-OIDC: the token's file cannot be read: {error}") from error


def _azure(properties: OIDCProperties) -> Generator[Step, Any, OIDCCallbackResult]:
    query = {"api-version": "2018-02-01", "resource": properties.token_resource}
    if properties.username:
        query["client_id"] = properties.username
    headers = {"Metadata": "true", "Accept": "application/json"}
    text = yield from _ask(Fetch("GET", f"{_AZURE}?{urlencode(query)}", headers))
    try:
        document = json.loads(text)
        return OIDCCallbackResult(document["access_token"], float(document["expires_in"]))
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError("MONGODB-OIDC: Azure's answer holds no token") from None


def _ask(request: Fetch) -> Generator[Step, Any, str]:
    try:
        status, body = yield request
    except OSError as error:
        raise ConfigurationError(f"MONGODB-OIDC: no token can be fetched: {error}") from None
    if status != 200:
        raise ConfigurationError(f"MONGODB-OIDC: no token was given: HTTP status {status}")
    return str(body.decode(errors="replace"))
