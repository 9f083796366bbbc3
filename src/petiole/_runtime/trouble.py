"""What a socket's error says of its cause, for those who may not import `socket` or `ssl` to ask."""

from __future__ import annotations

import socket
import sys


class CertificateRefused(OSError):
    """The server's certificate has been revoked, or might have been. The message is what to tell a person."""


class ProxyTimedOut(TimeoutError):
    """The proxy did not do its part in time. The message names it."""


def is_unresolved(error: BaseException | None) -> bool:
    """Whether a host name did not resolve."""
    return isinstance(error, (socket.gaierror, UnicodeError))


def is_tls_refusal(error: BaseException | None) -> bool:
    """Whether TLS was refused by either side. A connection that merely broke during the handshake was not."""
    if isinstance(error, CertificateRefused):
        return True
    ssl = sys.modules.get("ssl")  # Whoever has met such an error has imported it.
    if ssl is None or not isinstance(error, ssl.SSLError):
        return False
    return not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError))


def is_tls_error(error: BaseException | None) -> bool:
    """Whether the error is of TLS at all."""
    ssl = sys.modules.get("ssl")
    return ssl is not None and isinstance(error, ssl.SSLError)


def certificate_complaint(error: BaseException | None) -> str | None:
    """What is wrong with the server's certificate, if that is the cause."""
    if isinstance(error, CertificateRefused):
        return str(error)
    ssl = sys.modules.get("ssl")
    if ssl is None or not isinstance(error, ssl.SSLCertVerificationError):
        return None
    return str(getattr(error, "verify_message", "")).rstrip(".") or str(error)
