"""Automatic encryption on the other faces, on several loops, and under the alias."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.encryption.conftest import CLEAR, Setting
from tests.unit.engine.sides import until

from petiole._commands.ping import Ping
from petiole._native import run
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import InvalidOperation
from petiole.legacy import MongoClient as LegacyClient
from petiole.mongo_client import MongoClient
from petiole.motor.motor_asyncio import AsyncIOMotorClient
from petiole.motor.motor_tornado import MotorClient

ROOT = Path(__file__).parents[3]


@pytest.fixture
def name(setting: Setting) -> Iterator[str]:
    """The name of a database that is dropped at the end."""
    found = f"faces_{uuid.uuid4().hex[:12]}"
    yield found
    setting.client.drop_database(found)


def in_clear(setting: Setting, name: str) -> bool:
    """Whether the server has anything in clear."""
    found = setting.client[name].things.find({"secret": {"$exists": True}}).to_list()
    assert found
    return any(isinstance(document["secret"], str) for document in found)


@pytest.mark.parametrize("kind", [AsyncIOMotorClient, MotorClient])
@pytest.mark.parametrize("vault", [None, MongoClient, AsyncMongoClient, AsyncIOMotorClient])
def test_motor(setting: Setting, name: str, kind: Any, vault: Any) -> None:
    async def work() -> Any:
        keys = None if vault is None else vault(setting.server.uri)
        options = setting.options(f"{name}.things", key_vault_client=keys)
        client = kind(setting.server.uri, auto_encryption_opts=options)
        await client[name].things.insert_one({"_id": 1, "secret": CLEAR})
        found = await client[name].things.find({"secret": CLEAR}).to_list(None)
        client.close()
        if keys is not None:
            closed = keys.close()
            if closed is not None:
                await closed
        return found

    assert asyncio.run(work()) == [{"_id": 1, "secret": CLEAR}]
    assert not in_clear(setting, name)


def test_the_client_of_the_3x_api(setting: Setting, name: str) -> None:
    client = LegacyClient(setting.server.uri, auto_encryption_opts=setting.options(f"{name}.things"))
    with pytest.warns(DeprecationWarning, match="insert is deprecated"):
        client[name].things.insert({"_id": 1, "secret": CLEAR})
    with pytest.warns(DeprecationWarning, match="update is deprecated"):
        client[name].things.update({"secret": CLEAR}, {"$set": {"n": 1}})
    assert list(client[name].things.find({"secret": CLEAR})) == [{"_id": 1, "secret": CLEAR, "n": 1}]
    assert not in_clear(setting, name)
    client.close()
    with pytest.raises(InvalidOperation, match="after close"):
        client[name].things.find_one()


def test_a_client_of_the_3x_api_encrypts_after_somebody_has_logged_in(setting: Setting, name: str) -> None:
    setting.client[name].command("createUser", "u", pwd="p", roles=[{"role": "root", "db": "admin"}])
    options = setting.options(f"{name}.things")
    client = LegacyClient(setting.server.uri, auto_encryption_opts=options, maxPoolSize=1)
    try:
        database = client[name]
        database.things.insert_one({"_id": 1, "secret": CLEAR})
        with pytest.warns(DeprecationWarning, match="authenticate"):
            assert database.authenticate("u", "p") is True
        database.things.insert_one({"_id": 2, "secret": CLEAR})
        assert [document["_id"] for document in database.things.find({"secret": CLEAR})] == [1, 2]
        database.others.insert_one({"_id": 1})  # The server is asked for a schema, by the client behind.
        internal: Any = client._engine.encryption.internal  # type: ignore[union-attr]
        assert internal.topology.opened
        status = run(internal.executor.run(Ping("admin", {"connectionStatus": 1}, internal.executor.codec)))
        users = status.document(internal.executor.codec)["authInfo"]["authenticatedUsers"]
        assert [user["user"] for user in users] == ["u"]
    finally:
        client.close()
        setting.client[name].command("dropUser", "u")
    assert not in_clear(setting, name)


def test_several_loops(setting: Setting, name: str) -> None:
    client: Any = AsyncMongoClient(
        setting.server.uri, auto_encryption_opts=setting.options(f"{name}.things"), maxPoolSize=1
    )

    async def work(first: int) -> list[Any]:
        things = client[name].things
        await asyncio.gather(*(things.insert_one({"_id": first + n, "secret": CLEAR}) for n in range(10)))
        found: list[Any] = await things.find(
            {"_id": {"$gte": first, "$lt": first + 10}}, batch_size=3
        ).to_list()
        return found

    found: dict[int, list[Any]] = {}
    threads = [
        threading.Thread(target=lambda n=n: found.update({n: asyncio.run(work(100 * n))})) for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(found[n]) for n in range(3)] == [10] * 3
    assert {document["secret"] for documents in found.values() for document in documents} == {CLEAR}
    assert not in_clear(setting, name)
    asyncio.run(client.close())


def test_many_threads_and_one_connection(setting: Setting, name: str) -> None:
    options = setting.options(f"{name}.things")
    with MongoClient(setting.server.uri, auto_encryption_opts=options, maxPoolSize=1) as client:
        things = client[name].things

        def work(first: int) -> None:
            for n in range(10):
                things.insert_one({"_id": first + n, "secret": CLEAR})
                assert things.find_one({"_id": first + n, "secret": CLEAR})

        threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert things.count_documents({"secret": CLEAR}) == 40
    assert not in_clear(setting, name)


def test_a_cancelled_task_leaves_nothing_half_done(setting: Setting, name: str) -> None:
    client: Any = AsyncMongoClient(
        setting.server.uri, auto_encryption_opts=setting.options(f"{name}.things"), maxPoolSize=1
    )

    async def work() -> None:
        things = client[name].things
        for n in range(20):
            task = asyncio.ensure_future(things.insert_one({"_id": n, "secret": CLEAR}))
            for _ in range(n):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await things.insert_one({"_id": 100, "secret": CLEAR})
        assert await things.find_one({"_id": 100}) == {"_id": 100, "secret": CLEAR}
        await client.close()

    asyncio.run(work())
    assert not in_clear(setting, name)


def test_what_is_behind_an_abandoned_client_is_closed(setting: Setting, name: str) -> None:
    client: Any = MongoClient(setting.server.uri, auto_encryption_opts=setting.options(f"{name}.things"))
    client[name].things.insert_one({"_id": 1, "secret": CLEAR})
    behind = [engine.topology for engine in client._engine.encryption.engines]
    assert [topology.closed for topology in behind] == [False, False]
    with pytest.warns(ResourceWarning, match="Unclosed MongoClient"):
        client = None
    until(lambda: all(topology.closed for topology in behind))


PROGRAM = """
    import petiole.compat
    petiole.compat.install()
    import sys
    from bson.codec_options import CodecOptions
    from pymongo import MongoClient
    from pymongo.encryption import Algorithm, ClientEncryption
    from pymongo.encryption_options import AutoEncryptionOpts
    from pymongo.errors import EncryptionError

    uri, analyser, name = sys.argv[1:]
    providers, vault = {"local": {"key": bytes(96)}}, name + ".keys"
    with MongoClient(uri) as client, ClientEncryption(providers, vault, client, CodecOptions()) as keys:
        key = keys.create_data_key("local")
    encrypt = {
        "keyId": [key],
        "bsonType": "string",
        "algorithm": Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Deterministic,
    }
    schema = {"bsonType": "object", "properties": {"secret": {"encrypt": encrypt}}}
    options = AutoEncryptionOpts(
        providers, vault, schema_map={name + ".things": schema}, mongocryptd_uri=analyser,
        mongocryptd_bypass_spawn=True,
    )
    with MongoClient(uri, auto_encryption_opts=options) as client:
        client[name].things.insert_one({"secret": "x"})
        assert client[name].things.find_one({"secret": "x"})["secret"] == "x"
        try:
            client[name].command("dbStats")
        except EncryptionError as error:
            print(error.cause)
"""


def test_a_program_written_for_pymongo(setting: Setting, name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), setting.server.uri, setting.analyser_uri, name],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
    )
    assert (ran.stdout, ran.stderr) == ("command not supported for auto encryption: dbStats\n", "")
    assert not in_clear(setting, name)
