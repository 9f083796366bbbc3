"""The state machine on the real libmongocrypt, with collaborators that know their parts by heart."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from pymongocrypt.errors import MongoCryptError
from pymongocrypt.options import DataKeyOpts, ExplicitEncryptOpts
from tests.unit.encryption.scripted import (
    AWS,
    Credentials,
    Lists,
    Marker,
    Service,
    Vault,
    carry_out,
    library,
    machine,
)

from petiole._engine.encryption.errors import encryption_errors
from petiole._engine.encryption.library import Library
from petiole._engine.encryption.machine import StateMachine
from petiole._native import run
from petiole._runtime.clock import NEVER, deadline_in
from petiole.bson import decode, encode
from petiole.bson.binary import Binary
from petiole.errors import EncryptionError, InvalidOperation

RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
WRAPPED = base64.b64encode(bytes(range(160))).decode()
SCHEMA = {"bsonType": "object", "properties": {"secret": {"encrypt": {"bsonType": "int"}}}}


def new_key(handle: Library, one: StateMachine | None = None) -> bytes:
    made = carry_out(
        one or machine(), handle, lambda mongocrypt: mongocrypt.data_key_context("local", DataKeyOpts())
    )
    assert made is not None
    return made


def encrypting(key: bytes, value: Any = 7, algorithm: str = DETERMINISTIC) -> Any:
    options = ExplicitEncryptOpts(algorithm, decode(key)["_id"])
    return lambda mongocrypt: mongocrypt.explicit_encryption_context(encode({"v": value}), options)


def decrypting(encrypted: bytes) -> Any:
    return lambda mongocrypt: mongocrypt.explicit_decryption_context(encrypted)


def aws_reply(document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def test_a_value_comes_back() -> None:
    handle = library()
    key = new_key(handle)
    vault = Vault(key)
    encrypted = carry_out(machine(vault), handle, encrypting(key))
    assert encrypted is not None
    assert decode(encrypted)["v"].subtype == 6
    decrypted = carry_out(machine(vault), handle, decrypting(encrypted))
    assert decrypted is not None
    assert decode(decrypted) == {"v": 7}
    (filter,) = vault.filters  # Then the key is kept.
    assert filter == {"$or": [{"_id": {"$in": [decode(key)["_id"]]}}, {"keyAltNames": {"$in": []}}]}


def test_a_key_that_is_not_there() -> None:
    handle = library()
    key = new_key(handle)
    with pytest.raises(MongoCryptError, match="not all keys requested were satisfied"):
        carry_out(machine(Vault()), handle, encrypting(key))


def test_the_vault_is_asked_before_the_deadline_of_the_operation() -> None:
    handle = library()
    vault, deadline = Vault(new_key(handle)), deadline_in(100)
    carry_out(machine(vault), handle, encrypting(vault.keys[0]), deadline)
    assert vault.deadlines == [deadline]


def test_without_a_deadline_the_client_of_the_vault_has_its_own() -> None:
    handle = library()
    vault = Vault(new_key(handle))
    carry_out(machine(vault), handle, encrypting(vault.keys[0]))
    assert vault.deadlines == [None]


def test_nothing_to_rewrap() -> None:
    found = carry_out(
        machine(), library(), lambda mongocrypt: mongocrypt.rewrap_many_data_key_context({}, None, None)
    )
    assert found is None


def test_a_request_to_a_service() -> None:
    handle = library(AWS)
    service = Service(aws_reply({"CiphertextBlob": WRAPPED}))
    options = DataKeyOpts({"region": "us-east-1", "key": "arn", "endpoint": "example.com:444"})
    made = carry_out(
        machine(service=service), handle, lambda mongocrypt: mongocrypt.data_key_context("aws", options)
    )
    assert made is not None
    assert decode(made)["keyMaterial"] == base64.b64decode(WRAPPED)
    assert service.endpoints == ["example.com:444"]
    assert service.requests[0].startswith(b"POST / HTTP/1.1\r\n")


def test_credentials_are_fetched_when_they_are_needed() -> None:
    credentials = Credentials(AWS)
    service = Service(aws_reply({"CiphertextBlob": WRAPPED}))
    one = machine(service=service, credentials=credentials)
    handle = library({"aws": {}})
    assert credentials.asked == 0
    options = DataKeyOpts({"region": "us-east-1", "key": "arn"})
    carry_out(one, handle, lambda mongocrypt: mongocrypt.data_key_context("aws", options))
    assert credentials.asked == 1
    assert b"Credential=known/" in service.requests[0]


def test_a_service_that_refuses() -> None:
    body = b'{"__type": "AccessDenied"}'
    reply = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    options = DataKeyOpts({"region": "us-east-1", "key": "arn"})
    with pytest.raises(MongoCryptError, match="AccessDenied"):
        carry_out(
            machine(service=Service(reply)),
            library(AWS),
            lambda mongocrypt: mongocrypt.data_key_context("aws", options),
        )


def test_a_command_is_marked_and_encrypted() -> None:
    handle = library(schema_map=encode({"db.people": SCHEMA}), bypass_encryption=False)
    key = new_key(handle)
    marker = Marker(decode(key)["_id"])
    command = encode({"insert": "people", "documents": [{"secret": 5}], "$db": "db"})
    encrypted = carry_out(
        machine(Vault(key), marker=marker),
        handle,
        lambda mongocrypt: mongocrypt.encryption_context("db", command),
    )
    assert encrypted is not None
    assert decode(encrypted)["documents"][0]["secret"].subtype == 6
    assert marker.commands[0]["jsonSchema"] == SCHEMA
    decrypted = carry_out(
        machine(Vault(key)), handle, lambda mongocrypt: mongocrypt.decryption_context(encrypted)
    )
    assert decrypted is not None
    assert decode(decrypted)["documents"] == [{"secret": 5}]


def test_the_schema_of_the_server() -> None:
    handle = library(bypass_encryption=False)
    key = new_key(handle)
    info = {"name": "people", "type": "collection", "options": {"validator": {"$jsonSchema": SCHEMA}}}
    lists, marker = Lists(info), Marker(decode(key)["_id"])
    command = encode({"insert": "people", "documents": [{"secret": 5}], "$db": "db"})
    carry_out(
        machine(Vault(key), lists=lists, marker=marker),
        handle,
        lambda mongocrypt: mongocrypt.encryption_context("db", command),
    )
    assert lists.asked == [("db", {"name": "people"})]
    assert marker.commands[0]["isRemoteSchema"] is True


def test_what_nobody_can_give() -> None:
    command = encode({"insert": "people", "documents": [{}], "$db": "db"})
    with pytest.raises(MongoCryptError, match="nobody here can give"):
        carry_out(
            machine(),
            library(bypass_encryption=False),
            lambda mongocrypt: mongocrypt.encryption_context("db", command),
        )


def test_a_handle_is_let_go_of_after_its_last_context() -> None:
    handle = library()
    key = new_key(handle)

    async def work() -> bytes | None:
        with handle.context(encrypting(key)) as context:
            handle.close()
            return await machine(Vault(key)).run(context, NEVER)

    assert run(work()) is not None
    assert handle._kept == []
    with pytest.raises(InvalidOperation, match="Cannot use closed ClientEncryption"):
        carry_out(machine(), handle, encrypting(key))
    handle.close()


def test_a_cancelled_operation_leaves_nothing() -> None:
    handle = library()
    key = new_key(handle)

    async def main() -> None:
        asked = asyncio.Event()

        class Silent(Vault):
            async def find_keys(self, filter: bytes) -> Any:
                asked.set()
                await asyncio.Event().wait()

        async def work() -> None:
            with handle.context(encrypting(key)) as context:
                await machine(Silent()).run(context, NEVER)

        task = asyncio.create_task(work())
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert handle._users == set()
        handle.close()
        assert handle._kept == []

    asyncio.run(main())


def test_errors_are_those_of_encryption() -> None:
    with pytest.raises(EncryptionError, match="no room") as caught, encryption_errors():
        raise ValueError("no room")
    assert isinstance(caught.value.cause, ValueError)


def test_options_show_no_secrets() -> None:
    from petiole._engine.encryption.library import LibraryOptions

    assert "secret" not in repr(LibraryOptions(AWS))


def test_a_marking_is_no_ciphertext() -> None:
    with pytest.raises(MongoCryptError):
        carry_out(machine(), library(), decrypting(encode({"v": Binary(b"\0nothing", 6)})))
