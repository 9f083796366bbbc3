"""Asks a certificate's authority whether it has revoked it (OCSP), where the package `cryptography` is installed.

Owns the question, the judgement of the answer, and what is remembered of answers. Follows: OCSP Support; RFC 6960. A
server that staples an answer staples it for nobody here: Python's `ssl` does not hand it out, so the endpoint that
the certificate names is asked. As the specification wants it, no answer is no reason to refuse: only an authority
that can be believed and says "revoked" is.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from petiole._runtime.clock import utc_now
from petiole._runtime.http import request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from petiole._runtime.base import Deadline, Runtime

_TIMEOUT = 5.0
"""Seconds for all responders of a certificate together."""
_SKEW = timedelta(minutes=5)
_HEADERS = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


class Question(NamedTuple):
    """A certificate and its issuer, whom to ask, and what."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    responders: list[str]
    body: bytes


class Answer(NamedTuple):
    """What a responder that can be believed said, and until when it serves."""

    revoked: bool
    until: datetime | None


class Ocsp:
    """The check for all connections of a client, with the answers that still serve."""

    def __init__(self) -> None:
        self._answers: dict[tuple[bytes, int], Answer] = {}

    async def revoked(self, chain: Sequence[bytes], runtime: Runtime, deadline: Deadline) -> bool:
        """Whether the first certificate of the chain has been revoked. Only the deadline's passing is an error."""
        question = ask(chain)
        if question is None:
            return False
        key = (question.issuer.fingerprint(hashes.SHA256()), question.certificate.serial_number)
        known = self._answers.get(key)
        if known is None or known.until is None or known.until < utc_now():
            known = await _inquire(question, runtime, deadline.sooner(_TIMEOUT))
            if known is None:
                return False
            self._answers[key] = known
        return known.revoked


async def _inquire(question: Question, runtime: Runtime, deadline: Deadline) -> Answer | None:
    for url in question.responders:
        work = partial(request, "POST", url, _HEADERS, deadline.remaining(), question.body)
        try:
            status, body = await runtime.offload(work, deadline)
        except (OSError, ValueError):  # ValueError: not a URL.
            continue
        if status == 200:
            answer = judge(question, body, utc_now())
            if answer is not None:
                return answer
    return None


def ask(chain: Sequence[bytes]) -> Question | None:
    """The question about the first certificate; None where there is nobody to ask."""
    if len(chain) < 2:
        return None
    certificate, issuer = (x509.load_der_x509_certificate(data) for data in chain[:2])
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    responders = [
        one.access_location.value
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
        and one.access_location.value.startswith("http://")
    ]
    if not responders:
        return None
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    body = builder.build().public_bytes(serialization.Encoding.DER)
    return Question(certificate, issuer, responders, body)


def judge(question: Question, body: bytes, now: datetime) -> Answer | None:
    """The answer, if it is one, to this question, of now, and signed by somebody who may (RFC 6960, 3.2)."""
    try:
        response = ocsp.load_der_ocsp_response(body)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        if response.serial_number != question.certificate.serial_number:
            return None
        asked = isinstance(response.hash_algorithm, hashes.SHA1)  # As the question was.
        if not asked or response.issuer_key_hash != _key_hash(question.issuer):
            return None
        until = response.next_update_utc
        if response.this_update_utc > now + _SKEW or (until is not None and until < now - _SKEW):
            return None
        signer = _signer(question.issuer, response, now)
        if signer is None or not _is_signed(response, signer):
            return None
        if response.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
            return None
        return Answer(response.certificate_status == ocsp.OCSPCertStatus.REVOKED, until)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _key_hash(certificate: x509.Certificate) -> bytes:
    """The SHA-1 of the public key, by which OCSP names authorities."""
    return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _signer(issuer: x509.Certificate, response: ocsp.OCSPResponse, now: datetime) -> x509.Certificate | None:
    """The issuer itself, or somebody whom it has given a certificate for that (RFC 6960, 4.2.2.2)."""
    if _is_named(issuer, response):
        return issuer
    for one in response.certificates:
        if not _is_named(one, response):
            continue
        try:
            one.verify_directly_issued_by(issuer)
            usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            continue
        in_time = one.not_valid_before_utc - _SKEW <= now <= one.not_valid_after_utc + _SKEW
        if in_time and ExtendedKeyUsageOID.OCSP_SIGNING in usage:
            return one
    return None


def _is_named(certificate: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    if response.responder_key_hash is not None:
        return response.responder_key_hash == _key_hash(certificate)
    return response.responder_name == certificate.subject


def _is_signed(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    signature, signed = response.signature, response.tbs_response_bytes
    try:
        if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, signed)
        elif algorithm is None:
            return False
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        elif isinstance(key, dsa.DSAPublicKey):
            key.verify(signature, signed, algorithm)
        else:
            return False
    except InvalidSignature:
        return False
    return True
