"""A minimal conversation with a server: one command, one reply, over one socket. Enough to set a server up.

`petiole.local` exists to test the client, so it may not use the client. This is OP_MSG with one body section
and nothing else: no pool, no retry, no compression, no authentication. Specification: OP_MSG
("message/OP_MSG.md") and the awaitable `hello` of Server Discovery and Monitoring.
"""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from petiole.bson import decode, encode

from .errors import LocalServerError

_HEADER = struct.Struct("<iiii")  # message length, request id, response to, operation code
_PREFIX = struct.Struct("<IB")  # flag bits, kind of the section
_OP_MSG = 2013
_AWAIT_MS = 250  # a secondary does not announce every change of what it says of the primary

Document = dict[str, Any]


class CommandError(LocalServerError):
    """The server's reply to a command is an error."""

    def __init__(self, reply: Mapping[str, Any]) -> None:
        super().__init__(f"{reply.get('codeName', 'error')}: {reply.get('errmsg', reply)}")
        self.code: int = reply.get("code", 0)


class Conversation:
    """A connection to one server, until `deadline` (of `time.monotonic()`)."""

    def __init__(self, address: tuple[str, int], deadline: float, tls: ssl.SSLContext | None = None) -> None:
        self._deadline = deadline
        self._request = 0
        self._socket = socket.create_connection(address, timeout=self._left())
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname=address[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._socket.close()

    def command(self, database: str, command: Mapping[str, Any]) -> Document:
        """The reply to a command; raises CommandError when it is not ok."""
        self._request += 1
        body = _PREFIX.pack(0, 0) + encode({**command, "$db": database})
        self._socket.settimeout(self._left())
        self._socket.sendall(_HEADER.pack(_HEADER.size + len(body), self._request, 0, _OP_MSG) + body)
        length = _HEADER.unpack(self._receive(_HEADER.size))[0]
        reply: Document = decode(self._receive(length - _HEADER.size)[_PREFIX.size :])
        if reply.get("ok") != 1:
            raise CommandError(reply)
        return reply

    def hello(self) -> Document:
        """What the server says about itself now."""
        return self.command("admin", {"hello": 1})

    def wait_until(self, condition: Callable[[Document], bool]) -> Document:
        """The first `hello` reply that meets `condition`; the server holds replies back until a change."""
        reply = self.hello()
        while not condition(reply):
            wait = min(_AWAIT_MS, int(self._left() * 1000))
            awaited = {"hello": 1, "topologyVersion": reply["topologyVersion"], "maxAwaitTimeMS": wait}
            reply = self.command("admin", awaited)
        return reply

    def _receive(self, length: int) -> bytes:
        received = bytearray()
        while len(received) < length:
            self._socket.settimeout(self._left())
            chunk = self._socket.recv(length - len(received))
            if not chunk:
                raise ConnectionResetError("the server closed the connection")
            received += chunk
        return bytes(received)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the server did not answer in time")
        return left


def is_data_bearing(hello: Document) -> bool:
    """Whether a replica-set member is primary or secondary, which means that it can be read from."""
    return bool(hello.get("isWritablePrimary") or hello.get("secondary"))
