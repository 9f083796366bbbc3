"""A certificate authority for tests: certificates of any date and name, keys with passwords, revocation lists."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

_DAY = timedelta(days=1)
LOCAL = ("localhost", "127.0.0.1", "::1")


class Authority:
    """Issues certificates as PEM files in a folder; each file holds the certificate and its key."""

    def __init__(self, folder: Path, name: str = "petiole test authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = _builder(self._name, self._name, self._key, timedelta(days=-1), timedelta(days=30))
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        self.certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(self.certificate))

    def issue(
        self,
        name: str,
        *,
        alternatives: Sequence[str] = (),
        unit: str = "servers",
        begins: timedelta = -_DAY,
        ends: timedelta = 30 * _DAY,
        password: str | None = None,
        responder: str | None = None,
        signs_answers: bool = False,
        must_staple: bool = False,
    ) -> Path:
        """The file of a new certificate and its key, encrypted if there is a password.

        :param responder: where one can ask by OCSP whether it is revoked.
        :param signs_answers: it is such a responder's own.
        :param must_staple: its server has to staple what the responder says.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "petiole"),
                x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
                x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
            ]
        )
        builder = _builder(subject, self._name, key, begins, ends)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        if alternatives:
            names = x509.SubjectAlternativeName([_general_name(text) for text in alternatives])
            builder = builder.add_extension(names, critical=False)
        if responder is not None:
            place = x509.UniformResourceIdentifier(responder)
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        if must_staple:
            feature = x509.TLSFeature([x509.TLSFeatureType.status_request])
            builder = builder.add_extension(feature, critical=False)
        if signs_answers:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
            builder = builder.add_extension(usage, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(password.encode())
        file = self._folder / f"{name.replace(' ', '-')}.pem"
        file.write_bytes(
            _pem(certificate)
            + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        )
        return file

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        """Its key, to sign whatever."""
        return self._key

    def revoke(self, name: str, files: Sequence[Path]) -> Path:
        """The file of a revocation list that names the certificates in `files`."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(now - _DAY).next_update(now + 30 * _DAY)
        for file in files:
            certificate = x509.load_pem_x509_certificate(file.read_bytes())
            entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(now - _DAY).build())
        crl = builder.sign(self._key, hashes.SHA256())
        result = self._folder / f"{name}.pem"
        result.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
        return result


def subject_of(file: Path) -> str:
    """The subject of a certificate as an X.509 user's name."""
    return x509.load_pem_x509_certificate(file.read_bytes()).subject.rfc4514_string()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: timedelta,
    ends: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now + begins).not_valid_after(now + ends)


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
