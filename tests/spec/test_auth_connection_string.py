"""Runs the auth tree's connection strings: the credential each one makes, or that it is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from petiole._auth.credentials import AWSProperties, GSSAPIProperties, MongoCredential, OIDCProperties
from petiole.client_options import build_client_options
from petiole.errors import ConfigurationError

PROPERTIES = {
    "SERVICE_NAME": "service_name",
    "CANONICALIZE_HOST_NAME": "canonicalize_host_name",
    "SERVICE_REALM": "service_realm",
    "SERVICE_HOST": "service_host",
    "AWS_SESSION_TOKEN": "aws_session_token",
    "ENVIRONMENT": "environment",
    "TOKEN_RESOURCE": "token_resource",
}
# The newer specification wants them refused; PyMongo 4.20 takes them, and what works there must work here.
ACCEPTED = (
    "should throw an exception if username and password provided (MONGODB-AWS)",
    "should throw an exception if AWS_SESSION_TOKEN provided (MONGODB-AWS)",
)


class OIDCCallback:
    """Stands for the class of that name, which credentials recognise by it."""


@pytest.mark.specification("auth/tests/legacy")
def test_credential(case: Mapping[str, Any]) -> None:
    keywords: dict[str, Any] = {}
    if "oidcRequest" in (case.get("callback") or []):
        keywords["authMechanismProperties"] = {"OIDC_CALLBACK": OIDCCallback()}
    if case["description"] in ACCEPTED:
        credential = build_client_options(case["uri"]).options.pool_options.credentials
        assert credential is not None
        assert credential.mechanism == "MONGODB-AWS"
        return
    if not case["valid"]:
        with pytest.raises((ConfigurationError, ValueError)):
            build_client_options(case["uri"], None, keywords)
        return
    credential = build_client_options(case["uri"], None, keywords).options.pool_options.credentials
    expected = case["credential"]
    if expected is None:
        assert credential is None
        return
    assert credential is not None
    assert credential.mechanism == (expected["mechanism"] or "DEFAULT")
    assert credential.source == expected["source"]
    assert credential.username == expected["username"]
    assert credential.password == expected["password"]
    check_properties(credential, expected.get("mechanism_properties") or {})


def check_properties(credential: MongoCredential, expected: Mapping[str, Any]) -> None:
    properties = credential.mechanism_properties
    for name, value in expected.items():
        assert isinstance(properties, (AWSProperties, GSSAPIProperties, OIDCProperties))
        assert getattr(properties, PROPERTIES[name]) == value


def test_every_property_of_the_tree_is_known(specifications: Path) -> None:
    text = (specifications / "auth/tests/legacy/connection-string.json").read_text()
    for case in json.loads(text)["tests"]:
        for name in (case.get("credential") or {}).get("mechanism_properties") or {}:
            assert name in PROPERTIES
