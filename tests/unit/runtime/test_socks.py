"""The conversation with a SOCKS5 proxy, byte by byte (RFC 1928, RFC 1929)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petiole._runtime.base import Address
from petiole._runtime.socks import Proxy

OPEN, CLOSED = Proxy("p", 1080), Proxy("p", 1080, "us", "ßecret")
CONNECTED = b"\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x50"


def talk(proxy: Proxy, target: Address, answers: bytes) -> tuple[bytes, bytes]:
    """What is sent to a proxy that says `answers`, and what of them is left unread."""
    conversation, sent = proxy.converse(target), b""
    try:
        data, count = next(conversation)
        while True:
            sent += data
            if len(answers) < count:
                raise EOFError
            received, answers = answers[:count], answers[count:]
            data, count = conversation.send(received)
    except StopIteration:
        return sent, answers


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        (("db.example", 27017), b"\x03\x0adb.example\x69\x89"),
        (("10.1.2.3", 1), b"\x01\x0a\x01\x02\x03\x00\x01"),
        (("::1", 65535), b"\x04" + bytes(15) + b"\x01\xff\xff"),
        (("[fe80::1]", 1), b"\x04\xfe\x80" + bytes(13) + b"\x01\x00\x01"),
        (("bücher.example", 1), b"\x03\x15xn--bcher-kva.example\x00\x01"),
    ],
)
def test_destinations(target: Address, destination: bytes) -> None:
    sent, rest = talk(OPEN, target, b"\x05\x00" + CONNECTED + b"from the server")
    assert sent == b"\x05\x01\x00" + b"\x05\x01\x00" + destination
    assert rest == b"from the server"  # It is not the proxy's, and nobody may take it.


def test_a_proxy_that_wants_a_password() -> None:
    sent, _ = talk(CLOSED, ("h", 1), b"\x05\x02" + b"\x01\x00" + CONNECTED)
    assert sent == b"\x05\x02\x00\x02" + b"\x01\x02us\x07\xc3\x9fecret" + b"\x05\x01\x00\x03\x01h\x00\x01"


def test_a_proxy_that_could_have_had_one() -> None:
    sent, _ = talk(CLOSED, ("h", 1), b"\x05\x00" + CONNECTED)
    assert b"ecret" not in sent


@pytest.mark.parametrize(
    "bound", [b"\x04" + bytes(18), b"\x03\x00\x00\x50", b"\x03\xff" + bytes(257), b"\x01" + bytes(6)]
)
def test_addresses_that_it_connects_from(bound: bytes) -> None:
    assert talk(OPEN, ("h", 1), b"\x05\x00" + b"\x05\x00\x00" + bound + b"rest")[1] == b"rest"


@pytest.mark.parametrize("name", ["", "a" * 256])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(OSError, match="no name of a host"):
        talk(OPEN, (name, 1), b"\x05\x00" + CONNECTED)


@given(st.binary(max_size=40))
def test_whatever_a_proxy_says(answers: bytes) -> None:
    """It ends in a connection, in an error of the network, or in waiting for more."""
    for proxy in (OPEN, CLOSED):
        text = ""
        try:
            talk(proxy, ("h", 1), answers)
        except (OSError, EOFError) as error:
            text = str(error)
        assert "ecret" not in text
