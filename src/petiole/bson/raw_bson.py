"""`RawBSONDocument`: a document that stays bytes until somebody looks inside.

Owns the class and the options that decode to it. A document is checked for its length and terminator when
it is made, and inflated one level at a time by the native codec (`Codec.inflate`): embedded documents
become raw documents again.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any

from petiole.bson.codec_options import _RAW_BSON_DOCUMENT_MARKER, CodecOptions
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS as DEFAULT
from petiole.bson.errors import InvalidBSON


class RawBSONDocument(Mapping[str, Any]):
    """A read-only mapping over the bytes of one BSON document.

    :param bson_bytes: the bytes, of exactly one document
    :param codec_options: how to decode the values; its document class must be RawBSONDocument or a subclass
    :raises InvalidBSON: if the bytes are not framed as one document
    """

    __slots__ = ("__codec_options", "__inflated_doc", "__raw")

    _type_marker = _RAW_BSON_DOCUMENT_MARKER

    __codec_options: CodecOptions[RawBSONDocument]

    def __init__(
        self,
        bson_bytes: bytes | memoryview,
        codec_options: CodecOptions[RawBSONDocument] | None = None,
    ) -> None:
        self.__raw = bson_bytes
        self.__inflated_doc: Mapping[str, Any] | None = None
        if codec_options is None:
            codec_options = DEFAULT_RAW_BSON_OPTIONS
        elif not issubclass(codec_options.document_class, RawBSONDocument):
            raise TypeError(
                f"RawBSONDocument cannot use CodecOptions with document class {codec_options.document_class}"
            )
        self.__codec_options = codec_options
        _check_frame(bson_bytes)

    @property
    def raw(self) -> bytes | memoryview:
        """The bytes of the document, as they were given."""
        return self.__raw

    def items(self) -> ItemsView[str, Any]:
        """The items, decoded."""
        return self.__inflated.items()

    @property
    def __inflated(self) -> Mapping[str, Any]:
        if self.__inflated_doc is None:
            self.__inflated_doc = self._inflate_bson(self.__raw, self.__codec_options)
        return self.__inflated_doc

    @staticmethod
    def _inflate_bson(
        bson_bytes: bytes | memoryview, codec_options: CodecOptions[RawBSONDocument]
    ) -> Mapping[str, Any]:
        return codec_options._codec.inflate(bson_bytes)

    def __getitem__(self, item: str) -> Any:
        return self.__inflated[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self.__inflated)

    def __len__(self) -> int:
        return len(self.__inflated)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RawBSONDocument):
            return self.__raw == other.raw
        return NotImplemented

    __hash__: Any = None

    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        slots = {
            "_RawBSONDocument__codec_options": self.__codec_options,
            "_RawBSONDocument__inflated_doc": self.__inflated_doc,
            # A memoryview cannot be pickled.
            "_RawBSONDocument__raw": bytes(self.__raw),
        }
        return getattr(self, "__dict__", None) or None, slots

    def __repr__(self) -> str:
        raw = self.__raw if isinstance(self.__raw, bytes) else bytes(self.__raw)
        return f"{self.__class__.__name__}({raw!r}, codec_options={self.__codec_options!r})"


def _check_frame(data: bytes | memoryview) -> None:
    """Whether the length prefix and the terminator fit the bytes; what is between is checked on inflation."""
    length = len(data)
    if not isinstance(data, (bytes, bytearray)):
        if not isinstance(data, memoryview):
            raise TypeError(f"a bytes-like object is required, not {type(data).__name__!r}")
        data = data.cast("B")
    if length < 4:
        raise InvalidBSON("not enough data for a BSON document")
    if int.from_bytes(data[:4], "little", signed=True) != length or length < 5:
        raise InvalidBSON("invalid object length")
    if data[length - 1] != 0:
        raise InvalidBSON("bad eoo")


DEFAULT_RAW_BSON_OPTIONS: CodecOptions[RawBSONDocument] = DEFAULT.with_options(document_class=RawBSONDocument)
"""The default options, decoding to RawBSONDocument."""
