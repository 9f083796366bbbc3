"""All key management services that a test needs, at once: started together, with the options that lead to them.

Hosts of the real services can be used in key documents: `connect` takes drivers' connections to the local ones, which
show a certificate for those hosts.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.integration.security.authority import LOCAL, Authority
from tests.kms.clouds import Aws, Azure, Google, routed
from tests.kms.http import HttpService
from tests.kms.kmip import KmipService
from tests.kms.metadata import Metadata

HOSTS = (
    *(
        "*.amazonaws.com",
        "*.us-east-1.amazonaws.com",
        "kms.us-east-1.amazonaws.com",
        "kms.us-east-2.amazonaws.com",
    ),
    *("login.microsoftonline.com", "*.vault.azure.net"),
    *("oauth2.googleapis.com", "cloudkms.googleapis.com"),
)
"""The real services, by the names in their certificates."""

LOCAL_KEY = base64.b64decode(
    "Mng0NCt4ZHVUYUJCa1kxNkVyNUR1QURhZ2h2UzR2d2RrZzh0cFBwM3R6NmdWMDFBMUN3YkQ5aXRRMkhGRGdQV09wOGVNYUMxT2k3NjZK"
    "elhaQmRCZGJkTXVyZG9uSjFk"
)
"""LOCAL_MASTERKEY of the specification's tests."""
SECRET_DATA = base64.b64decode(
    "9clYgfMnBnAzcWZoSfn9DgjNjck3YSj73v79SW88fJD4+15MXU0EdWLU2sY2CdNj13AxfAs5Lp1GiaElckYXdi/z8MiB6JRqyjIPcBQ4"
    "kDPSM0PUB2XuPCmPJqMzLsAV"
)
"""What the key server of the specification's tests has under the identifier "1"."""

KEY_ID, SECRET_KEY = "AKIAPETIOLETEST00001", "the secret key of the tests"
SECOND_KEY_ID, SECOND_SECRET_KEY = "AKIAPETIOLETEST00002", "the second secret key of the tests"
ROLE_KEY_ID, ROLE_SECRET_KEY, ROLE_TOKEN = (
    "ASIAPETIOLETEST00003",
    "the secret key of a role",
    "its session token",
)
TENANT, CLIENT, CLIENT_SECRET = "petiole-tenant", "petiole-client", "the secret of the client"
EMAIL = "petiole@example.com"

AWS_MASTER = "arn:aws:kms:us-east-1:579766882180:key/89fcc2c4-08b0-4bd9-9f25-e30687b580d0"
AWS_MASTERS = frozenset(
    {
        AWS_MASTER,
        "arn:aws:kms:us-east-1:579766882180:key/061334ae-07a8-4ceb-a813-8135540e837d",
        "arn:aws:kms:us-east-1:857654397073:key/0f8468f0-f135-4226-aa0b-bd05c4c30df5",
    }
)
AZURE_MASTERS = frozenset({"petiole-key", "key-name-csfle", "drivers-3392-keyname", "KEY-NAME"})
GOOGLE_MASTERS = frozenset({"petiole-key", "key-name-csfle"})


class Estate:
    """The services; `with` starts and ends them."""

    def __init__(self, authority: Authority) -> None:
        certificate = authority.issue("key management", alternatives=(*LOCAL, *HOSTS))
        self.authority = authority
        self.client_certificate: Path = authority.issue("key management client", unit="clients")
        self.tokens: set[str] = set()
        """What Azure and Google take for a token."""
        self.aws = Aws(
            AWS_MASTERS,
            {KEY_ID: SECRET_KEY, SECOND_KEY_ID: SECOND_SECRET_KEY, ROLE_KEY_ID: ROLE_SECRET_KEY},
            {ROLE_KEY_ID: ROLE_TOKEN},
        )
        self.azure = Azure(AZURE_MASTERS, TENANT, CLIENT, CLIENT_SECRET, self.tokens)
        self.google = Google(GOOGLE_MASTERS, EMAIL, self.tokens)
        self.metadata = Metadata(
            self.tokens,
            {"AccessKeyId": ROLE_KEY_ID, "SecretAccessKey": ROLE_SECRET_KEY, "Token": ROLE_TOKEN},
        )
        self.clouds = HttpService(routed(self.aws, self.azure, self.google), certificate)
        self.kmip = KmipService(
            certificate, clients=authority.file, secrets_by_name={"1": SECRET_DATA, "12": SECRET_DATA}
        )
        self.instance = HttpService(self.metadata)
        """The metadata services, without TLS."""
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            for service in (self.clouds, self.kmip, self.instance):
                stack.enter_context(service)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def recover(self) -> None:
        """Let nothing fail any more."""
        for service in (self.clouds, self.kmip, self.instance):
            service.recover()

    def provider(self, kind: str, *, second: bool = False) -> dict[str, Any]:
        """The credentials of one kind of provider.

        :param second: those of another account, where there is one.
        """
        google: dict[str, Any] = {
            "email": EMAIL,
            "privateKey": self.google.private_key,
            "endpoint": self.clouds.endpoint,
        }
        known: dict[str, dict[str, Any]] = {
            "aws": {
                "accessKeyId": SECOND_KEY_ID if second else KEY_ID,
                "secretAccessKey": SECOND_SECRET_KEY if second else SECRET_KEY,
            },
            "azure": {
                "tenantId": TENANT,
                "clientId": CLIENT,
                "clientSecret": CLIENT_SECRET,
                "identityPlatformEndpoint": self.clouds.endpoint,
            },
            "gcp": google,
            "kmip": {"endpoint": self.kmip.endpoint},
            "local": {"key": LOCAL_KEY},
        }
        return known[kind]

    def providers(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """Credentials of these kinds of providers, or of all; names after a colon are kept."""
        return {
            kind: self.provider(kind.partition(":")[0], second=kind.endswith("2"))
            for kind in kinds or ("aws", "azure", "gcp", "kmip", "local")
        }

    def tls(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """The TLS options of these kinds of providers, or of all that need some."""
        options = {
            "tlsCAFile": str(self.authority.file),
            "tlsCertificateKeyFile": str(self.client_certificate),
        }
        return {kind: dict(options) for kind in kinds or ("aws", "azure", "gcp", "kmip")}

    def master(self, kind: str) -> dict[str, Any] | None:
        """A master key of that kind, at the local services."""
        here = self.clouds.endpoint
        location = {"projectId": "petiole", "location": "global", "keyRing": "ring", "keyName": "petiole-key"}
        masters: dict[str, dict[str, Any] | None] = {
            "aws": {"region": "us-east-1", "key": AWS_MASTER, "endpoint": here},
            "azure": {"keyVaultEndpoint": here, "keyName": "petiole-key"},
            "gcp": {**location, "endpoint": here},
            "kmip": {},
            "local": None,
        }
        return masters[kind.partition(":")[0]]

    def new_token(self) -> str:
        """A token that Azure and Google take."""
        token = secrets.token_urlsafe(32)
        self.tokens.add(token)
        return token

    def wrap(self, key: bytes, master: Mapping[str, Any]) -> bytes:
        """A data key as the service of that master key, a document, would have wrapped it."""
        kind = master["provider"].partition(":")[0]
        if kind == "aws":
            return self.aws.wrap(key)
        if kind == "kmip":
            return self.kmip.wrap(key, master["keyId"])
        return self.azure.wrap(key, master["keyName"]) if kind == "azure" else self.google.wrap(key, master)

    def address_of(self, host: str, port: int) -> tuple[str, int]:
        """Where a host is here: the real services are the local ones, and others are where they say."""
        real = host.endswith(
            (".amazonaws.com", ".vault.azure.net", ".microsoftonline.com", ".googleapis.com")
        )
        return ("127.0.0.1", self.clouds.port) if real else (host, port)

    def connect(self, context: Any) -> socket.socket:
        """For `kms_connect_callback` of blocking clients."""
        return socket.create_connection(self.address_of(context.host, context.port), context.timeout)

    async def aconnect(self, context: Any) -> socket.socket:
        """For `kms_connect_callback` of asyncio clients."""
        return await asyncio.to_thread(self.connect, context)


def masters_of_the_specification() -> Mapping[str, dict[str, Any] | None]:
    """The master keys that the specification's tests name."""
    location = {"projectId": "devprod-drivers", "location": "global"}
    return {
        "aws": {"region": "us-east-1", "key": AWS_MASTER},
        "azure": {"keyVaultEndpoint": "key-vault-csfle.vault.azure.net", "keyName": "key-name-csfle"},
        "gcp": {**location, "keyRing": "key-ring-csfle", "keyName": "key-name-csfle"},
        "kmip": {},
        "local": None,
    }
