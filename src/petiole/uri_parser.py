"""Connection strings, for those who handle them themselves: PyMongo's functions over ``_uri``.

All are pure, but `parse_uri` asks the DNS where the string is a ``mongodb+srv://`` one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._runtime.clock import draw
from petiole._uri.defaults import CONNECT_TIMEOUT, DEFAULT_PORT
from petiole._uri.hosts import parse_host, parse_ipv6_literal_host, parse_userinfo, split_hosts
from petiole._uri.mapping import CaseInsensitiveDictionary
from petiole._uri.options import split_options as _split_options
from petiole._uri.options import validated
from petiole._uri.parse import SCHEME, SRV_SCHEME, parse, with_srv_records
from petiole._uri.srv import srv_rules
from petiole._uri.table import OPTIONS
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence

    from petiole._uri.srv import SrvRules
    from petiole.typings import _Address

    # Resolves an SRV host, within seconds: to its hosts and its TXT record.
    Resolver = Callable[[SrvRules, float], tuple[Sequence[_Address], str | None]]

__all__ = [
    "DEFAULT_PORT",
    "SCHEME",
    "SCHEME_LEN",
    "SRV_SCHEME",
    "SRV_SCHEME_LEN",
    "URI_OPTIONS",
    "parse_host",
    "parse_ipv6_literal_host",
    "parse_uri",
    "parse_userinfo",
    "split_hosts",
    "split_options",
    "validate_options",
]

SCHEME_LEN = len(SCHEME)
SRV_SCHEME_LEN = len(SRV_SCHEME)
URI_OPTIONS = frozenset(row.name for row in OPTIONS.values() if row.in_uri)


def validate_options(
    opts: Mapping[str, Any], warn: bool = False, from_uri: bool = False
) -> MutableMapping[str, Any]:
    """Options of a connection string with their values converted and their names in lower case.

    :param warn: warn about a bad option and leave it out, instead of raising.
    :param from_uri: whether they stood in a connection string: then unknown names, which may be pieces of a
        password, are not shown.
    """
    return {name.lower(): value for name, value in validated(opts, warn, from_uri).items()}


def split_options(
    opts: str, validate: bool = True, warn: bool = False, normalize: bool = True, from_uri: bool = True
) -> MutableMapping[str, Any]:
    """The options of the query part of a connection string, in a mapping that ignores case.

    :param validate: convert and check the values; otherwise they stay text.
    :param warn: warn about a bad option and leave it out, instead of raising.
    :param normalize: replace aliases by the options they stand for.
    :param from_uri: whether they stood in a connection string: then unknown names, which may be pieces of a
        password, are not shown.
    """
    return _split_options(opts, validate, warn, normalize, from_uri)


def parse_uri(
    uri: str,
    default_port: int | None = DEFAULT_PORT,
    validate: bool = True,
    warn: bool = False,
    normalize: bool = True,
    connect_timeout: float | None = None,
    srv_service_name: str | None = None,
    srv_max_hosts: int | None = None,
    srv_allowed_hosts_suffix: str | None = None,
    srv_host_validator: Callable[[str], bool] | None = None,
    *,
    resolver: Resolver | None = None,
) -> dict[str, Any]:
    """The parts of a connection string: nodelist, username, password, database, collection, options and fqdn.

    :param default_port: the port of hosts that name none.
    :param validate: convert and check option values; otherwise they stay text.
    :param warn: warn about a bad option and leave it out, instead of raising.
    :param normalize: replace aliases by the options they stand for.
    :param connect_timeout: seconds for resolving an SRV record.
    :param srv_service_name: as the option ``srvServiceName``, and so for the next three.
    :param resolver: resolves SRV records instead of the DNS.
    :raises InvalidURI, ConfigurationError, ValueError: if the string is not valid.
    """
    parsed = parse(uri, default_port, validate, warn, normalize)
    if parsed.fqdn is not None:
        rules = srv_rules(
            parsed.fqdn,
            parsed.options,
            service_name=srv_service_name,
            max_hosts=srv_max_hosts,
            allowed_suffix=srv_allowed_hosts_suffix,
            validator=srv_host_validator,
        )
        timeout = connect_timeout or parsed.options.get("connectTimeoutMS") or CONNECT_TIMEOUT
        records = (resolver or _ask_dns)(rules, float(timeout))
        parsed = with_srv_records(parsed, rules, *records, validate, draw)
    return parsed._asdict() | {"options": _canonical(parsed.options)}


def _ask_dns(rules: SrvRules, seconds: float) -> tuple[Sequence[_Address], str | None]:
    from petiole._runtime.dns import LookupFailed, look_up

    try:
        answer = look_up(rules.query_name, rules.fqdn, seconds)
    except LookupFailed as error:
        raise ConfigurationError(str(error)) from error
    return answer.hosts, answer.txt


def _canonical(options: CaseInsensitiveDictionary) -> dict[str, Any]:
    """The options in a plain dict, under the names of the specification."""
    named: dict[str, Any] = {}
    for key, value in options.items():
        row = OPTIONS.get(key)
        named[options.cased_key(key) if row is None else row.parsed_name or row.name] = value
    return named
