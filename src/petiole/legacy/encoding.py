"""The functions of `bson` with the default of 3.x: UUIDs as `pythonLegacy`. The work is that of `petiole.bson`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole import bson
from petiole.legacy.binary import UUIDLegacy
from petiole.legacy.codec_options import DEFAULT_CODEC_OPTIONS, CodecOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from petiole.bson import CodecOptions as Options

__all__ = [
    "BSON",
    "DEFAULT_CODEC_OPTIONS",
    "CodecOptions",
    "UUIDLegacy",
    "decode",
    "decode_all",
    "decode_file_iter",
    "decode_iter",
    "encode",
]


def encode(
    document: Mapping[str, Any],
    check_keys: bool = False,
    codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS,
) -> BSON:
    """A mapping as BSON. See `petiole.bson.encode`."""
    return BSON(bson.encode(document, check_keys, codec_options))


def decode(data: Any, codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS) -> Any:
    """Exactly one document. See `petiole.bson.decode`."""
    return bson.decode(data, codec_options)


def decode_all(data: Any, codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS) -> list[Any]:
    """Documents that stand one after the other."""
    return bson.decode_all(data, codec_options)


def decode_iter(data: bytes, codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS) -> Iterator[Any]:
    """Documents that stand one after the other, each when it is asked for."""
    return bson.decode_iter(data, codec_options)


def decode_file_iter(
    file_obj: BinaryIO, codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS
) -> Iterator[Any]:
    """The documents of a file, each read when it is asked for."""
    return bson.decode_file_iter(file_obj, codec_options)


class BSON(bson.BSON):
    """The bytes of a document, as `encode` gives them."""

    @classmethod
    def encode(
        cls,
        document: Mapping[str, Any],
        check_keys: bool = False,
        codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS,
    ) -> BSON:
        """See `petiole.bson.encode`."""
        return cls(bson.encode(document, check_keys, codec_options))

    def decode(self, codec_options: Options[Any] = DEFAULT_CODEC_OPTIONS) -> Any:  # type: ignore[override]
        """See `petiole.bson.decode`."""
        return bson.decode(self, codec_options)
