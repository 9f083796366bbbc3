"""TLS contexts for both runtimes: what is trusted, what is shown, and which sessions can be resumed.

It knows nothing of options: `petiole._net.tls` says by them what it wants. Nothing imports this module before
TLS is asked for, since importing `ssl` takes milliseconds.
"""

from __future__ import annotations

import ssl
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

_KEPT_SESSIONS = 8
"""Of each host name: as many connections as may be under way at once, and some."""


class UnusableFile(Exception):
    """A file holds something else than what it was given for. The message names it."""


class TlsContext(ssl.SSLContext):
    """A context that offers each server the session of an earlier connection to it.

    Each session is offered once (RFC 8446, C.4), so one that a server cannot resume does no harm for long.
    """

    _sessions: dict[str, deque[ssl.SSLSession]]

    def keep_session(self, connection: ssl.SSLSocket | ssl.SSLObject) -> None:
        """Keep the session of a connection that works. Only whoever reads from the connection may call this."""
        session, host = connection.session, connection.server_hostname
        if session is None or not session.has_ticket or host is None:
            return
        self._sessions.setdefault(host, deque(maxlen=_KEPT_SESSIONS)).append(session)

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        return super().wrap_socket(
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session or self._take_session(server_hostname),
        )

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(
            incoming,
            outgoing,
            server_side,
            server_hostname,
            session or self._take_session(server_hostname),
        )

    def _take_session(self, host: str | bytes | None) -> ssl.SSLSession | None:
        kept = self._sessions.get(host) if isinstance(host, str) else None
        try:
            return kept.pop() if kept else None
        except IndexError:  # Another thread took the last.
            return None


def peer_chain(connection: ssl.SSLSocket | ssl.SSLObject) -> list[bytes]:
    """The peer's certificate and its issuers, as DER, if they were verified in this handshake, else none.

    A resumed session verifies nothing anew.
    """
    if connection.session_reused:
        return []
    public = getattr(connection, "get_verified_chain", None)  # Python 3.13.
    if public is not None:
        return list(public())
    found = connection._sslobj.get_verified_chain() or []  # type: ignore[union-attr]
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in found]


def client_context(
    *,
    ca_file: str | None = None,
    certificate_key_file: str | None = None,
    key_file: str | None = None,
    password: str | None = None,
    crl_file: str | None = None,
    check_certificate: bool = True,
    check_hostname: bool = True,
) -> TlsContext:
    """A context as the files and flags say; without `ca_file` the system's authorities are trusted.

    :param key_file: holds the private key where `certificate_key_file` does not.
    :param check_hostname: counts only with `check_certificate`.
    :raises UnusableFile: if a file does not hold what it should.
    :raises OSError: if a file cannot be read.
    """
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    context._sessions = {}
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.check_hostname = check_certificate and check_hostname
    context.verify_mode = ssl.CERT_REQUIRED if check_certificate else ssl.CERT_NONE
    if certificate_key_file is not None:
        _load_certificate(context, certificate_key_file, key_file, password)
    if ca_file is not None:
        _load(context, ca_file, "tlsCAFile", "no certificate of an authority")
    elif check_certificate:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if crl_file is not None:
        before = context.cert_store_stats()["crl"]
        _load(context, crl_file, "tlsCRLFile", "no revocation list")
        if context.cert_store_stats()["crl"] == before:
            raise UnusableFile(f"tlsCRLFile {crl_file!r} holds no revocation list")
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def _load(context: ssl.SSLContext, file: str, option: str, lacking: str) -> None:
    try:
        context.load_verify_locations(file)
    except ssl.SSLError as error:
        raise UnusableFile(f"{option} {file!r} holds {lacking}: {error}") from error


def _load_certificate(context: ssl.SSLContext, file: str, key_file: str | None, password: str | None) -> None:
    asked: list[Any] = []

    def tell() -> str:
        # Without this, OpenSSL would ask on the terminal.
        asked.append(True)
        return password or ""

    try:
        context.load_cert_chain(file, key_file, password=tell)
    except (ssl.SSLError, ValueError) as error:  # ValueError: the password is too long for OpenSSL.
        reason = "Private key doesn't match certificate"
        if asked:
            reason = "The private key cannot be decrypted: tlsCertificateKeyFilePassword is " + (
                "wrong" if password else "needed"
            )
        raise UnusableFile(f"{reason} (tlsCertificateKeyFile {file!r}): {error}") from error
