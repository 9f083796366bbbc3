"""BSON: encoding Python mappings, and decoding documents.

Owns the functions and the names of PyMongo's `bson` package; the values have a module each. The work is
native (`petiole._native.Codec`); each `CodecOptions` object keeps its compiled codec. Follows the BSON
specification 1.1.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from itertools import count
from typing import IO, TYPE_CHECKING, Any, BinaryIO, overload

from petiole.bson.binary import (
    ALL_UUID_SUBTYPES,
    CSHARP_LEGACY,
    JAVA_LEGACY,
    OLD_UUID_SUBTYPE,
    STANDARD,
    UUID_SUBTYPE,
    Binary,
    UuidRepresentation,
)
from petiole.bson.code import Code
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS, CodecOptions, DatetimeConversion
from petiole.bson.datetime_ms import EPOCH_AWARE, EPOCH_NAIVE, DatetimeMS
from petiole.bson.dbref import DBRef
from petiole.bson.decimal128 import Decimal128
from petiole.bson.errors import InvalidBSON, InvalidDocument, InvalidStringData
from petiole.bson.int64 import Int64
from petiole.bson.max_key import MaxKey
from petiole.bson.min_key import MinKey
from petiole.bson.objectid import ObjectId
from petiole.bson.regex import Regex
from petiole.bson.son import RE_TYPE, SON
from petiole.bson.timestamp import Timestamp
from petiole.bson.tz_util import utc

if TYPE_CHECKING:
    from petiole.bson.typings import _DocumentType, _ReadableBuffer

__all__ = [
    "ALL_UUID_SUBTYPES",
    "BSON",
    "BSONARR",
    "BSONBIN",
    "BSONBOO",
    "BSONCOD",
    "BSONCWS",
    "BSONDAT",
    "BSONDEC",
    "BSONINT",
    "BSONLON",
    "BSONMAX",
    "BSONMIN",
    "BSONNUL",
    "BSONNUM",
    "BSONOBJ",
    "BSONOID",
    "BSONREF",
    "BSONRGX",
    "BSONSTR",
    "BSONSYM",
    "BSONTIM",
    "BSONUND",
    "CSHARP_LEGACY",
    "DEFAULT_CODEC_OPTIONS",
    "EPOCH_AWARE",
    "EPOCH_NAIVE",
    "JAVA_LEGACY",
    "OLD_UUID_SUBTYPE",
    "RE_TYPE",
    "SON",
    "STANDARD",
    "UUID_SUBTYPE",
    "Binary",
    "Code",
    "CodecOptions",
    "DBRef",
    "DatetimeConversion",
    "DatetimeMS",
    "Decimal128",
    "Int64",
    "InvalidBSON",
    "InvalidDocument",
    "InvalidStringData",
    "MaxKey",
    "MinKey",
    "ObjectId",
    "Regex",
    "Timestamp",
    "UuidRepresentation",
    "decode",
    "decode_all",
    "decode_file_iter",
    "decode_iter",
    "encode",
    "gen_list_name",
    "get_data_and_view",
    "has_c",
    "is_valid",
    "utc",
]

# The type bytes of the BSON specification.
BSONNUM = b"\x01"
BSONSTR = b"\x02"
BSONOBJ = b"\x03"
BSONARR = b"\x04"
BSONBIN = b"\x05"
BSONUND = b"\x06"
BSONOID = b"\x07"
BSONBOO = b"\x08"
BSONDAT = b"\x09"
BSONNUL = b"\x0a"
BSONRGX = b"\x0b"
BSONREF = b"\x0c"
BSONCOD = b"\x0d"
BSONSYM = b"\x0e"
BSONCWS = b"\x0f"
BSONINT = b"\x10"
BSONTIM = b"\x11"
BSONLON = b"\x12"
BSONDEC = b"\x13"
BSONMIN = b"\xff"
BSONMAX = b"\x7f"

_OPTIONS_TYPE_ERROR = "codec_options must be an instance of CodecOptions"


def encode(
    document: Mapping[str, Any],
    check_keys: bool = False,
    codec_options: CodecOptions[Any] = DEFAULT_CODEC_OPTIONS,
) -> bytes:
    """Encodes a mapping.

    :param check_keys: refuse keys that start with ``$`` or contain ``.``
    :raises InvalidDocument: naming the path of the key, for a value or a key that cannot be encoded
    :raises TypeError: if the document is no mapping
    """
    if not isinstance(codec_options, CodecOptions):
        raise TypeError(_OPTIONS_TYPE_ERROR)
    return codec_options._codec.encode(document, check_keys)


@overload
def decode(data: _ReadableBuffer, codec_options: None = None) -> dict[str, Any]: ...


@overload
def decode(data: _ReadableBuffer, codec_options: CodecOptions[_DocumentType]) -> _DocumentType: ...


def decode(data: _ReadableBuffer, codec_options: CodecOptions[Any] | None = None) -> Any:
    """Decodes exactly one document.

    :param data: anything that has the buffer interface
    :raises InvalidBSON: if the bytes are not one valid document
    """
    return _options(codec_options)._codec.decode(data)


@overload
def decode_all(data: _ReadableBuffer, codec_options: None = None) -> list[dict[str, Any]]: ...


@overload
def decode_all(data: _ReadableBuffer, codec_options: CodecOptions[_DocumentType]) -> list[_DocumentType]: ...


def decode_all(data: _ReadableBuffer, codec_options: CodecOptions[Any] | None = None) -> list[Any]:
    """Decodes documents that stand one after the other."""
    return _options(codec_options)._codec.decode_all(data)


@overload
def decode_iter(data: bytes, codec_options: None = None) -> Iterator[dict[str, Any]]: ...


@overload
def decode_iter(data: bytes, codec_options: CodecOptions[_DocumentType]) -> Iterator[_DocumentType]: ...


def decode_iter(data: bytes, codec_options: CodecOptions[Any] | None = None) -> Iterator[Any]:
    """Decodes documents that stand one after the other, each when it is asked for."""
    options = _options(codec_options)
    position = 0
    # One byte left over ends the iteration without an error: files with a stray byte at the end are read so.
    while position < len(data) - 1:
        prefix = data[position : position + 4]
        if len(prefix) < 4:
            raise InvalidBSON("not enough data for a BSON document")
        size = int.from_bytes(prefix, "little", signed=True)
        document = data[position : position + max(size, 4)]
        position += len(document)
        yield options._codec.decode(document)


@overload
def decode_file_iter(
    file_obj: BinaryIO | IO[bytes], codec_options: None = None
) -> Iterator[dict[str, Any]]: ...


@overload
def decode_file_iter(
    file_obj: BinaryIO | IO[bytes], codec_options: CodecOptions[_DocumentType]
) -> Iterator[_DocumentType]: ...


def decode_file_iter(
    file_obj: BinaryIO | IO[bytes], codec_options: CodecOptions[Any] | None = None
) -> Iterator[Any]:
    """Decodes the documents of a file, each read when it is asked for."""
    options = _options(codec_options)
    while prefix := file_obj.read(4):
        if len(prefix) != 4:
            raise InvalidBSON("cut off in middle of objsize")
        size = int.from_bytes(prefix, "little", signed=True)
        yield options._codec.decode(prefix + file_obj.read(max(0, size - 4)))


def _options(codec_options: CodecOptions[Any] | None) -> CodecOptions[Any]:
    if codec_options is None:
        return DEFAULT_CODEC_OPTIONS
    if not isinstance(codec_options, CodecOptions):
        raise TypeError(_OPTIONS_TYPE_ERROR)
    return codec_options


def is_valid(bson: bytes) -> bool:
    """Whether the bytes are exactly one valid document."""
    if not isinstance(bson, bytes):
        raise TypeError(f"BSON data must be an instance of a subclass of bytes, not {type(bson)}")
    try:
        DEFAULT_CODEC_OPTIONS._codec.decode(bson)
    except Exception:
        return False
    return True


class BSON(bytes):
    """The bytes of a document, with the two functions as methods; prefer `encode` and `decode`."""

    @classmethod
    def encode(
        cls,
        document: Mapping[str, Any],
        check_keys: bool = False,
        codec_options: CodecOptions[Any] = DEFAULT_CODEC_OPTIONS,
    ) -> BSON:
        """See `petiole.bson.encode`."""
        return cls(encode(document, check_keys, codec_options))

    def decode(self, codec_options: CodecOptions[Any] = DEFAULT_CODEC_OPTIONS) -> dict[str, Any]:  # type: ignore[override]
        """See `petiole.bson.decode`."""
        decoded: dict[str, Any] = decode(self, codec_options)
        return decoded


def has_c() -> bool:
    """Whether the codec is native. It always is; PyMongo can be built without."""
    return True


def gen_list_name() -> Generator[bytes, None, None]:
    """The names of an array's elements as C strings: "0", "1", ..."""
    for index in count():
        yield b"%d\x00" % index


def get_data_and_view(data: Any) -> tuple[Any, memoryview]:
    """The data as bytes-like object and a view of it; other buffers than bytes and bytearray are copied."""
    view = memoryview(data)
    if isinstance(data, (bytes, bytearray)):
        return data, view
    return view.tobytes(), view
