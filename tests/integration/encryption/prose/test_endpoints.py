"""Where key management services are, by master keys and providers (prose test 7), and TLS with them (10, 11)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.encryption.prose.conftest import CLOUDS, DETERMINISTIC, Side
from tests.integration.security.authority import LOCAL
from tests.kms.clouds import routed
from tests.kms.estate import AWS_MASTER, Estate, masters_of_the_specification
from tests.kms.http import HttpService
from tests.kms.kmip import KmipService
from tests.kms.service import Fault, Service

NOWHERE = "doesnotexist.invalid"
AWS = {"region": "us-east-1", "key": AWS_MASTER}
MASTERS = masters_of_the_specification()


def invalid(side: Side) -> dict[str, Any]:
    """Providers whose own endpoints are nowhere."""
    providers = side.estate.providers("azure", "gcp", "kmip")
    providers["azure"]["identityPlatformEndpoint"] = f"{NOWHERE}:443"
    providers["gcp"]["endpoint"] = f"{NOWHERE}:443"
    providers["kmip"]["endpoint"] = f"{NOWHERE}:5698"
    return {"kms_providers": providers, "kms_connect_callback": None}


def works(side: Side, client: Any, provider: str, master: Any) -> None:
    encryption = side.explicit(client, *CLOUDS)
    key = encryption.create_data_key(provider, master)
    encrypted = encryption.encrypt("test", DETERMINISTIC, key_id=key)
    assert encryption.decrypt(encrypted) == "test"
    # Without the key that the first has in its cache.
    assert side.explicit(client, *CLOUDS).decrypt(encrypted) == "test"


@pytest.mark.parametrize(
    ("provider", "master"),
    [
        ("aws", AWS),
        ("aws", {**AWS, "endpoint": "kms.us-east-1.amazonaws.com"}),
        ("aws", {**AWS, "endpoint": "kms.us-east-1.amazonaws.com:443"}),
        ("azure", MASTERS["azure"]),
        ("gcp", {**(MASTERS["gcp"] or {}), "endpoint": "cloudkms.googleapis.com:443"}),
        ("kmip", {"keyId": "1"}),
        ("kmip", {"delegated": True}),
    ],
)
def test_endpoints_that_are_right(side: Side, client: Any, provider: str, master: Any) -> None:
    works(side, client, provider, master)


@pytest.mark.parametrize("provider", CLOUDS)
def test_endpoints_with_ports(side: Side, client: Any, provider: str) -> None:
    """Without a callback: what the endpoints say is where the driver connects."""
    master = side.estate.master(provider) or {}
    if provider == "kmip":
        master = {"keyId": "1", "endpoint": side.estate.kmip.endpoint}
    encryption = side.explicit(client, *CLOUDS, kms_connect_callback=None)
    key = encryption.create_data_key(provider, master)
    assert client["keyvault"]["datakeys"].find_one({"_id": key})["masterKey"].items() >= master.items()
    encrypted = encryption.encrypt("test", DETERMINISTIC, key_id=key)
    assert side.explicit(client, *CLOUDS, kms_connect_callback=None).decrypt(encrypted) == "test"


def test_a_port_that_nobody_listens_on(side: Side, client: Any, closed_port: int) -> None:
    encryption = side.explicit(client, "kmip", kms_connect_callback=None)
    master = {"keyId": "1", "endpoint": f"127.0.0.1:{closed_port}"}
    with pytest.raises(side.errors.EncryptionError, match="network error"):
        encryption.create_data_key("kmip", master)


def test_an_endpoint_of_another_region(side: Side, client: Any) -> None:
    master = {**AWS, "endpoint": "kms.us-east-2.amazonaws.com"}
    with pytest.raises(side.errors.EncryptionError):
        side.explicit(client, "aws").create_data_key("aws", master)


@pytest.mark.parametrize(
    ("provider", "master", "of_provider"),
    [
        ("aws", {**AWS, "endpoint": NOWHERE}, False),
        ("azure", MASTERS["azure"], True),
        ("gcp", {**(MASTERS["gcp"] or {}), "endpoint": "cloudkms.googleapis.com:443"}, True),
        ("kmip", {"keyId": "1"}, True),
        ("kmip", {"keyId": "1", "endpoint": f"{NOWHERE}:5698"}, False),
    ],
)
def test_endpoints_that_are_nowhere(
    side: Side, client: Any, provider: str, master: Any, of_provider: bool
) -> None:
    options = invalid(side) if of_provider else {"kms_connect_callback": None}
    encryption = side.explicit(client, *CLOUDS, **options)
    with pytest.raises(side.errors.EncryptionError, match=f"network error.*{NOWHERE}"):
        encryption.create_data_key(provider, master)


def test_an_endpoint_of_google_that_is_nowhere(side: Side, client: Any) -> None:
    # Google's token endpoint is here, so that it is the master key's that fails.
    master = {**(MASTERS["gcp"] or {}), "endpoint": f"{NOWHERE}:443"}
    encryption = side.explicit(client, "gcp", kms_connect_callback=None)
    with pytest.raises(side.errors.EncryptionError, match=NOWHERE):
        encryption.create_data_key("gcp", master)


class Places:
    """Services that show certificates of all kinds, and one that wants to see the clients'."""

    def __init__(self, estate: Estate, stack: contextlib.ExitStack) -> None:
        authority = estate.authority
        answer = routed(estate.aws, estate.azure, estate.google)
        day = timedelta(days=1)
        good = authority.issue("tls good", alternatives=LOCAL)
        expired = authority.issue("tls expired", alternatives=LOCAL, begins=-10 * day, ends=-5 * day)
        wrong = authority.issue("tls wrong host", alternatives=("wronghost.com",))
        self.expired, self.wrong = (
            stack.enter_context(HttpService(answer, certificate)) for certificate in (expired, wrong)
        )
        self.careful: Service = stack.enter_context(HttpService(answer, good, clients=authority.file))
        self.kmip_expired, self.kmip_wrong = (
            stack.enter_context(KmipService(certificate)) for certificate in (expired, wrong)
        )


@pytest.fixture(scope="module")
def places(estate: Estate) -> Iterator[Places]:
    with contextlib.ExitStack() as stack:
        yield Places(estate, stack)


def at(side: Side, provider: str, service: Service) -> tuple[dict[str, Any], Any]:
    """Options and a master key with which the first connection is to that service."""
    kind = provider.partition(":")[0]
    options, master = side.estate.provider(kind), side.estate.master(kind)
    if kind == "aws":
        master = {**AWS, "endpoint": service.endpoint}
    elif kind == "azure":
        options["identityPlatformEndpoint"] = service.endpoint
    else:
        options["endpoint"] = service.endpoint
    return {"kms_providers": {provider: options}, "kms_connect_callback": None}, master


def tls(side: Side, provider: str, *, certificate: bool) -> dict[str, Any]:
    options = side.estate.tls(provider)
    if not certificate:
        del options[provider]["tlsCertificateKeyFile"]
    return {"kms_tls_options": options}


@pytest.mark.parametrize("provider", CLOUDS)
@pytest.mark.parametrize(
    ("kind", "text"),
    [("expired", "certificate has expired"), ("wrong", "IP address mismatch|not valid for '127.0.0.1'")],
)
def test_certificates_are_verified(
    side: Side, client: Any, places: Places, provider: str, kind: str, text: str
) -> None:
    service = getattr(places, f"kmip_{kind}" if provider == "kmip" else kind)
    options, master = at(side, provider, service)
    encryption = side.explicit(client, provider, **options, **tls(side, provider, certificate=False))
    with pytest.raises(side.errors.EncryptionError, match=text):
        encryption.create_data_key(provider, master)


@pytest.mark.parametrize("provider", [*CLOUDS, *(f"{name}:careful" for name in CLOUDS)])
def test_client_certificates_are_shown(side: Side, client: Any, places: Places, provider: str) -> None:
    service = side.estate.kmip if provider.startswith("kmip") else places.careful
    options, master = at(side, provider, service)
    bare = side.explicit(client, provider, **options, **tls(side, provider, certificate=False))
    with pytest.raises(
        side.errors.EncryptionError, match=r"(?i)certificate.required|reset|closed|broken|EOF"
    ):
        bare.create_data_key(provider, master)
    shown = side.explicit(client, provider, **options, **tls(side, provider, certificate=True))
    key = shown.create_data_key(provider, master)
    assert client["keyvault"]["datakeys"].find_one({"_id": key})["masterKey"]["provider"] == provider


def test_only_the_provider_of_that_name_shows_its_certificate(
    side: Side, client: Any, places: Places
) -> None:
    names = ("aws:with_tls", "aws:no_client_cert")
    _, master = at(side, "aws", places.careful)
    options = {**tls(side, names[0], certificate=True)["kms_tls_options"]}
    options |= tls(side, names[1], certificate=False)["kms_tls_options"]
    encryption = side.explicit(
        client,
        kms_providers={name: side.estate.provider("aws") for name in names},
        kms_tls_options=options,
        kms_connect_callback=None,
    )
    encryption.create_data_key(names[0], master)
    with pytest.raises(side.errors.EncryptionError):
        encryption.create_data_key(names[1], master)


@pytest.mark.parametrize(
    ("provider", "fault", "text"),
    [("aws", Fault.GARBAGE, "parse|malformed|invalid|HTTP"), ("azure", Fault.NOT_FOUND, "status=404")],
)
def test_the_handshake_is_over_when_replies_are_wrong(
    side: Side, client: Any, places: Places, provider: str, fault: Fault, text: str
) -> None:
    options, master = at(side, provider, places.careful)
    encryption = side.explicit(client, provider, **options, **tls(side, provider, certificate=True))
    places.careful.fail(fault)
    with pytest.raises(side.errors.EncryptionError, match=f"(?i){text}"):
        encryption.create_data_key(provider, master)
    places.careful.recover()


def test_options_about_ocsp_are_taken(side: Side, client: Any) -> None:
    providers = {"aws": {"accessKeyId": "foo", "secretAccessKey": "bar"}}
    options = {"aws": {"tlsDisableOCSPEndpointCheck": True}}
    side.explicit(client, kms_providers=providers, kms_tls_options=options)
    with pytest.raises(side.errors.ConfigurationError):
        side.explicit(client, kms_providers=providers, kms_tls_options={"aws": {"tlsInsecure": True}})
