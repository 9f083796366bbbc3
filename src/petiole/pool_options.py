"""What a pool and its connections need to know: immutable, plain attributes.

This module owns the values only. The TLS context is made of :class:`TlsOptions`, and the handshake's metadata
of `appname` and `driver`, where connections are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._uri.defaults import (
    MAX_CONNECTING,
    MAX_IDLE_TIME_SEC,
    MAX_POOL_SIZE,
    MIN_POOL_SIZE,
    WAIT_QUEUE_TIMEOUT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._auth.credentials import MongoCredential
    from petiole._runtime.socks import Proxy
    from petiole.driver_info import DriverInfo
    from petiole.server_api import ServerApi


class TlsOptions(NamedTuple):
    """TLS as the options ask for it; file paths, not their contents."""

    ca_file: str | None = None
    certificate_key_file: str | None = None
    certificate_key_file_password: str | None = None
    crl_file: str | None = None
    allow_invalid_certificates: bool = False
    allow_invalid_hostnames: bool = False
    disable_ocsp_endpoint_check: bool = False
    # Neither CRLs nor OCSP, not even a stapled answer.
    disable_certificate_revocation_check: bool = False
    # The private key where it is in a file of its own.
    key_file: str | None = None

    def __repr__(self) -> str:
        shown = ("<redacted>" if "password" in name and value else value for name, value in self._pairs())
        return "TlsOptions({})".format(
            ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, shown, strict=True))
        )

    def _pairs(self) -> zip[tuple[str, Any]]:
        return zip(self._fields, self, strict=True)


class PoolOptions:
    """Options of a pool and of its connections. Times are in seconds.

    `max_pool_size` None or 0 means no bound. `tls` is None where TLS is off.
    """

    __slots__ = (
        "appname",
        "compressors",
        "connect_timeout",
        "credentials",
        "driver",
        "event_listeners",
        "keep_alive",
        "load_balanced",
        "max_connecting",
        "max_idle_time_seconds",
        "max_pool_size",
        "max_waiting",
        "min_pool_size",
        "pause_enabled",
        "proxy",
        "requests",
        "server_api",
        "socket_timeout",
        "tls",
        "wait_queue_timeout",
        "zlib_compression_level",
    )

    def __init__(
        self,
        *,
        max_pool_size: int | None = MAX_POOL_SIZE,
        min_pool_size: int = MIN_POOL_SIZE,
        max_idle_time_seconds: float | None = MAX_IDLE_TIME_SEC,
        connect_timeout: float | None = None,
        socket_timeout: float | None = None,
        wait_queue_timeout: float | None = WAIT_QUEUE_TIMEOUT,
        tls: TlsOptions | None = None,
        event_listeners: Sequence[Any] = (),
        appname: str | None = None,
        driver: DriverInfo | None = None,
        compressors: Sequence[str] = (),
        zlib_compression_level: int = -1,
        max_connecting: int = MAX_CONNECTING,
        pause_enabled: bool = True,
        server_api: ServerApi | None = None,
        load_balanced: bool | None = None,
        credentials: MongoCredential | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self.max_pool_size = max_pool_size
        self.min_pool_size = min_pool_size
        self.max_idle_time_seconds = max_idle_time_seconds
        self.connect_timeout = connect_timeout
        self.socket_timeout = socket_timeout
        self.wait_queue_timeout = wait_queue_timeout
        self.tls = tls
        self.event_listeners = list(event_listeners)
        self.appname = appname
        self.driver = driver
        self.compressors = list(compressors)
        self.zlib_compression_level = zlib_compression_level
        self.max_connecting = max_connecting
        self.pause_enabled = pause_enabled
        self.server_api = server_api
        self.load_balanced = load_balanced
        self.credentials = credentials
        self.proxy = proxy
        # What only older clients can be told.
        self.keep_alive = True
        self.max_waiting: int | None = None
        self.requests: Any = None

    @property
    def tls_allow_invalid_hostnames(self) -> bool:
        """Whether a certificate for another host is accepted."""
        return self.tls is not None and self.tls.allow_invalid_hostnames

    @property
    def non_default_options(self) -> Mapping[str, Any]:
        """The options ``PoolCreatedEvent`` reports: those that are not the default, times in ms."""
        options: dict[str, Any] = {}
        if self.max_pool_size != MAX_POOL_SIZE:
            options["maxPoolSize"] = self.max_pool_size
        if self.min_pool_size != MIN_POOL_SIZE:
            options["minPoolSize"] = self.min_pool_size
        if self.max_idle_time_seconds is not None:
            options["maxIdleTimeMS"] = self.max_idle_time_seconds * 1000
        if self.wait_queue_timeout is not None:
            options["waitQueueTimeoutMS"] = self.wait_queue_timeout * 1000
        if self.max_connecting != MAX_CONNECTING:
            options["maxConnecting"] = self.max_connecting
        return options
