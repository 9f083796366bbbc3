"""How errors, events, logs and traces read documents: a value that Python cannot hold must end no operation."""

from __future__ import annotations

from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS, DatetimeConversion

FORGIVING = DEFAULT_CODEC_OPTIONS.with_options(
    unicode_decode_error_handler="replace", datetime_conversion=DatetimeConversion.DATETIME_AUTO
)._codec
"""As the default, but dates beyond Python's are `DatetimeMS`, and what is not UTF-8 in a string is replaced."""
