"""Certificates that their authority has revoked, and authorities that are not to be believed; by both faces."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.security.authority import LOCAL, Authority
from tests.integration.security.conftest import Face
from tests.integration.security.front import TlsFront
from tests.integration.security.responder import GOOD, REVOKED, UNKNOWN, Responder

from petiole.errors import ServerSelectionTimeoutError
from petiole.local import LocalServer


@pytest.fixture
def responder(authority: Authority) -> Iterator[Responder]:
    with Responder(authority) as responder:
        yield responder


@pytest.fixture
def address(standalone: LocalServer, authority: Authority, responder: Responder) -> Iterator[tuple[str, int]]:
    """A server whose certificate names the responder."""
    certificate = authority.issue("answered", alternatives=LOCAL, responder=responder.url)
    with TlsFront(standalone.address, certificate) as front:
        yield front.address


def client(face: Face, address: tuple[str, int], authority: Authority, **options: Any) -> Any:
    uri = f"mongodb://{address[0]}:{address[1]}/?directConnection=true"
    return face.client(uri, tls=True, tlsCAFile=str(authority.file), serverSelectionTimeoutMS=900, **options)


def works(client: Any) -> bool:
    return bool(client.admin.command("ping")["ok"])


def test_a_revoked_certificate(
    face: Face, address: tuple[str, int], authority: Authority, responder: Responder
) -> None:
    responder.status = REVOKED
    with pytest.raises(ServerSelectionTimeoutError) as caught:
        works(client(face, address, authority))
    where = f"{address[0]}:{address[1]}"
    assert str(caught.value).startswith(f"certificate verify failed for {where}: certificate revoked")


def test_a_certificate_that_is_revoked_meanwhile(
    face: Face, address: tuple[str, int], authority: Authority, responder: Responder
) -> None:
    """An answer serves for as long as it says."""
    mine = client(face, address, authority, maxIdleTimeMS=1)
    for _ in range(3):
        assert works(mine)
        time.sleep(0.01)
    assert responder.asked in (1, 2)  # The monitor and the first operation may ask at the same time.


@pytest.mark.parametrize(
    "options",
    [
        {"tlsDisableOCSPEndpointCheck": True},
        {"tlsInsecure": True},
        {"tlsAllowInvalidCertificates": True},
    ],
    ids=lambda options: next(iter(options)),
)
def test_who_does_not_want_to_ask(
    face: Face,
    address: tuple[str, int],
    authority: Authority,
    responder: Responder,
    options: dict[str, Any],
) -> None:
    responder.status = REVOKED
    assert works(client(face, address, authority, **options))
    assert responder.asked == 0


def test_a_delegate_of_the_authority(
    face: Face, address: tuple[str, int], authority: Authority, responder: Responder
) -> None:
    responder.sign_by(authority.issue("delegate", signs_answers=True))
    assert works(client(face, address, authority))
    responder.status = REVOKED
    with pytest.raises(ServerSelectionTimeoutError, match="certificate revoked"):
        works(client(face, address, authority))


@pytest.mark.parametrize(
    "trouble",
    ["unknown", "old", "early", "refused", "garbage", "self-appointed", "stranger", "outdated delegate"],
)
def test_answers_that_do_not_count(
    face: Face,
    address: tuple[str, int],
    authority: Authority,
    stranger: Authority,
    responder: Responder,
    trouble: str,
) -> None:
    """Nobody is refused because of them, though they say "revoked"."""
    responder.status = REVOKED
    if trouble == "unknown":
        responder.status = UNKNOWN
    elif trouble in ("old", "early"):
        responder.age = timedelta(days=1) if trouble == "old" else timedelta(days=-1)
    elif trouble == "refused":
        responder.http_status = 503
    elif trouble == "garbage":
        responder.body = b"nonsense"
    else:
        signer: Path
        if trouble == "self-appointed":
            signer = authority.issue("self-appointed")
        elif trouble == "stranger":
            signer = stranger.issue("strange responder", signs_answers=True)
        else:
            day = timedelta(days=1)
            signer = authority.issue("outdated delegate", signs_answers=True, begins=-2 * day, ends=-day)
        responder.sign_by(signer)
    assert works(client(face, address, authority))
    assert responder.asked > 0


def test_a_responder_that_is_gone(
    face: Face, standalone: LocalServer, authority: Authority, closed_port: int
) -> None:
    certificate = authority.issue(
        "unanswered", alternatives=LOCAL, responder=f"http://127.0.0.1:{closed_port}/"
    )
    with TlsFront(standalone.address, certificate) as front:
        assert works(client(face, front.address, authority))


def test_good_is_not_revoked(
    face: Face, address: tuple[str, int], authority: Authority, responder: Responder
) -> None:
    responder.status = GOOD
    assert works(client(face, address, authority))
    assert responder.asked > 0
