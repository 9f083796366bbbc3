"""Credentials: what each mechanism demands, and the value a connection authenticates with.

Pure. The conversations are elsewhere in ``_auth``; this module only checks and completes what the user gave
(specification: Authentication, "MongoCredential" and each mechanism's "Specifying credentials"). Neither
``repr`` nor an error's text ever shows a password or a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._auth.mechanisms import canonical_host_name_option
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NO_USERNAME_NEEDED = ("MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC")
_EXTERNAL = "$external"
_OIDC_ALLOWED_HOSTS = (
    "*.mongodb.net",
    "*.mongodb-dev.net",
    "*.mongodb-qa.net",
    "*.mongodbgov.net",
    "localhost",
    "127.0.0.1",
    "::1",
    "*.mongo.com",
)


class CredentialCache:
    """What a mechanism keeps between connections, such as SCRAM's salted keys: no part of the value."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data: Any = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CredentialCache)

    def __hash__(self) -> int:
        return hash(CredentialCache)

    def __repr__(self) -> str:
        return "CredentialCache()"


class GSSAPIProperties(NamedTuple):
    """Properties of GSSAPI."""

    service_name: str
    canonicalize_host_name: bool | str
    service_realm: str | None
    service_host: str | None


class AWSProperties(NamedTuple):
    """Properties of MONGODB-AWS."""

    aws_session_token: str | None

    def __repr__(self) -> str:
        shown = None if self.aws_session_token is None else "<redacted>"
        return f"AWSProperties(aws_session_token={shown!r})"


class AWSProvider(NamedTuple):
    """Properties of MONGODB-AWS where the application provides the credentials."""

    provider: Callable[[], Any]
    """Returns them, as `boto3.Session().get_credentials` does."""


class OIDCProperties(NamedTuple):
    """Properties of MONGODB-OIDC; an `environment` names a built-in callback instead of giving one."""

    callback: Any
    human_callback: Any
    environment: str | None
    allowed_hosts: list[str]
    token_resource: str
    username: str


class _MongoCredential(NamedTuple):
    mechanism: str
    source: str
    username: str | None
    password: str | None
    mechanism_properties: GSSAPIProperties | AWSProperties | AWSProvider | OIDCProperties | None
    cache: CredentialCache | None


class MongoCredential(_MongoCredential):
    """Who authenticates against which database by which mechanism."""

    __slots__ = ()

    def __repr__(self) -> str:
        password = None if self.password is None else "<redacted>"
        return (
            f"MongoCredential(mechanism={self.mechanism!r}, source={self.source!r}, "
            f"username={self.username!r}, password={password!r}, "
            f"mechanism_properties={self.mechanism_properties!r})"
        )


def build_credential(
    mechanism: str,
    source: str | None,
    username: str | None,
    password: str | None,
    properties: Mapping[str, Any],
    database: str | None,
) -> MongoCredential:
    """Check what was given against the mechanism, and fill in its defaults.

    :param source: the ``authSource``, if it was given.
    :param properties: the ``authMechanismProperties``.
    :param database: the database of the connection string, a default for `source`.
    :raises ConfigurationError: if the mechanism needs something else.
    :raises ValueError: if `source` does not fit the mechanism.
    """
    if mechanism not in _NO_USERNAME_NEEDED and username is None:
        raise ConfigurationError(f"{mechanism} requires a username")
    build = _BUILDERS.get(mechanism)
    if build is not None:
        return build(source, username, password, properties, database)
    if password is None:
        raise ConfigurationError("A password is required")
    return MongoCredential(
        mechanism, source or database or "admin", username, password, None, CredentialCache()
    )


def _gssapi(
    source: str | None,
    username: str | None,
    password: str | None,
    properties: Mapping[str, Any],
    database: str | None,
) -> MongoCredential:
    if source is not None and source != _EXTERNAL:
        raise ValueError("authentication source must be $external or None for GSSAPI")
    own = GSSAPIProperties(
        service_name=properties.get("SERVICE_NAME", "mongodb"),
        canonicalize_host_name=canonical_host_name_option(properties.get("CANONICALIZE_HOST_NAME", False)),
        service_realm=properties.get("SERVICE_REALM"),
        service_host=properties.get("SERVICE_HOST"),
    )
    return MongoCredential("GSSAPI", _EXTERNAL, username, password, own, None)


def _x509(
    source: str | None,
    username: str | None,
    password: str | None,
    properties: Mapping[str, Any],
    database: str | None,
) -> MongoCredential:
    if password is not None:
        raise ConfigurationError("Passwords are not supported by MONGODB-X509")
    if source is not None and source != _EXTERNAL:
        raise ValueError("authentication source must be $external or None for MONGODB-X509")
    return MongoCredential("MONGODB-X509", _EXTERNAL, username, None, None, None)


def _aws(
    source: str | None,
    username: str | None,
    password: str | None,
    properties: Mapping[str, Any],
    database: str | None,
) -> MongoCredential:
    if username is not None and password is None:
        raise ConfigurationError("username without a password is not supported by MONGODB-AWS")
    if source is not None and source != _EXTERNAL:
        raise ConfigurationError("authentication source must be $external or None for MONGODB-AWS")
    provider = properties.get("AWS_CREDENTIAL_PROVIDER")
    if provider is not None and username is not None:
        raise ConfigurationError("MONGODB-AWS takes a username or an AWS_CREDENTIAL_PROVIDER, not both")
    own: AWSProperties | AWSProvider = AWSProperties(aws_session_token=properties.get("AWS_SESSION_TOKEN"))
    if provider is not None:
        own = AWSProvider(provider)
    return MongoCredential("MONGODB-AWS", _EXTERNAL, username, password, own, CredentialCache())


def _plain(
    source: str | None,
    username: str | None,
    password: str | None,
    properties: Mapping[str, Any],
    database: str | None,
) -> MongoCredential:
    return MongoCredential("PLAIN", source or database or _EXTERNAL, username, password, None, None)


def _oidc(
    source: str | None,
    username: str | None,
    password: str | None,
    properties: Mapping[str, Any],
    database: str | None,
) -> MongoCredential:
    callback = properties.get("OIDC_CALLBACK")
    human_callback = properties.get("OIDC_HUMAN_CALLBACK")
    environment = properties.get("ENVIRONMENT")
    if password is not None:
        raise ConfigurationError("password is not supported by MONGODB-OIDC")
    if callback and human_callback:
        raise ConfigurationError("cannot set both OIDC_CALLBACK and OIDC_HUMAN_CALLBACK")
    if bool(callback or human_callback) == (environment is not None):
        raise ConfigurationError(
            "authentication with MONGODB-OIDC requires providing either a callback or a environment"
        )
    if environment is not None:
        _check_oidc_environment(environment, username, properties)
    own = OIDCProperties(
        callback=callback,
        human_callback=human_callback,
        environment=environment,
        allowed_hosts=list(properties.get("ALLOWED_HOSTS", _OIDC_ALLOWED_HOSTS)),
        token_resource=properties.get("TOKEN_RESOURCE", ""),
        username=username or "",
    )
    return MongoCredential("MONGODB-OIDC", _EXTERNAL, username, None, own, CredentialCache())


def _check_oidc_environment(environment: str, username: str | None, properties: Mapping[str, Any]) -> None:
    if environment not in ("test", "azure", "gcp", "k8s"):
        raise ConfigurationError(f"unrecognized ENVIRONMENT for MONGODB-OIDC: {environment}")
    if environment == "test" and username is not None:
        raise ConfigurationError("test environment for MONGODB-OIDC does not support username")
    if environment in ("azure", "gcp") and not properties.get("TOKEN_RESOURCE"):
        provider = {"azure": "Azure environment", "gcp": "GCP provider"}[environment]
        raise ConfigurationError(
            f"{provider} for MONGODB-OIDC requires a TOKEN_RESOURCE auth mechanism property"
        )


_BUILDERS = {
    "GSSAPI": _gssapi,
    "MONGODB-X509": _x509,
    "MONGODB-AWS": _aws,
    "PLAIN": _plain,
    "MONGODB-OIDC": _oidc,
}
