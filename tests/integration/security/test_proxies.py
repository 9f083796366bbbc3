"""Connections through a SOCKS5 proxy to real servers, by both faces."""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import uvloop
from tests.integration.security.authority import Authority
from tests.integration.security.conftest import SOON, Face, ping, refusal
from tests.integration.security.front import TlsFront
from tests.integration.security.socks import IPV6, NAME, Socks5

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import NetworkTimeout
from petiole.local import LocalServer
from petiole.monitoring import ConnectionPoolListener

HOST = "db.invalid"
"""A name that nobody but the proxy knows (RFC 6761, 6.4)."""
URI = f"mongodb://{HOST}:27017/?directConnection=true"
SECRET = "5ecret-Pas5word"


@pytest.fixture
def proxy(standalone: LocalServer) -> Iterator[Socks5]:
    with Socks5({HOST: standalone.address}) as proxy:
        yield proxy


def where(proxy: Socks5) -> str:
    return "proxy {}:{}: ".format(*proxy.address)


def test_all_connections_go_through_the_proxy(face: Face, proxy: Socks5) -> None:
    client = face.client(URI, **proxy.options)
    client.through.things.drop()
    client.through.things.insert_one({"_id": 1, "data": bytes(1_000_000)})
    assert len(client.through.things.find_one({"_id": 1})["data"]) == 1_000_000
    client.through.things.drop()
    assert client.address == (HOST, 27017)
    assert set(proxy.wanted) == {(NAME, HOST, 27017)}
    assert len(proxy.wanted) >= 2  # The monitor's and the operations'.
    assert set(proxy.offered) == {b"\x00"}


def test_in_the_connection_string(face: Face, standalone: LocalServer) -> None:
    with Socks5({HOST: standalone.address}) as proxy:
        proxy.user = ("us:er", "p@ss/word")
        options = "&".join(f"{name}={quote_plus(str(value))}" for name, value in proxy.options.items())
        assert ping(face.client(f"{URI}&{options}"))
        assert set(proxy.offered) == {b"\x00\x02"}


def test_a_replica_set(face: Face, replica_set: LocalServer) -> None:
    with Socks5() as proxy:
        client = face.client(replica_set.uri, **proxy.options)
        assert client.admin.command("hello")["isWritablePrimary"]
        hosts = {(host, port) for _, host, port in proxy.wanted}
    assert hosts == set(replica_set.addresses)


def test_ipv6(face: Face, standalone: LocalServer) -> None:
    with Socks5({"::1": standalone.address}, host="::1") as proxy:
        proxy.bound = bytes((IPV6, *bytes(16), 0, 80))
        assert ping(face.client("mongodb://[::1]:27017/?directConnection=true", **proxy.options))
        assert set(proxy.wanted) == {(IPV6, "::1", 27017)}


def test_names_of_other_alphabets(face: Face, proxy: Socks5) -> None:
    proxy.names["xn--bcher-kva.invalid"] = proxy.names[HOST]
    assert ping(face.client("mongodb://bücher.invalid/?directConnection=true", **proxy.options))


@pytest.mark.parametrize("bound", [bytes((NAME, 2, 65, 66, 0, 80)), bytes((NAME, 0, 0, 80))])
def test_answers_in_pieces(face: Face, proxy: Socks5, bound: bytes) -> None:
    proxy.user = ("user", SECRET)
    proxy.piecemeal = True
    proxy.bound = bound
    assert ping(face.client(URI, **proxy.options))


def test_tls_within(
    face: Face,
    proxy: Socks5,
    front: Callable[..., TlsFront],
    authority: Authority,
    trusting: dict[str, Any],
) -> None:
    """The certificate is the server's, and so are the name asked for and the one complained of."""
    listening = front(authority.issue("proxied", alternatives=[HOST]))
    proxy.names = {HOST: listening.address, "other.invalid": listening.address}
    client = face.client(URI, **proxy.options, **trusting, maxIdleTimeMS=1)
    for _ in range(4):
        assert ping(client)
        time.sleep(0.01)
    assert set(listening.names) == {HOST}
    assert sum(listening.resumed) >= 2
    text = refusal(
        face.client("mongodb://other.invalid/?directConnection=true", **proxy.options, **trusting, **SOON)
    )
    assert text.startswith("certificate verify failed for other.invalid:27017: Hostname mismatch")


def test_unix_sockets_need_no_proxy(
    face: Face, encrypted: LocalServer, sockets: Path, trusting: dict[str, Any], proxy: Socks5
) -> None:
    path = quote_plus(str(sockets / f"mongodb-{encrypted.address[1]}.sock"))
    uri = f"mongodb://{path}/?directConnection=true"
    assert ping(face.client(uri, **trusting, **proxy.options, tlsAllowInvalidHostnames=True))
    assert not proxy.wanted


def test_uvloop(encrypted: LocalServer, trusting: dict[str, Any]) -> None:
    with Socks5({"localhost": encrypted.address}) as through:
        options: dict[str, Any] = {**trusting, **through.options}

        async def work() -> Any:
            uri = "mongodb://localhost/?directConnection=true"
            async with AsyncMongoClient[dict[str, Any]](uri, **options) as client:
                return await client.admin.command("ping")

        assert uvloop.run(work())["ok"] == 1
        assert set(through.wanted) == {(NAME, "localhost", 27017)}


class Pools(ConnectionPoolListener):
    """Remembers the addresses of all events."""

    def __init__(self) -> None:
        self.addresses: set[Any] = set()

    def note(self, event: Any) -> None:
        self.addresses.add(event.address)

    pool_created = pool_ready = pool_cleared = pool_closed = note
    connection_created = connection_ready = connection_closed = note
    connection_check_out_started = connection_check_out_failed = note
    connection_checked_out = connection_checked_in = note


def test_events_know_no_proxy(face: Face, proxy: Socks5) -> None:
    listener = Pools()
    assert ping(face.client(URI, **proxy.options, event_listeners=[listener]))
    assert listener.addresses == {(HOST, 27017)}


# Proxies that do not do their part.


@pytest.mark.parametrize("stalls_at", [0, 1, 2])
def test_a_proxy_that_stalls(face: Face, proxy: Socks5, stalls_at: int) -> None:
    proxy.user = ("user", SECRET)
    proxy.stalls_at = stalls_at
    started = time.monotonic()
    text = refusal(face.client(URI, **proxy.options, connectTimeoutMS=300, **SOON))
    assert time.monotonic() - started < 3
    assert text.startswith(f"{HOST}:27017: {where(proxy)}timed out")


def test_operations_do_not_wait_for_a_proxy(face: Face, proxy: Socks5) -> None:
    """Not only the monitor's connections have a deadline."""
    client = face.client(URI, **proxy.options, connectTimeoutMS=400, maxIdleTimeMS=1, retryReads=False)
    assert ping(client)
    proxy.stalls_at = 1
    time.sleep(0.01)  # The connection is idle for too long now.
    with pytest.raises(NetworkTimeout, match=re.escape(f"{HOST}:27017: {where(proxy)}timed out")):
        client.through.things.find_one()
    proxy.stalls_at = None
    assert ping(client)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1, "general failure"), (2, "not allowed by its rules"), (5, "connection refused"), (77, "code 77")],
)
def test_a_proxy_that_refuses(face: Face, proxy: Socks5, code: int, reason: str) -> None:
    proxy.refuses = code
    text = refusal(face.client(URI, **proxy.options, **SOON))
    assert text.startswith(f"{HOST}:27017: {where(proxy)}it did not connect to {HOST}:27017: {reason}")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak SOCKS5: its answer begins with 0x48"),
        (b"\x04\x5a", "it does not speak SOCKS5: its answer begins with 0x04"),
        (b"\x05", "connection closed"),
        (b"", "connection closed"),
        (b"\x05\x01", "it wants neither nobody's name nor a password"),
        (b"\x05\x02", "it does not serve strangers"),
    ],
)
def test_what_is_no_proxy(face: Face, proxy: Socks5, answer: bytes, complaint: str) -> None:
    proxy.answers = answer
    options = proxy.options | ({"proxyUsername": "a", "proxyPassword": "b"} if answer == b"\x05\x01" else {})
    text = refusal(face.client(URI, **options, **SOON))
    assert text.startswith(f"{HOST}:27017: {where(proxy)}{complaint}")


@pytest.fixture
def deaf() -> Iterator[tuple[str, int]]:
    """An address where nobody listens, and nobody else can."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield one.getsockname()


def test_a_proxy_that_is_not_there(face: Face, deaf: tuple[str, int]) -> None:
    text = refusal(face.client(URI, proxyHost=deaf[0], proxyPort=deaf[1], **SOON))
    assert text.startswith(f"{HOST}:27017: proxy 127.0.0.1:{deaf[1]}: [Errno 111] Connection refused")
    text = refusal(face.client(URI, proxyHost="nobody.invalid", **SOON))
    assert text.startswith(f"{HOST}:27017: proxy nobody.invalid:1080: ")


def test_passwords_of_proxies(face: Face, proxy: Socks5, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    proxy.user = ("user", SECRET)
    clients = [
        face.client(URI, **proxy.options | changed)
        for changed in ({}, {**SOON, "proxyPassword": f"not-{SECRET}"}, {**SOON, "proxyUsername": "nobody"})
    ]
    assert ping(clients[0])
    texts = [refusal(client) for client in clients[1:]]
    for text in texts:
        assert text.startswith(
            f"{HOST}:27017: {where(proxy)}it does not accept proxyUsername and proxyPassword"
        )
    without = {name: proxy.options[name] for name in ("proxyHost", "proxyPort")}
    text = refusal(face.client(URI, **without, **SOON))
    assert "proxyUsername and proxyPassword are needed" in text
    texts += [text, caplog.text]
    for client in clients:
        texts += [repr(client), repr(client.options.pool_options.proxy)]
    for text in texts:
        assert SECRET not in text


def test_a_name_too_long(face: Face, proxy: Socks5) -> None:
    text = refusal(face.client(f"mongodb://{'a.' * 130}b/?directConnection=true", **proxy.options, **SOON))
    assert "no name of a host" in text


def test_a_server_that_is_gone(face: Face, proxy: Socks5, deaf: tuple[str, int]) -> None:
    """The proxy's own failure to reach it ends in an error as any other."""
    proxy.names[HOST] = deaf
    assert where(proxy) in refusal(face.client(URI, **proxy.options, **SOON))
