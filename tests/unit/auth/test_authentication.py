"""Which conversation a connection has: negotiation, what travels with the handshake, PLAIN and X.509."""

from __future__ import annotations

from typing import Any

import pytest

from petiole._auth.authentication import Authentication
from petiole._auth.credentials import CredentialCache, MongoCredential
from petiole.errors import OperationFailure

NONCE = b"\x01" * 32


def authentication(mechanism: str, *, username: str | None = "ann", source: str = "app") -> Authentication:
    credential = MongoCredential(mechanism, source, username, "secret", None, CredentialCache())
    return Authentication(credential, NONCE)


def first(found: Any) -> Any:
    """The first command of a conversation."""
    return next(found)


def test_the_default_mechanism_asks_for_the_users_and_tries_the_strongest() -> None:
    mine = authentication("DEFAULT")
    assert mine.supported_mechs == "app.ann"
    assert mine.source == "app"
    speculative = mine.speculative()
    assert speculative is not None
    assert speculative["mechanism"] == "SCRAM-SHA-256"
    assert speculative["db"] == "app"
    assert speculative["options"] == {"skipEmptyExchange": True}


@pytest.mark.parametrize(
    ("supported", "mechanism"),
    [
        (("SCRAM-SHA-1", "SCRAM-SHA-256"), "SCRAM-SHA-256"),
        (("SCRAM-SHA-256",), "SCRAM-SHA-256"),
        (("SCRAM-SHA-1",), "SCRAM-SHA-1"),
        (("NEWER-THAN-US",), "SCRAM-SHA-1"),
        ((), "SCRAM-SHA-1"),
        (None, "SCRAM-SHA-1"),
    ],
)
def test_negotiation(supported: tuple[str, ...] | None, mechanism: str) -> None:
    assert first(authentication("DEFAULT").converse(supported))["mechanism"] == mechanism


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_a_mechanism_that_was_asked_for_is_not_negotiated(mechanism: str) -> None:
    mine = authentication(mechanism)
    assert mine.supported_mechs is None
    speculative = mine.speculative()
    assert speculative is not None
    assert speculative["mechanism"] == mechanism
    assert first(mine.converse(("SCRAM-SHA-1", "SCRAM-SHA-256")))["mechanism"] == mechanism


def test_the_speculative_conversation_goes_on_with_the_nonce_it_began_with() -> None:
    mine = authentication("DEFAULT")
    speculative = mine.speculative()
    assert speculative is not None
    nonce = speculative["payload"].split(b"r=")[1]
    begun = {"conversationId": 1, "done": False, "payload": b"r=" + nonce + b"!,s=QSXCR+Q6sek8bf92,i=4096"}
    conversation: Any = mine.converse(("SCRAM-SHA-256",), begun)
    assert conversation.send(next(conversation).run())["payload"].startswith(b"c=biws,r=" + nonce + b"!,p=")


def test_x509() -> None:
    mine = authentication("MONGODB-X509", source="$external")
    command = {"authenticate": 1, "mechanism": "MONGODB-X509", "user": "ann"}
    assert mine.speculative() == {**command, "db": "$external"}
    assert first(mine.converse()) == command
    assert list(mine.converse(None, {"dbname": "$external", "user": "ann"})) == []
    nameless = authentication("MONGODB-X509", username=None, source="$external")
    assert first(nameless.converse()) == {"authenticate": 1, "mechanism": "MONGODB-X509"}


def test_plain() -> None:
    mine = authentication("PLAIN", source="$external")
    assert mine.speculative() is None
    conversation: Any = mine.converse()
    assert next(conversation) == {
        "saslStart": 1,
        "mechanism": "PLAIN",
        "payload": b"\0ann\0secret",
        "autoAuthorize": 1,
    }
    with pytest.raises(StopIteration):
        conversation.send({"ok": 1, "done": True, "payload": b""})


def test_plain_that_does_not_end() -> None:
    conversation: Any = authentication("PLAIN").converse()
    next(conversation)
    with pytest.raises(OperationFailure, match="failed to complete"):
        conversation.send({"ok": 1, "done": False, "payload": b""})
