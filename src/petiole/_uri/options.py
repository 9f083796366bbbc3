"""Options of a connection string: splitting, validation, aliases, and combinations that exclude each other.

Pure. The rules are those of the specifications Connection String and URI Options; where a bad option is only
warned about and ignored, the caller says so (`warn`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._uri.hosts import unquote
from petiole._uri.mapping import CaseInsensitiveDictionary
from petiole._uri.table import ALIASES, OPTIONS, URI_OPTION_NAMES, raise_unknown_option
from petiole.errors import ConfigurationError, InvalidURI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

# Lists and pairs are split before percent-encoding in them is undone; their validators do both.
_SPLIT_BEFORE_UNQUOTING = ("readpreferencetags", "authmechanismproperties")
_PROXY = ("proxyhost", "proxyport", "proxyusername", "proxypassword")
_LONGEST_PROXY_CREDENTIAL = 255
# What tlsInsecure=true stands for (URI Options, "tlsInsecure").
IMPLIED_BY_INSECURE = (
    "tlsAllowInvalidCertificates",
    "tlsAllowInvalidHostnames",
    "tlsDisableOCSPEndpointCheck",
)
# Each of the pairs that URI Options, "tls" options, forbids together, whatever their values.
_EXCLUSIVE = (
    ("tlsInsecure", "tlsAllowInvalidCertificates"),
    ("tlsInsecure", "tlsAllowInvalidHostnames"),
    ("tlsInsecure", "tlsDisableOCSPEndpointCheck"),
    ("tlsInsecure", "tlsDisableCertificateRevocationCheck"),
    ("tlsAllowInvalidCertificates", "tlsDisableOCSPEndpointCheck"),
    ("tlsAllowInvalidCertificates", "tlsDisableCertificateRevocationCheck"),
    ("tlsDisableOCSPEndpointCheck", "tlsDisableCertificateRevocationCheck"),
)


def split_options(
    opts: str, validate: bool = True, warn: bool = False, normalize: bool = True, hide_names: bool = False
) -> CaseInsensitiveDictionary:
    """The options of "a=1&b=2" (or "a=1;b=2").

    :param validate: convert and check the values; otherwise they stay text.
    :param warn: warn about a bad option and ignore it, instead of raising.
    :param normalize: replace aliases by the options they stand for.
    :param hide_names: do not show the name of an unknown option: it may be a piece of a password.
    :raises InvalidURI: if the text cannot be split, or options contradict each other.
    """
    options = _tokens(opts)
    check_security_options(options)
    if normalize:
        options = normalise(options)
    if validate:
        options = validated(options, warn, hide_names)
        if options.get("authsource") == "":
            raise InvalidURI("the authSource database cannot be an empty string")
    return options


def _tokens(opts: str) -> CaseInsensitiveDictionary:
    if "&" in opts and ";" in opts:
        raise InvalidURI("Can not mix '&' and ';' for option separators")
    options = CaseInsensitiveDictionary()
    # A lone option may have white space around it, but none in it: what PyMongo takes.
    pairs = opts.split(";") if ";" in opts else opts.split("&") if "&" in opts else opts.split() or [""]
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or "=" in value:
            raise InvalidURI("MongoDB URI options are key=value pairs")
        lower = name.lower()
        if lower == "readpreferencetags":
            options.setdefault(name, []).append(value)
            continue
        if lower in options and lower in _PROXY:
            raise InvalidURI(f"URI option {name} cannot be specified more than once.")
        if lower in options:
            _warn(f"Duplicate URI option '{name}'.")
        options[name] = value if lower in _SPLIT_BEFORE_UNQUOTING else unquote(value)
    return options


def check_security_options(options: CaseInsensitiveDictionary) -> None:
    """Refuse TLS options that contradict each other (URI Options, "TLS")."""
    for first, second in _EXCLUSIVE:
        if first in options and second in options:
            raise InvalidURI(f"URI options {first} and {second} cannot be specified simultaneously.")
    if options.get("tlsCRLFile") is not None:
        for name in ("tlsInsecure", "tlsAllowInvalidCertificates", "tlsDisableOCSPEndpointCheck"):
            if _is_true(options.get(name)):
                raise InvalidURI(f"URI option {name}=True cannot be specified when CRL checking is enabled.")
    if "ssl" in options and "tls" in options and _is_true(options["ssl"]) != _is_true(options["tls"]):
        raise InvalidURI("Can not specify conflicting values for URI options ssl and tls.")


def normalise(options: CaseInsensitiveDictionary) -> CaseInsensitiveDictionary:
    """The options under their own names, with what ``tlsInsecure`` implies."""
    result = CaseInsensitiveDictionary(
        (ALIASES.get(name, options.cased_key(name)), value) for name, value in options.items()
    )
    insecure = result.get("tlsInsecure")
    if insecure is not None:
        for name in IMPLIED_BY_INSECURE:
            result[name] = insecure
    return result


def validated(
    options: Mapping[str, Any], warn: bool = True, hide_names: bool = False
) -> CaseInsensitiveDictionary:
    """The options of a connection string with their values converted.

    A file that cannot be read is an error whatever `warn` says, and so is a bad CANONICALIZE_HOST_NAME: to go
    on without would weaken what the user asked for.

    :raises ConfigurationError, ValueError, TypeError: if `warn` is false.
    """
    result = CaseInsensitiveDictionary()
    for name, value in options.items():
        lower = name.lower()
        row = OPTIONS.get(lower)
        try:
            if row is None or not row.in_uri:
                raise_unknown_option(name, URI_OPTION_NAMES, hide_names)
            result[name] = row.validate(name, value)
        except (ValueError, TypeError, KeyError, ConfigurationError) as error:
            if not warn or str(error).startswith("CANONICALIZE_HOST_NAME"):
                raise
            _warn(str(error))
    return result


def check_combinations(nodes: Sized, options: Mapping[str, Any]) -> None:
    """Refuse a topology that cannot be (URI Options, "directConnection", "loadBalanced", "srvMaxHosts").

    :param nodes: the hosts; none where an SRV record is still to be resolved.
    """
    if options.get("directConnection"):
        if len(nodes) > 1:
            raise ConfigurationError("Cannot specify multiple hosts with directConnection=true")
        if options.get("loadBalanced"):
            raise ConfigurationError("Cannot specify directConnection=true with loadBalanced=true")
    if options.get("loadBalanced"):
        if len(nodes) > 1:
            raise ConfigurationError("Cannot specify multiple hosts with loadBalanced=true")
        if options.get("replicaSet"):
            raise ConfigurationError("Cannot specify replicaSet with loadBalanced=true")


def check_proxy(options: Mapping[str, Any]) -> None:
    """Refuse what names no proxy, or half a credential (SOCKS5 Support, "MongoClient Configuration").

    What is empty counts as not given, but not the host: who names a proxy would be connected without it. With an SRV
    name this is asked only when it is resolved: the tests of URI Options have it that such a string itself is valid.
    """
    if options.get("proxyHost") == "":
        raise ConfigurationError("proxyHost cannot be an empty string")
    given = [name for name in ("proxyPort", "proxyUsername", "proxyPassword") if options.get(name)]
    if given and not options.get("proxyHost"):
        raise ConfigurationError(f"{given[0]} cannot be specified without proxyHost")
    user, password = (options.get(name) or "" for name in ("proxyUsername", "proxyPassword"))
    if bool(user) != bool(password):
        raise ConfigurationError("proxyUsername and proxyPassword cannot be specified without each other")
    if max(len(user.encode()), len(password.encode())) > _LONGEST_PROXY_CREDENTIAL:
        raise ConfigurationError("proxyUsername and proxyPassword must be at most 255 bytes long")


def check_srv_combinations(is_srv: bool, options: Mapping[str, Any]) -> None:
    """Refuse options that need an SRV record, or exclude one."""
    if is_srv:
        if options.get("directConnection"):
            raise ConfigurationError("Cannot specify directConnection=true with mongodb+srv:// URIs")
        if options.get("srvMaxHosts"):
            if options.get("replicaSet"):
                raise InvalidURI("You cannot specify replicaSet with srvMaxHosts")
            if options.get("loadBalanced"):
                raise InvalidURI("You cannot specify loadBalanced with srvMaxHosts")
        return
    for name in ("srvServiceName", "srvMaxHosts", "srvAllowedHostsSuffix"):
        # No limit is what every string has.
        if options.get(name, 0) != 0:
            raise ConfigurationError(f"The {name} option is only allowed with 'mongodb+srv://' URIs")


def _is_true(value: Any) -> bool:
    return value is True or value == "true"


def _warn(message: str) -> None:
    import warnings

    warnings.warn(message, stacklevel=2)
