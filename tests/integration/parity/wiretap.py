"""A TCP proxy before a real server that notes the commands it is sent.

Owns the forwarding of bytes and the reading of OP_MSG requests (`mongodb/specifications`, message/OP_MSG). It changes
nothing on the way, and is read with PyMongo's `bson`, so that what it notes does not depend on the code under test.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from typing import Any, Self

import bson

_OP_MSG = 2013
_CHECKSUM, _MORE_TO_COME = 1, 2
# Of no operation: discovery, and what clients do when they please.
UNNOTED = frozenset(
    {
        "hello",
        "ismaster",
        "isMaster",
        "endSessions",
        "killCursors",
        "_isSelf",
        "replSetHeartbeat",
        "buildInfo",
    }
)

Request = dict[str, Any]


class Wiretap:
    """Forwards connections to `target` and collects `requests`; `address` is where clients connect to."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._wake, self._awake = socket.socketpair()
        self._selector.register(self._awake, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="wiretap", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()
        return host, port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._wake.send(b"x")
        self._thread.join()

    def take(self) -> list[Request]:
        """The requests since the last call, in the order of their arrival."""
        with self._lock:
            taken, self._requests = self._requests, []
        return taken

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._awake:
                    return self._close()
                else:
                    key.data.forward()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        forth, back = _Direction(self, client, server, True), _Direction(self, server, client, False)
        self._selector.register(client, selectors.EVENT_READ, forth)
        self._selector.register(server, selectors.EVENT_READ, back)

    def _close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._wake.close()
        self._selector.close()

    def forget(self, *ends: socket.socket) -> None:
        """Closes both ends of a connection."""
        for end in ends:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(end)
            end.close()

    def note(self, request: Request) -> None:
        """Adds a request, unless it belongs to no operation."""
        if next(iter(request)) not in UNNOTED:
            with self._lock:
                self._requests.append(request)


class _Direction:
    """One direction of a connection."""

    def __init__(self, tap: Wiretap, source: socket.socket, sink: socket.socket, noted: bool) -> None:
        self._tap, self._source, self._sink = tap, source, sink
        self._noted = noted
        self._buffer = bytearray()

    def forward(self) -> None:
        try:
            received = self._source.recv(1 << 18)
            if received and self._noted:
                self._read(received)
            self._sink.sendall(received)
        except OSError:
            received = b""
        if not received:
            self._tap.forget(self._source, self._sink)

    def _read(self, received: bytes) -> None:
        self._buffer += received
        while len(self._buffer) >= 16:
            length, _, _, opcode = struct.unpack_from("<iiii", self._buffer)
            if len(self._buffer) < length:
                return
            message = bytes(self._buffer[16:length])
            del self._buffer[:length]
            if opcode == _OP_MSG:
                self._tap.note(_request(message))


def _request(message: bytes) -> Request:
    """The command of an OP_MSG, with its document sequences as arrays."""
    (flags,) = struct.unpack_from("<I", message)
    end = len(message) - 4 * (flags & _CHECKSUM)
    request: Request = {}
    sequences: Request = {}
    at = 4
    while at < end:
        kind, (size,) = message[at], struct.unpack_from("<i", message, at + 1)
        section = message[at + 1 : at + 1 + size]
        if kind == 0:
            request = bson.decode(section)
        else:
            name, _, documents = section[4:].partition(b"\0")
            sequences.setdefault(name.decode(), []).extend(bson.decode_all(documents))
        at += 1 + size
    request.update(sequences)
    if flags & _MORE_TO_COME:
        request["(unacknowledged)"] = True
    return request
