"""An HTTP proxy that connects further when it is asked to: CONNECT (RFC 9110, 9.3.6). No text shows a password.

`open` blocks and knows its deadline. Python cannot put TLS upon TLS over one socket, so behind a proxy that is itself
spoken to over TLS, a thread carries bytes between it and one end of a pair of sockets; it ends with either.
"""

from __future__ import annotations

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import unquote, urlsplit

from petiole._runtime.base import Deadline
from petiole._runtime.blocking import dial
from petiole._runtime.clock import deadline_in
from petiole._runtime.sockets import limit
from petiole._runtime.supervision import close_quietly

_PORTS = {"http": 80, "https": 443}
_LONGEST_HEAD = 16 * 1024
_SHOWN = 200
"""Characters of a refusal that an error shows."""
_PIECE = 16 * 1024
_PATIENCE = 20.0
"""Seconds for the proxy to take a piece of what is carried."""
_NAME_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class HttpProxy:
    """Where a proxy is, and what it is told beside the host."""

    def __init__(
        self, url: str, ssl_context: ssl.SSLContext | None, headers: Mapping[str, str] | None
    ) -> None:
        if not isinstance(url, str):
            raise TypeError(f"proxy_url must be a string, not {type(url)}")
        parts = urlsplit(url)
        shown = repr(url.replace(f"{parts.netloc.rpartition('@')[0]}@", "")) if "@" in url else repr(url)
        if parts.scheme not in _PORTS:
            raise ValueError(f"proxy_url must have an http or https scheme, not {shown}")
        try:
            port = parts.port
        except ValueError:
            raise ValueError(f"invalid proxy_url: {shown}") from None
        if not parts.hostname:
            raise ValueError(f"proxy_url must include a host, not {shown}")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"proxy_url must not include a path, query, or fragment: {shown}")
        if parts.scheme == "http" and ssl_context is not None:
            raise ValueError("ssl_context requires an https proxy_url")
        self.host = parts.hostname
        self.port = port or _PORTS[parts.scheme]
        self.ssl_context = ssl_context
        if parts.scheme == "https" and ssl_context is None:
            self.ssl_context = ssl.create_default_context()
        self.headers = dict(headers or {})
        _check(self.headers)
        if parts.username is not None:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self.headers["Proxy-Authorization"] = f"Basic {b64encode(user).decode()}"

    def open(self, host: str, port: int, timeout: float) -> socket.socket:
        """A socket that the proxy has connected.

        :raises OSError: if it does not.
        """
        _check(self.headers)  # They can be changed.
        tunnel = partial(self._tunnel, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        return dial((self.host, self.port), None, deadline_in(timeout), tunnel)

    async def open_aside(self, host: str, port: int, timeout: float) -> socket.socket:
        """As `open`, on a thread, for an event loop."""
        import asyncio

        from petiole._runtime.aio import on_thread  # Late: blocking clients need no asyncio.

        work = partial(self.open, host, port, timeout)
        return await on_thread(asyncio.get_running_loop(), work, deadline_in(timeout), close_quietly)

    def _tunnel(self, target: str, sock: socket.socket, deadline: Deadline) -> socket.socket:
        limit(sock, deadline)
        if self.ssl_context is None:
            self._ask(target, sock, deadline)
            sock.settimeout(None)
            return sock
        secured = self.ssl_context.wrap_socket(sock, server_hostname=self.host)
        try:
            self._ask(target, secured, deadline)
            return _carried(secured)
        except BaseException:
            secured.close()
            raise

    def _ask(self, target: str, sock: socket.socket, deadline: Deadline) -> None:
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        limit(sock, deadline)
        sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            limit(sock, deadline)
            more = sock.recv(1)  # Not more: what follows is the host's.
            if not more:
                raise ConnectionError(f"proxy closed the connection while tunneling to {target}")
            head += more
            if len(head) > _LONGEST_HEAD:
                raise ConnectionError(f"proxy answered at too great a length while tunneling to {target}")
        status = head.split(b"\r\n", 1)[0]
        words = status.split(None, 2)
        if not status.startswith(b"HTTP/1.") or len(words) < 2 or not words[1].startswith(b"2"):
            raise ConnectionError(f"proxy refused CONNECT to {target}: {status[:_SHOWN]!r}")


def _check(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("proxy header names and values must be strings")
        if not name or not set(name.lower()) <= _NAME_CHARACTERS:
            raise ValueError(f"invalid proxy header name: {name!r}")
        if name.lower() == "host":
            raise ValueError("the Host CONNECT header is set from the KMS address")
        if any(character in value for character in "\r\n\0") or not _fits(value):
            raise ValueError(f"invalid proxy header value for {name!r}")


def _fits(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeError:
        return False
    return True


def _carried(far: ssl.SSLSocket) -> socket.socket:
    """One end of a pair of sockets, whose other end is carried on to `far`."""
    near, end = socket.socketpair()
    threading.Thread(target=_carry, args=(far, near), name="petiole-proxy", daemon=True).start()
    return end


def _carry(far: ssl.SSLSocket, near: socket.socket) -> None:
    with far, near, DefaultSelector() as selector:
        selector.register(far, EVENT_READ)
        selector.register(near, EVENT_READ)
        near.settimeout(_PATIENCE)
        try:
            while True:
                ready = [] if far.pending() else [key.fileobj for key, _ in selector.select()]
                if near in ready:
                    data = near.recv(_PIECE)
                    if not data:
                        return
                    far.settimeout(_PATIENCE)
                    far.sendall(data)
                if far in ready or far.pending():
                    far.settimeout(0)
                    try:
                        data = far.recv(_PIECE)
                    except ssl.SSLWantReadError:
                        continue
                    if not data:
                        return
                    near.sendall(data)
        except OSError:
            return  # The other end notices.
