"""A plain stream of bytes on asyncio, for services that speak HTTP or KMIP."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import cast

from petiole._runtime.aio_stream import secure
from petiole._runtime.aio_wait import settle, until
from petiole._runtime.base import Deadline, StreamOptions

_MOST_KEPT = 64 * 1024
"""Bytes that have come and were not read yet; then reading stops."""


class AioByteStream(asyncio.Protocol):
    """Keeps what comes until the one task that reads asks for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._kept = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, since uvloop's TLS transports are no subclass of it.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._kept += data
        if len(self._kept) > _MOST_KEPT and self._transport is not None:
            self._transport.pause_reading()
        self._tell()

    def eof_received(self) -> bool:
        self._ended = True
        self._tell()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = self._error or exc
        self._tell()

    def _tell(self) -> None:
        if self._news is not None:
            settle(self._news)

    # What the driver calls.

    async def send(self, data: bytes, deadline: Deadline) -> None:
        if self._transport is None or self._ended:
            raise ConnectionError("connection closed") from self._error
        self._transport.write(
            data
        )  # Its peer reads before it answers, so `read` is where the time is limited.

    async def read(self, most: int, deadline: Deadline) -> bytes:
        while not self._kept and not self._ended:
            self._news = self._loop.create_future()
            try:
                await until(self._news, deadline)
            finally:
                self._news = None
        if not self._kept and self._error is not None:
            raise ConnectionError(str(self._error) or "connection closed") from self._error
        data = bytes(self._kept[:most])
        del self._kept[:most]
        if self._transport is not None and not self._ended and len(self._kept) <= _MOST_KEPT:
            self._transport.resume_reading()
        return data

    def peer_chain(self) -> list[bytes]:
        connection = None if self._transport is None else self._transport.get_extra_info("ssl_object")
        if connection is None:
            return []
        from petiole._runtime.tls import peer_chain

        return peer_chain(connection)

    def close(self) -> None:
        self._ended = True
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


async def start_bytes(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, options: StreamOptions
) -> AioByteStream:
    """A stream over a connected socket, after the TLS handshake where one is asked for."""
    transport, stream = await loop.create_connection(partial(AioByteStream, loop), sock=sock)
    if options.tls is not None:
        stream.connection_made(
            await secure(loop, transport, stream, options.tls, options.server_hostname or "")
        )
    return stream
