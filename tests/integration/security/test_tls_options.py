"""Every tls* option on a real server that wants TLS, in the connection string and by keyword, by both faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.integration.security.authority import Authority
from tests.integration.security.conftest import SOON, Face, ping, refusal
from tests.integration.security.socks import Socks5

from petiole.local import LocalServer

Given = dict[str, Any]


class Files:
    """The files that options name."""

    def __init__(self, authority: Authority, stranger: Authority, server: LocalServer) -> None:
        assert server.certificates is not None
        self.ca = str(authority.file)
        self.strange = str(stranger.file)
        self.client = str(server.certificates.client)
        self.locked = str(authority.issue("locked client", unit="clients", password="hunter2"))
        self.revoked = str(authority.revoke("server revoked", [server.certificates.server]))
        self.unrelated = str(authority.revoke("client revoked", [server.certificates.client]))


@pytest.fixture(scope="module")
def files(authority: Authority, stranger: Authority, encrypted: LocalServer) -> Files:
    return Files(authority, stranger, encrypted)


ACCEPTED: dict[str, Callable[[Files], Given]] = {
    "tls": lambda files: {"tls": True, "tlsCAFile": files.ca},
    "ssl": lambda files: {"ssl": True, "tlsCAFile": files.ca},
    "tlsCAFile implies tls": lambda files: {"tlsCAFile": files.ca},
    "tlsInsecure": lambda files: {"tls": True, "tlsInsecure": True},
    "not tlsInsecure": lambda files: {"tls": True, "tlsInsecure": False, "tlsCAFile": files.ca},
    "tlsInsecure, strange authority": lambda files: {
        "tls": True,
        "tlsInsecure": True,
        "tlsCAFile": files.strange,
    },
    "tlsAllowInvalidCertificates": lambda files: {"tls": True, "tlsAllowInvalidCertificates": True},
    "not tlsAllowInvalidCertificates implies tls": lambda files: {
        "tlsAllowInvalidCertificates": False,
        "tlsCAFile": files.ca,
    },
    "not tlsAllowInvalidHostnames implies tls": lambda files: {
        "tlsAllowInvalidHostnames": False,
        "tlsCAFile": files.ca,
    },
    "tlsCertificateKeyFile": lambda files: {"tlsCAFile": files.ca, "tlsCertificateKeyFile": files.client},
    "tlsCertificateKeyFilePassword": lambda files: {
        "tlsCAFile": files.ca,
        "tlsCertificateKeyFile": files.locked,
        "tlsCertificateKeyFilePassword": "hunter2",
    },
    "tlsCRLFile": lambda files: {"tlsCAFile": files.ca, "tlsCRLFile": files.unrelated},
    "tlsDisableOCSPEndpointCheck": lambda files: {
        "tls": True,
        "tlsCAFile": files.ca,
        "tlsDisableOCSPEndpointCheck": True,
    },
    "not tlsDisableOCSPEndpointCheck": lambda files: {
        "tlsCAFile": files.ca,
        "tlsDisableOCSPEndpointCheck": False,
    },
    "tlsDisableCertificateRevocationCheck": lambda files: {
        "tlsCAFile": files.ca,
        "tlsCRLFile": files.revoked,
        "tlsDisableCertificateRevocationCheck": True,
    },
}
REFUSED: dict[str, tuple[Callable[[Files], Given], str]] = {
    "no tls": (lambda files: {}, "connection closed"),
    "tls=false": (lambda files: {"tls": False}, "connection closed"),
    "no authority": (lambda files: {"tls": True}, "certificate verify failed"),
    "strange authority": (lambda files: {"tlsCAFile": files.strange}, "certificate verify failed"),
    "not tlsInsecure": (lambda files: {"tls": True, "tlsInsecure": False}, "certificate verify failed"),
    "tlsAllowInvalidHostnames": (
        lambda files: {"tls": True, "tlsAllowInvalidHostnames": True},
        "certificate verify failed",
    ),
    "tlsCRLFile": (lambda files: {"tlsCAFile": files.ca, "tlsCRLFile": files.revoked}, "certificate revoked"),
}


def clients(face: Face, server: tuple[str, int], given: Given, **more: Any) -> list[Any]:
    """A client with the options in its connection string, and one with keywords."""
    uri = f"mongodb://{server[0]}:{server[1]}/?directConnection=true"
    texts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
    in_uri = f"{uri}&{urlencode(texts)}" if given else uri
    return [face.client(in_uri, **more), face.client(uri, **given, **more)]


def one_client(face: Face, server: tuple[str, int], given: Given, **more: Any) -> Any:
    """One of them, another one for each face: a refusal takes its time."""
    return clients(face, server, given, **more)[face.name == "asyncio"]


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(face: Face, encrypted: LocalServer, files: Files, case: str) -> None:
    for client in clients(face, encrypted.address, ACCEPTED[case](files)):
        assert ping(client)


@pytest.mark.parametrize("case", REFUSED)
def test_refused(face: Face, encrypted: LocalServer, files: Files, case: str) -> None:
    given, complaint = REFUSED[case]
    assert complaint in refusal(one_client(face, encrypted.address, given(files), **SOON))


@pytest.mark.parametrize("host", ["db.invalid", "10.1.2.3"])
def test_names(face: Face, encrypted: LocalServer, files: Files, host: str) -> None:
    """The server under a name, or an address, that its certificate lacks."""
    with Socks5({host: encrypted.address}) as proxy:
        given: Given = {"tlsCAFile": files.ca, **proxy.options}
        text = refusal(one_client(face, (host, 27017), given, **SOON))
        assert text.startswith(f"certificate verify failed for {host}:27017: ")
        for lenient in ("tlsAllowInvalidHostnames", "tlsAllowInvalidCertificates", "tlsInsecure"):
            for client in clients(face, (host, 27017), {"tls": True, **given, lenient: True}):
                assert ping(client)


def test_sessions_are_resumed_by_a_real_server(face: Face, encrypted: LocalServer, files: Files) -> None:
    """Seen from the client's side: the server keeps no count of them."""
    client = face.client(encrypted.uri)
    assert ping(client)
    (server,) = client._engine.topology.servers
    (pool,) = server.pools.values()
    first = pool.take()
    assert first is not None
    assert ping(client)  # On another connection, since the first is not given back.
    second = pool.take()
    assert second is not None
    assert second is not first
    assert resumed(second)
    pool.check_in(first)
    pool.check_in(second)


def resumed(connection: Any) -> bool:
    """Whether its session is that of an earlier connection."""
    stream = connection.stream
    if hasattr(stream, "_socket"):
        return bool(stream._socket.session_reused)
    return bool(stream._transport.get_extra_info("ssl_object").session_reused)


def test_clients_share_no_sessions(face: Face, encrypted: LocalServer) -> None:
    """A session stands for a client's certificate: it is nobody else's."""
    for _ in range(2):
        client = face.client(encrypted.uri, heartbeatFrequencyMS=60_000, serverMonitoringMode="poll")
        (kept,) = [client._engine._tls._sessions]
        assert not kept
        assert ping(client)
        assert kept
