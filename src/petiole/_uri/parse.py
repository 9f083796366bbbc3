"""A connection string to its parts (specification: Connection String).

Pure. An SRV string becomes its host name and options; who resolves the records hands them to
`with_srv_records` (specification: Initial DNS Seedlist Discovery).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from petiole._uri.defaults import DEFAULT_PORT
from petiole._uri.hosts import is_ip_address, parse_userinfo, split_hosts, unquote
from petiole._uri.mapping import CaseInsensitiveDictionary
from petiole._uri.options import check_combinations, check_proxy, check_srv_combinations, split_options
from petiole.errors import ConfigurationError, InvalidURI

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from petiole._uri.srv import SrvRules
    from petiole.typings import _Address

SCHEME = "mongodb://"
SRV_SCHEME = "mongodb+srv://"

_BAD_DATABASE_CHARACTERS = re.compile(r'[/\\ "$]')
# The options a TXT record may set (Initial DNS Seedlist Discovery, "Default Connection String Options").
_TXT_OPTIONS = ("authsource", "replicaset", "loadbalanced")


class ParsedUri(NamedTuple):
    """The parts of a connection string; with an SRV record to resolve, `fqdn` is set and `nodelist` empty."""

    nodelist: list[_Address]
    username: str | None
    password: str | None
    database: str | None
    collection: str | None
    options: CaseInsensitiveDictionary
    fqdn: str | None

    def __repr__(self) -> str:
        return f"ParsedUri(nodelist={self.nodelist!r}, database={self.database!r}, fqdn={self.fqdn!r})"


def parse(
    uri: str,
    default_port: int | None = DEFAULT_PORT,
    validate: bool = True,
    warn: bool = False,
    normalize: bool = True,
) -> ParsedUri:
    """Split and check `uri`; parameters as for :func:`petiole.uri_parser.parse_uri`.

    :raises InvalidURI, ConfigurationError, ValueError: if it is not valid.
    """
    is_srv = uri.startswith(SRV_SCHEME)
    if not is_srv and not uri.startswith(SCHEME):
        raise InvalidURI(f"Invalid URI scheme: URI must begin with '{SCHEME}' or '{SRV_SCHEME}'")
    rest = uri[len(SRV_SCHEME if is_srv else SCHEME) :]
    if not rest:
        raise InvalidURI("Must provide at least one hostname or IP")
    authority, path, query = _split(rest)
    username, password, hosts = _authority(authority)
    # Before anything is quoted from what follows: it may be the rest of a password with a reserved character.
    fqdn = _srv_host(hosts, validate) if is_srv else None
    nodelist = [] if is_srv else split_hosts(hosts, default_port)
    database, collection = _namespace(path)
    options = CaseInsensitiveDictionary()
    if query:
        # What stands behind the "?" may be the rest of a password with a "?" that was not escaped.
        options = split_options(query, validate, warn, normalize, hide_names=True)
    check_srv_combinations(is_srv, options)
    if not is_srv:
        check_proxy(options)
    if is_srv and "tls" not in options and "ssl" not in options:
        options["tls"] = True if validate else "true"
    check_combinations(nodelist, options)
    return ParsedUri(nodelist, username, password, database, collection, options, fqdn)


def with_srv_records(
    parsed: ParsedUri,
    rules: SrvRules,
    hosts: Sequence[_Address],
    txt: str | None,
    validate: bool = True,
    draw: Callable[[int], int] | None = None,
) -> ParsedUri:
    """`parsed` with the hosts of its SRV record and the options of its TXT record.

    Options of the connection string win over those of the TXT record.

    :param draw: `draw(n)` gives a random integer from 0 to n - 1, to choose if there are more than srvMaxHosts;
        without it all hosts are taken.

    :raises ConfigurationError: if a host is not to be believed, or the TXT record sets what it may not.
    """
    nodelist = rules.checked(hosts)
    if draw is not None:
        nodelist = rules.sample(nodelist, draw)
    options = CaseInsensitiveDictionary()
    if txt:
        options = split_options(txt, validate)
        if any(name not in _TXT_OPTIONS for name in options):
            raise ConfigurationError("Only authSource, replicaSet, and loadBalanced are supported from DNS")
    for name, value in parsed.options.items():
        options[parsed.options.cased_key(name)] = value
    check_srv_combinations(True, options)
    check_combinations(nodelist, options)
    return parsed._replace(nodelist=nodelist, options=options)


def _split(rest: str) -> tuple[str, str, str]:
    """Authority, path and query. The "/" between authority and query may be left out."""
    before, _, query = rest.partition("?")
    authority, _, path = before.partition("/")
    return authority, path, query


def _authority(authority: str) -> tuple[str | None, str | None, str]:
    if "@" not in authority:
        return None, None, authority
    userinfo, _, hosts = authority.rpartition("@")
    username, password = parse_userinfo(userinfo)
    return username, password, hosts


def _srv_host(hosts: str, validate: bool) -> str:
    nodes = split_hosts(hosts, default_port=None)
    if len(nodes) != 1:
        raise InvalidURI(f"{SRV_SCHEME} URIs must include one, and only one, hostname")
    fqdn, port = nodes[0]
    if port is not None:
        raise InvalidURI(f"{SRV_SCHEME} URIs must not include a port number")
    if is_ip_address(fqdn):
        raise ConfigurationError(
            f"Invalid URI host: an IP address is not a valid hostname for '{SRV_SCHEME}'. "
            f"Did you mean to use '{SCHEME}'?"
        )
    return fqdn


def _namespace(path: str) -> tuple[str | None, str | None]:
    if not path:
        return None, None
    database, dot, collection = unquote(path).partition(".")
    if _BAD_DATABASE_CHARACTERS.search(database):
        if "@" in path:
            # Rather than a name, this is what follows an unescaped "/" in a password.
            raise InvalidURI(
                "Bad database name. Hint: username and password must be escaped according to RFC 3986, "
                "use urllib.parse.quote_plus"
            )
        raise InvalidURI(f'Bad database name "{database}"')
    return database, collection if dot else None
