"""Talks to key management services: one request of libmongocrypt's over one TLS connection, which is then closed.

Owns how a service is reached and how long that may take; what is said, and what is worth another attempt, is
libmongocrypt's. Requests and replies hold credentials and keys, so none of them is shown to anybody.
Follows: Client Side Encryption, "KMS Provider"; libmongocrypt's guide to integration, MONGOCRYPT_CTX_NEED_KMS.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from pymongocrypt.errors import MongoCryptError

from petiole._net.connection import describe_timeouts, network_error
from petiole._net.failure import connect_error
from petiole._runtime.base import StreamOptions
from petiole._runtime.sockets import unusable
from petiole._runtime.supervision import close_quietly
from petiole.encryption_options import KMSConnectContext
from petiole.errors import AutoReconnect, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from petiole._engine.encryption.library import Context
    from petiole._engine.encryption.tls import KmsTls
    from petiole._runtime.base import Address, ByteStream, Deadline, Reach, Runtime

_TIMEOUT = 20.0
"""Seconds to connect, and then to be answered."""
_timeouts = partial(describe_timeouts, _TIMEOUT, _TIMEOUT)
_PORT, _KMIP_PORT = 443, 5696
_HIGHEST_PORT = 65535
_PIECE = 16 * 1024
_MOST = 4 * 1024 * 1024
"""Bytes of a reply: a wrapped key is a few thousand."""
_MICROSECONDS = 1_000_000


class Kms:
    """The services of one handle."""

    def __init__(
        self, runtime: Runtime, tls: KmsTls, connect_callback: Callable[[KMSConnectContext], Any] | None
    ) -> None:
        self._runtime = runtime
        self._tls = tls
        self._callback = connect_callback

    async def request(self, context: Context, deadline: Deadline) -> None:
        """Send a request and feed its reply to libmongocrypt, once; the context may then come again.

        :raises MongoCryptError: if the service refuses, or cannot be reached and libmongocrypt gives up.
        :raises NetworkTimeout: if the deadline passes.
        """
        provider: str = context.kms_provider
        address = parse_endpoint(context.endpoint, provider)
        await self._pause(context.usleep / _MICROSECONDS, address, deadline)
        try:
            stream = await self._connect(address, provider, deadline)
            try:
                await self._exchange(stream, context, address, deadline)
            finally:
                stream.close()
        except AutoReconnect as error:
            if deadline.expired():
                raise network_error(
                    address, TimeoutError()
                ) from error  # Not by our own limits, which it names.
            _fail(context, error)
        except MongoCryptError as error:
            raise _without_secrets(error) from None

    async def _pause(self, seconds: float, address: Address, deadline: Deadline) -> None:
        remaining = deadline.remaining()
        if remaining is not None and remaining <= seconds:
            raise network_error(address, TimeoutError("timed out"))
        if seconds > 0:
            await self._runtime.sleep(seconds)

    async def _connect(self, address: Address, provider: str, deadline: Deadline) -> ByteStream:
        host, port = address
        context, ocsp = self._tls.of(provider)
        options = StreamOptions(_TIMEOUT, context, host)
        deadline = deadline.sooner(_TIMEOUT)
        reach = None if self._callback is None else self._reach(host, port or _PORT, deadline)
        try:
            stream = await self._runtime.connect_bytes(address, options, deadline, reach)
            # Behind somebody who connects in our place, what is stapled could not be asked for.
            if ocsp is not None and reach is None:
                try:
                    await ocsp.check(stream.peer_chain(), address, options, self._runtime, deadline)
                except BaseException:
                    stream.close()
                    raise
        except OSError as error:
            raise connect_error(address, error, _timeouts(deadline)) from error
        return stream

    async def _exchange(
        self, stream: ByteStream, context: Context, address: Address, deadline: Deadline
    ) -> None:
        deadline = deadline.sooner(_TIMEOUT)
        try:
            await stream.send(context.message, deadline)
            received = 0
            while (needed := context.bytes_needed) > 0:
                data = await stream.read(min(needed, _PIECE), deadline)
                if not data:
                    raise ConnectionError("KMS connection closed")
                received += len(data)
                if received > _MOST:
                    raise ConnectionError(f"the KMS answered with more than {_MOST} bytes")
                context.feed(data)
        except OSError as error:
            raise network_error(address, error, _timeouts(deadline)) from error

    def _reach(self, host: str, port: int, deadline: Deadline) -> Reach:
        """The application's callback as the runtime wants it; its errors are those of the network."""
        callback = self._callback
        assert callback is not None
        shown = KMSConnectContext(host, port, deadline.remaining() or 0.0)
        if self._runtime.key() is None:

            def reach() -> Any:
                with _errors_of_the_network():
                    return _checked(callback(shown), "HTTPProxyKMSConnect")

            return reach
        if not iscoroutinefunction(callback) and not iscoroutinefunction(type(callback).__call__):
            raise ConfigurationError("kms_connect_callback must be a coroutine function for the async API.")

        async def reach_async() -> Any:
            with _errors_of_the_network():
                return _checked(await callback(shown), "AsyncHTTPProxyKMSConnect")

        return reach_async


def parse_endpoint(endpoint: str, provider: str) -> Address:
    """Host and port of a service. Never a Unix domain socket, whatever the host is called.

    :raises ConfigurationError, ValueError: if there is no such place.
    """
    host, separator, port = endpoint.rpartition(":")
    if not separator or port.endswith("]"):
        host, port = endpoint, str(_KMIP_PORT if provider.split(":")[0] == "kmip" else _PORT)
    host = host.strip("[]")
    if host.lower().endswith(".sock") or "/" in host:
        raise ConfigurationError(f"Invalid KMS endpoint {endpoint!r}")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= _HIGHEST_PORT:
        raise ValueError("Port must be an integer between 0 and 65535")
    return host, int(port)


@contextmanager
def _errors_of_the_network() -> Generator[None, None, None]:
    try:
        yield
    except (ConfigurationError, OSError):
        raise
    except Exception as error:
        raise OSError(str(error)) from error


def _checked(found: Any, better: str) -> Any:
    complaint = unusable(found)
    if complaint is None:
        return found
    close_quietly(found)
    raise ConfigurationError(f"kms_connect_callback must return {complaint}; consider {better}.")


def _without_secrets(error: MongoCryptError) -> MongoCryptError:
    """An error of libmongocrypt's without the body of a reply that was no refusal: it may hold a token, or a key."""
    text, body, _ = str(error).partition("HTTP status=200. Response body=")
    return MongoCryptError(f"{text}HTTP status=200.", error.code) if body else error


def _fail(context: Context, error: AutoReconnect) -> None:
    """Tell libmongocrypt of a failed attempt; it raises unless it wants another."""
    try:
        context.fail()
    except MongoCryptError as failure:
        text = f"{failure}, last attempt failed with: {error}"
        raise MongoCryptError(text, failure.code) from error
