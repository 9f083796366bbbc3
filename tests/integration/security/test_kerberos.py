"""GSSAPI with a real key distribution centre and real tickets, by both faces.

The server is scripted (MongoDB's community edition has no GSSAPI), but what it accepts or refuses it decides by a real
GSSAPI acceptor. Where Kerberos is not installed these are skipped; `tests/unit/engine/test_gssapi.py` never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.security.conftest import Face
from tests.integration.security.kdc import REALM, SERVICE_HOST, Acceptor, Realm, lacking
from tests.unit.engine.rig import EMPTY_BATCH
from tests.unit.engine.wire_server import Peer, WireServer

from petiole.errors import ConfigurationError, OperationFailure

kerberos = pytest.importorskip("kerberos", reason="the extra gssapi (pykerberos) is not installed")
pytestmark = pytest.mark.skipif(lacking() is not None, reason=lacking() or "")

USER = f"ann@{REALM}"


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with Realm(tmp_path_factory.mktemp("realm")) as realm, pytest.MonkeyPatch.context() as patch:
        for name, value in realm.environ.items():
            patch.setenv(name, value)
        yield realm


class Server:
    """Lets users in by their tickets, and in under their own names alone."""

    def __init__(self) -> None:
        self.acceptors: dict[int, Acceptor] = {}

    def __call__(self, peer: Peer, body: dict[str, Any]) -> Any:
        if "find" in body:
            return EMPTY_BATCH
        if "saslStart" in body:
            self.acceptors[peer.number] = Acceptor(kerberos)
        elif "saslContinue" not in body:
            return None
        mine = self.acceptors[peer.number]
        said, done = mine.answer(body["payload"])
        if done and mine.user != mine.principal:
            return {"ok": 0, "code": 18, "errmsg": "Authentication failed."}
        return {"ok": 1, "conversationId": 1, "done": done, "payload": said}


@pytest.fixture
def server(realm: Realm) -> Iterator[WireServer]:
    made = WireServer(Server())
    yield made
    made.close()


def client(face: Face, server: WireServer, username: str = USER, **options: Any) -> Any:
    properties = {"SERVICE_HOST": SERVICE_HOST} | options.pop("properties", {})
    return face.client(
        f"mongodb://{server.address}",
        authMechanism="GSSAPI",
        username=username,
        authMechanismProperties=properties,
        **options,
    )


def test_a_ticket(face: Face, server: WireServer) -> None:
    assert client(face, server).app.things.find_one() is None
    mine = client(face, server, properties={"SERVICE_REALM": REALM})
    assert mine.app.things.find_one() is None
    assert isinstance(server.script, Server)
    assert {one.user for one in server.script.acceptors.values()} == {USER}


def test_another_ones_name(face: Face, server: WireServer) -> None:
    with pytest.raises(OperationFailure) as caught:
        client(face, server, f"bob@{REALM}").app.things.find_one()
    assert caught.value.code == 18


def test_a_service_that_nobody_knows(face: Face, server: WireServer) -> None:
    with pytest.raises(OperationFailure, match=r"not found in Kerberos database"):
        client(face, server, properties={"SERVICE_HOST": "other.example.org"}).app.things.find_one()


def test_no_ticket(
    face: Face, server: WireServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("KRB5CCNAME", str(tmp_path_factory.mktemp("none") / "tickets"))
    with pytest.raises(OperationFailure, match=r"No Kerberos credentials available|No credentials cache"):
        client(face, server).app.things.find_one()


def test_a_password(face: Face, server: WireServer) -> None:
    with pytest.raises(ConfigurationError, match="takes no passwords") as caught:
        client(face, server, password="secret").app.things.find_one()
    assert "secret" not in str(caught.value)
