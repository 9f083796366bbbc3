"""A SOCKS5 proxy for tests: it resolves names by a table, notes who wants what, and fails in many ways when told so.

Owns the conversation (RFC 1928, RFC 1929) and the forwarding of bytes. Every connection has threads of its own.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Self

NAME, IPV4, IPV6 = 3, 1, 4


class Socks5:
    """Connects clients to where `names` says that a host is, else to the host itself."""

    def __init__(self, names: dict[str, tuple[str, int]] | None = None, *, host: str = "127.0.0.1") -> None:
        self.names = names or {}
        self.user: tuple[str, str] | None = None
        """Who may use it; None for everybody."""
        self.stalls_at: int | None = None
        """It does not give the answer of that number (0 is about the method, the last one about the target)."""
        self.refuses: int | None = None
        """The code that it answers instead of connecting."""
        self.answers: bytes | None = None
        """What it says to everything, before it closes the connection."""
        self.piecemeal = False
        """Whether it sends its answers byte by byte."""
        self.bound = bytes((IPV4, 10, 0, 0, 1, 0, 80))
        """The address that it says it connects from."""
        self.wanted: list[tuple[int, str, int]] = []
        """The kinds of address, hosts and ports asked for."""
        self.offered: list[bytes] = []
        """The methods that clients offered."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, name="socks5", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()[:2]
        return host, port

    @property
    def options(self) -> dict[str, object]:
        """The options of clients that go through it."""
        own = {} if self.user is None else {"proxyUsername": self.user[0], "proxyPassword": self.user[1]}
        return {"proxyHost": self.address[0], "proxyPort": self.address[1], **own}

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

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            stalled = False
            for number, answer in enumerate(self._answers(client)):
                if number == self.stalls_at:
                    stalled = True
                    break
                self._send(client, answer)
            if stalled:
                client.recv(1)  # Until the client gives up.
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _send(self, client: socket.socket, answer: bytes) -> None:
        pieces = [answer] if not self.piecemeal else [bytes((byte,)) for byte in answer]
        for piece in pieces:
            client.sendall(piece)
            if self.piecemeal:
                time.sleep(0.001)

    def _answers(self, client: socket.socket) -> Iterator[bytes]:
        version, count = read(client, 2)
        methods = read(client, count)
        self.offered.append(methods)
        if self.answers is not None:
            yield self.answers
            return
        wanted = 0 if self.user is None else 2
        if version != 5 or wanted not in methods:
            yield b"\x05\xff"
            return
        yield bytes((5, wanted))
        if wanted:
            (_, length) = read(client, 2)
            user = read(client, length).decode()
            password = read(client, read(client, 1)[0]).decode()
            right = (user, password) == self.user
            yield bytes((1, not right))
            if not right:
                return
        _, command, _, kind = read(client, 4)
        assert command == 1
        host, port = read_address(client, kind)
        self.wanted.append((kind, host, port))
        if self.refuses is not None:
            yield bytes((5, self.refuses, 0)) + self.bound
            return
        server = socket.create_connection(self.names.get(host, (host, port)))
        self._open.append(server)
        yield bytes((5, 0, 0)) + self.bound
        back = threading.Thread(target=forward, args=(server, client), daemon=True)
        back.start()
        forward(client, server)
        back.join()


def read(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def read_address(client: socket.socket, kind: int) -> tuple[str, int]:
    if kind == NAME:
        host = read(client, read(client, 1)[0]).decode()
    else:
        family, length = {IPV4: (socket.AF_INET, 4), IPV6: (socket.AF_INET6, 16)}[kind]
        host = socket.inet_ntop(family, read(client, length))
    return host, int.from_bytes(read(client, 2), "big")


def forward(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
