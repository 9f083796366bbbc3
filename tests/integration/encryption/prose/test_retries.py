"""Requests to key management services that fail for a moment are sent again, but not for ever (prose test 24)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.encryption.prose.conftest import CLOUDS, DETERMINISTIC, Side
from tests.kms.service import Fault

RETRIED = ("aws", "azure", "gcp")


@pytest.mark.parametrize("provider", RETRIED)
@pytest.mark.parametrize("fault", [Fault.CUT, Fault.REFUSE, Fault.HALF, Fault.FAILED, Fault.BUSY])
def test_passing_faults(side: Side, client: Any, provider: str, fault: Fault) -> None:
    service = side.estate.clouds
    encryption = side.explicit(client, *CLOUDS)
    service.fail(fault)
    key = encryption.create_data_key(provider, side.estate.master(provider))
    service.fail(fault)
    encrypted = encryption.encrypt(123, DETERMINISTIC, key_id=key)
    assert service.pending == 0
    assert side.explicit(client, *CLOUDS).decrypt(encrypted) == 123


@pytest.mark.parametrize("provider", RETRIED)
@pytest.mark.parametrize("fault", [Fault.CUT, Fault.REFUSE, Fault.FAILED])
def test_lasting_faults(side: Side, client: Any, provider: str, fault: Fault) -> None:
    service = side.estate.clouds
    service.fail(*[fault] * 4)
    with pytest.raises(side.errors.EncryptionError):
        side.explicit(client, *CLOUDS).create_data_key(provider, side.estate.master(provider))
    assert service.pending == 0
    assert client["keyvault"]["datakeys"].count_documents({}) == 0
