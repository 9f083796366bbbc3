"""Credentials that drivers get themselves: from the environment, and from metadata services (prose tests 15, 17 to 19).

The metadata services are local. PyMongo asks for what is AWS's with another package, and Azure's at an address that
cannot be changed; with Google's it shows whether the tests are right.
"""

from __future__ import annotations

from typing import Any

import pytest
from pymongocrypt.errors import MongoCryptError
from tests.integration.encryption.prose.conftest import DETERMINISTIC, Side
from tests.kms.estate import KEY_ID, ROLE_KEY_ID, ROLE_SECRET_KEY, ROLE_TOKEN, SECRET_KEY
from tests.kms.service import Fault

OF_AWS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"),
    *("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI",),
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials but those that a test sets."""
    for name in (*OF_AWS, "GCE_METADATA_HOST"):
        monkeypatch.delenv(name, raising=False)


def on_demand(side: Side, client: Any, provider: str) -> Any:
    return side.explicit(client, provider, kms_providers={provider: {}})


def works(side: Side, client: Any, provider: str) -> None:
    encryption = on_demand(side, client, provider)
    key = encryption.create_data_key(provider, side.estate.master(provider))
    encrypted = encryption.encrypt("test", DETERMINISTIC, key_id=key)
    assert on_demand(side, client, provider).decrypt(encrypted) == "test"


@pytest.mark.parametrize(
    ("key", "secret", "token"), [(KEY_ID, SECRET_KEY, None), (ROLE_KEY_ID, ROLE_SECRET_KEY, ROLE_TOKEN)]
)
def test_aws_by_the_environment(
    own: Side, own_client: Any, monkeypatch: pytest.MonkeyPatch, key: str, secret: str, token: str | None
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    if token is not None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    works(own, own_client, "aws")


def test_aws_by_wrong_keys(own: Side, own_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret key")
    with pytest.raises(own.errors.EncryptionError) as caught:
        on_demand(own, own_client, "aws").create_data_key("aws", own.estate.master("aws"))
    assert "another secret key" not in str(caught.value)


def lead(monkeypatch: pytest.MonkeyPatch, side: Side) -> str:
    """Let the addresses that all machines of a cloud have be the local service's; tell where it is."""
    here = f"http://{side.estate.instance.endpoint}"
    monkeypatch.setattr("petiole._auth.aws_credentials._MACHINE", f"{here}/latest/")
    monkeypatch.setattr("petiole._auth.aws_credentials._CONTAINER", here)
    monkeypatch.setattr("petiole._auth.kms_credentials._AZURE", f"{here}/metadata/identity/oauth2/token")
    monkeypatch.setenv("GCE_METADATA_HOST", side.estate.instance.endpoint)
    return here


PROVIDERS = ("aws", "azure", "gcp")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_metadata_of_the_machine(
    own: Side, own_client: Any, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    lead(monkeypatch, own)
    given = own.estate.metadata.given
    works(own, own_client, provider)
    assert own.estate.metadata.given > given


def test_the_metadata_of_a_container(own: Side, own_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lead(monkeypatch, own)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/ecs/credentials")
    works(own, own_client, "aws")
    assert own.estate.instance.requests[-1].path == "/ecs/credentials"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "fault", [Fault.NOT_FOUND, Fault.FAILED, Fault.EMPTY, Fault.GARBAGE, Fault.CUT, Fault.HALF, Fault.FLOOD]
)
def test_no_credentials(
    own: Side, own_client: Any, monkeypatch: pytest.MonkeyPatch, provider: str, fault: Fault
) -> None:
    lead(monkeypatch, own)
    own.estate.instance.fail(*[fault] * 10)
    with pytest.raises(own.errors.EncryptionError):
        on_demand(own, own_client, provider).create_data_key(provider, own.estate.master(provider))
    assert own_client["keyvault"]["datakeys"].count_documents({}) == 0


def test_tokens_of_azure_are_kept(own: Side, own_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until less than a minute is left of them."""
    lead(monkeypatch, own)
    encryption = on_demand(own, own_client, "azure")
    given = own.estate.metadata.given
    for _ in range(2):
        encryption.create_data_key("azure", own.estate.master("azure"))
    assert own.estate.metadata.given == given + 1
    monkeypatch.setattr(own.estate.metadata, "expires_in", 59)
    hasty = on_demand(own, own_client, "azure")
    for _ in range(2):
        hasty.create_data_key("azure", own.estate.master("azure"))
    assert own.estate.metadata.given == given + 3


def test_google(side: Side, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service = side.estate.instance
    monkeypatch.setenv("GCE_METADATA_HOST", service.endpoint)
    before = len(service.requests)
    works(side, client, "gcp")
    asked = service.requests[before:]
    assert asked
    assert all(request.headers["metadata-flavor"] == "Google" for request in asked)


def test_google_where_nobody_listens(
    side: Side, client: Any, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("GCE_METADATA_HOST", f"127.0.0.1:{closed_port}")
    with pytest.raises(side.errors.EncryptionError):
        on_demand(side, client, "gcp").create_data_key("gcp", side.estate.master("gcp"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_names_cannot_have_them(side: Side, client: Any, provider: str) -> None:
    # PyMongo has libmongocrypt's own error here, too.
    with pytest.raises(MongoCryptError, match="not supported for named KMS providers"):
        side.explicit(client, kms_providers={f"{provider}:name": {}})
