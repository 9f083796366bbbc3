"""Serves the analyser over the wire protocol, as mongocryptd does: a standalone server that says `iscryptd`.

Owns the listening, the messages and the time after which nobody has asked. Every connection has a thread of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import threading
import time
from typing import Any, BinaryIO

from tests.analyser import raw
from tests.analyser.commands import NoSuchCommand, analyse
from tests.analyser.fields import Refusal
from tests.analyser.raw import Document, Value

from petiole.bson import encode

_HEADER = struct.Struct("<iiii")
_QUERY, _REPLY, _MESSAGE = 2004, 1, 2013
_MORE_TO_COME = 1 << 1
_GREETINGS = frozenset({"hello", "ismaster", "isMaster"})
_SIZE, _MESSAGE_SIZE, _COUNT = 16777216, 48000000, 100000
LOOKS = {"6.0": 17, "8.2": 27}
"""The wire versions of the servers that it can be one of."""


class Server:
    """Answers until it has been idle for too long, or is ended."""

    def __init__(self, address: tuple[str, int], idle: float, version: str = "8.2") -> None:
        """:param idle: seconds without a request after which it ends.
        :param version: of what server it says to be.
        """
        self._listener = socket.create_server(address, reuse_port=False)
        self._idle = idle
        self._wire = LOOKS[version]
        self._version = version
        self._asked = time.monotonic()
        self._numbers = itertools.count(1)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._listener.getsockname()[:2]
        return host, port

    def serve(self) -> None:
        """Serve until nobody has asked for the time that was said."""
        while (left := self._asked + self._idle - time.monotonic()) > 0:
            self._listener.settimeout(left)
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            client.settimeout(None)
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()
        self._listener.close()

    def end(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as reader, contextlib.suppress(OSError, EOFError):
            while True:
                number, kind, rest = _read(reader)
                self._asked = time.monotonic()
                flags, command = _command_of(kind, rest)
                reply = self._answer(command)
                if not flags & _MORE_TO_COME:
                    client.sendall(_packed(kind, reply, next(self._numbers), number))

    def _answer(self, command: Document) -> bytes:
        name = next(iter(command))
        if name in _GREETINGS:
            return encode(self._greeting())
        if name in ("ping", "endSessions"):
            return encode({"ok": 1.0})
        if name in ("buildInfo", "buildinfo"):
            array = [*map(int, self._version.split(".")), 0, 0]
            return encode({"version": f"{self._version}.0", "versionArray": array, "ok": 1.0})
        try:
            return raw.pack(analyse(command))
        except NoSuchCommand as error:
            return _failure(f"no such command: '{error}'", 59, "CommandNotFound")
        except Refusal as refusal:
            return _failure(str(refusal), refusal.code, f"Location{refusal.code}")
        except (KeyError, ValueError, AttributeError, TypeError, IndexError) as error:
            return _failure(f"the command is malformed: {error!r}", 9, "FailedToParse")

    def _greeting(self) -> dict[str, Any]:
        return {
            "helloOk": True,
            "ismaster": True,
            "isWritablePrimary": True,
            "iscryptd": True,
            "maxBsonObjectSize": _SIZE,
            "maxMessageSizeBytes": _MESSAGE_SIZE,
            "maxWriteBatchSize": _COUNT,
            "minWireVersion": 0,
            "maxWireVersion": self._wire,
            "connectionId": threading.get_native_id(),
            "readOnly": False,
            "ok": 1.0,
        }


def _failure(text: str, code: int, name: str) -> bytes:
    return encode({"ok": 0.0, "errmsg": text, "code": code, "codeName": name})


def _read(reader: BinaryIO) -> tuple[int, int, bytes]:
    header = reader.read(16)
    if len(header) < 16:
        raise EOFError
    length, number, _, kind = _HEADER.unpack(header)
    return number, kind, reader.read(length - 16)


def _command_of(kind: int, rest: bytes) -> tuple[int, Document]:
    """The flags of a message and its command, with document sequences in their places."""
    if kind == _QUERY:
        return 0, raw.parse(rest[rest.index(b"\0", 4) + 9 :])
    command: Document = {}
    sequences: Document = {}
    place = 4
    while place < len(rest):
        size = int.from_bytes(rest[place + 1 : place + 5], "little")
        if rest[place] == 0:
            command = raw.parse(rest[place + 1 : place + 1 + size])
        else:
            end = rest.index(b"\0", place + 5)
            name = rest[place + 5 : end].decode()
            sequences[name] = raw.array(_documents(rest[end + 1 : place + 1 + size]))
        place += 1 + size
    return int.from_bytes(rest[:4], "little"), {**command, **sequences}


def _documents(data: bytes) -> list[Value]:
    found, place = [], 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "little")
        found.append(Value(0x03, data[place : place + size]))
        place += size
    return found


def _packed(kind: int, reply: bytes, number: int, response: int) -> bytes:
    payload = struct.pack("<iqii", 8, 0, 0, 1) if kind == _QUERY else struct.pack("<iB", 0, 0)
    payload += reply
    kind = _REPLY if kind == _QUERY else _MESSAGE
    return _HEADER.pack(16 + len(payload), number, response, kind) + payload
