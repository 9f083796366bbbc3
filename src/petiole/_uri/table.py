"""The table of all options: one row each.

A row is the canonical name (specification: URI Options), the validator, and where the option may be given.
Names compare without regard to case. An alias has a row of its own that names the option it stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from petiole._uri import choices, objects, scalars
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Option(NamedTuple):
    """One option.

    `in_uri`: whether a connection string may set it (a keyword always may).
    `alias_of`: the option this is another name of.
    `parsed_name`: the key in the result of ``parse_uri`` where that is not the canonical name.
    """

    name: str
    validate: Callable[[str, Any], Any]
    in_uri: bool = True
    alias_of: str | None = None
    parsed_name: str | None = None


_boolean = scalars.validate_boolean_or_string
_string = scalars.validate_string_or_none
_count = scalars.validate_non_negative_integer

_ROWS = (
    # Authentication
    Option("authMechanism", choices.validate_auth_mechanism),
    Option("authMechanismProperties", choices.validate_auth_mechanism_properties),
    Option("authSource", scalars.validate_string),
    Option("username", _string, in_uri=False),
    Option("password", _string, in_uri=False),
    Option("authOIDCAllowedHosts", scalars.validate_list, in_uri=False),
    # Deployment and connection
    Option("appname", scalars.validate_appname_or_none),
    Option("compressors", choices.validate_compressors),
    Option("zlibCompressionLevel", scalars.validate_zlib_compression_level),
    Option("connect", _boolean),
    Option("connectTimeoutMS", scalars.validate_timeout_or_none_or_zero),
    Option("socketTimeoutMS", scalars.validate_timeout_or_none_or_zero),
    Option("timeoutMS", scalars.validate_timeoutms, parsed_name="timeoutms"),
    Option("directConnection", _boolean),
    Option("loadBalanced", _boolean),
    Option("replicaSet", _string),
    Option("heartbeatFrequencyMS", scalars.validate_timeout_or_none),
    Option("localThresholdMS", scalars.validate_positive_float_or_zero),
    Option("serverSelectionTimeoutMS", scalars.validate_timeout_or_zero),
    Option("serverMonitoringMode", choices.validate_server_monitoring_mode),
    Option("srvServiceName", scalars.validate_string),
    Option("srvMaxHosts", _count),
    Option("srvAllowedHostsSuffix", scalars.validate_string),
    Option("srv_host_validator", objects.validate_is_callable_or_none, in_uri=False),
    Option("server_selector", objects.validate_is_callable_or_none, in_uri=False),
    Option("server_api", objects.validate_server_api_or_none),
    Option("driver", objects.validate_driver_or_none),
    Option("event_listeners", objects.validate_event_listeners, in_uri=False),
    Option("tracing", objects.validate_tracing, in_uri=False),
    Option("proxyHost", scalars.validate_string),
    Option("proxyPort", scalars.validate_port),
    Option("proxyUsername", scalars.validate_string),
    Option("proxyPassword", scalars.validate_string),
    # Pools
    Option("maxPoolSize", scalars.validate_non_negative_integer_or_none),
    Option("minPoolSize", _count),
    Option("maxConnecting", scalars.validate_positive_integer),
    Option("maxIdleTimeMS", scalars.validate_timeout_or_none),
    Option("waitQueueTimeoutMS", scalars.validate_timeout_or_none),
    Option(
        "waitQueueMultiple", scalars.validate_non_negative_integer_or_none, parsed_name="waitqueuemultiple"
    ),
    # TLS
    Option("tls", _boolean),
    Option("ssl", _boolean, alias_of="tls"),
    Option("tlsInsecure", _boolean),
    Option("tlsAllowInvalidCertificates", _boolean),
    Option("tlsAllowInvalidHostnames", _boolean),
    Option("tlsDisableOCSPEndpointCheck", _boolean),
    Option("tlsDisableCertificateRevocationCheck", _boolean),
    Option("tlsCAFile", scalars.validate_readable),
    Option("tlsCertificateKeyFile", scalars.validate_readable),
    Option("tlsCertificateKeyFilePassword", _string),
    Option("tlsCRLFile", scalars.validate_readable),
    # Reads, writes, retries
    Option("readPreference", choices.validate_read_preference_mode),
    Option("readPreferenceTags", choices.validate_read_preference_tags),
    Option("maxStalenessSeconds", scalars.validate_max_staleness),
    Option("read_preference", objects.validate_read_preference, in_uri=False),
    Option("readConcernLevel", _string),
    Option("w", scalars.validate_non_negative_int_or_basestring),
    Option("wTimeoutMS", _count),
    Option("journal", _boolean),
    Option("fsync", _boolean),
    Option("retryReads", _boolean),
    Option("retryWrites", _boolean),
    Option("maxAdaptiveRetries", _count, parsed_name="maxadaptiveretries"),
    Option("enableOverloadRetargeting", _boolean, parsed_name="enableoverloadretargeting"),
    Option("max_adaptive_retries", _count, in_uri=False, alias_of="maxAdaptiveRetries"),
    Option("enable_overload_retargeting", _boolean, in_uri=False, alias_of="enableOverloadRetargeting"),
    # Codec and encryption
    Option("document_class", objects.validate_document_class, in_uri=False),
    Option("type_registry", objects.validate_type_registry, in_uri=False),
    Option("tz_aware", _boolean),
    Option("tzinfo", objects.validate_tzinfo, in_uri=False),
    Option("uuidRepresentation", choices.validate_uuid_representation, parsed_name="uuidrepresentation"),
    Option("unicode_decode_error_handler", choices.validate_unicode_decode_error_handler),
    Option("datetime_conversion", choices.validate_datetime_conversion),
    Option("auto_encryption_opts", objects.validate_auto_encryption_opts_or_none, in_uri=False),
)

OPTIONS: Mapping[str, Option] = {row.name.lower(): row for row in _ROWS}
URI_OPTION_NAMES = tuple(key for key, row in OPTIONS.items() if row.in_uri)
# The conventions of other option tables in PyMongo's world: lower-case alias to lower-case option.
ALIASES: Mapping[str, str] = {row.name.lower(): row.alias_of.lower() for row in _ROWS if row.alias_of}


_OURS = ("proxy", "traci")
"""What the options begin with that PyMongo lacks."""


def validate_option(name: str, value: Any) -> Any:
    """The value to use for a keyword.

    :raises ConfigurationError: if there is no such option; the text names similar ones.
    """
    row = OPTIONS.get(name.lower())
    if row is None:
        raise_unknown_option(name, OPTIONS)
    return row.validate(name, value)


def raise_unknown_option(name: str, candidates: Iterable[str] = (), hidden: bool = False) -> NoReturn:
    """Say that there is no such option, and which have similar names; if `hidden`, without its name."""
    from difflib import get_close_matches

    # Options that PyMongo lacks are suggested only to who means them: for the others the words are PyMongo's.
    meant = [one for one in candidates if one[:5] not in _OURS or name.lower().startswith(one[:4])]
    similar = get_close_matches(name, meant, cutoff=0.2)
    message = "Unknown option." if hidden else f"Unknown option: {name}."
    if similar:
        message += (
            f" Did you mean one of ({', '.join(similar)}) or maybe a camelCase version of one? "
            "Refer to docstring."
        )
    raise ConfigurationError(message)
