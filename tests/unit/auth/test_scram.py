"""SCRAM: the examples of RFC 5802, RFC 7677 and MongoDB's specification, and servers that lie."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

import pytest

from petiole._auth.conversation import Body, Conversation, Work
from petiole._auth.credentials import CredentialCache, MongoCredential
from petiole._auth.scram import MAX_ITERATIONS, Keys, Scram
from petiole.errors import ConfigurationError, OperationFailure


class Example(NamedTuple):
    """A conversation with `user` and `pencil`, as printed in a specification."""

    mechanism: str
    nonce: str
    server_first: str
    client_final: str
    server_final: str
    keys: Keys | None = None


def plain_keys(mechanism: str, salt: str, iterations: int) -> Keys:
    """Keys from the password itself, as RFC 5802 has them and MongoDB's SCRAM-SHA-1 has not."""
    salted = hashlib.pbkdf2_hmac("sha1", b"pencil", b64decode(salt), iterations)
    client, server = (hmac.digest(salted, name, "sha1") for name in (b"Client Key", b"Server Key"))
    return Keys(mechanism, b64decode(salt), iterations, client, server)


RFC_5802 = Example(
    "SCRAM-SHA-1",
    "fyko+d2lbbFgONRv9qkxdawL",
    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    plain_keys("SCRAM-SHA-1", "QSXCR+Q6sek8bf92", 4096),
)
RFC_7677 = Example(
    "SCRAM-SHA-256",
    "rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
MONGODB_SHA_1 = Example(
    "SCRAM-SHA-1",
    "fyko+d2lbbFgONRv9qkxdawL",
    "r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000",
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,p=MC2T8BvbmWRckDw8oWl5IVghwCY=",
    "v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0=",
)
EXAMPLES = {"RFC 5802": RFC_5802, "RFC 7677": RFC_7677, "MongoDB": MONGODB_SHA_1}
EACH = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())


def credential(username: str = "user", password: str = "pencil", keys: Keys | None = None) -> MongoCredential:
    cache = CredentialCache()
    cache.data = keys
    return MongoCredential("DEFAULT", "admin", username, password, None, cache)


def speaker(example: Example) -> Scram:
    return Scram(credential(keys=example.keys), example.mechanism, b64decode(example.nonce))


def reply(payload: str, *, done: bool = False) -> dict[str, Any]:
    return {"ok": 1.0, "conversationId": 7, "done": done, "payload": payload.encode()}


def step(conversation: Conversation, answer: Any) -> Body:
    """The next command, with any work done on the way."""
    found = conversation.send(answer)
    while isinstance(found, Work):
        found = conversation.send(found.run())
    assert isinstance(found, dict)
    return found


def to_proof(example: Example, server_first: str | None = None) -> tuple[Conversation, Body]:
    """A conversation up to the client's proof."""
    conversation = speaker(example).converse()
    step(conversation, None)
    return conversation, step(conversation, reply(server_first or example.server_first))


@EACH
def test_the_examples(example: Example) -> None:
    conversation = speaker(example).converse()
    assert step(conversation, None) == {
        "saslStart": 1,
        "mechanism": example.mechanism,
        "payload": f"n,,n=user,r={example.nonce}".encode(),
        "autoAuthorize": 1,
        "options": {"skipEmptyExchange": True},
    }
    assert step(conversation, reply(example.server_first)) == {
        "saslContinue": 1,
        "conversationId": 7,
        "payload": example.client_final.encode(),
    }
    with pytest.raises(StopIteration):
        conversation.send(reply(example.server_final, done=True))


@EACH
def test_an_empty_exchange_where_the_server_does_not_skip_it(example: Example) -> None:
    conversation, _ = to_proof(example)
    last = step(conversation, reply(example.server_final))
    assert last == {"saslContinue": 1, "conversationId": 7, "payload": b""}
    with pytest.raises(StopIteration):
        conversation.send(reply("", done=True))


@EACH
def test_the_handshake_may_have_begun_it(example: Example) -> None:
    conversation = speaker(example).converse(reply(example.server_first))
    assert step(conversation, None)["payload"] == example.client_final.encode()


def test_keys_are_derived_once() -> None:
    mine = credential()
    for round_number in range(2):
        scram = Scram(mine, "SCRAM-SHA-256", b64decode(RFC_7677.nonce))
        conversation = scram.converse(reply(RFC_7677.server_first))
        assert isinstance(conversation.send(None), Work) is (round_number == 0)
        if round_number == 0:
            continue_with = mine.cache
            assert continue_with is not None
            continue_with.data = Keys("SCRAM-SHA-256", *derived())
    assert "pencil" not in repr(mine)


def derived() -> tuple[bytes, int, bytes, bytes]:
    salt = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", salt, 4096)
    return (
        salt,
        4096,
        hmac.digest(salted, b"Client Key", "sha256"),
        hmac.digest(salted, b"Server Key", "sha256"),
    )


@pytest.mark.parametrize(
    ("salt", "iterations", "mechanism"),
    [
        ("QSXCR+Q6sek8bf92", 4096, "SCRAM-SHA-256"),
        ("W22ZaJ0SNY7soEsUEjb6gQ==", 4097, "SCRAM-SHA-256"),
        ("W22ZaJ0SNY7soEsUEjb6gQ==", 4096, "SCRAM-SHA-1"),
    ],
)
def test_kept_keys_serve_for_their_salt_count_and_mechanism_alone(
    salt: str, iterations: int, mechanism: str
) -> None:
    mine = credential(keys=Keys("SCRAM-SHA-256", *derived()))
    scram = Scram(mine, mechanism, b64decode(RFC_7677.nonce))
    conversation = scram.converse(reply(f"r={RFC_7677.nonce}x,s={salt},i={iterations}"))
    assert isinstance(conversation.send(None), Work)


def test_special_characters_of_user_names_are_escaped_and_not_prepared() -> None:
    scram = Scram(credential("a=b,c\u00ad\u2168"), "SCRAM-SHA-256", b"\0" * 3)
    assert scram.start()["payload"] == "n,,n=a=3Db=2Cc\u00ad\u2168,r=AAAA".encode()


def test_passwords_are_prepared_for_sha_256() -> None:
    proofs = set()
    for password in ("IX", "\u2168", "I\u00adX"):
        scram = Scram(credential(password=password), "SCRAM-SHA-256", b64decode(RFC_7677.nonce))
        proofs.add(step(scram.converse(reply(RFC_7677.server_first)), None)["payload"])
    assert len(proofs) == 1


def test_a_password_that_cannot_be_prepared() -> None:
    scram = Scram(credential(password="\u0007"), "SCRAM-SHA-256", b64decode(RFC_7677.nonce))
    with pytest.raises(ConfigurationError, match="prohibited"):
        step(scram.converse(reply(RFC_7677.server_first)), None)


NONCE, SALT = RFC_7677.nonce, "W22ZaJ0SNY7soEsUEjb6gQ=="


@pytest.mark.parametrize(
    ("server_first", "message"),
    [
        (f"r={NONCE},s={SALT},i=4096", "invalid nonce"),
        (f"r=x{NONCE}y,s={SALT},i=4096", "invalid nonce"),
        (f"s={SALT},i=4096", "invalid nonce"),
        ("", "invalid nonce"),
        (f"r={NONCE}x,s={SALT},i=4095", "invalid iteration count"),
        (f"r={NONCE}x,s={SALT},i=0", "invalid iteration count"),
        (f"r={NONCE}x,s={SALT},i=-4096", "invalid iteration count"),
        (f"r={NONCE}x,s={SALT},i={MAX_ITERATIONS + 1}", "invalid iteration count"),
        (f"r={NONCE}x,s={SALT},i=many", "invalid SCRAM challenge"),
        (f"r={NONCE}x,s={SALT}", "invalid SCRAM challenge"),
        (f"r={NONCE}x,i=4096", "invalid SCRAM challenge"),
        (f"r={NONCE}x,s=*,i=4096", "invalid SCRAM challenge"),
        (f"m=new,r={NONCE}x,s={SALT},i=4096", "extension"),
    ],
)
def test_challenges_that_are_refused(server_first: str, message: str) -> None:
    conversation = speaker(RFC_7677).converse()
    step(conversation, None)
    with pytest.raises(OperationFailure, match=message):
        step(conversation, reply(server_first))


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    "server_final", ["", "v=", "v=" + b64encode(b"x" * 32).decode(), "x=1", RFC_5802.server_final]
)
def test_a_server_that_does_not_know_the_password(server_final: str, done: bool) -> None:
    conversation, _ = to_proof(RFC_7677)
    with pytest.raises(OperationFailure, match="Server returned an invalid signature"):
        step(conversation, reply(server_final, done=done))


def test_a_server_that_claims_to_be_done_before_its_proof() -> None:
    conversation = speaker(RFC_7677).converse()
    step(conversation, None)
    proof = step(conversation, reply(RFC_7677.server_first, done=True))
    assert proof["payload"] == RFC_7677.client_final.encode()


def test_an_error_in_the_servers_last_message() -> None:
    conversation, _ = to_proof(RFC_7677)
    with pytest.raises(OperationFailure, match="unknown-user") as caught:
        step(conversation, reply("e=unknown-user"))
    assert caught.value.code == 18


def test_a_conversation_that_does_not_end() -> None:
    conversation, _ = to_proof(RFC_7677)
    step(conversation, reply(RFC_7677.server_final))
    with pytest.raises(OperationFailure, match="failed to complete"):
        conversation.send(reply(""))


@pytest.mark.parametrize("payload", [None, 5, {"a": 1}])
def test_a_payload_of_another_type(payload: Any) -> None:
    conversation = speaker(RFC_7677).converse()
    step(conversation, None)
    with pytest.raises(OperationFailure, match="payload"):
        step(conversation, {**reply(""), "payload": payload})


def test_keys_do_not_show_themselves() -> None:
    assert repr(Keys("SCRAM-SHA-1", b"salt", 4096, b"client", b"server")) == "Keys(SCRAM-SHA-1)"
