"""The stand-ins for key management services: what they wrap they unwrap, and they fail as they are told."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.security.authority import LOCAL, Authority
from tests.kms import sealing, ttlv
from tests.kms.clouds import Wrapping
from tests.kms.http import HttpService, Response
from tests.kms.kmip import (
    BATCH_ITEM,
    CREATE,
    GET,
    IDENTIFIER,
    OBJECT_TYPE,
    OPERATION,
    REQUEST_PAYLOAD,
    STATUS,
    SYMMETRIC_KEY,
    KmipService,
)
from tests.kms.service import Fault
from tests.kms.ttlv import Item, structure


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return Authority(tmp_path).issue("service", alternatives=LOCAL)


@pytest.fixture
def service(certificate: Path) -> Iterator[HttpService]:
    with HttpService(lambda request: Response.of({"asked": request.path}), certificate) as made:
        yield made


def ask(service: HttpService, certificate: Path, path: str = "/there") -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=certificate.parent / "authority.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", service.port, timeout=30, context=context)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


def test_requests_are_answered_and_kept(service: HttpService, certificate: Path) -> None:
    assert ask(service, certificate) == (200, b'{"asked": "/there"}')
    assert service.requests[0].headers["host"] == service.endpoint


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.CUT, Fault.HALF, Fault.GARBAGE])
def test_a_fault_comes_once(service: HttpService, certificate: Path, fault: Fault) -> None:
    service.fail(fault)
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(service, certificate)
    assert ask(service, certificate)[0] == 200


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.FAILED, 500), (Fault.NOT_FOUND, 404), (Fault.BUSY, 429)]
)
def test_a_service_fails_by_its_status(
    service: HttpService, certificate: Path, fault: Fault, status: int
) -> None:
    service.fail(fault)
    assert ask(service, certificate)[0] == status


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.TRICKLE, Fault.MUTE])
def test_a_service_keeps_its_clients_waiting(service: HttpService, certificate: Path, fault: Fault) -> None:
    service.fail(fault)
    with socket.create_connection(("127.0.0.1", service.port)) as plain:
        plain.settimeout(0.3)
        with pytest.raises(TimeoutError):
            exchange(plain, certificate)


def exchange(plain: socket.socket, certificate: Path) -> None:
    """Ask, and read until there is nothing more."""
    context = ssl.create_default_context(cafile=certificate.parent / "authority.pem")
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        secured.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while secured.recv(1 << 16):
            pass


def test_only_what_was_wrapped_is_unwrapped() -> None:
    one, other = Wrapping(), Wrapping()
    wrapped = one.wrap(b"key", "name")
    assert one.unwrap(wrapped, "name") == b"key"
    assert one.unwrap(wrapped, "another") is None
    assert other.unwrap(wrapped, "name") is None


def test_items_are_packed_and_unpacked() -> None:
    item = structure(
        BATCH_ITEM,
        Item(OPERATION, ttlv.ENUMERATION, GET),
        structure(REQUEST_PAYLOAD, Item(IDENTIFIER, ttlv.TEXT, "name"), Item(0x4200C2, ttlv.BYTES, b"12345")),
        Item(0x420092, ttlv.DATE, 1 << 40),
    )
    packed = ttlv.pack(item)
    assert len(packed) % 8 == 0
    read = ttlv.unpack(packed)
    assert read.text(REQUEST_PAYLOAD, IDENTIFIER) == "name"
    assert read.data(REQUEST_PAYLOAD, 0x4200C2) == b"12345"
    assert ttlv.pack(read) == packed


def test_objects_are_used_only_when_active(certificate: Path) -> None:
    service = KmipService(certificate)

    def asked(operation: int, *payload: Item) -> Item:
        batch = structure(
            BATCH_ITEM, Item(OPERATION, ttlv.ENUMERATION, operation), structure(REQUEST_PAYLOAD, *payload)
        )
        return ttlv.unpack(service.answer(structure(0x420078, batch)))

    created = asked(CREATE, Item(OBJECT_TYPE, ttlv.ENUMERATION, SYMMETRIC_KEY))
    assert created.number(BATCH_ITEM, STATUS) == 0
    assert asked(GET, Item(IDENTIFIER, ttlv.TEXT, "none")).number(BATCH_ITEM, STATUS) == 1
    assert not service.objects["1"].active


def test_sealed_values_are_unsealed_by_their_key_alone() -> None:
    key, identifier = sealing.data_key(b"one"), bytes(range(16))
    sealed = sealing.seal(key, identifier, 0x02, b"\x02\0\0\0a\0")
    assert sealed == sealing.seal(key, identifier, 0x02, b"\x02\0\0\0a\0")
    assert sealing.unseal(key, sealed) == b"\x02\0\0\0a\0"
    with pytest.raises(ValueError, match="tag"):
        sealing.unseal(sealing.data_key(b"two"), sealed)
    with pytest.raises(ValueError, match="tag"):
        sealing.unseal(key, sealed[:-1] + bytes([sealed[-1] ^ 1]))
