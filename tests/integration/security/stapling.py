"""A TLS front that staples whatever it is told to, which Python's `ssl` cannot: by pyOpenSSL.

Owns the listening, the handshakes and the forwarding of bytes to a plain server; counts who asks for a staple. Every
connection has a thread of its own, since pyOpenSSL's connections may be used by one at a time.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from pathlib import Path
from typing import Self

from OpenSSL import SSL


class StaplingFront:
    """Forwards what comes by TLS to `target`; `address` is where clients connect to."""

    def __init__(
        self,
        target: tuple[str, int],
        certificate: Path,
        staple: bytes = b"",
        *,
        version: int = SSL.TLS1_3_VERSION,
        client_authority: Path | None = None,
    ) -> None:
        self.staple = staple
        self.asked = 0
        """How often somebody asked for the staple."""
        self.names: list[bytes | None] = []
        """The names that were asked for by SNI on those occasions."""
        self.stalls = False
        """Whether it lets those wait who ask for the staple."""
        self._target = target
        self._stalled = threading.Event()
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.use_certificate_chain_file(str(certificate))
        self._context.use_privatekey_file(str(certificate))
        self._context.set_min_proto_version(version)
        self._context.set_max_proto_version(version)
        self._context.set_session_id(b"front")
        self._context.set_ocsp_server_callback(self._give)
        if client_authority is not None:
            self._context.load_verify_locations(str(client_authority))
            self._context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, name="stapling-front", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self._listener.getsockname()
        return host, port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stalled.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _give(self, connection: SSL.Connection, _: object) -> bytes:
        self.asked += 1
        self.names.append(connection.get_servername())
        if self.stalls:
            self._stalled.wait()
        return self.staple

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(SSL.Error, OSError):
            secured = SSL.Connection(self._context, client)
            secured.set_accept_state()
            secured.do_handshake()
            with socket.create_connection(self._target) as server:
                self._forward(client, secured, server)

    def _forward(self, client: socket.socket, secured: SSL.Connection, server: socket.socket) -> None:
        while True:
            ready = [client] if secured.pending() else select.select([client, server], [], [])[0]
            if client in ready:
                server.sendall(secured.recv(1 << 16))  # Raises at the end.
            if server in ready:
                data = server.recv(1 << 16)
                if not data:
                    return
                secured.sendall(data)
