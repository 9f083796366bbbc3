"""How the driver opens and tunes sockets, for both runtimes."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import cast

from petiole._runtime.base import Address, Deadline

# Seconds idle before the first probe, seconds between probes, probes before giving up.
_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 9))

Candidate = tuple[socket.AddressFamily, tuple[str | int, ...] | str]
"""A family and the address to give to `connect`."""


def literal(address: Address) -> list[Candidate]:
    """What needs no resolving: the path of a Unix domain socket, or a numeric address; else nothing."""
    host, port = address
    if port is None:
        if not hasattr(socket, "AF_UNIX"):
            raise OSError(f"UNIX-sockets are not supported on this system: {host}")
        return [(socket.AF_UNIX, host)]
    host = host.strip("[]")
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return [(family, (host, port))]
    return []


def resolve(address: Address) -> list[Candidate]:
    """The addresses of a host name, in the resolver's order. May block for long, whatever comes."""
    host, port = address
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [(family, cast("tuple[str | int, ...]", sockaddr)) for family, _, _, _, sockaddr in found]


def canonical_name(host: str, *, reverse: bool) -> str:
    """A host's canonical name in small letters; with `reverse` that of its address, if it has one. May block for long.

    It is the host itself where no lookup helps (authentication specification, "Hostname Canonicalization").
    """
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), None, proto=socket.IPPROTO_TCP, flags=socket.AI_CANONNAME
        )
        name, address = found[0][3:]
    except (OSError, UnicodeError):
        return host
    if reverse:
        with contextlib.suppress(OSError):
            name = socket.getnameinfo(address, socket.NI_NAMEREQD)[0]
    return (name or host).lower()


def open_socket(family: socket.AddressFamily) -> socket.socket:
    """A new stream socket with the driver's options set."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    if family != getattr(socket, "AF_UNIX", None):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, seconds in _KEEPALIVE:
            _lower_option(sock, name, seconds)
    return sock


def limit(sock: socket.socket, deadline: Deadline) -> None:
    """Let the socket's next step take no longer than the deadline allows."""
    remaining = deadline.remaining()
    if remaining == 0:  # As a socket's timeout, 0 would mean not to wait at all.
        raise TimeoutError("timed out")
    sock.settimeout(remaining)


def plain(error: OSError) -> OSError:
    """An error with the system's own words for it; asyncio's would name the numeric address."""
    return OSError(error.errno, os.strerror(error.errno)) if error.errno else error


def _lower_option(sock: socket.socket, name: str, value: int) -> None:
    """Set a TCP option unless the system's own value is already lower, or it has no such option."""
    option = getattr(socket, name, None)
    if option is None:
        return
    with contextlib.suppress(OSError):
        if sock.getsockopt(socket.IPPROTO_TCP, option) > value:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def unusable(sock: object) -> str | None:
    """Why something is not a connected socket without TLS, if it is not."""
    if not isinstance(sock, socket.socket) or hasattr(sock, "getpeercert"):
        return f"a connected, unwrapped socket.socket, not {type(sock)}"
    try:
        sock.getpeername()
    except OSError:
        # One that has been reset has lost its peer, but not the port that it had for it: that is the network's fault.
        name = sock.getsockname()
        if not (isinstance(name, tuple) and name[1]):
            return "an already connected socket"
    return None
