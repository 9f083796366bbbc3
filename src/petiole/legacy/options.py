"""The options of the 3.x client, under their names of then: what they are called and what they mean today.

Owns the translation of keywords and of connection strings, before today's table of options checks them, and the few
options that are in no table any more: `socketKeepAlive`, `waitQueueMultiple`, a private key in a file of its own, and
the default of `uuidRepresentation`. It opens no connection.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from petiole._uri.scalars import (
    validate_boolean_or_string,
    validate_non_negative_integer_or_none,
    validate_readable,
)
from petiole.bson.binary import UuidRepresentation
from petiole.client_options import build_client_options
from petiole.errors import ConfigurationError
from petiole.legacy.hosts import one_string

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole.client_options import ClientSetup

RENAMED = {
    "wtimeout": "wTimeoutMS",
    "j": "journal",
    "ssl_ca_certs": "tlsCAFile",
    "ssl_crlfile": "tlsCRLFile",
    "ssl_pem_passphrase": "tlsCertificateKeyFilePassword",
    "ssl_certfile": "tlsCertificateKeyFile",
    "ssl_cert_reqs": "tlsAllowInvalidCertificates",
    "ssl_match_hostname": "tlsAllowInvalidHostnames",
}
_SINGLE_FILE = (
    "use tlsCertificateKeyFile to pass a single file containing both the client certificate and the private "
    "key."
)
_INSTEAD = {
    "ssl_certfile": f"Instead of using ssl_certfile to specify the certificate file, {_SINGLE_FILE}",
    "ssl_keyfile": f"Instead of using ssl_keyfile to specify the private keyfile, {_SINGLE_FILE}",
    "waitqueuemultiple": (
        "Instead of using waitQueueMultiple to bound queuing, limit the size of the thread pool in your "
        "application server."
    ),
    "socketkeepalive": (
        "It now defaults to true and disabling it is not recommended, see "
        "https://docs.mongodb.com/manual/faq/diagnostics/#does-tcp-keepalive-time-affect-mongodb-deployments"
    ),
}
_KEPT_HERE = ("ssl_keyfile", "waitqueuemultiple", "socketkeepalive")
_CERT_NONE = (0, "0", "CERT_NONE")
_CERT_REQS = (*_CERT_NONE, 1, 2, "1", "2", "CERT_OPTIONAL", "CERT_REQUIRED")


class Translated(NamedTuple):
    """Hosts and keywords as today's client takes them, and by small letters what is only known here."""

    host: str | list[str]
    keywords: dict[str, Any]
    own: dict[str, Any]


def read_options(host: str | Sequence[str], port: int, keywords: Mapping[str, Any]) -> ClientSetup:
    """Everything the constructor of a 3.x client was given, checked and put together.

    :raises ConfigurationError, InvalidURI, ValueError, TypeError, OSError: if something is wrong with it.
    """
    if not isinstance(host, str) and sum("://" in one for one in host) > 1:
        host = one_string(
            list(host), str
        )  # "the last database, username, and password present will be used".
    translated = translate(host, keywords)
    setup = build_client_options(translated.host, port, translated.keywords)
    _check_pool(setup)
    _apply(setup, translated.own)
    return setup


def translate(host: str | Sequence[str], keywords: Mapping[str, Any]) -> Translated:
    """Names of then to names of today; keywords win over the connection string."""
    own: dict[str, Any] = {}
    hosts = [_translated_uri(one, own) for one in ([host] if isinstance(host, str) else host)]
    given: dict[str, Any] = {}
    implied = "ssl_cert_reqs" in f"{host}{list(keywords)}".lower()
    enabled = any(mark in f"{host}".lower() for mark in ("?ssl=", "&ssl=", "?tls=", "&tls="))
    for name, value in keywords.items():
        lower = name.lower()
        if lower in _KEPT_HERE:
            own[lower] = _checked(name, value)
        else:
            given |= _renamed(name, value)
    if implied and not enabled and not {"ssl", "tls"} & {name.lower() for name in keywords}:
        given["tls"] = True
    return Translated(hosts[0] if isinstance(host, str) else hosts, given, own)


def _translated_uri(uri: str, own: dict[str, Any]) -> str:
    head, mark, options = uri.partition("?") if "://" in uri else (uri, "", "")
    if not mark:
        return uri
    separator = ";" if ";" in options and "&" not in options else "&"
    kept = []
    for pair in options.split(separator):
        name, _, value = pair.partition("=")
        lower = name.lower()
        if lower in _KEPT_HERE:
            own[lower] = _checked(name, unquote_plus(value))
        elif lower in RENAMED:
            (today,) = _renamed(name, value).items()  # Quoted as it is: it becomes part of the string again.
            kept.append(f"{today[0]}={_written(today[1])}")
        else:
            kept.append(pair)
    return f"{head}?{separator.join(kept)}" if kept else head


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _renamed(name: str, value: Any) -> dict[str, Any]:
    lower = name.lower()
    today = RENAMED.get(lower)
    if today is None:
        return {name: value}
    _warn(name, today)
    if value is None:
        return {}
    if lower == "ssl_cert_reqs":
        if value not in _CERT_REQS:
            raise ValueError(
                f"The value of {name} must be one of: `ssl.CERT_NONE`, `ssl.CERT_OPTIONAL` or `ssl.CERT_REQUIRED`"
            )
        return {today: value in _CERT_NONE}
    if lower == "ssl_match_hostname":
        return {today: not validate_boolean_or_string(name, value)}
    return {today: value}


def _checked(name: str, value: Any) -> Any:
    _warn(name, "")
    lower = name.lower()
    if lower == "ssl_keyfile":
        return validate_readable(name, value)
    if lower == "socketkeepalive":
        return validate_boolean_or_string(name, value)
    return validate_non_negative_integer_or_none(name, value)


def _warn(name: str, today: str) -> None:
    instead = _INSTEAD.get(name.lower())
    text = f", use {today!r} instead." if instead is None else f". {instead}"
    warnings.warn(f"Option {name!r} is deprecated{text}", DeprecationWarning, stacklevel=2)


def _check_pool(setup: ClientSetup) -> None:
    if setup.options.pool_options.max_pool_size == 0:
        raise ValueError("The value of maxPoolSize must be a positive integer")


def _apply(setup: ClientSetup, own: Mapping[str, Any]) -> None:
    options = setup.options
    pool = options.pool_options
    if "uuidrepresentation" not in options._options:
        options.codec_options = options.codec_options.with_options(
            uuid_representation=UuidRepresentation.PYTHON_LEGACY
        )
    multiple = own.get("waitqueuemultiple")
    if multiple is not None and pool.max_pool_size:
        pool.max_waiting = multiple * pool.max_pool_size
    pool.keep_alive = own.get("socketkeepalive", True)
    key_file = own.get("ssl_keyfile")
    if key_file is not None:
        if pool.tls is None or pool.tls.certificate_key_file is None:
            raise ConfigurationError(
                "ssl_keyfile needs ssl_certfile, the certificate that the key belongs to"
            )
        pool.tls = pool.tls._replace(key_file=key_file)
