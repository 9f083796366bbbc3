"""How documents are encoded and decoded: `CodecOptions`, and user-defined types: `TypeRegistry`.

Owns the options, their validation and their text, and the one compiled `petiole._native.Codec` of each
options object (`CodecOptions._codec`, made on first use). It may not encode or decode anything itself.
"""

from __future__ import annotations

import abc
import datetime
import enum
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, overload

from petiole.bson.binary import (
    ALL_UUID_REPRESENTATIONS,
    UUID_REPRESENTATION_NAMES,
    UuidRepresentation,
)
from petiole.bson.typings import _DocumentType

if TYPE_CHECKING:
    from petiole._native import Codec

_RAW_BSON_DOCUMENT_MARKER = 101


class TypeEncoder(abc.ABC):
    """Base of codecs that turn a Python type into one that BSON has."""

    @property
    @abc.abstractmethod
    def python_type(self) -> Any:
        """The exact type of the values that are turned."""

    @abc.abstractmethod
    def transform_python(self, value: Any) -> Any:
        """The value to encode instead."""


class TypeDecoder(abc.ABC):
    """Base of codecs that turn a decoded BSON value into another Python type."""

    @property
    @abc.abstractmethod
    def bson_type(self) -> Any:
        """The exact type of the decoded values that are turned."""

    @abc.abstractmethod
    def transform_bson(self, value: Any) -> Any:
        """The value to give to the application instead."""


class TypeCodec(TypeEncoder, TypeDecoder):
    """Base of codecs that turn values both ways."""


_Codec = TypeEncoder | TypeDecoder | TypeCodec
_Fallback = Callable[[Any], Any]


class TypeRegistry:
    """The user-defined types of an application.

    :param type_codecs: instances of `TypeEncoder`, `TypeDecoder` or `TypeCodec`
    :param fallback_encoder: asked for a value that BSON has, for one of a type nobody else encodes
    :raises TypeError: also for an encoder of a type that BSON already has
    """

    def __init__(
        self,
        type_codecs: Iterable[_Codec] | None = None,
        fallback_encoder: _Fallback | None = None,
    ) -> None:
        self.__type_codecs = list(type_codecs or [])
        self._fallback_encoder = fallback_encoder
        self._encoder_map: dict[Any, Any] = {}
        self._decoder_map: dict[Any, Any] = {}
        if fallback_encoder is not None and not callable(fallback_encoder):
            raise TypeError(f"fallback_encoder {fallback_encoder!r} is not a callable")
        for codec in self.__type_codecs:
            if not isinstance(codec, (TypeEncoder, TypeDecoder)):
                raise TypeError(
                    f"Expected an instance of TypeEncoder, TypeDecoder, or TypeCodec, got {codec!r} instead"
                )
            if isinstance(codec, TypeEncoder):
                self._validate_type_encoder(codec)
                self._encoder_map[codec.python_type] = codec.transform_python
            if isinstance(codec, TypeDecoder):
                self._decoder_map[codec.bson_type] = codec.transform_bson

    @property
    def codecs(self) -> list[_Codec]:
        """The codecs, in the order given."""
        return self.__type_codecs

    @property
    def fallback_encoder(self) -> _Fallback | None:
        """The encoder of last resort."""
        return self._fallback_encoder

    def _validate_type_encoder(self, codec: TypeEncoder) -> None:
        for built_in in _built_in_types():
            if issubclass(codec.python_type, built_in):
                raise TypeError(
                    "TypeEncoders cannot change how built-in types are "
                    f"encoded (encoder {codec} transforms type {built_in})"
                )

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(type_codecs={self.__type_codecs!r}, "
            f"fallback_encoder={self._fallback_encoder!r})"
        )

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, type(self)):
            return NotImplemented
        mine = self._decoder_map, self._encoder_map, self._fallback_encoder
        return mine == (other._decoder_map, other._encoder_map, other._fallback_encoder)

    __hash__: Any = None


def _built_in_types() -> tuple[type[Any], ...]:
    """The types that encoders may not redefine: the codec never asks about them."""
    import re
    import uuid

    from petiole import bson

    python = bool, bytes, datetime.datetime, bson.DatetimeMS, dict, float, int, list, str, tuple, type(None)
    scalars = uuid.UUID, bson.Binary, bson.Int64, bson.Code, bson.DBRef, bson.MaxKey, bson.MinKey
    return (
        *python,
        *scalars,
        *(bson.ObjectId, bson.Regex, re.Pattern, bson.SON, bson.Timestamp, bson.Decimal128, Mapping),
    )


class DatetimeConversion(int, enum.Enum):
    """What a stored datetime is decoded to."""

    DATETIME = 1
    """`datetime.datetime`; one out of range is an error."""
    DATETIME_CLAMP = 2
    """`datetime.datetime`; one out of range becomes the first or the last."""
    DATETIME_MS = 3
    """`DatetimeMS`, always."""
    DATETIME_AUTO = 4
    """`datetime.datetime`, or `DatetimeMS` for one out of range."""


class _BaseCodecOptions(NamedTuple):
    document_class: type[Any]
    tz_aware: bool
    uuid_representation: int
    unicode_decode_error_handler: str
    tzinfo: datetime.tzinfo | None
    type_registry: TypeRegistry
    datetime_conversion: DatetimeConversion | None


class CodecOptions(_BaseCodecOptions, Generic[_DocumentType]):
    """How documents are encoded and decoded; immutable.

    :param document_class: what documents are decoded to: a `MutableMapping` class or `RawBSONDocument`
    :param tz_aware: give datetimes the time zone UTC, or `tzinfo`
    :param uuid_representation: a value of `UuidRepresentation`, for native UUIDs
    :param unicode_decode_error_handler: what to do with strings that are not UTF-8, as for `bytes.decode`
    :param tzinfo: the time zone to convert datetimes to; only with `tz_aware`
    :param type_registry: user-defined types
    :param datetime_conversion: a `DatetimeConversion`, mainly for dates out of `datetime`'s range
    """

    @overload
    def __new__(
        cls,
        document_class: None = None,
        tz_aware: bool = False,
        uuid_representation: int | None = UuidRepresentation.UNSPECIFIED,
        unicode_decode_error_handler: str = "strict",
        tzinfo: datetime.tzinfo | None = None,
        type_registry: TypeRegistry | None = None,
        datetime_conversion: DatetimeConversion | None = DatetimeConversion.DATETIME,
    ) -> CodecOptions[dict[str, Any]]: ...

    @overload
    def __new__(
        cls,
        document_class: type[_DocumentType],
        tz_aware: bool = False,
        uuid_representation: int | None = UuidRepresentation.UNSPECIFIED,
        unicode_decode_error_handler: str = "strict",
        tzinfo: datetime.tzinfo | None = None,
        type_registry: TypeRegistry | None = None,
        datetime_conversion: DatetimeConversion | None = DatetimeConversion.DATETIME,
    ) -> CodecOptions[_DocumentType]: ...

    def __new__(
        cls,
        document_class: type[Any] | None = None,
        tz_aware: bool = False,
        uuid_representation: int | None = UuidRepresentation.UNSPECIFIED,
        unicode_decode_error_handler: str = "strict",
        tzinfo: datetime.tzinfo | None = None,
        type_registry: TypeRegistry | None = None,
        datetime_conversion: DatetimeConversion | None = DatetimeConversion.DATETIME,
    ) -> CodecOptions[Any]:
        document_class = document_class or dict
        _check_document_class(document_class)
        if not isinstance(tz_aware, bool):
            raise TypeError(f"tz_aware must be True or False, was: tz_aware={tz_aware}")
        if uuid_representation not in ALL_UUID_REPRESENTATIONS:
            raise ValueError("uuid_representation must be a value from bson.binary.UuidRepresentation")
        if not isinstance(unicode_decode_error_handler, str):
            raise TypeError(
                f"unicode_decode_error_handler must be a string, not {type(unicode_decode_error_handler)}"
            )
        if tzinfo is not None:
            if not isinstance(tzinfo, datetime.tzinfo):
                raise TypeError(f"tzinfo must be an instance of datetime.tzinfo, not {type(tzinfo)}")
            if not tz_aware:
                raise ValueError("cannot specify tzinfo without also setting tz_aware=True")
        type_registry = type_registry or TypeRegistry()
        if not isinstance(type_registry, TypeRegistry):
            raise TypeError(f"type_registry must be an instance of TypeRegistry, not {type(type_registry)}")
        fields = (
            document_class,
            tz_aware,
            uuid_representation,
            unicode_decode_error_handler,
            tzinfo,
            type_registry,
            datetime_conversion,
        )
        return super().__new__(cls, *fields)

    @cached_property
    def _codec(self) -> Codec:
        """The compiled form of these options, which does the encoding and decoding."""
        from petiole._native import Codec

        return Codec(self)

    def __getstate__(self) -> None:
        # The tuple says everything; a compiled codec must neither be copied nor pickled.
        return None

    def _arguments_repr(self) -> str:
        """The options as arguments of a call, for the `repr` of whatever takes them."""
        document_class = "dict" if self.document_class is dict else repr(self.document_class)
        uuid_name = UUID_REPRESENTATION_NAMES.get(self.uuid_representation, self.uuid_representation)
        return (
            f"document_class={document_class}, tz_aware={self.tz_aware!r}, "
            f"uuid_representation={uuid_name}, "
            f"unicode_decode_error_handler={self.unicode_decode_error_handler!r}, "
            f"tzinfo={self.tzinfo!r}, type_registry={self.type_registry!r}, "
            f"datetime_conversion={self.datetime_conversion!s}"
        )

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._arguments_repr()})"

    def with_options(self, **kwargs: Any) -> CodecOptions[Any]:
        """A copy with some options changed."""
        return CodecOptions(**{**self._asdict(), **kwargs})


def _check_document_class(document_class: Any) -> None:
    if getattr(document_class, "_type_marker", None) == _RAW_BSON_DOCUMENT_MARKER:
        return
    # `dict[str, Any]` and other parametrised classes stand for their origin.
    origin = getattr(document_class, "__origin__", document_class)
    if not isinstance(origin, type) or not issubclass(origin, MutableMapping):
        raise TypeError(
            "document_class must be dict, bson.son.SON, bson.raw_bson.RawBSONDocument, "
            "or a subclass of collections.abc.MutableMapping"
        )


DEFAULT_CODEC_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions()


def _parse_codec_options(options: Any) -> CodecOptions[Any]:
    """The codec options among a client's options, which it takes by the URI's names or by these."""
    names = {**{field: field for field in CodecOptions._fields}, "uuidrepresentation": "uuid_representation"}
    return CodecOptions(**{names[key]: value for key, value in options.items() if key in names})
