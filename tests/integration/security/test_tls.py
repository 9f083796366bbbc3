"""TLS on a real server, and before one where no `mongod` has such a certificate; by both faces."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from tests.integration.security.authority import LOCAL, Authority, subject_of
from tests.integration.security.conftest import SOON, Face, ping, refusal, uri_of, where_is
from tests.integration.security.front import TlsFront

from petiole.errors import ConfigurationError, OperationFailure
from petiole.local import LocalServer

DAY = timedelta(days=1)


# Certificates of servers.


def test_a_trusted_server(face: Face, encrypted: LocalServer, trusting: dict[str, Any]) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert ping(face.client(uri_of(encrypted.address, host), **trusting))
    in_uri = f"{uri_of(encrypted.address)}&tls=true&tlsCAFile={quote_plus(trusting['tlsCAFile'])}"
    assert ping(face.client(in_uri))


def test_large_and_many_messages(face: Face, encrypted: LocalServer) -> None:
    client = face.client(encrypted.uri)
    things = client.tls.things
    things.drop()
    for size in (0, 1, 16_000, 16_384, 100_000, 15_000_000):
        things.insert_one({"_id": size, "data": bytes(size)})
        assert len(things.find_one({"_id": size})["data"]) == size
    assert sorted(one["_id"] for one in things.find({}, {"data": 0}, batch_size=2)) == [
        0,
        1,
        16_000,
        16_384,
        100_000,
        15_000_000,
    ]
    things.drop()


def test_an_authority_nobody_named(face: Face, encrypted: LocalServer, stranger: Authority) -> None:
    """Neither the system's authorities nor another one signed this certificate."""
    where = re.escape(where_is(encrypted.address))
    for options in ({}, {"tlsCAFile": str(stranger.file)}):
        text = refusal(face.client(uri_of(encrypted.address), tls=True, **options, **SOON))
        assert re.match(f"certificate verify failed for {where}: self-signed certificate in", text)


def test_it_is_accepted_where_that_is_asked_for(
    face: Face, encrypted: LocalServer, stranger: Authority
) -> None:
    uri = uri_of(encrypted.address)
    assert ping(face.client(uri, tls=True, tlsInsecure=True))
    assert ping(face.client(uri, tls=True, tlsAllowInvalidCertificates=True, tlsCAFile=str(stranger.file)))
    text = refusal(face.client(uri, tls=True, tlsAllowInvalidHostnames=True, **SOON))
    assert text.startswith("certificate verify failed")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"alternatives": ["elsewhere.example"]},
            "IP address mismatch, certificate is not valid for '127.0.0.1'",
        ),
        ({"alternatives": ["localhost"]}, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ({"alternatives": LOCAL, "begins": -2 * DAY, "ends": -DAY}, "certificate has expired"),
        ({"alternatives": LOCAL, "begins": DAY, "ends": 2 * DAY}, "certificate is not yet valid"),
    ],
    ids=["other host", "name for address", "expired", "not yet valid"],
)
def test_certificates_that_are_refused(
    face: Face,
    front: Callable[..., TlsFront],
    authority: Authority,
    trusting: dict[str, Any],
    options: dict[str, Any],
    complaint: str,
) -> None:
    address = front(authority.issue(f"refused {complaint[:10]}", **options)).address
    where = re.escape(where_is(address))
    text = refusal(face.client(uri_of(address), **trusting, **SOON))
    assert re.match(f"certificate verify failed for {where}: {re.escape(complaint)}", text)
    assert ping(face.client(uri_of(address), **trusting, tlsAllowInvalidCertificates=True))
    about_names = "mismatch" in complaint
    soon = {} if about_names else SOON
    lenient = face.client(uri_of(address), **trusting, tlsAllowInvalidHostnames=True, **soon)
    assert ping(lenient) if about_names else "certificate" in refusal(lenient)


def test_a_name_that_the_certificate_lacks(
    face: Face, front: Callable[..., TlsFront], authority: Authority, trusting: dict[str, Any]
) -> None:
    address = front(authority.issue("elsewhere", alternatives=["elsewhere.example"])).address
    text = refusal(face.client(uri_of(address, "localhost"), **trusting, **SOON))
    assert text.startswith(
        f"certificate verify failed for localhost:{address[1]}: "
        "Hostname mismatch, certificate is not valid for 'localhost'"
    )


def test_a_self_signed_server(face: Face, front: Callable[..., TlsFront], tmp_path: Path) -> None:
    own = Authority(tmp_path / "own")
    address = front(own.issue("alone", alternatives=LOCAL)).address
    assert ping(face.client(uri_of(address), tls=True, tlsCAFile=str(own.file)))
    assert refusal(face.client(uri_of(address), tls=True, **SOON)).startswith("certificate verify failed")


def test_server_name_indication(
    face: Face, front: Callable[..., TlsFront], authority: Authority, trusting: dict[str, Any]
) -> None:
    listening = front(authority.issue("named", alternatives=LOCAL))
    assert ping(face.client(uri_of(listening.address, "localhost"), **trusting))
    assert set(listening.names) == {"localhost"}
    listening.names.clear()
    assert ping(
        face.client(uri_of(listening.address, "localhost"), **trusting, tlsAllowInvalidHostnames=True)
    )
    assert set(listening.names) == {"localhost"}
    listening.names.clear()
    assert ping(face.client(uri_of(listening.address), **trusting))
    assert set(listening.names) == {None}  # RFC 6066, 3: addresses are no names.


# Revocation lists.


def test_revocation_lists(
    face: Face, front: Callable[..., TlsFront], authority: Authority, trusting: Any
) -> None:
    good, bad = (authority.issue(name, alternatives=LOCAL) for name in ("good", "bad"))
    revoked = str(authority.revoke("revoked", [bad]))
    where = front(bad).address
    text = refusal(face.client(uri_of(where), **trusting, tlsCRLFile=revoked, **SOON))
    assert text.startswith(f"certificate verify failed for {where[0]}:{where[1]}: certificate revoked")
    assert ping(face.client(uri_of(where), **trusting))
    assert ping(face.client(uri_of(front(good).address), **trusting, tlsCRLFile=revoked))


# Certificates of clients.


def test_x509_users(
    face: Face, encrypted: LocalServer, authority: Authority, trusting: dict[str, Any]
) -> None:
    certificate = authority.issue(f"user {face.name}", unit="clients")
    name = subject_of(certificate)
    admin = face.client(encrypted.uri)
    admin["$external"].command("createUser", name, roles=[{"role": "readWriteAnyDatabase", "db": "admin"}])
    options = {**trusting, "authMechanism": "MONGODB-X509", "tlsCertificateKeyFile": str(certificate)}
    uri = uri_of(encrypted.address)
    for client in (face.client(uri, **options), face.client(uri, **options, username=name)):
        status = client.admin.command("connectionStatus")
        assert status["authInfo"]["authenticatedUsers"] == [{"user": name, "db": "$external"}]
    for wrong in (
        face.client(uri, **options, username="CN=somebody else"),
        face.client(
            uri, **(options | {"tlsCertificateKeyFile": str(authority.issue("unknown", unit="clients"))})
        ),
        face.client(uri, **trusting, authMechanism="MONGODB-X509"),
    ):
        with pytest.raises(OperationFailure) as caught:
            wrong.tls.things.find_one()
        assert caught.value.code in (11, 18)  # UserNotFound, AuthenticationFailed


def test_a_key_with_a_password(
    face: Face, encrypted: LocalServer, authority: Authority, trusting: dict[str, Any]
) -> None:
    file = str(authority.issue(f"locked {face.name}", unit="clients", password="hunter2"))
    uri = uri_of(encrypted.address)
    options = {**trusting, "tlsCertificateKeyFile": file}
    assert ping(face.client(uri, **options, tlsCertificateKeyFilePassword="hunter2"))
    with pytest.raises(ConfigurationError, match="tlsCertificateKeyFilePassword is wrong") as caught:
        face.client(uri, **options, tlsCertificateKeyFilePassword="hunter3")
    assert "hunter3" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="tlsCertificateKeyFilePassword is needed"):
        face.client(uri, **options)  # And nobody is asked on the terminal.


def test_a_client_certificate_of_a_stranger(
    face: Face, encrypted: LocalServer, stranger: Authority, trusting: dict[str, Any]
) -> None:
    file = str(stranger.issue("intruder", unit="clients"))
    text = refusal(face.client(uri_of(encrypted.address), **trusting, tlsCertificateKeyFile=file, **SOON))
    assert text.startswith(f"{where_is(encrypted.address)}: ")


# Files that are of no use.


def test_files_that_hold_something_else(authority: Authority, tmp_path: Path) -> None:
    face = Face("blocking")
    garbage, empty = tmp_path / "garbage.pem", tmp_path / "empty.pem"
    garbage.write_text("nonsense")
    empty.write_text("")
    whole = authority.issue("whole").read_text()
    alone = tmp_path / "alone.pem"
    alone.write_text(whole[: whole.index("-----BEGIN PRIVATE")])
    mixed = tmp_path / "mixed.pem"
    other = authority.issue("other").read_text()
    mixed.write_text(alone.read_text() + other[other.index("-----BEGIN PRIVATE") :])
    for option, file, message in (
        ("tlsCAFile", garbage, "holds no certificate"),
        ("tlsCAFile", empty, "holds no certificate"),
        ("tlsCRLFile", garbage, "holds no revocation list"),
        ("tlsCRLFile", authority.file, "holds no revocation list"),
        ("tlsCertificateKeyFile", garbage, "Private key doesn't match certificate"),
        ("tlsCertificateKeyFile", alone, "Private key doesn't match certificate"),
        ("tlsCertificateKeyFile", mixed, "Private key doesn't match certificate"),
    ):
        with pytest.raises(ConfigurationError, match=message) as caught:
            face.client("mongodb://localhost", tls=True, **{option: str(file)})
        assert option in str(caught.value)
        assert str(file) in str(caught.value)
    for option in ("tlsCAFile", "tlsCRLFile", "tlsCertificateKeyFile"):
        with pytest.raises(FileNotFoundError):
            face.client("mongodb://localhost", tls=True, **{option: str(tmp_path / "missing.pem")})


# One side without TLS.


def test_a_client_without_tls(face: Face, encrypted: LocalServer) -> None:
    assert "connection closed" in refusal(face.client(uri_of(encrypted.address), **SOON))


def test_a_server_without_tls(face: Face, standalone: LocalServer) -> None:
    text = refusal(face.client(uri_of(standalone.address), tls=True, **SOON))
    assert "TLS handshake" in text or text.startswith("SSL handshake failed")


def test_versions(
    face: Face, front: Callable[..., TlsFront], authority: Authority, trusting: dict[str, Any]
) -> None:
    certificate = authority.issue("versions", alternatives=LOCAL)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert ping(face.client(uri_of(front(certificate, version=version).address), **trusting))
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old = front(certificate, version=ssl.TLSVersion.TLSv1_1)
    assert "SSL handshake failed" in refusal(face.client(uri_of(old.address), **trusting, **SOON))
