"""A client's options, from what a user gives to the plain attributes the engine reads.

Pure: nothing is resolved, connected or read but the files TLS options name (only to see that they can be read).
An SRV host leaves `ClientSetup.fqdn` set and the seeds empty; who resolves it calls `with_srv`.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._uri import defaults
from petiole._uri.hosts import split_hosts
from petiole._uri.mapping import CaseInsensitiveDictionary
from petiole._uri.options import (
    check_combinations,
    check_proxy,
    check_security_options,
    check_srv_combinations,
    normalise,
)
from petiole._uri.parse import ParsedUri, parse, with_srv_records
from petiole._uri.table import validate_option
from petiole.errors import ConfigurationError
from petiole.pool_options import PoolOptions, TlsOptions
from petiole.read_concern import DEFAULT_READ_CONCERN, ReadConcern
from petiole.read_preferences import (
    ReadPreference,
    _ServerMode,
    make_read_preference,
    read_pref_mode_from_name,
)
from petiole.write_concern import DEFAULT_WRITE_CONCERN, WriteConcern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from petiole._auth.credentials import MongoCredential
    from petiole._runtime.socks import Proxy
    from petiole._uri.srv import SrvRules
    from petiole.bson.codec_options import CodecOptions
    from petiole.typings import _Address

# Options that make no sense without TLS; the flags among them only where they ask for a check.
_TLS_VALUES = ("tlscafile", "tlscertificatekeyfile", "tlscertificatekeyfilepassword", "tlscrlfile")
_TLS_FLAGS = ("tlsallowinvalidcertificates", "tlsallowinvalidhostnames", "tlsdisableocspendpointcheck")


class ClientOptions:
    """All options of a client; see each property. Made by :func:`build_client_options`."""

    def __init__(
        self,
        username: str | None,
        password: str | None,
        database: str | None,
        options: Mapping[str, Any],
        is_sync: bool = True,
    ) -> None:
        given = CaseInsensitiveDictionary(options)
        self._options = given
        self.connect: bool | None = given.get("connect")
        self.codec_options: CodecOptions[Any] = _codec_options(given)
        self.direct_connection: bool | None = given.get("directConnection")
        self.load_balanced: bool | None = given.get("loadBalanced")
        self.local_threshold_ms: float = given.get("localThresholdMS", defaults.LOCAL_THRESHOLD_MS)
        # In seconds: replaced by `timeout` where that is set.
        self.server_selection_timeout: float = given.get(
            "serverSelectionTimeoutMS", defaults.SERVER_SELECTION_TIMEOUT
        )
        self.server_selector: Callable[..., Any] | None = given.get("server_selector")
        self.heartbeat_frequency: float = _heartbeat_frequency(given)
        self.server_monitoring_mode: str = given.get("serverMonitoringMode", defaults.SERVER_MONITORING_MODE)
        self.replica_set_name: str | None = given.get("replicaSet")
        self.read_preference: _ServerMode = _read_preference(given)
        self.read_concern: ReadConcern = _read_concern(given)
        self.write_concern: WriteConcern = _write_concern(given)
        self.retry_writes: bool = given.get("retryWrites", defaults.RETRY_WRITES)
        self.retry_reads: bool = given.get("retryReads", defaults.RETRY_READS)
        self.max_adaptive_retries: int = given.get("maxAdaptiveRetries", defaults.MAX_ADAPTIVE_RETRIES)
        self.enable_overload_retargeting: bool = given.get(
            "enableOverloadRetargeting", defaults.ENABLE_OVERLOAD_RETARGETING
        )
        # Of a whole operation, in seconds.
        self.timeout: float | None = given.get("timeoutMS")
        self.auto_encryption_opts: Any = given.get("auto_encryption_opts")
        self.event_listeners: list[Any] = list(given.get("event_listeners", ()))
        self.tracing: dict[str, Any] = given.get("tracing", {})
        self.pool_options: PoolOptions = _pool_options(
            given, _credentials(username, password, database, given)
        )


class ClientSetup(NamedTuple):
    """What a client is made of.

    `seeds` are all hosts given, each once. `fqdn` is the SRV host; until it is resolved the seeds are empty.
    """

    seeds: list[_Address]
    database: str | None
    options: ClientOptions
    srv: SrvRules | None
    parsed: ParsedUri
    keywords: CaseInsensitiveDictionary


def build_client_options(
    host: str | Sequence[str] | None = None,
    port: int | None = None,
    keywords: Mapping[str, Any] | None = None,
) -> ClientSetup:
    """Everything a client's constructor was given, checked and put together. Keywords win over the URI.

    :param host: a host, a connection string, or a list of hosts of which one may be a connection string.
    :param port: the port of hosts that name none.
    :param keywords: the options given by keyword; None for `document_class`, `tz_aware`, `connect` and
        `type_registry` means that they were not given.
    :raises ConfigurationError, InvalidURI, ValueError, TypeError: if something is wrong.
    """
    if port is None:
        port = defaults.DEFAULT_PORT
    if not isinstance(port, int):
        raise TypeError(f"port must be an instance of int, not {type(port)}")
    by_keyword = CaseInsensitiveDictionary()
    for name, value in (keywords or {}).items():
        if value is None and name in ("document_class", "tz_aware", "connect", "type_registry"):
            continue
        by_keyword[name] = validate_option(name, value)
    return _assemble(_parse_hosts(host, port), by_keyword)


def with_srv(
    setup: ClientSetup, hosts: Sequence[_Address], txt: str | None, draw: Callable[[int], int] | None = None
) -> ClientSetup:
    """`setup` with the hosts of its SRV record and the options of its TXT record; `srv` stays, for polling.

    :param draw: `draw(n)` gives a random integer from 0 to n - 1, to choose if there are more than srvMaxHosts.
    :raises ConfigurationError: if a host is not to be believed, or they do not go with the other options.
    """
    assert setup.srv is not None, "there is no SRV host to resolve"
    return _assemble(with_srv_records(setup.parsed, setup.srv, hosts, txt, draw=draw), setup.keywords)


def without_encryption(setup: ClientSetup) -> ClientSetup:
    """What a client behind an encrypted one is made of: all the same, but no encryption and no minimum."""
    keywords = CaseInsensitiveDictionary(setup.keywords)
    keywords.pop("auto_encryption_opts", None)
    keywords["minPoolSize"] = 0
    options = copy(setup.options)
    options.auto_encryption_opts = None
    options.pool_options = copy(options.pool_options)
    options.pool_options.min_pool_size = 0
    return setup._replace(options=options, keywords=keywords)


def _parse_hosts(host: str | Sequence[str] | None, port: int) -> ParsedUri:
    entities = [defaults.DEFAULT_HOST] if host is None else [host] if isinstance(host, str) else list(host)
    uri: ParsedUri | None = None
    nodes: list[_Address] = []
    for entity in entities:
        # A scheme of its own or a path: the parser says what is wrong with others.
        if "/" in entity:
            if uri is not None:
                raise ConfigurationError("host must not contain multiple MongoDB URIs")
            uri = parse(entity, port, validate=True, warn=True, normalize=False)
            nodes.extend(uri.nodelist)
        else:
            nodes.extend(split_hosts(entity, port))
    if uri is None:
        uri = ParsedUri([], None, None, None, None, CaseInsensitiveDictionary(), None)
    if not nodes and uri.fqdn is None:
        raise ConfigurationError("need to specify at least one host")
    return uri._replace(nodelist=list(dict.fromkeys(nodes)))


def _assemble(parsed: ParsedUri, keywords: CaseInsensitiveDictionary) -> ClientSetup:
    options = CaseInsensitiveDictionary()
    for source in (parsed.options, keywords):
        for name, value in source.items():
            options[source.cased_key(name)] = value
    check_security_options(options)
    options = normalise(options)
    if parsed.fqdn is not None:
        check_srv_combinations(True, options)
    elif options.get("srv_host_validator") is not None:
        raise ConfigurationError("The srv_host_validator option is only allowed with 'mongodb+srv://' URIs")
    elif options.get("srvMaxHosts"):
        raise ConfigurationError("The srvMaxHosts option is only allowed with 'mongodb+srv://' URIs")
    check_combinations(parsed.nodelist, options)
    if parsed.nodelist:
        check_proxy(options)
    if options.get("tlsAllowInvalidCertificates"):
        options.setdefault(
            "tlsDisableOCSPEndpointCheck", True
        )  # Nobody asks about a certificate nobody checks.
    client_options = ClientOptions(
        options.get("username", parsed.username),
        options.get("password", parsed.password),
        parsed.database,
        options,
    )
    return ClientSetup(
        seeds=parsed.nodelist,
        database=parsed.database,
        options=client_options,
        srv=_srv(parsed.fqdn, options),
        parsed=parsed,
        keywords=keywords,
    )


def _srv(fqdn: str | None, options: Mapping[str, Any]) -> SrvRules | None:
    if fqdn is None:
        return None
    from petiole._uri.srv import srv_rules  # As the proxy and the credentials below: most clients have none.

    return srv_rules(fqdn, options)


def _codec_options(given: Mapping[str, Any]) -> CodecOptions[Any]:
    # Late, so that the values can be imported without the codec.
    from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS

    names = {
        "document_class": "document_class",
        "tz_aware": "tz_aware",
        "uuidrepresentation": "uuid_representation",
        "unicode_decode_error_handler": "unicode_decode_error_handler",
        "tzinfo": "tzinfo",
        "type_registry": "type_registry",
        "datetime_conversion": "datetime_conversion",
    }
    chosen = {names[name]: value for name, value in given.items() if name in names and value is not None}
    return DEFAULT_CODEC_OPTIONS.with_options(**chosen) if chosen else DEFAULT_CODEC_OPTIONS


def _heartbeat_frequency(given: Mapping[str, Any]) -> float:
    frequency: float = given.get("heartbeatFrequencyMS") or defaults.HEARTBEAT_FREQUENCY
    if frequency < defaults.MIN_HEARTBEAT_INTERVAL:
        raise ConfigurationError(
            f"heartbeatFrequencyMS cannot be less than {defaults.MIN_HEARTBEAT_INTERVAL * 1000}"
        )
    return frequency


def _read_preference(given: Mapping[str, Any]) -> _ServerMode:
    if "read_preference" in given:
        return given["read_preference"]  # type: ignore[no-any-return]
    mode = given.get("readPreference")
    tags = given.get("readPreferenceTags")
    max_staleness = given.get("maxStalenessSeconds", -1)
    if mode is None and tags is None and max_staleness == -1:
        return ReadPreference.PRIMARY
    return make_read_preference(read_pref_mode_from_name(mode or "primary"), tags, max_staleness)


def _read_concern(given: Mapping[str, Any]) -> ReadConcern:
    level = given.get("readConcernLevel")
    return DEFAULT_READ_CONCERN if level is None else ReadConcern(level)


def _write_concern(given: Mapping[str, Any]) -> WriteConcern:
    chosen = [given.get(name) for name in ("w", "wTimeoutMS", "journal", "fsync")]
    return WriteConcern(*chosen) if any(value is not None for value in chosen) else DEFAULT_WRITE_CONCERN


def _credentials(
    username: str | None, password: str | None, database: str | None, given: Mapping[str, Any]
) -> MongoCredential | None:
    mechanism = given.get("authMechanism")
    if username is None and mechanism is None:
        return None
    properties = dict(given.get("authMechanismProperties", {}))
    if "authOIDCAllowedHosts" in given:
        properties.setdefault("ALLOWED_HOSTS", given["authOIDCAllowedHosts"])
    from petiole._auth.credentials import build_credential

    # "user@host" parses to an empty password, which no mechanism tells from none.
    return build_credential(
        mechanism or "DEFAULT", given.get("authSource"), username, password or None, properties, database
    )


def _pool_options(given: Mapping[str, Any], credentials: MongoCredential | None) -> PoolOptions:
    max_pool_size = given.get("maxPoolSize", defaults.MAX_POOL_SIZE)
    min_pool_size = given.get("minPoolSize", defaults.MIN_POOL_SIZE)
    if max_pool_size and min_pool_size > max_pool_size:
        raise ValueError("minPoolSize must be smaller or equal to maxPoolSize")
    return PoolOptions(
        max_pool_size=max_pool_size,
        min_pool_size=min_pool_size,
        max_idle_time_seconds=given.get("maxIdleTimeMS", defaults.MAX_IDLE_TIME_SEC),
        connect_timeout=given.get("connectTimeoutMS", defaults.CONNECT_TIMEOUT),
        socket_timeout=given.get("socketTimeoutMS"),
        wait_queue_timeout=given.get("waitQueueTimeoutMS", defaults.WAIT_QUEUE_TIMEOUT),
        tls=_tls_options(given),
        event_listeners=given.get("event_listeners", ()),
        appname=given.get("appname"),
        driver=given.get("driver"),
        compressors=given.get("compressors", ()),
        zlib_compression_level=given.get("zlibCompressionLevel", -1),
        max_connecting=given.get("maxConnecting", defaults.MAX_CONNECTING),
        server_api=given.get("server_api"),
        load_balanced=given.get("loadBalanced"),
        credentials=credentials,
        proxy=_proxy(given),
    )


def _proxy(given: Mapping[str, Any]) -> Proxy | None:
    host = given.get("proxyHost")
    if not host:
        return None
    from petiole._runtime.socks import Proxy

    port = given.get("proxyPort", defaults.PROXY_PORT)
    return Proxy(host, port, given.get("proxyUsername") or None, given.get("proxyPassword") or None)


def _tls_options(given: Mapping[str, Any]) -> TlsOptions | None:
    wanting = [name for name in _TLS_FLAGS if given.get(name) is False]
    wanting += [name for name in _TLS_VALUES if given.get(name) is not None]
    enabled = given.get("tls")
    if enabled is False and wanting:
        raise ConfigurationError(
            "TLS has not been enabled but the following tls parameters have been set: "
            f"{', '.join(sorted(wanting))}. Please set `tls=True` or remove."
        )
    if not enabled and not wanting:
        return None
    return TlsOptions(
        ca_file=given.get("tlsCAFile"),
        certificate_key_file=given.get("tlsCertificateKeyFile"),
        certificate_key_file_password=given.get("tlsCertificateKeyFilePassword"),
        crl_file=given.get("tlsCRLFile"),
        allow_invalid_certificates=given.get("tlsAllowInvalidCertificates", False),
        allow_invalid_hostnames=given.get("tlsAllowInvalidHostnames", False),
        disable_ocsp_endpoint_check=given.get("tlsDisableOCSPEndpointCheck", False),
        disable_certificate_revocation_check=given.get("tlsDisableCertificateRevocationCheck", False),
    )
