"""What a server staples to its certificate: its authority's answer that the certificate has not been revoked.

Python's `ssl` can neither ask for a stapled answer nor show it, so this asks on a connection of its own, by pyOpenSSL,
and says nothing else on it. It checks nothing: what it returns is signed, and who judges it knows the certificate from
the connection that counts. Blocks: call it through `Runtime.offload`. Follows: OCSP Support; RFC 6066, 8.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from petiole._runtime.blocking import dial
from petiole._runtime.sockets import limit, literal

if TYPE_CHECKING:
    from petiole._runtime.base import Address, Deadline, StreamOptions

_PIECE = 64 * 1024


class Shown(NamedTuple):
    """A server's certificate as DER, and the answer stapled to it: empty where there is none."""

    certificate: bytes
    answer: bytes


def look(address: Address, options: StreamOptions, deadline: Deadline) -> Shown:
    """What the server shows to whom connects with these options.

    :raises OSError: if the handshake does not come to its end before the deadline.
    """
    return dial(
        address, options.proxy, deadline, lambda sock, own: _shake_hands(sock, _name(address, options), own)
    )


def _name(address: Address, options: StreamOptions) -> bytes | None:
    """The name to ask for, if it is one (RFC 6066, 3)."""
    name = options.server_hostname
    return None if not name or address[1] is None or literal((name, 0)) else name.encode("idna")


def _shake_hands(sock: socket.socket, name: bytes | None, deadline: Deadline) -> Shown:
    seen: list[Shown] = []

    def note(connection: SSL.Connection, answer: bytes, _: object) -> bool:
        certificate = connection.get_peer_certificate(as_cryptography=True)
        if certificate is not None:
            seen.append(Shown(certificate.public_bytes(Encoding.DER), answer))
        return True

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_ocsp_client_callback(note)
    connection = SSL.Connection(context, None)
    if name is not None:
        connection.set_tlsext_host_name(name)
    connection.request_ocsp()
    connection.set_connect_state()
    with sock:
        try:
            while not _step(connection, sock, deadline):
                limit(sock, deadline)
                data = sock.recv(_PIECE)
                if not data:
                    raise ConnectionError("connection closed")
                connection.bio_write(data)
        except SSL.Error as error:
            raise OSError(f"TLS handshake failed: {error}") from error
    if not seen:
        raise OSError("the server has shown no certificate")
    return seen[0]


def _step(connection: SSL.Connection, sock: socket.socket, deadline: Deadline) -> bool:
    """Go on with the handshake as far as the bytes received allow; whether it is over."""
    over = True
    try:
        connection.do_handshake()
        connection.shutdown()  # Says goodbye: the server need not complain of a broken connection.
    except SSL.WantReadError:
        over = False
    limit(sock, deadline)
    try:
        sock.sendall(connection.bio_read(_PIECE))
    except SSL.WantReadError:
        pass  # There is nothing to send.
    return over
