"""Explicit encryption on Motor's faces, for programs of the 3.x era, and through the alias."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from tests.integration.encryption.drivers import PROVIDERS, VAULT, blocking_cipher

from petiole.bson.codec_options import CodecOptions
from petiole.encryption import Algorithm, ClientEncryption
from petiole.errors import EncryptedCollectionError, EncryptionError, InvalidOperation
from petiole.legacy import MongoClient as LegacyClient
from petiole.local import LocalServer
from petiole.motor import motor_asyncio, motor_tornado

RANDOM = Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random
OPTIONS: CodecOptions[Any] = CodecOptions()
MOTORS = [
    pytest.param(motor_asyncio.AsyncIOMotorClient, motor_asyncio.AsyncIOMotorClientEncryption, id="asyncio"),
    pytest.param(motor_tornado.MotorClient, motor_tornado.MotorClientEncryption, id="tornado"),
]


@pytest.mark.parametrize(("client_class", "encryption_class"), MOTORS)
def test_motor(replica_set: LocalServer, client_class: Any, encryption_class: Any) -> None:
    async def main() -> None:
        client = client_class(replica_set.uri)
        encryption = encryption_class(PROVIDERS, VAULT, client, OPTIONS, key_expiration_ms=0)
        started = encryption.create_data_key("local", key_alt_names=["motor"])
        assert asyncio.isfuture(started)
        key = await started
        encrypted = await encryption.encrypt("text", RANDOM, key_alt_name="motor")
        assert await encryption.decrypt(encrypted) == "text"
        with blocking_cipher(replica_set.uri) as cipher:
            assert cipher.decrypt(encrypted) == "text"
        cursor = await encryption.get_keys()
        assert type(cursor).__module__ == encryption_class.__module__
        assert key in [found["_id"] for found in await cursor.to_list(None)]
        assert (await encryption.delete_key(key)).deleted_count == 1
        with pytest.raises(EncryptedCollectionError, match="Upgrade server"):
            await encryption.create_encrypted_collection(client.encryption, "motor", {"fields": []}, "local")
        with pytest.raises(TypeError, match="MotorDatabase required"):
            await encryption.create_encrypted_collection(client.delegate.db, "motor", {"fields": []})
        with pytest.raises(RuntimeError, match='in "async with", not "with"'), encryption:
            pass
        async with encryption as same:
            assert same is encryption
        with pytest.raises(InvalidOperation):
            await encryption.encrypt("text", RANDOM, key)
        client.close()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_motor_on_a_given_loop(replica_set: LocalServer) -> None:
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        client = motor_asyncio.AsyncIOMotorClient(replica_set.uri)
        encryption = motor_asyncio.AsyncIOMotorClientEncryption(PROVIDERS, VAULT, client, OPTIONS, loop)
        assert encryption.io_loop is encryption.get_io_loop() is loop
        started = encryption.create_data_key("local")

        async def awaited() -> Any:
            return await started

        assert runner.run(awaited()).subtype == 4
        client.close()
    with pytest.raises(TypeError, match="io_loop must be instance of"):
        motor_asyncio.AsyncIOMotorClientEncryption(PROVIDERS, VAULT, client, OPTIONS, io_loop=5)


def test_the_client_of_the_3_x_era(replica_set: LocalServer) -> None:
    with (
        LegacyClient(replica_set.uri) as client,
        ClientEncryption(PROVIDERS, VAULT, client, OPTIONS) as encryption,
    ):
        key = encryption.create_data_key("local")
        assert encryption.decrypt(encryption.encrypt("text", RANDOM, key)) == "text"
        with pytest.raises(EncryptionError):
            encryption.encrypt("text", RANDOM)


PROGRAM = """
import sys
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.encryption import Algorithm, ClientEncryption
from pymongo.encryption_options import AutoEncryptionOpts

client = MongoClient(sys.argv[1])
providers = {"local": {"key": bytes(range(96))}}
with ClientEncryption(providers, "encryption.keys", client, CodecOptions()) as encryption:
    key = encryption.create_data_key("local")
    encrypted = encryption.encrypt("text", Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Deterministic, key)
    print(encryption.decrypt(encrypted), encrypted.subtype)
AutoEncryptionOpts(providers, "encryption.keys")
client.close()
"""


@pytest.mark.parametrize("era", ["3", "4"])
def test_a_program_for_pymongo(replica_set: LocalServer, era: str, tmp_path: Any) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "petiole.compat", "--era", era, str(program), replica_set.uri]
    assert subprocess.check_output(command, text=True).split() == ["text", "6"]
