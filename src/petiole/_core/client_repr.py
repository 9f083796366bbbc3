"""How a client shows itself: what was given to its constructor, by the options' lower case names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._uri.choices import redact_auth_mechanism_properties
from petiole._uri.parse import SRV_SCHEME

if TYPE_CHECKING:
    from petiole.client_options import ClientSetup

_FIRST = ("document_class", "tz_aware", "connect")
_SECRET = ("username", "password")
SENSITIVE_OPTIONS_FOR_REPR = ("proxyusername", "proxypassword", "tlscertificatekeyfilepassword")
# Given in milliseconds, kept in seconds.
_MILLISECONDS = frozenset(
    {
        "connecttimeoutms",
        "heartbeatfrequencyms",
        "maxidletimems",
        "serverselectiontimeoutms",
        "sockettimeoutms",
        "waitqueuetimeoutms",
    }
)


def client_repr(name: str, setup: ClientSetup) -> str:
    """`MongoClient(host=[...], document_class=dict, ...)`; the SRV name for hosts until it is resolved."""
    options = setup.options
    hosts: Any = [host if port is None else f"{host}:{port}" for host, port in setup.seeds]
    if not hosts:
        hosts = f"{SRV_SCHEME}{setup.parsed.fqdn}"
    codec_options = options.codec_options
    values: dict[str, Any] = {
        "document_class": codec_options.document_class,
        "tz_aware": codec_options.tz_aware,
        "connect": options.connect is not False,
    }
    values |= {key: value for key, value in options._options.items() if key not in (*_FIRST, *_SECRET)}
    shown = [f"host={hosts!r}", *(f"{key}={_shown(key, value)}" for key, value in values.items())]
    return f"{name}({', '.join(shown)})"


def _shown(key: str, value: Any) -> str:
    if key == "document_class":
        return "dict" if value is dict else f"{value.__module__}.{value.__name__}"
    if key in SENSITIVE_OPTIONS_FOR_REPR and value is not None:
        return repr("<redacted>")
    if key == "authmechanismproperties":
        return repr(redact_auth_mechanism_properties(value))
    if key in _MILLISECONDS and value is not None:
        return f"{int(value * 1000)}"
    return repr(value)
