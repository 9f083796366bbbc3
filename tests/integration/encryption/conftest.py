"""A key vault on the real server, and the stand-in for the query analyser."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tests.analyser.launcher import analyser
from tests.integration.operations.conftest import Face

from petiole.bson.codec_options import CodecOptions
from petiole.encryption import Algorithm, ClientEncryption
from petiole.encryption_options import AutoEncryptionOpts
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient

PROVIDERS = {"local": {"key": base64.b64decode("QUFB" * 32)}}
VAULT = "encryption_tests.keys"
CLEAR = "a secret in clear"


class Setting:
    """What the clients of these tests have in common."""

    def __init__(self, server: LocalServer, analyser_uri: str) -> None:
        self.server = server
        self.analyser_uri = analyser_uri
        self.client: MongoClient[dict[str, Any]] = MongoClient(server.uri)
        keys: ClientEncryption[Any] = ClientEncryption(PROVIDERS, VAULT, self.client, CodecOptions())
        with keys:
            self.key_id = keys.create_data_key("local")

    def schema(self, deterministic: bool = True) -> dict[str, Any]:
        """A schema that has a string called `secret` encrypted."""
        kinds = (
            Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random,
            Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Deterministic,
        )
        encrypt = {"keyId": [self.key_id], "bsonType": "string", "algorithm": kinds[deterministic]}
        return {"bsonType": "object", "properties": {"secret": {"encrypt": encrypt}}}

    def options(self, namespace: str | None, **given: Any) -> AutoEncryptionOpts:
        """Options of an encrypted client that knows the schema of that collection."""
        schemas = None if namespace is None else {namespace: self.schema()}
        usual = {
            "kms_providers": PROVIDERS,
            "key_vault_namespace": VAULT,
            "schema_map": schemas,
            "mongocryptd_uri": self.analyser_uri,
            "mongocryptd_bypass_spawn": True,
        }
        return AutoEncryptionOpts(**{**usual, **given})


@pytest.fixture(scope="session")
def setting(replica_set: LocalServer) -> Iterator[Setting]:
    with analyser() as uri:
        made = Setting(replica_set, uri)
        yield made
        made.client.drop_database(VAULT.partition(".")[0])
        made.client.close()


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[Face]:
    made = Face(request.param, replica_set)
    yield made
    made.close()


class Encrypted:
    """A collection by an encrypted client of one face, and the same in the clear."""

    def __init__(self, face: Face, setting: Setting) -> None:
        self._face = face
        self.setting = setting
        self.namespace = f"{face.db.name}.things"
        self.plain: Any = face.db["things"]

    def make(self, *, client: dict[str, Any] | None = None, **given: Any) -> Any:
        """One more encrypted client. `client` are its other options."""
        options = self.setting.options(self.namespace, **given)
        return self._face.make(auto_encryption_opts=options, **(client or {}))

    def client_with(self, options: AutoEncryptionOpts) -> Any:
        """One more client with options of its own."""
        return self._face.make(auto_encryption_opts=options)

    def things(self, **given: Any) -> Any:
        """The collection by one more encrypted client."""
        return self.make(**given)[self._face.db.name]["things"]

    def secrets(self) -> list[Any]:
        """What the server has of the secrets."""
        return [document.get("secret") for document in self.plain.find({}, sort=["_id"]).to_list()]


@pytest.fixture
def encrypted(face: Face, setting: Setting) -> Encrypted:
    return Encrypted(face, setting)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
