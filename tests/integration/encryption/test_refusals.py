"""What both drivers refuse, with errors of the same classes and causes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import bson
import pymongo
import pymongo.encryption
import pytest
from tests.integration.encryption.drivers import FACES, PROVIDERS, VAULT, Cipher, pymongo_cipher

import petiole
import petiole.asynchronous.encryption
import petiole.bson
import petiole.encryption
from petiole.errors import InvalidOperation
from petiole.local import LocalServer

RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
KEY = bytes(16)

Call = Callable[[Cipher], Any]


@pytest.fixture(scope="module", params=sorted(FACES))
def ciphers(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[tuple[Cipher, Cipher]]:
    with pymongo_cipher(replica_set.uri) as theirs, FACES[request.param](replica_set.uri) as mine:
        yield theirs, mine


def outcome(cipher: Cipher, call: Call) -> tuple[str, ...]:
    """The error's class, its cause's, and what it says; without what shows an object's address."""
    try:
        call(cipher)
    except Exception as error:
        cause = getattr(error, "cause", None)
        return type(error).__name__, type(cause).__name__, str(error).split(" at 0x")[0].split(", full")[0]
    return ()


@pytest.mark.parametrize(
    "call",
    [
        lambda one: one.create_data_key("unknown"),
        lambda one: one.create_data_key("aws"),
        lambda one: one.create_data_key("local", {"a": 1}),
        lambda one: one.create_data_key("local", 1),
        lambda one: one.create_data_key("local", key_alt_names=[1]),
        lambda one: one.create_data_key("local", key_alt_names=1),
        lambda one: one.create_data_key("local", key_material="text"),
        lambda one: one.create_data_key("local", key_material=b"short"),
        lambda one: one.encrypt(1, DETERMINISTIC),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(KEY, 4), "name"),
        lambda one: one.encrypt(1, DETERMINISTIC, 1),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(KEY, 0)),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(b"short", 4)),
        lambda one: one.encrypt(1, DETERMINISTIC, uuid.UUID(int=5)),
        lambda one: one.encrypt(1, DETERMINISTIC, key_alt_name="nobody's"),
        lambda one: one.encrypt(1, DETERMINISTIC, key_alt_name=1),
        lambda one: one.encrypt(1, "unknown", one.binary(KEY, 4)),
        lambda one: one.encrypt(1, 1, one.binary(KEY, 4)),
        lambda one: one.encrypt(None, DETERMINISTIC, one.binary(KEY, 4)),
        lambda one: one.encrypt(1.5, DETERMINISTIC, one.binary(KEY, 4)),
        lambda one: one.encrypt({}, DETERMINISTIC, one.binary(KEY, 4)),
        lambda one: one.encrypt(object(), DETERMINISTIC, one.binary(KEY, 4)),
        lambda one: one.encrypt(uuid.UUID(int=5), DETERMINISTIC, one.binary(KEY, 4)),
        lambda one: one.encrypt(one.binary(b"\0", 6), RANDOM, one.binary(KEY, 4)),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(KEY, 4), query_type=1),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(KEY, 4), query_type="equality"),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(KEY, 4), contention_factor="a"),
        lambda one: one.encrypt(1, DETERMINISTIC, one.binary(KEY, 4), contention_factor=1),
        lambda one: one.encrypt(1, "Indexed", one.binary(KEY, 4)),
        lambda one: one.encrypt(1, "Indexed", one.binary(KEY, 4), contention_factor=-1),
        lambda one: one.encrypt(1, "Range", one.binary(KEY, 4), contention_factor=1),
        lambda one: one.encrypt(1, "Range", one.binary(KEY, 4), contention_factor=1, range_opts=1),
        lambda one: one.encrypt("a", "String", one.binary(KEY, 4), contention_factor=1, string_opts=1),
        lambda one: one.encrypt_expression({"a": 1}, "Range", one.binary(KEY, 4)),
        lambda one: one.encrypt_expression(1, "Range", one.binary(KEY, 4)),
        lambda one: one.decrypt(1),
        lambda one: one.decrypt(b"bytes"),
        lambda one: one.decrypt(one.binary(b"a", 0)),
        lambda one: one.decrypt(one.binary(b"", 6)),
        lambda one: one.decrypt(one.binary(b"a", 6)),
        lambda one: one.decrypt(one.binary(b"\x01" + bytes(40), 6)),
        lambda one: one.rewrap_many_data_key(1),
        lambda one: one.rewrap_many_data_key({"x": 1}, "unknown"),
        lambda one: one.rewrap_many_data_key({"x": 1}, 1),
        lambda one: one.rewrap_many_data_key({"x": 1}, master_key={}),
        lambda one: one.rewrap_many_data_key({"x": 1}, "local", {"a": 1}),
        lambda one: one.rewrap_many_data_key({"$bad": 1}),
        lambda one: one.create_encrypted_collection(1, "x", {"fields": []}),
    ],
)
def test_refusals(ciphers: tuple[Cipher, Cipher], call: Call) -> None:
    wanted, found = (outcome(cipher, call) for cipher in ciphers)
    assert wanted
    assert without_face(found) == wanted


def without_face(told: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.replace("AsyncDatabase", "Database") for part in told)


@pytest.mark.parametrize(
    ("arguments", "same_text"),
    [
        ({"kms_providers": 1}, True),
        ({"kms_providers": {}}, True),
        ({"kms_providers": {"local": {}}}, True),
        ({"kms_providers": {"local": 1}}, True),
        ({"kms_providers": {"local": {"key": b"short"}}}, True),
        ({"kms_providers": {"local": {"key": 5}}}, True),
        ({"kms_providers": {"unknown": {}}}, True),
        ({"kms_providers": {"aws:name": {}}}, True),
        ({"kms_providers": {"aws": {"accessKeyId": "a"}}}, True),
        ({"kms_providers": {"kmip": {"endpoint": "/tmp/kmip.sock"}}}, True),
        ({"key_vault_namespace": "nodot"}, False),
        ({"key_vault_namespace": "db."}, True),
        ({"key_expiration_ms": "a"}, True),
        ({"key_expiration_ms": -1}, True),
        ({"kms_connect_callback": "a"}, True),
        ({"kms_tls_options": 1}, True),
        ({"kms_tls_options": {"kmip": 1}}, True),
        ({"kms_tls_options": {"kmip": {"tls": False}}}, True),
        ({"kms_tls_options": {"kmip": {"tlsInsecure": True}}}, False),
        ({"kms_tls_options": {"kmip": {"tlsCAFile": "/no/such/file"}}}, True),
    ],
)
def test_constructors(arguments: dict[str, Any], same_text: bool) -> None:
    def told(driver: Any, package: Any, kind: Any) -> tuple[str, str]:
        client = driver(connect=False)
        given = {
            "kms_providers": PROVIDERS,
            "key_vault_namespace": VAULT,
            "key_vault_client": client,
            "codec_options": package.CodecOptions(),
            **arguments,
        }
        with pytest.raises(Exception) as caught:  # noqa: PT011  # Which one is the question.
            kind(**given)
        return type(caught.value).__name__, str(caught.value) if same_text else ""

    wanted = told(pymongo.MongoClient, bson, pymongo.encryption.ClientEncryption)
    assert told(petiole.MongoClient, petiole.bson, petiole.encryption.ClientEncryption) == wanted
    asynchronous = petiole.asynchronous.encryption.AsyncClientEncryption
    assert told(petiole.AsyncMongoClient, petiole.bson, asynchronous) == wanted


def test_clients_of_another_face_or_driver() -> None:
    options = petiole.bson.CodecOptions()
    encryption: Any = petiole.encryption.ClientEncryption
    asynchronous: Any = petiole.asynchronous.encryption.AsyncClientEncryption
    with pytest.raises(TypeError, match=r"^MongoClient required but given AsyncMongoClient$"):
        encryption(PROVIDERS, VAULT, petiole.AsyncMongoClient(connect=False), options)
    with pytest.raises(TypeError, match=r"^AsyncMongoClient required but given MongoClient$"):
        asynchronous(PROVIDERS, VAULT, petiole.MongoClient(connect=False), options)
    with pytest.raises(TypeError, match="codec_options must be an instance of"):
        encryption(PROVIDERS, VAULT, petiole.MongoClient(connect=False), 1)


def test_after_close(replica_set: LocalServer) -> None:
    for face, name in (("blocking", "ClientEncryption"), ("asyncio", "AsyncClientEncryption")):
        with FACES[face](replica_set.uri) as cipher:
            cipher.close()
            cipher.close()
            for method, args in (
                ("create_data_key", ("local",)),
                ("encrypt", (1, RANDOM)),
                ("encrypt_expression", ({}, RANDOM)),
                ("decrypt", (1,)),
                ("get_key", (1,)),
                ("get_key_by_alt_name", ("a",)),
                ("delete_key", (1,)),
                ("add_key_alt_name", (1, "a")),
                ("remove_key_alt_name", (1, "a")),
                ("rewrap_many_data_key", ({},)),
            ):
                with pytest.raises(InvalidOperation, match=f"Cannot use closed {name}"):
                    getattr(cipher, method)(*args)
