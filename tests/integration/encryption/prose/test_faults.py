"""A sweep of faults over key management, key vault and analyser: each ends soon, in an error; nothing is written."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.integration.encryption.prose.conftest import DETERMINISTIC, Side
from tests.kms.service import Fault
from tests.proxies.tcp import Proxy
from tests.spec.unified.events import Observer

import petiole
from petiole import errors

SECRET = "what nobody may read"
LIMIT = 2.0
"""Seconds that an operation has."""
PATIENCE = 20.0
"""Seconds after which one is taken to hang; the limit is far below, the machine may be busy."""


class Fragile:
    """An encrypted client of a collection, and what it needs for that."""

    def __init__(self, own: Side, client: Any, provider: str, **options: Any) -> None:
        self.side = own
        self._plain = client["db"]["coll"]
        self.key = own.explicit(client).create_data_key(provider, own.estate.master(provider))
        encrypt = {"keyId": [self.key], "bsonType": "string", "algorithm": DETERMINISTIC}
        schema = {"bsonType": "object", "properties": {"secret": {"encrypt": encrypt}}}
        self._observer = Observer({"observeEvents": ["commandStartedEvent"]})
        made = own.automatic(**{"schema_map": {"db.coll": schema}, **options})
        self.client = own.client(observer=self._observer, auto_encryption_opts=made)

    def fails(self) -> Any:
        """The error of an insert, which has come in time and before anything was sent."""
        things = self.client["db"]["coll"]
        started = time.monotonic()
        with petiole.timeout(LIMIT), pytest.raises(errors.PyMongoError) as caught:
            things.insert_one({"secret": SECRET})
        assert time.monotonic() - started < PATIENCE
        assert SECRET not in str(caught.value)
        assert SECRET not in repr([event.command for event in self._observer.events])
        assert self._plain.count_documents({}) == 0
        return caught.value

    def works(self) -> None:
        """When the fault is over, the same client works."""
        self.client["db"]["coll"].insert_one({"secret": SECRET})
        assert self._plain.find_one({})["secret"].subtype == 6


SILENT = (Fault.HANG, Fault.MUTE, Fault.TRICKLE)


@pytest.mark.parametrize("provider", ["aws", "kmip"])
@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_key_management(own: Side, own_client: Any, provider: str, fault: Fault) -> None:
    service = own.estate.kmip if provider == "kmip" else own.estate.clouds
    fragile = Fragile(own, own_client, provider)
    service.fail(*[fault] * 6)
    error = fragile.fails()
    assert error.timeout or isinstance(error, errors.EncryptionError)
    assert error.timeout or fault not in SILENT
    service.recover()
    fragile.works()


@pytest.mark.parametrize("data", [{"errorCode": 123}, {"closeConnection": True}], ids=["error", "cut"])
def test_key_vault(own: Side, own_client: Any, data: dict[str, Any]) -> None:
    fragile = Fragile(own, own_client, "local")
    fail = {"failCommands": ["find"], "namespace": "keyvault.datakeys", **data}
    own_client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": fail})
    try:
        assert isinstance(fragile.fails(), errors.EncryptionError)
    finally:
        own_client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    fragile.works()


def test_a_key_that_is_gone(own: Side, own_client: Any) -> None:
    fragile = Fragile(own, own_client, "local")
    own_client["keyvault"]["datakeys"].delete_many({})
    assert "not all keys requested were satisfied" in str(fragile.fails())


@contextlib.contextmanager
def before_the_analyser(own: Side) -> Iterator[Proxy]:
    parts = urlsplit(own.analyser)
    with Proxy((str(parts.hostname), int(parts.port or 0))) as proxy:
        yield proxy


@pytest.mark.parametrize("how", ["stop", "refuse"])
def test_the_analyser(own: Side, own_client: Any, how: str) -> None:
    with before_the_analyser(own) as proxy:
        fragile = Fragile(own, own_client, "local", mongocryptd_uri=proxy.uri)
        getattr(proxy, how)()
        fragile.fails()
        proxy.restore()
        fragile.works()
