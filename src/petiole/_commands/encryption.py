"""Commands as client-side encryption takes them: one document whole, and what becomes of it.

Pure. Owns the way from a command to the one document that is analysed and encrypted, the way from what comes of that
back to a command, and the same for replies; and how much of a bulk write goes into one. Follows the Client Side
Encryption specification, "Auto encrypt and decrypt" and "Size limits for Write Commands".
"""

from __future__ import annotations

import struct
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from petiole._commands.base import BatchCommand, Command, Limits
from petiole._native import op_msg_batch, op_msg_parts, parse_reply
from petiole.bson.codec_options import CodecOptions, DatetimeConversion
from petiole.bson.raw_bson import RawBSONDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from petiole._native import Reply

_SPLIT_SIZE = 2 * 1024 * 1024
"""Bytes of a bulk write that are encrypted at once ("Size limits for Write Commands"). A single one may be larger."""
_ANY_SIZE = 2**31 - 1
_MOST_STATEMENTS = 100_000
_INT32 = struct.Struct("<i")
_HEADER = struct.Struct("<iiiiiB")
_OP_MSG = 2013
_MORE_TO_COME = 1 << 1

RAW = CodecOptions(RawBSONDocument, datetime_conversion=DatetimeConversion.DATETIME_MS)._codec
"""Leaves embedded documents as the bytes they are."""


def whole(command: Command) -> bytes:
    """The document that a command is, with its statements: as many of them as are encrypted at once.

    A batch learns where that ends, and its documents get their `_id`s, as if it was sent.
    """
    body = command.codec.encode(command.body)
    if not isinstance(command, BatchCommand):
        return body
    del command.ids[command.start :]
    message, command.end = op_msg_batch(
        command.codec,
        0,
        {},
        command.database,
        b"",
        command.identifier,
        command.documents,
        command.start,
        command.ids if command.add_ids else None,
        _MOST_STATEMENTS,
        _SPLIT_SIZE,
        _ANY_SIZE,
    )
    ((_, statements),) = op_msg_parts(message)[2]
    return _with_array(body, command.identifier, statements)


def encrypted(command: Command, document: bytes) -> Command:
    """The command that is sent in place of `command`, from its whole document, encrypted."""
    made = copy(command)
    made.body = body = RAW.inflate(document)
    made.codec = RAW
    body.pop("$db", None)
    if isinstance(made, BatchCommand):
        key: Any = type(command)
        made.__class__ = _of_any_size(key)
        made.documents = body.pop(made.identifier)
        made.start = 0
        made.ids = []
    return made


def decrypted(reply: Reply, document: bytes) -> Reply:
    """The reply as if the server had sent that document."""
    flags = _MORE_TO_COME if reply.more_to_come else 0
    length = _HEADER.size + len(document)
    return parse_reply(_HEADER.pack(length, 0, reply.response_to, _OP_MSG, flags, 0) + document)


def note_sent(command: Command, sent: Command) -> None:
    """Let a command know what became of the one that was sent in its place."""
    command.server = sent.server
    command.operation_id = sent.operation_id
    if isinstance(command, BatchCommand) and isinstance(sent, BatchCommand) and sent.end:
        command.end = command.start + sent.end
        del command.ids[command.end :]


@cache
def _of_any_size(kind: type[BatchCommand]) -> type[BatchCommand]:
    """The same command with documents that may be larger than the server accepts: it says so in its own words."""

    def message(self: Any, flags: int, fragments: bytes, limits: Limits) -> bytes:
        wide = Limits(
            _ANY_SIZE, limits.max_message_size, limits.max_write_batch_size, limits.max_wire_version
        )
        return kind.message(self, flags, fragments, wide)

    return type(kind.__name__, (kind,), {"__slots__": (), "__module__": kind.__module__, "message": message})


def _with_array(body: bytes, name: str, documents: bytes) -> bytes:
    """`body` with one more element: an array of the documents, which come one after the other."""
    elements = b"".join(
        b"\x03%d\x00" % index + document for index, document in enumerate(_separate(documents))
    )
    array = _INT32.pack(len(elements) + 5) + elements + b"\x00"
    made = body[4:-1] + b"\x04" + name.encode() + b"\x00" + array + b"\x00"
    return _INT32.pack(len(made) + 4) + made


def _separate(documents: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(documents):
        (length,) = _INT32.unpack_from(documents, position)
        yield documents[position : position + length]
        position += length
