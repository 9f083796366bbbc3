"""Whatever goes wrong at a key management service: an error in time, nothing sent in clear, and recovery."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.encryption.conftest import CLEAR, VAULT, Encrypted
from tests.integration.security.authority import Authority
from tests.kms.estate import SECRET_KEY, Estate
from tests.kms.service import Fault

import petiole
from petiole.bson.codec_options import CodecOptions
from petiole.encryption import ClientEncryption
from petiole.errors import EncryptionError

BOUND = 20.0
"""Seconds in which every operation has to have ended, whose time is one or less."""
PATIENT = 30.0
ENDURED = (Fault.BUSY, Fault.FAILED, Fault.CUT, Fault.HALF, Fault.REFUSE)
"""Libmongocrypt tries those again, but not with KMIP."""
PROVIDERS = ("aws", "kmip")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with Estate(Authority(tmp_path_factory.mktemp("kms"))) as estate:
        yield estate


@pytest.fixture(scope="module")
def keys(estate: Estate, setting: Any) -> dict[str, Any]:
    """A data key of each provider."""
    providers, tls = estate.providers(*PROVIDERS), estate.tls(*PROVIDERS)
    made: ClientEncryption[Any] = ClientEncryption(
        providers, VAULT, setting.client, CodecOptions(), kms_tls_options=tls
    )
    with made:
        return {kind: made.create_data_key(kind, estate.master(kind)) for kind in PROVIDERS}


@pytest.fixture
def made(encrypted: Encrypted, estate: Estate, keys: dict[str, Any], provider: str) -> Iterator[Any]:
    """Makes the collection by one more client, which does not know the data key yet."""

    def make() -> Any:
        schema = encrypted.setting.schema()
        schema["properties"]["secret"]["encrypt"]["keyId"] = [keys[provider]]
        options = encrypted.setting.options(
            None,
            kms_providers=estate.providers(provider),
            schema_map={encrypted.namespace: schema},
            kms_tls_options=estate.tls(provider),
        )
        return encrypted.client_with(options)[encrypted.plain.database.name]["things"]

    yield make
    estate.recover()


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_faults(made: Any, encrypted: Encrypted, estate: Estate, provider: str, fault: Fault) -> None:
    service = estate.kmip if provider == "kmip" else estate.clouds
    encrypted.plain.insert_one({"_id": 0})
    things = made()
    service.fail(*[fault] * 20)
    began = time.monotonic()
    with petiole.timeout(1), pytest.raises(EncryptionError) as caught:
        things.insert_one({"_id": 1, "secret": CLEAR})
    assert time.monotonic() - began < BOUND
    assert CLEAR not in str(caught.value)
    assert caught.value.cause is caught.value.__cause__
    assert SECRET_KEY not in str(caught.value)
    assert encrypted.plain.count_documents({}) == 1
    service.recover()
    with petiole.timeout(PATIENT):
        things.insert_one({"_id": 1, "secret": CLEAR})
        assert things.find_one({"secret": CLEAR}) == {"_id": 1, "secret": CLEAR}
    assert encrypted.plain.find_one({"secret": CLEAR}) is None


@pytest.mark.parametrize("fault", ENDURED)
@pytest.mark.parametrize("provider", ["aws"])
def test_what_fails_once_is_tried_again(made: Any, estate: Estate, fault: Fault) -> None:
    things = made()
    estate.clouds.fail(fault)
    things.insert_one({"_id": 1, "secret": CLEAR})
    assert estate.clouds.pending == 0
