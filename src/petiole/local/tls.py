"""Certificates for tests: an authority of its own, a server's and a client's certificate, made anew or given.

Needs the package `cryptography` to make them. Nothing here is fit for production: keys are unencrypted files.
"""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import LocalServerError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

_VALID = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """PEM files for a server with TLS. `server` and `client` hold a certificate and its key."""

    authority: Path
    server: Path
    client: Path

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts the authority and shows the client's certificate."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(str(self.client))
        return context


def make_certificates(
    folder: Path, names: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
) -> Certificates:
    """Make an authority and certificates for the host names and addresses `names`, as files in `folder`."""
    try:
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        raise LocalServerError(
            "Making certificates needs the package cryptography: install it with: pip install cryptography."
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _issue("petiole test authority", authority_key, None, authority_key, ())
    files = {}
    _write(folder / "authority.pem", authority, None)
    for role, subject, alternatives in (
        ("server", "petiole test server", names),
        ("client", "petiole test client", ()),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        files[role] = folder / f"{role}.pem"
        _write(files[role], _issue(subject, key, authority, authority_key, alternatives), key)
    return Certificates(authority=folder / "authority.pem", server=files["server"], client=files["client"])


def _issue(
    subject: str,
    key: "ec.EllipticCurvePrivateKey",
    authority: "x509.Certificate | None",
    authority_key: "ec.EllipticCurvePrivateKey",
    alternatives: tuple[str, ...],
) -> "x509.Certificate":
    """A certificate for `key`, signed by the authority; without one it is the authority's own."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    # An X.509 user must differ from the members in O, OU or DC, else the server takes it for a member.
    unit = "clients" if "client" in subject else "servers"
    attributes = ((x509.NameOID.ORGANIZATION_NAME, "petiole"), (x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    common = x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)
    name = x509.Name([*(x509.NameAttribute(oid, text) for oid, text in attributes), common])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.subject if authority else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
    )
    if authority is None:
        builder = builder.add_extension(_signing_usage(), critical=True)
    if alternatives:
        builder = builder.add_extension(_alternative_names(alternatives), critical=False)
    return builder.sign(authority_key, hashes.SHA256())


def _signing_usage() -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(names: tuple[str, ...]) -> "x509.SubjectAlternativeName":
    from cryptography import x509

    general: list[x509.GeneralName] = []
    for name in names:
        try:
            general.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            general.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(general)


def _write(file: Path, certificate: "x509.Certificate", key: "ec.EllipticCurvePrivateKey | None") -> None:
    from cryptography.hazmat.primitives import serialization

    pem = certificate.public_bytes(serialization.Encoding.PEM)
    if key is not None:
        pem += key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    file.touch(mode=0o600)
    file.write_bytes(pem)
