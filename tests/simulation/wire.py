"""Messages as the simulated server reads and writes them."""

from __future__ import annotations

import struct
from typing import Any

from petiole._native import op_msg_parts
from petiole.bson import decode, decode_all, encode

MORE_TO_COME = 1 << 1
EXHAUST_ALLOWED = 1 << 16
HEADER = 16
_OP_MSG = 2013


class Request:
    """One command."""

    __slots__ = ("body", "documents", "flags", "id", "name", "tag")

    def __init__(self, message: bytes) -> None:
        self.flags: int = struct.unpack_from("<I", message, HEADER)[0]
        self.id, body, sequences = op_msg_parts(message)
        self.body: dict[str, Any] = decode(body)
        self.documents: list[dict[str, Any]] = decode_all(sequences[0][1]) if sequences else []
        self.name = next(iter(self.body))
        self.tag: str = self.body.get("comment", "")

    @property
    def acknowledged(self) -> bool:
        """Whether the client waits for a reply."""
        return not self.flags & MORE_TO_COME


def reply_bytes(document: dict[str, Any], response_to: int, *, more_to_come: bool = False) -> bytes:
    """A reply; what it says it answers need not be true."""
    payload = struct.pack("<IB", MORE_TO_COME if more_to_come else 0, 0) + encode(document)
    return struct.pack("<iiii", HEADER + len(payload), 1, response_to, _OP_MSG) + payload


def request_id(message: bytes) -> int:
    """The id in a message's header."""
    found: int = struct.unpack_from("<i", message, 4)[0]
    return found


def announces_more(message: bytes) -> bool:
    """Whether another reply follows unasked."""
    return bool(struct.unpack_from("<I", message, HEADER)[0] & MORE_TO_COME)


def whole_message(buffer: bytearray) -> bytes | None:
    """Take the first message off a buffer, if all of it is there."""
    if len(buffer) < 4:
        return None
    length = int.from_bytes(buffer[:4], "little")
    if len(buffer) < length:
        return None
    message = bytes(buffer[:length])
    del buffer[:length]
    return message
