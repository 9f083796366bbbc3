"""An HTTP proxy that only connects: with or without TLS of its own, and able to refuse."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Self


class ConnectProxy:
    """Carries connections to `target`, whatever host is asked for; `with` starts and ends it."""

    def __init__(
        self, target: tuple[str, int], certificate: Path | None = None, answer: bytes = b"HTTP/1.1 200 OK"
    ) -> None:
        """:param answer: the status line; other bytes end the connection."""
        self._target = target
        self._answer = answer
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heads: list[bytes] = []
        """What it was asked."""
        self.open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
            self.open.add(client)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                more = client.recv(1)
                if not more:
                    break
                head += more
            self.heads.append(head)
            if self._answer:
                client.sendall(self._answer + b"\r\nX-Proxy: here\r\n\r\n")
            if b" 200 " in self._answer:
                with socket.create_connection(self._target) as far:
                    back = threading.Thread(target=_carry, args=(far, client), daemon=True)
                    back.start()
                    _carry(client, far)
                    back.join(10)
        self.open.discard(client)
        client.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 14):
            other.sendall(data)
    for each in (one, other):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
