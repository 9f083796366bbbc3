"""Data keys: made by every provider, from given material, named once, and wrapped anew (prose tests 1, 2, 13, 16)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.integration.encryption.prose.conftest import DETERMINISTIC, PROVIDERS, RANDOM, VAULT, Side
from tests.kms.estate import masters_of_the_specification
from tests.spec.unified.events import Observer

MATERIAL = base64.b64decode(
    "xPTAjBRG5JiPm+d3fj6XLi2q5DMXUS/f1f+SMAlhhwkhDRL0kr8r9GDLIGTAGlvC+HVjSIgdL+RKwZCvpXSyxTICWSXTUYsWYPyu3IoHbuBZdmw2"
    "faM3WhcRIgbMReU5"
)
ENCRYPTED = base64.b64decode(
    "AQAAAAAAAAAAAAAAAAAAAAACz0ZOLuuhEYi807ZXTdhbqhLaS2/t9wLifJnnNYwiw79d75QYIZ6M/aYC1h9nCzCjZ7pGUpAuNnkUhnIXM3PjrA=="
)
MASTERS = masters_of_the_specification()


def test_custom_key_material(side: Side, client: Any) -> None:
    encryption = side.explicit(client, "local")
    identifier = encryption.create_data_key("local", key_material=MATERIAL)
    keys = client["keyvault"]["datakeys"]
    document = keys.find_one_and_delete({"_id": identifier})
    document["_id"] = side.binary(bytes(16))
    keys.with_options(write_concern=side.majority()).insert_one(document)
    encrypted = encryption.encrypt("test", DETERMINISTIC, key_id=document["_id"])
    assert encrypted == side.binary(ENCRYPTED, 6)
    assert encryption.decrypt(encrypted) == "test"


PLACEHOLDER = {
    "bsonType": "object",
    "properties": {
        "encrypted_placeholder": {
            "encrypt": {"keyId": "/placeholder", "bsonType": "string", "algorithm": RANDOM}
        }
    },
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_data_key_and_double_encryption(side: Side, client: Any, provider: str) -> None:
    observer = Observer({"observeEvents": ["commandStartedEvent"]})
    watched = side.client(observer=observer)
    encryption = side.explicit(watched)
    automatic = side.encrypted(schema_map={"db.coll": PLACEHOLDER})
    name = f"{provider}_altname"

    identifier = encryption.create_data_key(provider, MASTERS[provider], key_alt_names=[name])
    assert identifier.subtype == 4
    (document,) = client["keyvault"]["datakeys"].find({"_id": identifier}).to_list()
    assert document["masterKey"]["provider"] == provider
    (inserted,) = [event.command for event in observer.events if event.command_name == "insert"]
    assert inserted["writeConcern"] == {"w": "majority"}

    value = f"hello {provider}"
    encrypted = encryption.encrypt(value, DETERMINISTIC, key_id=identifier)
    assert encrypted.subtype == 6
    things = automatic["db"]["coll"]
    things.insert_one({"_id": provider, "value": encrypted})
    assert things.find_one({"_id": provider}) == {"_id": provider, "value": value}
    assert client["db"]["coll"].find_one({"_id": provider})["value"] == encrypted
    assert encryption.encrypt(value, DETERMINISTIC, key_alt_name=name) == encrypted

    with pytest.raises(side.errors.EncryptionError):
        things.insert_one({"encrypted_placeholder": encrypted})


@pytest.fixture
def named(side: Side, client: Any) -> Any:
    """A ClientEncryption whose key vault has a unique index on names, and the id of a key with the name "def"."""
    client["keyvault"]["datakeys"].create_index(
        "keyAltNames", unique=True, partialFilterExpression={"keyAltNames": {"$exists": True}}
    )
    encryption = side.explicit(client, "local")
    return encryption, encryption.create_data_key("local", key_alt_names=["def"])


def test_data_keys_have_unique_names(side: Side, named: Any) -> None:
    encryption, _ = named
    encryption.create_data_key("local", key_alt_names=["abc"])
    for name in ("abc", "def"):
        with pytest.raises(side.errors.EncryptionError) as caught:
            encryption.create_data_key("local", key_alt_names=[name])
        assert isinstance(caught.value.cause, side.errors.DuplicateKeyError)
        assert caught.value.cause.code == 11000


def test_added_names_are_unique(side: Side, named: Any) -> None:
    encryption, existing = named
    key = encryption.create_data_key("local")
    assert "keyAltNames" not in encryption.add_key_alt_name(key, "abc")
    assert encryption.add_key_alt_name(key, "abc")["keyAltNames"] == ["abc"]
    with pytest.raises(side.errors.DuplicateKeyError) as caught:
        encryption.add_key_alt_name(key, "def")
    assert caught.value.code == 11000
    assert "def" in encryption.add_key_alt_name(existing, "def")["keyAltNames"]


@pytest.mark.parametrize("target", PROVIDERS)
@pytest.mark.parametrize("source", PROVIDERS)
def test_rewrap(side: Side, client: Any, source: str, target: str) -> None:
    first = side.explicit(client)
    key = first.create_data_key(source, MASTERS[source])
    encrypted = first.encrypt("test", DETERMINISTIC, key_id=key)
    second = side.explicit(side.client())
    result = second.rewrap_many_data_key({}, target, MASTERS[target])
    assert result.bulk_write_result.modified_count == 1
    assert client["keyvault"]["datakeys"].find_one({"_id": key})["masterKey"]["provider"] == target
    assert first.decrypt(encrypted) == "test"
    assert second.decrypt(encrypted) == "test"
    # A third one has neither key in its cache.
    assert side.explicit(client).decrypt(encrypted) == "test"


def test_rewrap_needs_a_provider_for_a_master_key(side: Side, client: Any) -> None:
    with pytest.raises(side.errors.ConfigurationError, match="provider"):
        side.explicit(client).rewrap_many_data_key({}, master_key={})


def test_keys_are_kept_for_a_time(side: Side, client: Any) -> None:
    observer = Observer({"observeEvents": ["commandStartedEvent"]})
    watched = side.client(observer=observer)
    always = side.explicit(watched, "local", key_expiration_ms=0)
    key = always.create_data_key("local")
    encrypted = always.encrypt("test", DETERMINISTIC, key_id=key)
    client["keyvault"]["datakeys"].delete_many({})
    assert always.decrypt(encrypted) == "test"
    shortly = side.explicit(watched, "local", key_expiration_ms=1)
    with pytest.raises(side.errors.EncryptionError, match="not all keys requested were satisfied"):
        shortly.decrypt(encrypted)
    assert VAULT.endswith(observer.events[-1].command["find"])
