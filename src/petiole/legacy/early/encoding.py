"""The functions of `bson` with the parameters of 1.x and 2.x. The work is that of `petiole.bson`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole import bson
from petiole.bson.binary import OLD_UUID_SUBTYPE
from petiole.legacy.codec_options import CodecOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO, Self

__all__ = ["BSON", "decode_all", "decode_file_iter", "decode_iter", "has_uuid"]

PY3 = True
MAX_INT32, MIN_INT32 = (1 << 31) - 1, -(1 << 31)
MAX_INT64, MIN_INT64 = (1 << 63) - 1, -(1 << 63)


def _options(as_class: type[Any], tz_aware: bool, uuid_subtype: int, codec_options: Any) -> Any:
    """Today's options for those given one by one; `codec_options` of 2.9 win."""
    if codec_options is not None:
        return codec_options
    return CodecOptions(document_class=as_class, tz_aware=tz_aware, uuid_representation=uuid_subtype)


def decode_all(
    data: Any,
    as_class: type[Any] = dict,
    tz_aware: bool = True,
    uuid_subtype: int = OLD_UUID_SUBTYPE,
    compile_re: bool = True,
    codec_options: Any = None,
) -> list[Any]:
    """Documents that stand one after the other.

    :param compile_re: accepted; regular expressions are `Regex` objects, which `try_compile` compiles.
    """
    return bson.decode_all(data, _options(as_class, tz_aware, uuid_subtype, codec_options))


def decode_iter(
    data: bytes,
    as_class: type[Any] = dict,
    tz_aware: bool = True,
    uuid_subtype: int = OLD_UUID_SUBTYPE,
    compile_re: bool = True,
    codec_options: Any = None,
) -> Iterator[Any]:
    """Documents that stand one after the other, each when it is asked for."""
    return bson.decode_iter(data, _options(as_class, tz_aware, uuid_subtype, codec_options))


def decode_file_iter(
    file_obj: BinaryIO,
    as_class: type[Any] = dict,
    tz_aware: bool = True,
    uuid_subtype: int = OLD_UUID_SUBTYPE,
    compile_re: bool = True,
    codec_options: Any = None,
) -> Iterator[Any]:
    """The documents of a file, each read when it is asked for."""
    return bson.decode_file_iter(file_obj, _options(as_class, tz_aware, uuid_subtype, codec_options))


def has_uuid() -> bool:
    """Whether Python has the module `uuid`."""
    return True


class BSON(bson.BSON):
    """The bytes of a document, as `encode` gives them."""

    @classmethod
    def encode(  # type: ignore[override]
        cls,
        document: Mapping[str, Any],
        check_keys: bool = False,
        uuid_subtype: int = OLD_UUID_SUBTYPE,
        codec_options: Any = None,
    ) -> Self:
        """A mapping as BSON."""
        return cls(bson.encode(document, check_keys, _options(dict, False, uuid_subtype, codec_options)))

    @classmethod
    def from_dict(cls, dct: Mapping[str, Any], check_keys: bool = False) -> Self:
        """The same as `encode`, as 1.x called it."""
        return cls.encode(dct, check_keys)

    def decode(  # type: ignore[override]
        self,
        as_class: type[Any] = dict,
        tz_aware: bool = False,
        uuid_subtype: int = OLD_UUID_SUBTYPE,
        compile_re: bool = True,
        codec_options: Any = None,
    ) -> Any:
        """The document."""
        return bson.decode(self, _options(as_class, tz_aware, uuid_subtype, codec_options))

    def to_dict(self, as_class: type[Any] = dict, tz_aware: bool = False) -> Any:
        """The same as `decode`, as 1.x called it."""
        return self.decode(as_class, tz_aware)
