"""Addresses of servers: what is a host, what is its port.

Owns: reading the `host:port` strings of hello replies, and writing addresses into messages.
May not: judge what a user wrote in a connection string; that is `petiole._uri`.
Follows: Server Discovery and Monitoring, "hosts, passives, arbiters" (lower case, default port).
"""

from typing import Final, TypeAlias

Address: TypeAlias = tuple[str, int | None]
"""Host and port; the port is None for a Unix domain socket in a connection string."""

DEFAULT_PORT: Final = 27017


def parse_address(text: str, default_port: int = DEFAULT_PORT) -> tuple[str, int]:
    """Read `host`, `host:port`, `[v6]:port` or a bare IPv6 literal; host names become lower case.

    Raises ValueError if what follows the last colon is no port number.
    """
    if text.endswith(".sock"):
        return text, default_port
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host.lower(), int(rest[1:]) if rest.startswith(":") else default_port
    if text.count(":") > 1:
        return text.lower(), default_port
    host, colon, port = text.partition(":")
    return host.lower(), int(port) if colon else default_port


def format_address(address: Address) -> str:
    """The address as a person writes it, with brackets around an IPv6 literal."""
    host, port = address
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
