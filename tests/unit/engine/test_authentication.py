"""Authentication against servers that do what no real one here does: lie, ask LDAP, ask Amazon, hold no data."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import bson
import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig
from tests.unit.engine.wire_server import Drop, Peer, Silence

from petiole.errors import AutoReconnect, ConfigurationError, NetworkTimeout, OperationFailure

SALT = b"sixteen byte salt"
REFUSED = {"ok": 0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed"}


class ScramServer:
    """The server's side of SCRAM-SHA-256, as a script; what it should do wrong are its attributes."""

    def __init__(self, password: str = "pencil", *, speculates: bool = True) -> None:
        self.password = password
        self.speculates = speculates
        self.iterations = 4096
        self.nonce_prefix = b""
        self.signature: bytes | None = None
        self.skips_empty_exchange = True
        self.answer: Any = None
        """The reply to the proof, if it is to be another."""
        self.hello: dict[str, Any] = {}
        self._challenges: dict[int, bytes] = {}

    def install(self, rig: Rig) -> None:
        self.hello = rig.server.hello
        rig.server.greeting = self.greet
        rig.server.script = self.script

    def greet(self, peer: Peer, body: dict[str, Any]) -> Any:
        if "speculativeAuthenticate" not in body:
            return None
        assert body["saslSupportedMechs"] == "admin.ann"
        hello: dict[str, Any] = {"saslSupportedMechs": ["SCRAM-SHA-1", "SCRAM-SHA-256"]}
        if self.speculates:
            hello["speculativeAuthenticate"] = self.challenge(peer, body["speculativeAuthenticate"])
        return {**self.hello, **hello}

    def challenge(self, peer: Peer, start: dict[str, Any]) -> dict[str, Any]:
        bare = start["payload"][3:]
        nonce = bare.partition(b",r=")[2]
        first = b"r=%s%sserver,s=%s,i=%d" % (self.nonce_prefix, nonce, b64encode(SALT), self.iterations)
        self._challenges[peer.number] = bare + b"," + first
        return {"ok": 1, "conversationId": 3, "done": False, "payload": first}

    def script(self, peer: Peer, body: dict[str, Any]) -> Any:
        if "saslStart" in body:
            return self.challenge(peer, body)
        if "saslContinue" not in body:
            return EMPTY_BATCH
        if self.answer is not None:
            return self.answer
        if not body["payload"]:
            return {"ok": 1, "conversationId": 3, "done": True, "payload": b""}
        unproved, _, proof = body["payload"].partition(b",p=")
        signed = self._challenges[peer.number] + b"," + unproved
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), SALT, self.iterations)
        client = hmac.digest(salted, b"Client Key", "sha256")
        mask = hmac.digest(hashlib.sha256(client).digest(), signed, "sha256")
        if proof != b64encode(bytes(a ^ b for a, b in zip(client, mask, strict=True))):
            return REFUSED
        signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        shown = self.signature if self.signature is not None else b64encode(signature)
        return {
            "ok": 1,
            "conversationId": 3,
            "done": self.skips_empty_exchange,
            "payload": b"v=" + shown,
        }


@pytest.fixture
def scram(rig: Rig) -> ScramServer:
    server = ScramServer()
    server.install(rig)
    return server


def user(rig: Rig, **options: Any) -> Any:
    return rig.client(**{"username": "ann", "password": "pencil", "retryReads": False} | options)


def find(client: Any) -> Callable[[], Any]:
    return lambda: client.shop.orders.find_one()


def test_it_begins_in_the_handshake(rig: Rig, scram: ScramServer) -> None:
    assert rig.do(find(user(rig))) is None
    assert rig.server.seen[:2] == ["saslContinue", "find"]


def test_a_server_that_does_not_speculate(rig: Rig, scram: ScramServer) -> None:
    scram.speculates = False
    assert rig.do(find(user(rig))) is None
    assert rig.server.seen[:3] == ["saslStart", "saslContinue", "find"]


def test_a_server_that_does_not_skip_the_empty_exchange(rig: Rig, scram: ScramServer) -> None:
    scram.skips_empty_exchange = False
    assert rig.do(find(user(rig))) is None
    assert rig.server.seen[:3] == ["saslContinue", "saslContinue", "find"]


def test_a_server_that_makes_the_password_cheap_to_guess(rig: Rig, scram: ScramServer) -> None:
    scram.iterations = 4095
    error = rig.fail(find(user(rig)), OperationFailure)
    assert "invalid iteration count" in str(error)
    assert rig.server.seen == []  # It has been given nothing to guess by.


def test_a_server_that_would_occupy_the_client_for_hours(rig: Rig, scram: ScramServer) -> None:
    scram.iterations = 2**31 - 1
    started = time.monotonic()
    rig.fail(find(user(rig)), OperationFailure)
    assert time.monotonic() - started < 5


def test_a_server_with_another_clients_nonce(rig: Rig, scram: ScramServer) -> None:
    scram.nonce_prefix = b"x"
    assert "invalid nonce" in str(rig.fail(find(user(rig)), OperationFailure))
    assert rig.server.seen == []


def test_a_server_that_does_not_know_the_password(rig: Rig, scram: ScramServer) -> None:
    scram.signature = b64encode(bytes(32))
    assert "invalid signature" in str(rig.fail(find(user(rig)), OperationFailure))
    assert "find" not in rig.server.seen


@pytest.mark.parametrize(
    ("answer", "kind"), [(REFUSED, OperationFailure), (Drop, AutoReconnect), (Silence, NetworkTimeout)]
)
def test_failures_lose_the_server_for_a_moment_only(
    rig: Rig, scram: ScramServer, answer: Any, kind: type[Exception]
) -> None:
    client = user(rig, connectTimeoutMS=500)
    scram.answer = answer
    rig.fail(find(client), kind)
    scram.answer = None
    assert rig.do(find(client)) is None


def test_a_repeated_read_authenticates_anew(rig: Rig, scram: ScramServer) -> None:
    refusals = [Drop]
    original = scram.script

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        return refusals.pop() if "saslContinue" in body and refusals else original(peer, body)

    rig.server.script = script
    assert rig.do(find(user(rig, retryReads=True))) is None


def test_an_arbiter_has_no_users(rig: Rig) -> None:
    rig.server.hello |= {"setName": "rs", "arbiterOnly": True, "isWritablePrimary": False, "ismaster": False}
    client = user(rig, directConnection=True)
    rig.do(lambda: client.admin.command("ping"))
    assert rig.server.seen[:1] == ["ping"]


def test_what_authenticates_is_not_compressed(rig: Rig, scram: ScramServer) -> None:
    scram.speculates = False
    rig.server.hello["compression"] = ["zlib"]
    # The scripted server understands nothing that is compressed: the first such message ends it.
    rig.fail(find(user(rig, compressors="zlib")))
    assert rig.server.seen[:2] == ["saslStart", "saslContinue"]
    assert "find" not in rig.server.seen


# PLAIN.


def test_plain(rig: Rig) -> None:
    def directory(peer: Peer, body: dict[str, Any]) -> Any:
        if "saslStart" not in body:
            return EMPTY_BATCH
        assert (body["mechanism"], body["$db"]) == ("PLAIN", "$external")
        done = {"ok": 1, "conversationId": 1, "done": True, "payload": b""}
        return done if body["payload"] == "\0ann\0pencil ✎".encode() else REFUSED

    rig.server.script = directory
    assert rig.do(find(user(rig, authMechanism="PLAIN", password="pencil ✎"))) is None
    assert rig.fail(find(user(rig, authMechanism="PLAIN")), OperationFailure).code == 18


# MONGODB-AWS.


def amazon(seen: list[dict[str, Any]]) -> Callable[[Peer, dict[str, Any]], Any]:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "saslStart" in body:
            challenge = {
                "s": bson.decode(body["payload"])["r"] + bytes(32),
                "h": "sts.eu-west-1.amazonaws.com",
            }
            return {"ok": 1, "conversationId": 1, "done": False, "payload": bson.encode(challenge)}
        if "saslContinue" in body:
            seen.append(bson.decode(body["payload"]))
            return {"ok": 1, "conversationId": 1, "done": True, "payload": b""}
        return EMPTY_BATCH

    return script


def test_aws_by_the_environment(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "TOKEN")
    seen: list[dict[str, Any]] = []
    rig.server.script = amazon(seen)
    assert rig.do(find(rig.client(authMechanism="MONGODB-AWS"))) is None
    (proof,) = seen
    assert f"Credential=KEY/{proof['d'][:8]}/eu-west-1/sts/aws4_request" in proof["a"]
    assert proof["t"] == "TOKEN"
    assert "a secret" not in str(proof)


def test_aws_by_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", raising=False)
    asked: list[str] = []

    def request(method: str, url: str, *_: Any) -> Any:
        asked.append(url)
        raise OSError("no route to host")

    monkeypatch.setattr("petiole._runtime.http.request", request)
    rig.server.script = amazon([])
    error = rig.fail(find(rig.client(authMechanism="MONGODB-AWS")), ConfigurationError)
    assert "no credentials were given" in str(error)
    assert asked == ["http://169.254.169.254/latest/api/token"]
