"""The TLS of each KMS provider, by the `kms_tls_options`. TLS there is never optional, nor insecure.

Follows: Client Side Encryption, "KMS provider TLS options".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._net.tls import make_context, make_ocsp
from petiole.client_options import build_client_options
from petiole.errors import ConfigurationError
from petiole.pool_options import TlsOptions

if TYPE_CHECKING:
    from petiole._net.ocsp import Ocsp
    from petiole._runtime.tls import TlsContext

_INSECURE = (
    "tlsinsecure",
    "tlsallowinvalidcertificates",
    "tlsallowinvalidhostnames",
    "tlsdisablecertificaterevocationcheck",
)


class KmsTls:
    """A context for each provider that has options of its own, and one for the others."""

    def __init__(self, options: Mapping[str, Any] | None) -> None:
        """:raises TypeError, ConfigurationError, OSError: if something is wrong with the options."""
        if options is not None and not isinstance(options, Mapping):
            raise TypeError("kms_tls_options must be a dict")
        chosen = {provider: _read(provider, given) for provider, given in (options or {}).items()}
        self._made = {provider: (make_context(one), make_ocsp(one)) for provider, one in chosen.items()}

    def of(self, provider: str) -> tuple[TlsContext, Ocsp | None]:
        """What to connect by, and what finds out about revoked certificates."""
        made = self._made.get(provider)
        if made is None:
            made = self._made[provider] = make_context(TlsOptions()), make_ocsp(TlsOptions())
        return made


def _read(provider: str, given: Any) -> TlsOptions:
    if not isinstance(given, Mapping):
        raise TypeError(f'kms_tls_options["{provider}"] must be a dict')
    for name in given:
        if str(name).lower() in _INSECURE:
            raise ConfigurationError(f"Insecure TLS options prohibited: {name}")
    keywords = dict(given)
    if not any(str(name).lower() in ("tls", "ssl") for name in keywords):
        keywords["tls"] = True
    options = build_client_options(keywords=keywords).options.pool_options.tls
    if options is None:
        raise ConfigurationError("TLS is required for KMS providers")
    return options
