"""Makes the TLS context of a client by its tls* options, and says which name a server's certificate must have.

Follows: URI options, "tls Options"; PyMongo's errors for files that are of no use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from petiole._net.ocsp import Ocsp
    from petiole._runtime.base import Address
    from petiole._runtime.tls import TlsContext
    from petiole.pool_options import TlsOptions


def make_context(options: TlsOptions) -> TlsContext:
    """The context for all connections of a client.

    :raises ConfigurationError: if a file does not hold what its option is for, or cannot be read.
    """
    from petiole._runtime.tls import UnusableFile, client_context

    revocation = not options.disable_certificate_revocation_check
    try:
        return client_context(
            ca_file=options.ca_file,
            certificate_key_file=options.certificate_key_file,
            key_file=options.key_file,
            password=options.certificate_key_file_password,
            crl_file=options.crl_file if revocation else None,
            check_certificate=not options.allow_invalid_certificates,
            check_hostname=not options.allow_invalid_hostnames,
        )
    except (UnusableFile, OSError) as error:
        raise ConfigurationError(str(error)) from error


def server_name(address: Address, context: TlsContext) -> str:
    """The name for SNI and verification. Empty for a Unix domain socket, unless its path is to be verified."""
    host, port = address
    if port is None:
        return host if context.check_hostname else ""
    return host.strip("[]")


def make_ocsp(options: TlsOptions) -> Ocsp | None:
    """What finds out about revoked certificates, unless the options or a missing package forbid it."""
    if options.disable_certificate_revocation_check or options.allow_invalid_certificates:
        return None
    try:
        from petiole._net.ocsp import Ocsp
    except ImportError:  # The extra "ocsp" is not installed.
        return None
    return Ocsp(ask_responders=not options.disable_ocsp_endpoint_check)
