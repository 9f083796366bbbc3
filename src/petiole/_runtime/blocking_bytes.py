"""A plain stream of bytes on the blocking runtime, for services that speak HTTP or KMIP."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, cast

from petiole._runtime.base import Deadline
from petiole._runtime.sockets import limit

if TYPE_CHECKING:
    from ssl import SSLSocket


class BlockingByteStream:
    """A blocking socket, with or without TLS."""

    __slots__ = ("_secured", "_socket")

    def __init__(self, sock: socket.socket, *, secured: bool) -> None:
        self._socket = sock
        self._secured = secured

    async def send(self, data: bytes, deadline: Deadline) -> None:
        limit(self._socket, deadline)
        self._socket.sendall(data)

    async def read(self, most: int, deadline: Deadline) -> bytes:
        limit(self._socket, deadline)
        return self._socket.recv(most)

    def peer_chain(self) -> list[bytes]:
        if not self._secured:
            return []
        from petiole._runtime.tls import peer_chain

        return peer_chain(cast("SSLSocket", self._socket))

    def close(self) -> None:
        self._socket.close()
