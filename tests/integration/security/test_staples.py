"""Answers of authorities that servers staple to their certificates, by both faces."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from OpenSSL import SSL
from tests.integration.security.authority import LOCAL, Authority
from tests.integration.security.conftest import SOON, Face, ping, refusal, uri_of
from tests.integration.security.responder import GOOD, REVOKED, UNKNOWN, Responder
from tests.integration.security.socks import Socks5
from tests.integration.security.stapling import StaplingFront

from petiole._runtime.staple import Shown
from petiole.local import Certificates, LocalServer


@pytest.fixture
def responder(authority: Authority) -> Iterator[Responder]:
    with Responder(authority) as responder:
        yield responder


@pytest.fixture
def stapling(standalone: LocalServer) -> Iterator[Callable[..., StaplingFront]]:
    """Starts fronts before the standalone server."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(
            StaplingFront(standalone.address, *args, **options)
        )


def issue(authority: Authority, responder: Responder, **options: Any) -> Path:
    return authority.issue("stapled", alternatives=LOCAL, responder=responder.url, **options)


def staple(authority: Authority, responder: Responder, certificate: Path, algorithm: Any = None) -> bytes:
    """What the responder answers to somebody who asks about the certificate."""
    one = x509.load_pem_x509_certificate(certificate.read_bytes())
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        one, authority.certificate, algorithm or hashes.SHA1()
    )
    return responder.answer(builder.build().public_bytes(serialization.Encoding.DER))


# A real server.


def real(authority: Authority, responder: Responder, **options: Any) -> LocalServer:
    """A server that asks the responder when it starts, and staples what it says."""
    server = issue(authority, responder, **options)
    client = authority.issue("stapled client", unit="clients")
    return LocalServer(tls=Certificates(authority=authority.file, server=server, client=client))


@pytest.fixture(params=[{}, {"tlsDisableOCSPEndpointCheck": True}], ids=["", "no endpoint"])
def asking(request: pytest.FixtureRequest, trusting: dict[str, Any]) -> dict[str, Any]:
    """Options, with responders to be asked or not."""
    return {**trusting, **request.param}


def test_a_real_server_staples(authority: Authority, responder: Responder, asking: dict[str, Any]) -> None:
    with real(authority, responder, must_staple=True) as server:
        asked = responder.asked
        assert asked > 0  # By the server.
        responder.status = REVOKED
        for face in (Face("blocking"), Face("asyncio")):
            assert ping(face.client(uri_of(server.address), **asking))
            face.close()
        assert responder.asked == asked


def test_a_real_server_that_was_revoked(
    authority: Authority, responder: Responder, asking: dict[str, Any]
) -> None:
    responder.status = REVOKED
    with real(authority, responder) as server:
        responder.status = GOOD
        for face in (Face("blocking"), Face("asyncio")):
            assert "certificate revoked" in refusal(face.client(uri_of(server.address), **asking, **SOON))
            face.close()


# What is stapled.


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION], ids=["1.2", "1.3"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_good_one(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    version: int,
    host: str,
) -> None:
    """Nobody else is asked, and the server once for many connections."""
    certificate = issue(authority, responder, must_staple=True)
    front = stapling(certificate, staple(authority, responder, certificate), version=version)
    responder.status = REVOKED
    client = face.client(uri_of(front.address, host), **trusting, maxIdleTimeMS=1)
    for _ in range(4):
        assert ping(client)
        time.sleep(0.01)
    assert responder.asked == 0
    assert front.asked in (1, 2)  # The monitor and the first operation may ask at the same time.
    assert set(front.names) == {b"localhost" if host == "localhost" else None}


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()], ids=lambda one: one.name)
@pytest.mark.parametrize("options", [{}, {"tlsDisableOCSPEndpointCheck": True}], ids=["", "no endpoint"])
def test_revoked(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    options: dict[str, Any],
    algorithm: Any,
) -> None:
    certificate = issue(authority, responder)
    responder.status = REVOKED
    front = stapling(certificate, staple(authority, responder, certificate, algorithm))
    responder.status = GOOD
    where = "{}:{}".format(*front.address)
    text = refusal(face.client(uri_of(front.address), **trusting, **options, **SOON))
    assert text.startswith(f"certificate verify failed for {where}: certificate revoked")
    assert responder.asked == 0


@pytest.mark.parametrize("trouble", ["old", "early", "stranger"])
def test_one_that_is_not_valid(
    face: Face,
    authority: Authority,
    stranger: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    trouble: str,
) -> None:
    """A server that staples has to staple well (OCSP Support, "Suggested OCSP Behavior", 2)."""
    certificate = issue(authority, responder)
    if trouble == "stranger":
        responder.sign_by(stranger.issue("strange stapler", signs_answers=True))
    else:
        responder.age = timedelta(days=1 if trouble == "old" else -1)
    front = stapling(certificate, staple(authority, responder, certificate))
    text = refusal(face.client(uri_of(front.address), **trusting, **SOON))
    assert text.startswith("certificate verify failed for 127.0.0.1:")
    assert "the answer of its authority that is stapled to it is not valid (OCSP)" in text


@pytest.mark.parametrize("shown", ["garbage", "other certificate", "other server"])
def test_what_openssl_would_not_staple(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer about another certificate is not valid, unless that is what the server has shown this time."""
    certificate, other = issue(authority, responder), authority.issue("another", responder=responder.url)
    responder.status = REVOKED
    answer = b"?" if shown == "garbage" else staple(authority, responder, other)
    responder.status = GOOD
    pem = (other if shown == "other server" else certificate).read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    monkeypatch.setattr("petiole._net.ocsp._look", lambda *_: Shown(der, answer))
    uri = uri_of(stapling(certificate).address)
    if shown == "other server":
        assert ping(face.client(uri, **trusting))
        assert responder.asked > 0
    else:
        text = refusal(face.client(uri, **trusting, **SOON))
        assert "the answer of its authority that is stapled to it is not valid (OCSP)" in text


@pytest.mark.parametrize("status", [GOOD, REVOKED])
def test_one_that_says_nothing(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    status: Any,
) -> None:
    """Then the responder is asked."""
    certificate = issue(authority, responder)
    responder.status = UNKNOWN
    front = stapling(certificate, staple(authority, responder, certificate))
    responder.status = status
    client = face.client(uri_of(front.address), **trusting, **({} if status is GOOD else SOON))
    assert ping(client) if status is GOOD else "certificate revoked" in refusal(client)
    assert responder.asked > 0


# Nothing is stapled.


@pytest.mark.parametrize("options", [{}, {"tlsDisableOCSPEndpointCheck": True}], ids=["", "no endpoint"])
def test_a_certificate_that_demands_a_staple(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    options: dict[str, Any],
) -> None:
    front = stapling(issue(authority, responder, must_staple=True))
    text = refusal(face.client(uri_of(front.address), **trusting, **options, **SOON))
    assert text.startswith("certificate verify failed for 127.0.0.1:")
    assert "it demands a stapled answer of its authority, and there is none (OCSP)" in text
    assert responder.asked == 0


@pytest.mark.parametrize("name", ["tlsInsecure", "tlsAllowInvalidCertificates"])
def test_who_does_not_want_to_know(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    name: str,
) -> None:
    front = stapling(issue(authority, responder, must_staple=True))
    assert ping(face.client(uri_of(front.address), **trusting, **{name: True}))
    in_uri = f"{uri_of(front.address)}&tls=true&tlsDisableCertificateRevocationCheck=true"
    assert ping(face.client(in_uri, tlsCAFile=trusting["tlsCAFile"]))
    assert front.asked == responder.asked == 0


def test_no_responder_is_asked_by_who_does_not_want_it(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
) -> None:
    responder.status = REVOKED
    front = stapling(issue(authority, responder))
    assert ping(face.client(uri_of(front.address), **trusting, tlsDisableOCSPEndpointCheck=True))
    assert front.asked > 0
    assert responder.asked == 0


def test_nobody_is_asked_again_at_once(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
) -> None:
    """A responder that is gone would delay every connection by seconds."""
    responder.http_status = 503
    front = stapling(issue(authority, responder))
    client = face.client(uri_of(front.address), **trusting, maxIdleTimeMS=1)
    for _ in range(4):
        assert ping(client)
        time.sleep(0.01)
    assert responder.asked in (1, 2)


@pytest.mark.parametrize("must_staple", [False, True], ids=["may", "must"])
def test_a_server_that_stalls_when_it_is_asked(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    must_staple: bool,
) -> None:
    front = stapling(issue(authority, responder, must_staple=must_staple))
    front.stalls = True
    client = face.client(uri_of(front.address), **trusting, connectTimeoutMS=1000)
    if must_staple:
        hasty = face.client(uri_of(front.address), **trusting, connectTimeoutMS=1000, **SOON)
        assert "it demands a stapled answer" in refusal(hasty)
    else:
        assert ping(client)
        assert responder.asked > 0


# The connection that asks.


def test_a_server_that_demands_certificates(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
) -> None:
    """It shows its staple before it sees a certificate."""
    certificate = issue(authority, responder, must_staple=True)
    front = stapling(certificate, staple(authority, responder, certificate), client_authority=authority.file)
    mine = str(authority.issue("somebody", unit="clients"))
    assert ping(face.client(uri_of(front.address), **trusting, tlsCertificateKeyFile=mine))


def test_through_a_proxy(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
) -> None:
    certificate = authority.issue(
        "hidden", alternatives=["db.invalid"], responder=responder.url, must_staple=True
    )
    front = stapling(certificate, staple(authority, responder, certificate))
    with Socks5({"db.invalid": front.address}) as proxy:
        uri = "mongodb://db.invalid/?directConnection=true"
        assert ping(face.client(uri, **trusting, **proxy.options))
    assert front.asked > 0


def test_without_pyopenssl(
    face: Face,
    authority: Authority,
    responder: Responder,
    stapling: Callable[..., StaplingFront],
    trusting: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The responder is asked all the same."""
    monkeypatch.delitem(sys.modules, "petiole._runtime.staple", raising=False)
    monkeypatch.setitem(sys.modules, "OpenSSL", None)
    front = stapling(issue(authority, responder, must_staple=True))
    assert ping(face.client(uri_of(front.address), **trusting))
    responder.status = REVOKED
    assert "certificate revoked" in refusal(face.client(uri_of(front.address), **trusting, **SOON))
    assert front.asked == 0
