"""Options of client-side encryption: automatic encryption, how queries on encrypted fields are made, who reaches a KMS.

Owns the values and their first checks. What needs libmongocrypt, TLS or a server is checked where it is used.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    import socket
    import ssl

_IDLE = "--idleShutdownTimeoutSecs"
_OLDEST = (1, 21)
_ADVICE = "install it with `pip install 'petiole[encryption]'`"


def check_min_pymongocrypt() -> None:
    """Raise `ConfigurationError` if the extra `encryption` is not installed, or too old."""
    if find_spec("pymongocrypt") is None:
        raise ConfigurationError(f"client-side encryption needs the package pymongocrypt: {_ADVICE}")
    try:
        found = version("pymongocrypt")
    except PackageNotFoundError:  # Without what pip notes of it: it may be of any version.
        return
    if tuple(int(part) for part in found.split(".")[:2] if part.isdigit()) < _OLDEST:
        raise ConfigurationError(f"pymongocrypt {found} is too old for client-side encryption: {_ADVICE}")


class AutoEncryptionOpts:
    """How a client encrypts and decrypts by itself.

    Automatic encryption is an enterprise only feature that only applies to operations on a collection. It is not
    supported for operations on a database or view, and operations that are not bypassed will result in error. To
    bypass it for all operations, set `bypass_auto_encryption`: decryption and explicit encryption are there for all.
    It needs the privilege to list collections, makes batches of writes smaller, and may cost speed.

    All clients of a process should have the same `crypt_shared_lib_path`: no process can load two such libraries.
    """

    def __init__(
        self,
        kms_providers: Mapping[str, Any],
        key_vault_namespace: str,
        key_vault_client: Any | None = None,
        schema_map: Mapping[str, Any] | None = None,
        bypass_auto_encryption: bool = False,
        mongocryptd_uri: str = "mongodb://localhost:27020",
        mongocryptd_bypass_spawn: bool = False,
        mongocryptd_spawn_path: str = "mongocryptd",
        mongocryptd_spawn_args: list[str] | None = None,
        kms_tls_options: Mapping[str, Any] | None = None,
        crypt_shared_lib_path: str | None = None,
        crypt_shared_lib_required: bool = False,
        bypass_query_analysis: bool = False,
        encrypted_fields_map: Mapping[str, Any] | None = None,
        key_expiration_ms: int | None = None,
        kms_connect_callback: Callable[[KMSConnectContext], Any] | None = None,
    ) -> None:
        """
        :param kms_providers: as for `ClientEncryption`.
        :param key_vault_namespace: `database.collection` of the data keys.
        :param key_vault_client: the client of the data keys, if they are kept elsewhere. A client with a limited pool
            makes another one of its own for them, with its own options, if this is None; and for the lists of
            collections, unless `bypass_auto_encryption` is set.
        :param schema_map: the JSON schemas of collections by `database.collection`. It gives more security than those
            of the server, which might lie. It is for encryption alone: other rules in it are an error.
        :param bypass_auto_encryption: only decrypt.
        :param mongocryptd_uri: where the process is that analyses commands, unless there is the crypt_shared library.
        :param mongocryptd_bypass_spawn: never start that process.
        :param mongocryptd_spawn_path: what to start.
        :param mongocryptd_spawn_args: its arguments; `--idleShutdownTimeoutSecs=60` is added unless they have one.
        :param kms_tls_options: TLS options, as of a client, by KMS provider.
        :param crypt_shared_lib_path: the file of the crypt_shared library itself.
        :param crypt_shared_lib_required: raise an error unless that library can be loaded.
        :param bypass_query_analysis: analyse no commands: for explicit encryption of indexed fields.
        :param encrypted_fields_map: the encrypted fields of collections by `database.collection`, for Queryable
            Encryption. It gives more security than what the server says of them.
        :param key_expiration_ms: milliseconds that data keys are kept; 60000 for None, 0 for as long as the client is.
        :param kms_connect_callback: as for `ClientEncryption`; a coroutine function for asyncio clients.
        """
        check_min_pymongocrypt()
        if encrypted_fields_map is not None and not isinstance(encrypted_fields_map, Mapping):
            raise TypeError(
                "encrypted_fields_map must be an instance of dict, bson.son.SON, or any other type that inherits "
                "from collections.Mapping"
            )
        check_connect_callback(kms_connect_callback)
        self._encrypted_fields_map = encrypted_fields_map
        self._crypt_shared_lib_path = crypt_shared_lib_path
        self._crypt_shared_lib_required = crypt_shared_lib_required
        self._kms_providers = kms_providers
        self._key_vault_namespace = key_vault_namespace
        self._key_vault_client = key_vault_client
        self._schema_map = schema_map
        self._bypass_auto_encryption = bypass_auto_encryption
        self._mongocryptd_uri = mongocryptd_uri
        self._mongocryptd_bypass_spawn = mongocryptd_bypass_spawn
        self._mongocryptd_spawn_path = mongocryptd_spawn_path
        self._mongocryptd_spawn_args = _spawn_args(mongocryptd_spawn_args)
        self._kms_tls_options = kms_tls_options
        self._bypass_query_analysis = bypass_query_analysis
        self._key_expiration_ms = key_expiration_ms
        self._kms_connect_callback = kms_connect_callback


def check_connect_callback(callback: Any) -> None:
    """Raise `TypeError` if it cannot be called; None is none."""
    if callback is not None and not callable(callback):
        raise TypeError(f"kms_connect_callback must be callable, not {type(callback)}")


def _spawn_args(given: list[str] | None) -> list[str]:
    if given is None:
        return [f"{_IDLE}=60"]
    if not isinstance(given, list):
        raise TypeError(f"mongocryptd_spawn_args must be a list, not {type(given)}")
    if any(str(argument).startswith(_IDLE) for argument in given):
        return list(given)
    return [*given, f"{_IDLE}=60"]


# Queries on encrypted fields.


class RangeOpts:
    """How an encrypted field is indexed for queries by range; as in the `encryptedFields` of its collection."""

    def __init__(
        self,
        sparsity: int | None = None,
        trim_factor: int | None = None,
        min: Any | None = None,
        max: Any | None = None,
        precision: int | None = None,
    ) -> None:
        """
        :param sparsity: tunes the index; None for a default.
        :param trim_factor: tunes the index; None for a default.
        :param min: the smallest value, of the type being queried.
        :param max: the largest value, of the type being queried.
        :param precision: digits after the point that count, for double and decimal128 only.
        """
        self.min = min
        self.max = max
        self.sparsity = sparsity
        self.trim_factor = trim_factor
        self.precision = precision

    @property
    def document(self) -> dict[str, Any]:
        """What libmongocrypt is told."""
        from petiole.bson.int64 import Int64

        given = {
            "sparsity": None if self.sparsity is None else Int64(self.sparsity),
            "trimFactor": self.trim_factor,
            "precision": self.precision,
            "min": self.min,
            "max": self.max,
        }
        return {name: value for name, value in given.items() if value is not None}


class SubstringOpts(TypedDict):
    """How a string is indexed for queries by substring: lengths in characters."""

    strMaxLength: int
    strMinQueryLength: int
    strMaxQueryLength: int


class PrefixOpts(TypedDict):
    """How a string is indexed for queries by prefix: lengths in characters."""

    strMinQueryLength: int
    strMaxQueryLength: int


class SuffixOpts(TypedDict):
    """How a string is indexed for queries by suffix: lengths in characters."""

    strMinQueryLength: int
    strMaxQueryLength: int


class StringOpts:
    """How an encrypted string is indexed; as in the `encryptedFields` of its collection."""

    def __init__(
        self,
        substring: SubstringOpts | None = None,
        prefix: PrefixOpts | None = None,
        suffix: SuffixOpts | None = None,
        case_sensitive: bool | None = None,
        diacritic_sensitive: bool | None = None,
    ) -> None:
        """
        :param substring: for queries by substring.
        :param prefix: for queries by prefix.
        :param suffix: for queries by suffix.
        :param case_sensitive: whether capital and small letters differ.
        :param diacritic_sensitive: whether letters with and without diacritics differ.
        """
        self.substring = substring
        self.prefix = prefix
        self.suffix = suffix
        self.case_sensitive = case_sensitive
        self.diacritic_sensitive = diacritic_sensitive

    @property
    def document(self) -> dict[str, Any]:
        """What libmongocrypt is told."""
        given = {
            "substring": self.substring,
            "prefix": self.prefix,
            "suffix": self.suffix,
            "caseSensitive": self.case_sensitive,
            "diacriticSensitive": self.diacritic_sensitive,
        }
        return {name: value for name, value in given.items() if value is not None}


# Who reaches a KMS.


@dataclass(frozen=True)
class KMSConnectContext:
    """A connection to a KMS that is to be made.

    `host` is also what its certificate is checked against, whoever answers; `timeout` are the seconds there are.
    """

    host: str
    port: int
    timeout: float


KMSConnectCallback: TypeAlias = Callable[[KMSConnectContext], "socket.socket"]
AsyncKMSConnectCallback: TypeAlias = Callable[[KMSConnectContext], Awaitable["socket.socket"]]


class HTTPProxyKMSConnect:
    """Reaches KMS hosts by way of an HTTP proxy, with CONNECT: a `kms_connect_callback` for blocking clients.

    TLS to the KMS is end to end. The proxy sees the host's name alone.
    """

    def __init__(
        self,
        proxy_url: str,
        ssl_context: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """
        :param proxy_url: `http://host:port` or `https://host:port`; by default the port is 80 or 443. A user and a
            password in it are shown to the proxy: in the clear, unless it is `https`.
        :param ssl_context: for the connection to an `https` proxy; the default context for None.
        :param headers: more headers for the proxy.
        :raises ConfigurationError: if the URL is of another kind.
        """
        from petiole._runtime.http_proxy import HttpProxy

        try:
            self._proxy = HttpProxy(proxy_url, ssl_context, headers)
        except ValueError as error:
            raise ConfigurationError(str(error)) from None

        self.host = self._proxy.host
        self.port = self._proxy.port
        self.ssl_context = self._proxy.ssl_context
        self.headers = self._proxy.headers
        """All that are sent; more can be put in."""

    def __call__(self, context: KMSConnectContext) -> socket.socket:
        """A socket that the proxy has connected to the host."""
        return self._proxy.open(context.host, context.port, context.timeout)


class AsyncHTTPProxyKMSConnect(HTTPProxyKMSConnect):
    """As `HTTPProxyKMSConnect`, for asyncio clients."""

    async def __call__(self, context: KMSConnectContext) -> socket.socket:  # type: ignore[override]
        """A socket that the proxy has connected to the host; a thread waits for it."""
        return await self._proxy.open_aside(context.host, context.port, context.timeout)
