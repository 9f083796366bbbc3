"""A server on a thread that stands in for a key management service, and fails as networks and services do.

Owns the listening, TLS, the connections and the faults. What it says is up to `talk`: HTTP in `http`, KMIP in `kmip`.
Every connection has a thread of its own, which ends with it.
"""

from __future__ import annotations

import contextlib
import enum
import socket
import ssl
import struct
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO, Self

BEAT = 0.05
"""Seconds between the bytes of a reply that trickles."""
FLOOD = 64 * 1024 * 1024
"""How many bytes a flood has, if nobody stops it."""


class Fault(enum.Enum):
    """What goes wrong, each time once."""

    REFUSE = "the connection is reset before it says anything"
    MUTE = "the connection is made, and then there is silence: no TLS"
    CUT = "the request is read, and the connection closed"
    HALF = "the connection is closed before the last byte of the reply"
    HANG = "the request is read, and never answered"
    TRICKLE = "the reply comes byte by byte, and never whole"
    GARBAGE = "the reply is none"
    FLOOD = "the reply does not end"
    FAILED = "the service says that it has failed: status 500"
    NOT_FOUND = "the service says that there is no such thing: status 404"
    FORBIDDEN = "the service refuses: status 403"
    BUSY = "the service asks to come again: status 429"
    EMPTY = "the service answers with nothing"


AT_ACCEPT = frozenset({Fault.REFUSE, Fault.MUTE})
"""The faults of connections, which come before there is a request."""
STATUSES = {Fault.FAILED: 500, Fault.NOT_FOUND: 404, Fault.FORBIDDEN: 403, Fault.BUSY: 429}


class Connection:
    """One connection, to be read and answered."""

    def __init__(self, service: Service, raw: socket.socket) -> None:
        self._service = service
        self._raw = raw
        self.reader: BinaryIO = raw.makefile("rb")

    def next_fault(self) -> Fault | None:
        """What is to go wrong with the request that has just been read."""
        return self._service.take(accepting=False)

    def send(self, reply: bytes) -> None:
        """A whole reply."""
        self._raw.sendall(reply)

    def fail(self, fault: Fault, reply: bytes) -> None:
        """Answer so as the fault wants it, and end the connection by that."""
        if fault is Fault.HALF:
            self.send(reply[:-1])
        elif fault is Fault.HANG:
            self._until_gone()
        elif fault is Fault.TRICKLE:
            for byte in reply[:-1]:
                self.send(bytes([byte]))
                if self._service.ended.wait(BEAT):
                    break
            self._until_gone()
        elif fault is Fault.GARBAGE:
            self.send(b"\x00\x01\x02 this is not what you have asked for\r\n\r\n" * 8)

    def flood(self, start: bytes) -> None:
        """Send more than anybody wants."""
        self.send(start)
        piece = b" " * (1 << 16)
        for _ in range(FLOOD // len(piece)):
            self.send(piece)
            if self._service.ended.is_set():
                break

    def _until_gone(self) -> None:
        """Wait for the other side to give up."""
        with contextlib.suppress(OSError):
            self.reader.read()


class Service:
    """Listens on a port of its own; `with` starts and ends it."""

    def __init__(self, certificate: Path | None = None, *, clients: Path | None = None) -> None:
        """:param certificate: what it shows; without one it speaks without TLS.
        :param clients: the authority that must have signed what clients show.
        """
        self._context = None if certificate is None else self._new_context(certificate, clients)
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, name="key-management-service", daemon=True)
        self.ended = threading.Event()
        self.accepted = 0
        self.names: list[str | None] = []
        """The hosts asked for by SNI, None where there was none."""

    def talk(self, connection: Connection) -> None:
        """Answer what comes; to be said by each kind."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        """Where it listens, on the address 127.0.0.1."""
        number: int = self._listener.getsockname()[1]
        return number

    @property
    def endpoint(self) -> str:
        """Host and port, as options for key management services have them: a host must have a dot there."""
        return f"127.0.0.1:{self.port}"

    def fail(self, *faults: Fault) -> None:
        """Let the next requests fail so, one after the other."""
        with self._lock:
            self._faults.extend(faults)

    def recover(self) -> None:
        """Let nothing fail any more."""
        with self._lock:
            self._faults.clear()

    @property
    def pending(self) -> int:
        """How many faults nobody has met yet."""
        return len(self._faults)

    def take(self, *, accepting: bool) -> Fault | None:
        """The next fault, if it is one for this place."""
        with self._lock:
            if self._faults and (self._faults[0] in AT_ACCEPT) == accepting:
                return self._faults.popleft()
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _new_context(self, certificate: Path, clients: Path | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if clients is not None:
            # By TLS 1.3 a client only learns of a refusal when it reads the reply.
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients)
        context.sni_callback = self._note
        return context

    def _note(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        self.names.append(name)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            fault = self.take(accepting=True)
            if fault is Fault.REFUSE:
                _reset(client)
            elif fault is Fault.MUTE:
                while client.recv(1 << 16):
                    pass
            else:
                client = self._secured(client)
                self.talk(Connection(self, client))
        except (OSError, ValueError, EOFError):
            pass  # The client has gone, or says what this service does not understand.
        finally:
            self._open.discard(client)
            with contextlib.suppress(OSError):
                client.close()

    def _secured(self, client: socket.socket) -> socket.socket:
        if self._context is None:
            return client
        self._open.discard(client)
        secured = self._context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
        self._open.add(secured)
        secured.do_handshake()
        return secured


def _reset(client: socket.socket) -> None:
    """Close a connection by a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
