"""The options of 1.x and 2.x clients: what they are called and mean today.

Owns the options under their names of then, and what only these clients have: `safe`, `slave_okay`,
`auto_start_request`. It hands the rest to the options of 3.x, and opens no connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from petiole._net.requests import Requests
from petiole._uri.scalars import validate_boolean_or_string
from petiole.errors import ConfigurationError
from petiole.legacy.deprecation import deprecated
from petiole.legacy.hosts import one_string
from petiole.legacy.options import read_options as read_options_of_3
from petiole.read_preferences import _ServerMode, make_read_preference, read_pref_mode_from_name
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole.client_options import ClientSetup

_SCHEME = "mongodb://"
_RENAMED = {
    "max_pool_size": "maxPoolSize",
    "secondary_acceptable_latency_ms": "localThresholdMS",
    "secondaryacceptablelatencyms": "localThresholdMS",
    "acceptablelatencyms": "localThresholdMS",
    "replica_set": "replicaSet",
}
_FLAGS = {
    "safe": "safe",
    "fsync": "fsync",
    "slave_okay": "slave_okay",
    "slaveok": "slave_okay",
    "auto_start_request": "auto_start_request",
    "use_greenlets": "use_greenlets",
}
_OWN = (*_FLAGS, "network_timeout", "tag_sets", "read_preference")
_SECONDARY_PREFERRED = 3
_IMPLY_SAFE = ("w", "wtimeout", "wtimeoutms", "j", "journal", "fsync")


class EarlySetup(NamedTuple):
    """What today's clients have no place for."""

    safe: bool
    slave_okay: bool
    auto_start_request: bool
    use_greenlets: bool


def read_options(
    host: str | Sequence[str], port: int, keywords: Mapping[str, Any], *, safe: bool, automatic: bool
) -> tuple[ClientSetup, EarlySetup]:
    """Everything the constructor of such a client was given, checked and put together.

    :param safe: whether writes are acknowledged where nothing is said.
    :param automatic: whether a thread's first operation begins a request where nothing is said.
    :raises ConfigurationError, InvalidURI, ValueError, TypeError: if something is wrong with it.
    """
    hosts = [host] if isinstance(host, str) else list(_checked_hosts(host))
    own: dict[str, Any] = {}
    uri = one_string(hosts, lambda pair: _kept(pair, own))
    given = _by_keyword(keywords, own)
    said = {name.lower() for name in given} | _names_in(uri)
    slave_okay = bool(own.get("slave_okay", False))
    given |= _timeouts(own, said) | _preference(own, said, slave_okay=slave_okay)
    given |= _discovery(uri, said, slave_okay=slave_okay)
    for name in ("retryReads", "retryWrites"):
        if name.lower() not in said:
            given[name] = (
                False  # `AutoReconnect` says that an operation failed: what to do is for the application.
            )
    setup = _read_with_size(uri, port, given, unlimited="maxpoolsize" not in said)
    implied = own.get("fsync") or bool(said.intersection(_IMPLY_SAFE))
    early = EarlySetup(
        _settle_concern(setup, own, safe=safe or bool(implied)),
        slave_okay,
        own.get("auto_start_request", automatic),
        own.get("use_greenlets", False),
    )
    if not setup.options.load_balanced:
        setup.options.pool_options.requests = Requests(automatic=early.auto_start_request)
    return setup, early


def _by_keyword(keywords: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Keywords under their names of 3.x; what is only known here goes to `own`, over what is there already."""
    given: dict[str, Any] = {}
    for name, value in keywords.items():
        lower = name.lower()
        if lower in _OWN:
            own[_FLAGS.get(lower, lower)] = _flag(name, value) if lower in _FLAGS else value
        else:
            given[_RENAMED.get(lower, name)] = value
    return given


def _read_with_size(
    uri: str | list[str], port: int, given: dict[str, Any], *, unlimited: bool
) -> ClientSetup:
    """The options of 3.x, but without a limit of connections where none is given: each thread may keep its own."""
    if given.get("maxPoolSize", 0) is None:
        unlimited = True
        del given["maxPoolSize"]
    setup = read_options_of_3(uri, port, given)
    if unlimited:
        setup.options.pool_options.max_pool_size = None
    return setup


def _checked_hosts(hosts: Any) -> Any:
    if not isinstance(hosts, (list, tuple)) or not all(isinstance(one, str) for one in hosts):
        raise TypeError("host must be a str, or a list of them")
    return hosts


def _flag(name: str, value: Any) -> bool:
    return validate_boolean_or_string(name, value)


def _kept(pair: str, own: dict[str, Any]) -> str:
    """An option of a connection string as 3.x reads it; empty for what is only known here."""
    name, _, text = pair.partition("=")
    lower = name.lower()
    if lower not in _OWN:
        return f"{_RENAMED.get(lower, name)}={text}"
    value = unquote_plus(text)
    own[_FLAGS.get(lower, lower)] = _flag(name, value) if lower in _FLAGS else value
    return ""


def _names_in(uri: str | list[str]) -> set[str]:
    if not isinstance(uri, str):
        uri = next((one for one in uri if "?" in one), "")
    query = uri.partition("?")[2]
    return {pair.partition("=")[0].lower() for pair in query.split("&") if pair}


def _timeouts(own: dict[str, Any], said: set[str]) -> dict[str, Any]:
    seconds = own.get("network_timeout")
    if seconds is None:
        return {}
    try:
        seconds = float(seconds)
    except (TypeError, ValueError):
        seconds = 0
    if seconds <= 0:
        raise ConfigurationError("network_timeout must be a positive integer")
    return {} if "sockettimeoutms" in said else {"socketTimeoutMS": seconds * 1000}


def _preference(own: dict[str, Any], said: set[str], *, slave_okay: bool) -> dict[str, Any]:
    """The read preference of a number and tags, or of `slave_okay`."""
    preference, tag_sets = own.get("read_preference"), own.get("tag_sets")
    if isinstance(preference, str):
        preference = read_pref_mode_from_name(preference)
    if preference is None and tag_sets is None:
        if slave_okay and "readpreference" not in said:
            return {"read_preference": make_read_preference(_SECONDARY_PREFERRED, None)}
        return {}
    return {"read_preference": as_preference(preference or 0, tag_sets)}


def as_preference(preference: Any, tag_sets: Any = None) -> _ServerMode:
    """Today's read preference for a number of 2.x, or for one of today's, and tags.

    :raises ConfigurationError: if it is none, or tags are given for the primary.
    """
    if isinstance(preference, _ServerMode):
        if tag_sets is None:
            return preference
        preference = preference.mode
    if isinstance(preference, bool) or not isinstance(preference, int) or not 0 <= preference <= 4:
        raise ConfigurationError(f"{preference!r} is not a valid read preference")
    if tag_sets in (None, [{}], [], ({},)):
        return make_read_preference(preference, None)
    if not preference:
        raise ConfigurationError("ReadPreference PRIMARY cannot be combined with tags")
    return make_read_preference(preference, tag_sets)


def _discovery(uri: str | list[str], said: set[str], *, slave_okay: bool) -> dict[str, Any]:
    """How one host is connected to: itself if a slave may be read from; otherwise its replica set, if it has one."""
    if said & {"directconnection", "replicaset", "loadbalanced"}:
        return {}
    names = uri.removeprefix(_SCHEME).partition("/")[0] if isinstance(uri, str) else ",".join(uri)
    if "," in names or "+srv" in names:
        return {}
    return {"directConnection": slave_okay}


def _settle_concern(setup: ClientSetup, own: dict[str, Any], *, safe: bool) -> bool:
    """Whether writes are acknowledged; the concern of those that are stays in the options."""
    concern = setup.options.write_concern
    document = concern.document
    if own.get("fsync"):
        document["fsync"] = True
    unacknowledged = document.get("w") == 0
    if unacknowledged:
        document = {}  # Commands and indexes are acknowledged all the same, as they always were.
    setup.options.write_concern = WriteConcern(**document)
    asked = own.get("safe")
    return (safe and not unacknowledged) if asked is None else bool(asked)


def warn_of_old(**parameters: Any) -> None:
    """Warn of parameters that mean nothing since 1.4, where they are given."""
    for name, value in parameters.items():
        if value is not None:
            deprecated(f"The parameter {name} is deprecated since 1.4.", 4)
