"""Finds out whether a server's certificate has been revoked (OCSP), where the extra "ocsp" is installed.

Owns the question, the judgement of answers, and what is remembered of them. Follows: OCSP Support; RFC 6960; RFC 7633.
The answer is what the server staples to its certificate (`petiole._runtime.staple`), else what a responder says that
the certificate names. As the specification wants it, no answer is no reason to refuse, unless the certificate demands
that one is stapled; an answer that was stapled must be valid.
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
from petiole._runtime.trouble import CertificateRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from petiole._runtime.base import Address, Deadline, Runtime, StreamOptions
    from petiole._runtime.staple import Shown

_TIMEOUT = 5.0
"""Seconds for the server and all responders of a certificate together."""
_SKEW = timedelta(minutes=5)
_PAUSE = timedelta(seconds=30)
"""How long nobody is asked again where nobody could tell: every connection would wait for a responder that is gone."""
_HEADERS = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


class Question(NamedTuple):
    """A certificate and its issuer, whom to ask, and whether its server has to staple the answer."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    responders: list[str]
    must_staple: bool


class Answer(NamedTuple):
    """What an authority said, None if it does not know, and until when that serves."""

    revoked: bool | None
    until: datetime | None


class Ocsp:
    """The check for all connections of a client, with the answers that still serve."""

    def __init__(self, *, ask_responders: bool = True) -> None:
        self._ask_responders = ask_responders
        self._answers: dict[tuple[bytes, int], Answer] = {}

    async def check(
        self,
        chain: Sequence[bytes],
        address: Address,
        options: StreamOptions,
        runtime: Runtime,
        deadline: Deadline,
    ) -> None:
        """Refuse a server by its certificate, the first of the chain.

        :raises CertificateRefused: if it has been revoked, or what is stapled to it is not as it must be.
        """
        question = ask(chain)
        if question is None:
            return
        key = (question.issuer.fingerprint(hashes.SHA256()), question.certificate.serial_number)
        known = self._answers.get(key)
        if known is None or known.until is None or known.until < utc_now():
            limit = deadline.sooner(_TIMEOUT)
            known = await self._stapled(question, address, options, runtime, limit.share(2))
            if (known is None or known.revoked is None) and self._ask_responders:
                known = await _inquire(question, runtime, limit)
            if known is None or known.revoked is None:
                known = Answer(None, utc_now() + _PAUSE)
            self._answers[key] = known
        if known.revoked:
            raise CertificateRefused("certificate revoked, as its authority says (OCSP)")

    async def _stapled(
        self,
        question: Question,
        address: Address,
        options: StreamOptions,
        runtime: Runtime,
        deadline: Deadline,
    ) -> Answer | None:
        """The answer that the server staples, if it does.

        :raises CertificateRefused: if it is not valid, or has to be there and is not.
        """
        try:
            shown = await runtime.offload(partial(_look, address, options, deadline), deadline)
        except ImportError:
            return None  # There is cryptography, but not pyOpenSSL.
        except OSError:
            shown = None
        own = question.certificate.public_bytes(serialization.Encoding.DER)
        # Behind one address may be several servers: what belongs to another one's certificate says nothing here.
        if shown is not None and shown.answer and shown.certificate == own:
            answer = judge(question, shown.answer, utc_now())
            if answer is None:
                raise CertificateRefused(
                    "the answer of its authority that is stapled to it is not valid (OCSP)"
                )
            return answer
        if question.must_staple:
            raise CertificateRefused("it demands a stapled answer of its authority, and there is none (OCSP)")
        return None


def _look(address: Address, options: StreamOptions, deadline: Deadline) -> Shown:
    from petiole._runtime.staple import look  # Late: few certificates ask for it.

    return look(address, options, deadline)


async def _inquire(question: Question, runtime: Runtime, deadline: Deadline) -> Answer | None:
    """What a responder says; the next is asked where one does not know."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(question.certificate, question.issuer, hashes.SHA1())
    body = builder.build().public_bytes(serialization.Encoding.DER)
    for url in question.responders:
        work = partial(request, "POST", url, _HEADERS, deadline.remaining(), body)
        try:
            status, answered = await runtime.offload(work, deadline)
        except (OSError, ValueError):  # ValueError: not a URL.
            continue
        answer = judge(question, answered, utc_now()) if status == 200 else None
        if answer is not None and answer.revoked is not None:
            return answer
    return None


def ask(chain: Sequence[bytes]) -> Question | None:
    """The question about the first certificate; None where nobody has anything to say of it."""
    if len(chain) < 2:
        return None
    certificate, issuer = (x509.load_der_x509_certificate(data) for data in chain[:2])
    try:
        responders = _responders(certificate.extensions)
        must_staple = _must_staple(certificate.extensions)
    except ValueError:
        return None
    return Question(certificate, issuer, responders, must_staple) if responders or must_staple else None


def _responders(extensions: x509.Extensions) -> list[str]:
    try:
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        one.access_location.value
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
        and one.access_location.value.startswith("http://")
    ]


def _must_staple(extensions: x509.Extensions) -> bool:
    try:
        features = extensions.get_extension_for_class(x509.TLSFeature).value
    except x509.ExtensionNotFound:
        return False
    return x509.TLSFeatureType.status_request in features


def judge(question: Question, body: bytes, now: datetime) -> Answer | None:
    """The answer, if it is one, to this question, of now, and signed by somebody who may (RFC 6960, 3.2)."""
    try:
        response = ocsp.load_der_ocsp_response(body)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        signer = _signer(question.issuer, response, now)
        if signer is None or not _is_signed(response, signer):
            return None
        for one in response.responses:
            if _is_about(one, question):
                return _in_time(one, now)
    except (ValueError, UnsupportedAlgorithm):
        pass
    return None


def _is_about(one: ocsp.OCSPSingleResponse, question: Question) -> bool:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        question.certificate, question.issuer, one.hash_algorithm
    )
    wanted = builder.build()
    return (one.serial_number, one.issuer_name_hash, one.issuer_key_hash) == (
        wanted.serial_number,
        wanted.issuer_name_hash,
        wanted.issuer_key_hash,
    )


def _in_time(one: ocsp.OCSPSingleResponse, now: datetime) -> Answer | None:
    until = one.next_update_utc
    if one.this_update_utc > now + _SKEW or (until is not None and until < now - _SKEW):
        return None
    if one.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
        return Answer(None, until)
    return Answer(one.certificate_status == ocsp.OCSPCertStatus.REVOKED, until)


def _key_hash(certificate: x509.Certificate) -> bytes:
    """The SHA-1 of the public key, by which answers name who signed them."""
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
