"""The floor: what the same exchange costs with no driver at all.

Prebuilt OP_MSG bytes go out with `sendall` (or a transport's `write`) and the reply is read by its length and
thrown away. Nothing is parsed but the length, and once per batch the cursor's id. No driver on Python's
sockets can cost less.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

HEADER = struct.Struct("<iiiiIB")
INT64 = struct.Struct("<q")
OP_MSG = 2013


def message(command: dict[str, Any], documents: tuple[str, list[dict[str, Any]]] | None = None) -> bytes:
    """An OP_MSG with the command as its body and, if given, a document sequence: its name and documents."""
    import bson  # here: processes that measure a driver import this module too and must not load PyMongo

    body = bson.encode(command)
    if documents is not None:
        sequence = b"".join(bson.encode(document) for document in documents[1])
        named = documents[0].encode() + b"\0" + sequence
        body += b"\x01" + struct.pack("<i", len(named) + 4) + named
    return HEADER.pack(HEADER.size + len(body), 1, 0, OP_MSG, 0, 0) + body


def address(uri: str) -> tuple[str, int]:
    """The host and port of a URI with one host."""
    parts = urlsplit(uri)
    return parts.hostname or "127.0.0.1", parts.port or 27017


class Raw:
    """A blocking connection that sends bytes and reads whole replies."""

    def __init__(self, uri: str) -> None:
        self._socket = socket.create_connection(address(uri))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(1 << 16)

    def exchange(self, request: bytes) -> memoryview:
        """Send one message and return its reply, valid until the next exchange."""
        self._socket.sendall(request)
        got = self._socket.recv_into(self._buffer)
        while got < 4:
            got += self._socket.recv_into(memoryview(self._buffer)[got:])
        size = int.from_bytes(self._buffer[:4], "little")
        if size > len(self._buffer):
            self._buffer = self._buffer[:got] + bytearray(size - got)
        while got < size:
            got += self._socket.recv_into(memoryview(self._buffer)[got:])
        return memoryview(self._buffer)[:size]

    def close(self) -> None:
        self._socket.close()


def cursor_id(reply: memoryview) -> int:
    """The cursor's id in the reply of a find or getMore, read where the server puts it: behind the batch."""
    tail = bytes(reply[-300:])
    at = tail.rindex(b"\x12id\0") + 4
    return int(INT64.unpack_from(tail, at)[0])


class AsyncRaw(asyncio.Protocol):
    """An asyncio connection that sends bytes and counts the bytes of the reply."""

    def __init__(self) -> None:
        self._missing = 0
        self._began = False
        self._answered: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, uri: str) -> AsyncRaw:
        _, protocol = await asyncio.get_running_loop().create_connection(cls, *address(uri))
        return protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._began:
            self._missing = int.from_bytes(data[:4], "little")
            self._began = True
        self._missing -= len(data)
        if self._missing <= 0 and self._answered is not None:
            self._answered.set_result(None)

    async def exchange(self, request: bytes) -> None:
        """Send one message and wait for the whole reply."""
        assert self._transport is not None
        self._began = False
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answered

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
