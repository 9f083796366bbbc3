"""Tokens of the platform: what is asked for, and what the answers become."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from petiole._auth.conversation import Fetch, Look, Read, Surroundings
from petiole._auth.credentials import OIDCProperties
from petiole._auth.oidc_providers import token_of
from petiole.errors import ConfigurationError


def properties(environment: str, resource: str = "", username: str = "") -> OIDCProperties:
    return OIDCProperties(None, None, environment, [], resource, username)


def ask(found: OIDCProperties, *answers: Any) -> tuple[list[Any], Any]:
    """The requests, and the token (or None); an answer that is an exception is thrown."""
    source, asked, left = token_of(found), [], list(answers)
    try:
        step = next(source)
        while True:
            asked.append(step)
            answer = left.pop(0)
            step = source.throw(answer) if isinstance(answer, Exception) else source.send(answer)
    except StopIteration as end:
        return asked, end.value.access_token


def around(**environ: str) -> Surroundings:
    return Surroundings(environ, datetime.now(UTC))


def test_azure() -> None:
    answer = (200, json.dumps({"access_token": "t", "expires_in": "3600"}).encode())
    asked, token = ask(properties("azure", "api://a b", "me"), answer)
    assert token == "t"
    assert asked == [
        Fetch(
            "GET",
            "http://169.254.169.254/metadata/identity/oauth2/token"
            "?api-version=2018-02-01&resource=api%3A%2F%2Fa+b&client_id=me",
            {"Metadata": "true", "Accept": "application/json"},
        )
    ]


def test_gcp() -> None:
    asked, token = ask(properties("gcp", "https://x/y"), (200, b"t\n"))
    assert token == "t"
    assert asked == [
        Fetch(
            "GET",
            "http://metadata/computeMetadata/v1/instance/service-accounts/default/identity"
            "?audience=https%3A%2F%2Fx%2Fy",
            {"Metadata-Flavor": "Google"},
        )
    ]


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"AZURE_FEDERATED_TOKEN_FILE": "/azure", "AWS_WEB_IDENTITY_TOKEN_FILE": "/aws"}, "/azure"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/aws"}, "/aws"),
        ({}, "/var/run/secrets/kubernetes.io/serviceaccount/token"),
    ],
)
def test_kubernetes(environ: dict[str, str], path: str) -> None:
    assert ask(properties("k8s"), around(**environ), "t\n") == ([Look(), Read(path)], "t")


def test_the_tests_own() -> None:
    assert ask(properties("test"), around(OIDC_TOKEN_FILE="/f"), "t") == ([Look(), Read("/f")], "t")
    with pytest.raises(ConfigurationError, match="OIDC_TOKEN_FILE"):
        ask(properties("test"), around())


@pytest.mark.parametrize(
    ("environment", "answers"),
    [
        ("azure", [OSError("unreachable")]),
        ("azure", [(500, b"secret")]),
        ("azure", [(200, b"secret")]),
        ("azure", [(200, b'{"access_token": "secret"}')]),
        ("gcp", [OSError("unreachable")]),
        ("gcp", [(404, b"secret")]),
        ("k8s", [around(), FileNotFoundError(2, "No such file")]),
    ],
)
def test_failures(environment: str, answers: list[Any]) -> None:
    with pytest.raises(ConfigurationError, match="MONGODB-OIDC") as caught:
        ask(properties(environment, "r"), *answers)
    assert "secret" not in str(caught.value)
