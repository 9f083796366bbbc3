"""An OCSP responder for tests: it says what it is told to, signed by whomever it is told to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from tests.integration.security.authority import Authority

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


class Responder:
    """Answers for one authority about every certificate alike."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.status = GOOD
        self.asked = 0
        self.age = timedelta(hours=1)
        """How long ago its answers were made; they serve for two hours."""
        self.http_status = 200
        self.body: bytes | None = None
        """The answer, if it is to be no answer."""
        self._signer = authority.certificate
        self._key: Any = authority.key
        responder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                responder.asked += 1
                question = self.rfile.read(int(self.headers["Content-Length"]))
                body = responder.body if responder.body is not None else responder.answer(question)
                self.send_response(responder.http_status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/ocsp"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def sign_by(self, file: Path) -> None:
        """Let answers be signed by the key in this file, and show its certificate with them."""
        pem = file.read_bytes()
        self._signer = x509.load_pem_x509_certificate(pem)
        self._key = serialization.load_pem_private_key(pem, None)

    def answer(self, question: bytes) -> bytes:
        """The answer to a question."""
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        made = datetime.now(UTC) - self.age
        request = ocsp.load_der_ocsp_request(question)
        revoked = self.status is REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=request.issuer_name_hash,
            issuer_key_hash=request.issuer_key_hash,
            serial_number=request.serial_number,
            algorithm=request.hash_algorithm,
            cert_status=self.status,
            this_update=made,
            next_update=made + timedelta(hours=2),
            revocation_time=made if revoked else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self._signer)
        builder = builder.certificates([self._signer])
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
