"""A server that speaks OP_MSG and does what a test's script says: answer, fall silent, drop, send rubbish."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable
from typing import Any

import bson

MORE_TO_COME = 1 << 1
OP_MSG = 2013
SEQUENCE = 1
"""The kind of an OP_MSG's section that has documents."""


class Drop:
    """Close the connection instead of answering."""


class Silence:
    """Do not answer."""


class Bytes:
    """Answer with exactly these bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class Peer:
    """One connection as the server sees it."""

    def __init__(self, number: int, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.writer = writer
        self.monitors = True
        """Until it runs anything but hello."""
        self.request_id = 0
        self.flags = 0
        self.rest = b""
        """The sections of the last message beside its body."""


Script = Callable[[Peer, dict[str, Any]], Any]


def message(body: dict[str, Any], response_to: int = 0, flags: int = 0) -> bytes:
    """An OP_MSG of one body."""
    payload = struct.pack("<iB", flags, 0) + bson.encode(body)
    return struct.pack("<iiii", 16 + len(payload), 7, response_to, OP_MSG) + payload


def read(payload: bytes) -> dict[str, Any]:
    """The body of an OP_MSG, with its document sequences as arrays."""
    size = struct.unpack_from("<i", payload, 5)[0]
    body: dict[str, Any] = bson.decode(payload[5 : 5 + size])
    place = 5 + size
    while place < len(payload):
        (size,) = struct.unpack_from("<i", payload, place + 1)
        if payload[place] == SEQUENCE:
            end = payload.index(b"\0", place + 5)
            body[payload[place + 5 : end].decode()] = bson.decode_all(payload[end + 1 : place + 1 + size])
        place += 1 + size
    return body


class WireServer:
    """Listens on a free port of loopback. `script` is asked about every command but the handshake's hello.

    The script returns a document, or one of the classes above; it is called on the server's thread.
    """

    def __init__(self, script: Script | None = None, **hello: Any) -> None:
        self.script = script
        self.greeting: Script | None = None
        """Asked first about every hello; None from it means the usual reply."""
        self.seen: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.peers: list[Peer] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.hello: dict[str, Any] = {
            "ok": 1,
            "isWritablePrimary": True,
            "ismaster": True,
            "helloOk": True,
            "minWireVersion": 0,
            "maxWireVersion": 17,
            "maxBsonObjectSize": 16 * 1024 * 1024,
            "maxMessageSizeBytes": 48_000_000,
            "maxWriteBatchSize": 100_000,
            "logicalSessionTimeoutMinutes": 30,
            **hello,
        }

    def replica_set(self) -> WireServer:
        """Be the only member, and primary, of the set "rs"."""
        self.hello |= {"setName": "rs", "hosts": [self.address], "me": self.address}
        return self

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(len(self.peers), writer)
        self.peers.append(peer)
        try:
            while True:
                header = await reader.readexactly(16)
                length, peer.request_id, _, opcode = struct.unpack("<iiii", header)
                payload = await reader.readexactly(length - 16)
                assert opcode == OP_MSG
                peer.flags = struct.unpack_from("<i", payload)[0]
                size = struct.unpack_from("<i", payload, 5)[0]
                peer.rest = payload[5 + size :]
                self._answer(peer, read(payload))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()  # Cancelled by `close` alone: asyncio would log that.

    def _answer(self, peer: Peer, body: dict[str, Any]) -> None:
        name = next(iter(body))
        answer: Any = None
        if name.lower() in ("hello", "ismaster"):
            if self.greeting is not None:
                answer = self.greeting(peer, body)
            if answer is None:
                answer = self.hello
        else:
            peer.monitors = False
            self.seen.append(name)
            self.bodies.append(body)
            answer = None if self.script is None else self.script(peer, body)
            if answer is None:
                answer = {"ok": 1, "n": 1}
        if answer is Drop:
            peer.writer.close()
        elif isinstance(answer, Bytes):
            peer.writer.write(answer.data)
        elif answer is not Silence and not peer.flags & MORE_TO_COME:
            peer.writer.write(message(answer, peer.request_id))

    def send(self, peer: Peer, data: bytes) -> None:
        """Send bytes unasked. From the test's thread."""
        self._loop.call_soon_threadsafe(peer.writer.write, data)

    def drop_all(self) -> None:
        """Close all connections, and go on listening."""

        async def drop() -> None:
            for peer in self.peers:
                peer.writer.close()

        self._do(drop())

    def close(self) -> None:
        """Stop listening, and close all connections."""

        async def end() -> None:
            self._server.close()
            for peer in self.peers:
                peer.writer.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
