"""The specification's prose tests of client-side encryption: what they run on, and for whom.

They run on petiole's two faces, and on PyMongo, which shows whether the tests are right. Key management services and
the analyser are local (tests/kms, tests/analyser). Follows: client-side-encryption/tests/README.md.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.analyser.launcher import analyser
from tests.integration.parity.adapter import Blocking, Loop, bare
from tests.integration.security.authority import Authority
from tests.kms.estate import Estate
from tests.spec.conftest import specifications_folder
from tests.spec.unified.events import Observer

from petiole.local import LocalServer

VAULT = "keyvault.datakeys"
RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
CLOUDS = ("aws", "azure", "gcp", "kmip")
PROVIDERS = (*CLOUDS, "local")


class Side:
    """A driver and one of its faces, by one interface: its clients answer at once."""

    def __init__(
        self, package: str, loop: Loop | None, server: LocalServer, estate: Estate, uri: str
    ) -> None:
        self.package = package
        self.estate = estate
        self.server = server
        self.analyser = uri
        self._loop = loop
        self._made: list[Any] = []
        self.errors = self.module("errors")

    @property
    def is_async(self) -> bool:
        return self._loop is not None

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.package}.{name}")

    def bson(self, name: str = "") -> Any:
        package = "bson" if self.package == "pymongo" else f"{self.package}.bson"
        return importlib.import_module(f"{package}.{name}" if name else package)

    def load(self, text: str) -> Any:
        """Extended JSON, UUIDs as binary data."""
        util = self.bson("json_util")
        representation = self.bson("binary").UuidRepresentation.UNSPECIFIED
        return util.loads(text, json_options=util.JSONOptions(uuid_representation=representation))

    def binary(self, data: bytes, subtype: int = 4) -> Any:
        return self.bson("binary").Binary(data, subtype)

    def majority(self) -> Any:
        return self.module("write_concern").WriteConcern("majority")

    def client(self, uri: str | None = None, *, observer: Observer | None = None, **options: Any) -> Any:
        """A client of the tests' server, or another; `observer` is told of everything."""
        if observer is not None:
            options["event_listeners"] = [self._listener(observer)]
        options.setdefault("serverSelectionTimeoutMS", 10_000)
        name = "AsyncMongoClient" if self.is_async else "MongoClient"
        made = getattr(importlib.import_module(self.package), name)(uri or self.server.uri, **options)
        return self._kept(made)

    def _listener(self, observer: Observer) -> Any:
        return observer.listener(self)  # type: ignore[arg-type]

    def _kept(self, made: Any) -> Any:
        made = made if self._loop is None else Blocking(made, self._loop)
        self._made.append(made)
        return made

    def options(self, *kinds: str, **options: Any) -> dict[str, Any]:
        """What leads to these kinds of providers, or to all; `kms_providers` and others may be given."""
        kinds = kinds or PROVIDERS
        estate = self.estate
        usual = {
            "kms_providers": estate.providers(*kinds),
            "key_vault_namespace": VAULT,
            "kms_tls_options": estate.tls(*(kind for kind in kinds if not kind.startswith("local"))),
            "kms_connect_callback": estate.aconnect if self.is_async else estate.connect,
        }
        return {**usual, **{name: bare(value) for name, value in options.items()}}

    def automatic(self, *kinds: str, **options: Any) -> Any:
        """AutoEncryptionOpts, with the analyser that there is unless another way is said."""
        usual = {"mongocryptd_uri": self.analyser, "mongocryptd_bypass_spawn": True}
        made = self.module("encryption_options").AutoEncryptionOpts
        return made(**self.options(*kinds, **{**usual, **options}))

    def encrypted(self, *kinds: str, client: dict[str, Any] | None = None, **options: Any) -> Any:
        """A client that encrypts; `client` are its other options."""
        return self.client(auto_encryption_opts=self.automatic(*kinds, **options), **(client or {}))

    def explicit(self, client: Any, *kinds: str, **options: Any) -> Any:
        """A ClientEncryption with its key vault at that client."""
        codec = self.bson("codec_options").CodecOptions()
        name = "asynchronous.encryption" if self.is_async else "encryption"
        kind = getattr(self.module(name), "AsyncClientEncryption" if self.is_async else "ClientEncryption")
        values = {"key_vault_client": bare(client), "codec_options": codec, **self.options(*kinds, **options)}
        return self._kept(kind(**values))

    def close(self) -> None:
        for made in reversed(self._made):
            made.close()
        if self._loop is not None:
            self._loop.close()


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """All key management services."""
    with Estate(Authority(tmp_path_factory.mktemp("estate"))) as made:
        yield made


@pytest.fixture(scope="session")
def analyser_uri() -> Iterator[str]:
    with analyser() as uri:
        yield uri


def _made(name: str, server: LocalServer, estate: Estate, uri: str) -> Iterator[Side]:
    package = "pymongo" if name == "pymongo" else "petiole"
    made = Side(package, Loop() if name == "asyncio" else None, server, estate, uri)
    yield made
    made.close()
    estate.recover()


@pytest.fixture(params=["pymongo", "blocking", "asyncio"])
def side(
    request: pytest.FixtureRequest, replica_set: LocalServer, estate: Estate, analyser_uri: str
) -> Iterator[Side]:
    """PyMongo and both of petiole's faces, one after the other."""
    yield from _made(request.param, replica_set, estate, analyser_uri)


@pytest.fixture(params=["blocking", "asyncio"])
def own(
    request: pytest.FixtureRequest, replica_set: LocalServer, estate: Estate, analyser_uri: str
) -> Iterator[Side]:
    """Petiole's faces alone, for what PyMongo does otherwise or cannot be led to here."""
    yield from _made(request.param, replica_set, estate, analyser_uri)


def emptied(side: Side) -> Any:
    """A client that does not encrypt; the key vault and the collection of the tests are empty."""
    made = side.client()
    made["keyvault"].drop_collection("datakeys")
    made["db"].drop_collection("coll")
    return made


@pytest.fixture
def client(side: Side) -> Any:
    """`emptied`, of all sides."""
    return emptied(side)


@pytest.fixture
def own_client(own: Side) -> Any:
    """`emptied`, of petiole's faces."""
    return emptied(own)


class Files:
    """The files that the specification has for these tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def text(self, path: str) -> str:
        return (self._folder / path).read_text()

    def plain(self, path: str) -> Any:
        """A file as JSON alone."""
        return json.loads(self.text(path))


@pytest.fixture(scope="session")
def files(pytestconfig: pytest.Config) -> Files:
    """The folder of client-side encryption; tests that ask for it are skipped where there is none."""
    folder = specifications_folder(pytestconfig) / "client-side-encryption"
    if not folder.is_dir():
        pytest.skip(f"no specifications in {folder}: pass --specifications DIR")
    return Files(folder)
