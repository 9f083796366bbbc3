"""Hosts and user information of a connection string (specification: Connection String, "Host information").

Pure. No error's text holds user information.
"""

from __future__ import annotations

import re

from petiole._uri.defaults import DEFAULT_PORT
from petiole.errors import ConfigurationError, InvalidURI

_ESCAPE_HINT = "Username and password must be escaped according to RFC 3986, use urllib.parse.quote_plus"
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")


def unquote(text: str) -> str:
    """`text` with percent-encoding undone, and "+" as a space."""
    if "%" not in text and "+" not in text:
        return text
    from urllib.parse import unquote_plus

    return unquote_plus(text)


def parse_userinfo(userinfo: str) -> tuple[str, str]:
    """The user name and the password ("" if there is none).

    :raises InvalidURI: if a reserved character is not escaped, or the user name is empty.
    """
    if "@" in userinfo or userinfo.count(":") > 1 or _BAD_ESCAPE.search(userinfo):
        raise InvalidURI(_ESCAPE_HINT)
    user, _, password = userinfo.partition(":")
    if not user:
        raise InvalidURI("The empty string is not valid username")
    return unquote(user), unquote(password)


def parse_ipv6_literal_host(entity: str, default_port: int | None) -> tuple[str, str | int | None]:
    """The address and the port, still as text, of "[address]:port".

    :raises ValueError: if the bracket is not closed.
    """
    if "]" not in entity:
        raise ValueError("an IPv6 address literal must be enclosed in '[' and ']' according to RFC 2732.")
    address, separator, port = entity[1:].rpartition("]:")
    if separator:
        return address, port
    return entity[1:].removesuffix("]"), default_port


def parse_host(entity: str, default_port: int | None = DEFAULT_PORT) -> tuple[str, int | None]:
    """The address and the port of "host", "host:port", "[IPv6]" or "[IPv6]:port"; a name comes in lower case.

    :raises ValueError: if the port is no port, or an IPv6 address lacks its brackets.
    """
    host: str = entity
    port: str | int | None = default_port
    if entity.startswith("["):
        host, port = parse_ipv6_literal_host(entity, default_port)
    elif entity.endswith(".sock"):
        return entity, default_port
    elif ":" in entity:
        if entity.count(":") > 1:
            raise ValueError(
                "Reserved characters such as ':' must be escaped according RFC 2396. An IPv6 "
                "address literal must be enclosed in '[' and ']' according to RFC 2732."
            )
        host, port = entity.split(":")
    return host.lower(), _port(port) if isinstance(port, str) else port


def _port(text: str) -> int:
    # isascii: int() and isdigit() take digits of all scripts.
    if not (text.isascii() and text.isdigit()):
        for character in text:
            if character.isspace():
                raise ValueError(f"Port contains whitespace character: {character!r}")
        raise ValueError(
            "Port contains non-digit characters. Hint: username and password must be escaped "
            "according to RFC 3986, use urllib.parse.quote_plus"
        )
    number = int(text) if len(text) <= 5 else 0
    if not 0 < number <= 65535:
        raise ValueError("Port must be an integer between 0 and 65535")
    return number


def split_hosts(hosts: str, default_port: int | None = DEFAULT_PORT) -> list[tuple[str, int | None]]:
    """The nodes of "host1:port1,host2,...": each (address, port), a Unix domain socket (path, None).

    :raises ConfigurationError: if a host is empty.
    """
    return [_node(entity, default_port) for entity in hosts.split(",")]


def _node(entity: str, default_port: int | None) -> tuple[str, int | None]:
    if not entity:
        raise ConfigurationError("Empty host (or extra comma in host list)")
    if entity.endswith(".sock"):
        return unquote(entity), None
    if "%" in entity and not entity.startswith("["):
        # Which host is not said: it may be a piece of a password with a reserved character.
        raise InvalidURI(
            "Percent-encoding is only allowed in Unix domain socket paths and IPv6 zone indexes, not in hostnames. "
            "Hint: username and password must be escaped according to RFC 3986, use urllib.parse.quote_plus"
        )
    return parse_host(unquote(entity) if entity.startswith("[") else entity, default_port)


def is_ip_address(host: str) -> bool:
    """Whether `host` is an IPv4 or IPv6 address."""
    return ":" in host or re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", host) is not None
