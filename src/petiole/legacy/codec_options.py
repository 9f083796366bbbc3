"""How documents are encoded and decoded, with the default of 3.x: UUIDs as `pythonLegacy`. All else is today's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.bson.binary import UuidRepresentation
from petiole.bson.codec_options import CodecOptions as TodaysCodecOptions

if TYPE_CHECKING:
    from datetime import tzinfo as TimeZone

    from petiole.bson.codec_options import TypeRegistry

__all__ = ["DEFAULT_CODEC_OPTIONS", "CodecOptions"]


class _AnyOptions(type):
    """All options are of this class, as there was only one: those of clients, and copies."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, TodaysCodecOptions)


class CodecOptions(TodaysCodecOptions[Any], metaclass=_AnyOptions):
    """Today's `CodecOptions`, by which native UUIDs can be written without further ado."""

    def __new__(  # type: ignore[misc]
        cls,
        document_class: type[Any] = dict,
        tz_aware: bool = False,
        uuid_representation: int | None = UuidRepresentation.PYTHON_LEGACY,
        unicode_decode_error_handler: str = "strict",
        tzinfo: TimeZone | None = None,
        type_registry: TypeRegistry | None = None,
        **kwargs: Any,
    ) -> TodaysCodecOptions[Any]:
        return TodaysCodecOptions(
            document_class,
            tz_aware,
            uuid_representation,
            unicode_decode_error_handler or "strict",
            tzinfo,
            type_registry,
            **kwargs,
        )


DEFAULT_CODEC_OPTIONS: TodaysCodecOptions[Any] = CodecOptions()
