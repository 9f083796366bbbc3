"""What becomes of explicit encryption when the key vault or a KMS fails, is silent, or nobody waits any more."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
import pytest
from tests.integration.encryption.drivers import PROVIDERS, VAULT
from tests.integration.security.authority import Authority
from tests.integration.waiting import eventually, soon
from tests.kms.estate import Estate
from tests.kms.service import Fault

import petiole
from petiole.asynchronous.encryption import AsyncClientEncryption
from petiole.bson.codec_options import CodecOptions
from petiole.encryption import Algorithm, ClientEncryption
from petiole.errors import AutoReconnect, EncryptionError, InvalidOperation
from petiole.local import LocalServer
from petiole.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

RANDOM = Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random
OPTIONS: CodecOptions[Any] = CodecOptions()
LONG = 5_000
"""Milliseconds: longer than it takes to notice. To take the fail point back takes as long."""


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    """A server of this module's own, for its fail points."""
    with LocalServer(replica_set=1) as started:
        yield started


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with Estate(Authority(tmp_path_factory.mktemp("authority"))) as made:
        yield made


@contextmanager
def failing(server: LocalServer, name: str, **data: Any) -> Iterator[None]:
    """Let commands of the application of that name fail so."""
    with pymongo.MongoClient[Any](server.uri) as admin:
        admin.admin.command(
            "configureFailPoint", "failCommand", mode="alwaysOn", data={"appName": name, **data}
        )
        try:
            yield
        finally:
            admin.admin.command("configureFailPoint", "failCommand", mode="off")


class Finds(CommandListener):
    """Notes that a key was asked for."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "find":
            self.begun.set()

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def encrypting(client: Any, **options: Any) -> ClientEncryption[Any]:
    return ClientEncryption(PROVIDERS, VAULT, client, OPTIONS, **options)


def new_key(client: Any) -> Any:
    with encrypting(client) as encryption:
        return encryption.create_data_key("local")


# The key vault.


def test_a_vault_that_closes_the_connection(server: LocalServer) -> None:
    with petiole.MongoClient[Any](server.uri, appname="closing") as client:
        key = new_key(client)
        with encrypting(client) as encryption:
            with failing(server, "closing", failCommands=["find"], closeConnection=True):
                with pytest.raises(EncryptionError) as caught:
                    encryption.encrypt(5, RANDOM, key)
                assert isinstance(caught.value.cause, AutoReconnect)
            assert encryption.decrypt(encryption.encrypt(5, RANDOM, key)) == 5


def test_a_vault_that_refuses(server: LocalServer) -> None:
    with petiole.MongoClient[Any](server.uri, appname="refusing") as client, encrypting(client) as encryption:
        with failing(server, "refusing", failCommands=["insert"], errorCode=13):
            with pytest.raises(EncryptionError) as caught:
                encryption.create_data_key("local")
            assert getattr(caught.value.cause, "code", None) == 13
        assert encryption.create_data_key("local").subtype == 4


def test_the_time_of_the_client_holds_for_its_vault(server: LocalServer) -> None:
    with petiole.MongoClient[Any](server.uri, appname="slow") as client:
        key = new_key(client)
    block = {"failCommands": ["find"], "blockConnection": True, "blockTimeMS": LONG}
    with (
        petiole.MongoClient[Any](server.uri, appname="slow", timeoutMS=300) as client,
        encrypting(client) as encryption,
        failing(server, "slow", **block),
    ):
        with pytest.raises(EncryptionError) as caught:
            encryption.encrypt(5, RANDOM, key)
        assert caught.value.timeout


def test_the_time_of_a_block_holds_for_the_vault(server: LocalServer) -> None:
    block = {"failCommands": ["insert"], "blockConnection": True, "blockTimeMS": LONG}
    with (
        petiole.MongoClient[Any](server.uri, appname="block") as client,
        encrypting(client) as encryption,
        failing(server, "block", **block),
        petiole.timeout(0.3),
        pytest.raises(EncryptionError) as caught,
    ):
        encryption.create_data_key("local")
    assert caught.value.timeout


def test_a_cancelled_encryption_leaves_nothing(server: LocalServer) -> None:
    block = {"failCommands": ["find"], "blockConnection": True, "blockTimeMS": LONG}

    async def main() -> None:
        finds = Finds()
        async with petiole.AsyncMongoClient[Any](
            server.uri, appname="cancelled", maxPoolSize=1, event_listeners=[finds]
        ) as client:
            encryption = AsyncClientEncryption[Any](PROVIDERS, VAULT, client, OPTIONS)
            key = await encryption.create_data_key("local")
            with failing(server, "cancelled", **block):
                task = asyncio.create_task(encryption.encrypt(5, RANDOM, key))
                assert await soon(finds.begun.is_set)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert await encryption.decrypt(await encryption.encrypt(5, RANDOM, key)) == 5
            await encryption.close()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_an_interrupted_encryption_leaves_nothing(server: LocalServer) -> None:
    block = {"failCommands": ["find"], "blockConnection": True, "blockTimeMS": LONG}
    finds = Finds()
    with petiole.MongoClient[Any](
        server.uri, appname="interrupted", maxPoolSize=1, event_listeners=[finds]
    ) as client:
        key = new_key(client)
        with encrypting(client) as encryption:
            with failing(server, "interrupted", **block):
                thread = interrupt_once(finds.begun.is_set)
                with pytest.raises(KeyboardInterrupt):
                    encryption.encrypt(5, RANDOM, key)
                thread.join()
            assert encryption.decrypt(encryption.encrypt(5, RANDOM, key)) == 5


def interrupt_once(condition: Any) -> threading.Thread:
    """A thread that interrupts this one as soon as something has come true."""
    main = threading.get_ident()

    def wait_and_act() -> None:
        if eventually(condition):
            signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


def test_closed_while_others_encrypt(server: LocalServer) -> None:
    block = {"failCommands": ["find"], "blockConnection": True, "blockTimeMS": 500}
    finds = Finds()
    with petiole.MongoClient[Any](server.uri, appname="closed", event_listeners=[finds]) as client:
        key = new_key(client)
        encryption = encrypting(client)
        found: list[Any] = []
        with failing(server, "closed", **block):
            thread = threading.Thread(target=lambda: found.append(encryption.encrypt(5, RANDOM, key)))
            thread.start()
            assert finds.begun.wait(10)
            encryption.close()
            thread.join()
        assert len(found) == 1
        with pytest.raises(InvalidOperation):
            encryption.decrypt(found[0])
        with encrypting(client) as another:
            assert another.decrypt(found[0]) == 5


# A key management service.


@pytest.mark.parametrize("fault", [Fault.MUTE, Fault.HANG], ids=lambda fault: fault.name)
def test_the_time_of_the_client_holds_for_a_kms(server: LocalServer, estate: Estate, fault: Fault) -> None:
    estate.recover()
    with (
        petiole.MongoClient[Any](server.uri, timeoutMS=1000) as client,
        ClientEncryption(estate.providers("aws"), VAULT, client, OPTIONS, estate.tls("aws")) as encryption,
    ):
        estate.clouds.fail(fault)
        with pytest.raises(EncryptionError) as caught:
            encryption.create_data_key("aws", estate.master("aws"))
        assert caught.value.timeout
        assert eventually(lambda: not estate.clouds._open)


@pytest.mark.parametrize("fault", [Fault.MUTE, Fault.HANG], ids=lambda fault: fault.name)
def test_an_interrupt_ends_a_request_to_a_kms(server: LocalServer, estate: Estate, fault: Fault) -> None:
    estate.recover()
    with (
        petiole.MongoClient[Any](server.uri) as client,
        ClientEncryption(estate.providers("aws"), VAULT, client, OPTIONS, estate.tls("aws")) as encryption,
    ):
        before = client["encryption"]["keys"].count_documents({})
        estate.clouds.fail(fault)
        thread = interrupt_once(lambda: estate.clouds.pending == 0)
        with pytest.raises(KeyboardInterrupt):
            encryption.create_data_key("aws", estate.master("aws"))
        thread.join()
        assert eventually(lambda: not estate.clouds._open)
        assert client["encryption"]["keys"].count_documents({}) == before
        assert encryption.create_data_key("aws", estate.master("aws")).subtype == 4


def test_nothing_is_rewrapped_when_a_kms_fails(server: LocalServer, estate: Estate) -> None:
    estate.recover()
    with (
        petiole.MongoClient[Any](server.uri) as client,
        ClientEncryption(
            estate.providers("aws", "local"), "encryption.rewrapped", client, OPTIONS, estate.tls("aws")
        ) as encryption,
    ):
        for _ in range(3):
            encryption.create_data_key("local")
        vault = client["encryption"]["rewrapped"]
        before = list(vault.find())
        estate.clouds.fail(Fault.FORBIDDEN)
        with pytest.raises(EncryptionError, match="403"):
            encryption.rewrap_many_data_key({}, "aws", estate.master("aws"))
        assert list(vault.find()) == before
        result = encryption.rewrap_many_data_key({}, "aws", estate.master("aws")).bulk_write_result
        assert result is not None
        assert result.modified_count == 3


# A bound session.


def test_keys_are_found_outside_of_a_transaction(server: LocalServer) -> None:
    """The vault is read with its own read concern, which a transaction would refuse."""
    with petiole.MongoClient[Any](server.uri) as client:
        key = new_key(client)
        client.encryption.create_collection("values")
        with encrypting(client) as encryption, client.start_session() as session, session.bind():
            with session.start_transaction():
                encrypted = encryption.encrypt(5, RANDOM, key)
                client.encryption["values"].insert_one({"v": encrypted})
            found = client.encryption["values"].find_one()
            assert found is not None
            assert encryption.decrypt(found["v"]) == 5
