"""GSSAPI against a scripted server and a stand-in for the module `kerberos`: which calls, in what order, about whom."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig
from tests.unit.engine.sides import Threads
from tests.unit.engine.stand_in_kerberos import StandIn
from tests.unit.engine.wire_server import Peer

from petiole._runtime.sockets import canonical_name
from petiole.errors import ConfigurationError, OperationFailure

SECRET = "5ecret-Pas5word"


class Server:
    """The server's side: it wants the ticket, agrees, offers no security layer, and is told the user."""

    def __init__(self) -> None:
        self.users: list[bytes] = []
        self.done = True
        self.endless = False
        """Whether it has always something more to ask."""

    def __call__(self, peer: Peer, body: dict[str, Any]) -> Any:
        reply = {"ok": 1, "conversationId": 7, "done": False}
        if "saslStart" in body:
            assert body["mechanism"] == "GSSAPI"
            assert body["$db"] == "$external"
            assert body["payload"] == b"ticket"
            return reply | {"payload": b"agreed"}
        if "saslContinue" not in body:
            return EMPTY_BATCH
        assert body["conversationId"] == 7
        if body["payload"] == b"":
            return reply | {"payload": b"agreed" if self.endless else b"[\x01\0\0\0]"}
        self.users.append(body["payload"])
        return reply | {"done": self.done, "payload": b""}


@pytest.fixture
def kerberos(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    module = StandIn()
    monkeypatch.setitem(sys.modules, "winkerberos", None)
    monkeypatch.setitem(sys.modules, "kerberos", module)
    return module


@pytest.fixture
def server(rig: Rig) -> Server:
    rig.server.script = server = Server()
    return server


def find(rig: Rig, username: str = "ann@EXAMPLE.COM", **options: Any) -> Callable[[], Any]:
    client = rig.client(authMechanism="GSSAPI", username=username, retryReads=False, **options)
    return lambda: client.shop.orders.find_one()


def test_a_ticket(rig: Rig, kerberos: StandIn, server: Server) -> None:
    assert rig.do(find(rig)) is None
    assert kerberos.services == ["mongodb@127.0.0.1"]
    assert kerberos.passwords == [{}]
    assert server.users == [b"[\x01\0\0\0ann@EXAMPLE.COM]"]
    assert kerberos.cleaned == 1
    if not isinstance(
        rig.side, Threads
    ):  # A key distribution centre may be slow, and the loop has others to serve.
        assert rig.do(threading.get_ident) not in kerberos.threads


@pytest.mark.parametrize(
    ("properties", "service"),
    [
        ("SERVICE_NAME:other", "other@127.0.0.1"),
        ("SERVICE_REALM:ELSEWHERE", "mongodb/127.0.0.1@ELSEWHERE"),
        ("SERVICE_HOST:db.example.com", "mongodb@db.example.com"),
        ("SERVICE_NAME:a,SERVICE_HOST:b,SERVICE_REALM:C", "a/b@C"),
        ("CANONICALIZE_HOST_NAME:none", "mongodb@127.0.0.1"),
        ("CANONICALIZE_HOST_NAME:false", "mongodb@127.0.0.1"),
        ("CANONICALIZE_HOST_NAME:forward,SERVICE_HOST:db", "mongodb@cname.example.com"),
        ("CANONICALIZE_HOST_NAME:forwardAndReverse,SERVICE_HOST:db", "mongodb@reversed.example.com"),
        ("CANONICALIZE_HOST_NAME:true", "mongodb@reversed.example.com"),
    ],
)
def test_names_of_services(
    rig: Rig,
    kerberos: StandIn,
    server: Server,
    properties: str,
    service: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def canonical(host: str, *, reverse: bool) -> str:
        return "reversed.example.com" if reverse else "cname.example.com"

    monkeypatch.setattr("petiole._net.lookups.canonical_name", canonical)
    assert rig.do(find(rig, authMechanismProperties=properties)) is None
    assert kerberos.services == [service]


def test_a_password(rig: Rig, kerberos: StandIn, server: Server) -> None:
    kerberos.takes_passwords = True  # As winkerberos does.
    assert rig.do(find(rig, password=SECRET)) is None
    assert rig.do(find(rig, username="bob", password=SECRET)) is None
    assert kerberos.passwords == [
        {"user": "ann", "domain": "EXAMPLE.COM", "password": SECRET},
        {"user": "bob", "domain": None, "password": SECRET},
    ]
    assert server.users[1] == b"[\x01\0\0\0bob]"


def test_a_password_for_a_module_that_takes_none(rig: Rig, kerberos: StandIn, server: Server) -> None:
    error = rig.fail(find(rig, password=SECRET), ConfigurationError)
    assert "the module 'kerberos' takes no passwords: get a ticket by kinit" in str(error)
    assert SECRET not in str(error)


def test_winkerberos_is_preferred(
    rig: Rig, kerberos: StandIn, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = StandIn("winkerberos")
    monkeypatch.setitem(sys.modules, "winkerberos", windows)
    assert rig.do(find(rig)) is None
    assert rig.do(find(rig, authMechanismProperties="SERVICE_REALM:ELSEWHERE")) is None
    assert windows.services == ["mongodb@127.0.0.1", "mongodb@127.0.0.1@ELSEWHERE"]
    assert kerberos.services == []


def test_without_the_extra(rig: Rig, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kerberos", "winkerberos"):
        monkeypatch.setitem(sys.modules, name, None)
    error = rig.fail(find(rig), ConfigurationError)
    assert str(error).startswith('The "kerberos" module must be installed to use GSSAPI authentication')
    assert "petiole[gssapi]" in str(error)
    assert rig.server.seen.count("saslStart") == 0


@pytest.mark.parametrize("function", ["init", "step", "unwrap", "wrap"])
def test_errors_of_kerberos(rig: Rig, kerberos: StandIn, server: Server, function: str) -> None:
    kerberos.fails_at = function
    error = rig.fail(find(rig), OperationFailure)
    assert "No Kerberos credentials available" in str(error)
    assert kerberos.cleaned == (function != "init")


def test_a_step_that_fails_without_a_reason(rig: Rig, kerberos: StandIn, server: Server) -> None:
    kerberos.last_status = -1
    assert "authGSSClientStep failed" in str(rig.fail(find(rig), OperationFailure))


def test_a_conversation_without_end(rig: Rig, kerberos: StandIn, server: Server) -> None:
    kerberos.last_status = kerberos.AUTH_GSS_CONTINUE
    server.endless = True
    assert "failed to complete" in str(rig.fail(find(rig), OperationFailure))
    assert rig.server.seen.count("saslContinue") == 10
    assert kerberos.cleaned == 1


def test_a_server_that_is_not_content(rig: Rig, kerberos: StandIn, server: Server) -> None:
    server.done = False
    assert "SASL conversation failed to complete" in str(rig.fail(find(rig), OperationFailure))


def test_a_server_that_refuses(rig: Rig, kerberos: StandIn) -> None:
    rig.server.script = lambda peer, body: {"ok": 0, "code": 18, "errmsg": "Authentication failed."}
    assert rig.fail(find(rig), OperationFailure).code == 18
    assert kerberos.cleaned == 1


# Canonical names.


def test_canonical_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(host: str, port: None, **_: Any) -> Any:
        if host == "unknown":
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "CName.Example.COM", ("10.0.0.1", 0))]

    def named(address: Any, flags: int) -> Any:
        assert flags == socket.NI_NAMEREQD
        if not reversible:
            raise socket.gaierror(-2, "Name or service not known")
        return ("Reversed.Example.COM", "0")

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "getnameinfo", named)
    reversible = True
    assert canonical_name("db", reverse=False) == "cname.example.com"
    assert canonical_name("db", reverse=True) == "reversed.example.com"
    assert canonical_name("unknown", reverse=True) == "unknown"
    reversible = False
    assert canonical_name("db", reverse=True) == "cname.example.com"
