"""A TLS front before a plain server: it shows any certificate, also one that no `mongod` would start with.

Owns the listening, the handshakes and the forwarding of bytes, and notes what clients asked for. Every connection has
threads of its own, which end with it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Self


class TlsFront:
    """Forwards what comes by TLS to `target`; `address` is where clients connect to."""

    def __init__(
        self, target: tuple[str, int], certificate: Path, *, version: ssl.TLSVersion | None = None
    ) -> None:
        self._target = target
        self._certificate = certificate
        self._version = version
        self._context = self._new_context()
        self.names: list[str | None] = []
        """The names asked for by SNI, None where there was none."""
        self.resumed: list[bool] = []
        """Of each connection that was made, whether it resumed a session."""
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, name="tls-front", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self._listener.getsockname()
        return host, port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def forget_sessions(self) -> None:
        """Serve new connections as a restarted server would: earlier sessions mean nothing to it."""
        self._context = self._new_context()

    def _new_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        if self._version is not None:
            context.minimum_version = context.maximum_version = self._version
        context.sni_callback = self._note
        return context

    def _note(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        self.names.append(name)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            secured = self._context.wrap_socket(client, server_side=True)
        except OSError:
            client.close()
            return
        self.resumed.append(bool(secured.session_reused))
        server = socket.create_connection(self._target)
        self._open += [secured, server]
        threading.Thread(target=_forward, args=(server, secured), daemon=True).start()
        _forward(secured, server)


def _forward(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(1 << 16):
            sink.sendall(received)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
