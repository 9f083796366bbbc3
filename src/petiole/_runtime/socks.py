"""SOCKS5: what a client says to a proxy so that it connects somewhere, and what the proxy's answers mean.

Pure: `Proxy.converse` is a generator that the runtimes carry out over their sockets. Follows: SOCKS5 Support;
RFC 1928 and RFC 1929. Names are resolved by the proxy. No text shows the password.
"""

from __future__ import annotations

import socket
from collections.abc import Generator
from types import TracebackType
from typing import NamedTuple, Self

from petiole._runtime.base import Address
from petiole._runtime.trouble import ProxyTimedOut

_VERSION, _NEGOTIATION_VERSION = 5, 1
_ANONYMOUS, _BY_PASSWORD, _NONE_ACCEPTABLE = 0, 2, 0xFF
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_LONGEST = 255
_REFUSALS = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "it cannot connect for others",
    8: "it does not know this type of address",
}

Step = tuple[bytes, int]
"""What to send, and how many bytes exactly to read then."""


class Proxy(NamedTuple):
    """Where a SOCKS5 proxy listens, and who asks it; `username` and `password` are both None, or neither."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        shown = None if self.password is None else "<redacted>"
        return (
            f"Proxy(host={self.host!r}, port={self.port!r}, username={self.username!r}, password={shown!r})"
        )

    def blaming(self) -> Blaming:
        """A block whose errors are the proxy's."""
        return Blaming(self)

    def converse(self, target: Address) -> Generator[Step, bytes, None]:
        """The conversation that makes it connect to `target`; it ends when it has.

        :raises OSError: if it refuses, or is none.
        """
        methods = (_ANONYMOUS,) if self.username is None else (_ANONYMOUS, _BY_PASSWORD)
        version, method = yield bytes((_VERSION, len(methods), *methods)), 2
        _check_version(version)
        if method == _BY_PASSWORD and method in methods:
            yield from _log_in(self)
        elif method != _ANONYMOUS:
            if self.username is None:
                raise OSError("it does not serve strangers: proxyUsername and proxyPassword are needed")
            raise OSError("it wants neither nobody's name nor a password, but something else")
        version, refusal = yield bytes((_VERSION, _CONNECT, 0)) + _destination(target), 2
        _check_version(version)
        if refusal:
            raise OSError(
                f"it did not connect to {target[0]}:{target[1]}: {_REFUSALS.get(refusal, f'code {refusal}')}"
            )
        _, kind = yield b"", 2
        # The address that the proxy connects from: nobody needs it, but it has to be read.
        if kind == _NAME:
            (length,) = yield b"", 1
        elif kind in (_IPV4, _IPV6):
            length = 4 if kind == _IPV4 else 16
        else:
            raise OSError("its answer is not SOCKS5")
        yield b"", length + 2


class ProxyFailed(OSError):
    """The proxy cannot be reached, or will not connect: for the driver, an error of the network as any other."""


class Blaming:
    """Makes the errors of a block the proxy's: `with Blaming(proxy):`."""

    def __init__(self, proxy: Proxy) -> None:
        self._where = f"proxy {proxy.host}:{proxy.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, TimeoutError):
            raise ProxyTimedOut(f"{self._where}: timed out") from error
        if isinstance(error, (OSError, UnicodeError)):  # UnicodeError: a name that cannot be one.
            raise ProxyFailed(f"{self._where}: {error}") from error


def _log_in(proxy: Proxy) -> Generator[Step, bytes, None]:
    user, password = (proxy.username or "").encode(), (proxy.password or "").encode()
    lengths = bytes((len(user),)), bytes((len(password),))
    message = bytes((_NEGOTIATION_VERSION,)) + lengths[0] + user + lengths[1] + password
    version, status = yield message, 2
    if version != _NEGOTIATION_VERSION or status:
        raise OSError("it does not accept proxyUsername and proxyPassword")


def _check_version(version: int) -> None:
    if version != _VERSION:
        raise OSError(f"it does not speak SOCKS5: its answer begins with {version:#04x}")


def _destination(target: Address) -> bytes:
    host, port = target[0].strip("[]"), target[1] or 0
    for family, kind in ((socket.AF_INET, _IPV4), (socket.AF_INET6, _IPV6)):
        try:
            return bytes((kind,)) + socket.inet_pton(family, host) + port.to_bytes(2, "big")
        except (OSError, ValueError):
            continue
    name = host.encode() if host.isascii() else host.encode("idna")
    if not 0 < len(name) <= _LONGEST:
        raise OSError(f"no name of a host: {host!r}")
    return bytes((_NAME, len(name))) + name + port.to_bytes(2, "big")
