"""What the codec holds and lets go: nothing grows with calls, errors, or options that come and go."""

from __future__ import annotations

import gc
import sys
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from petiole.bson import (
    SON,
    Binary,
    Code,
    CodecOptions,
    DatetimeConversion,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    InvalidBSON,
    InvalidDocument,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
    decode,
    encode,
)
from petiole.bson.raw_bson import RawBSONDocument

DOCUMENT: dict[str, Any] = {
    "a": [1, 2.5, None, True, "text", "é", b"x", Int64(5), Int64(-(2**63)), {"b": {}}],
    "c": {"reference": DBRef("c", 1, "d", x=5), "code": Code("f", {"a": 1}), "key": MinKey()},
    "d": [ObjectId(), Timestamp(1, 2), Decimal128("1.5"), Regex("a", "i"), Binary(b"x", 5), DatetimeMS(5)],
    "e": Binary.from_uuid(uuid.UUID(int=5)),
}
ENCODED = encode(DOCUMENT)
DAMAGED = ENCODED[:-30] + b"\xff" * 29 + b"\0"
OPTIONS: dict[str, Any] = {
    "son": CodecOptions(document_class=SON),
    "raw": CodecOptions(document_class=RawBSONDocument),
    "uuid": CodecOptions(uuid_representation=4, tz_aware=True),
    "milliseconds": CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS),
}


def refused(document: dict[Any, Any]) -> None:
    with pytest.raises((InvalidDocument, OverflowError, UnicodeEncodeError)):
        encode(document)


def damaged(options: CodecOptions[Any]) -> None:
    # A raw document does not look inside.
    with suppress(InvalidBSON):
        decode(DAMAGED, options)


CALLS: dict[str, Callable[[], Any]] = {
    "encode": partial(encode, DOCUMENT),
    "decode": partial(decode, ENCODED),
    "unencodable": partial(refused, {"a": [{"b": object()}]}),
    "bad key": partial(refused, {1: 1}),
    "too large": partial(refused, {"a": 2**70}),
    "surrogate": partial(refused, {"a": "\ud800"}),
    "new options": lambda: encode(DOCUMENT, codec_options=CodecOptions(tz_aware=True)),
    **{f"decode to {name}": partial(decode, ENCODED, options) for name, options in OPTIONS.items()},
    **{f"damaged to {name}": partial(damaged, options) for name, options in OPTIONS.items()},
}


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_left_behind(name: str) -> None:
    call = CALLS[name]
    call()
    # Other threads of the test run make objects too; a leak shows every time.
    assert any(growth(call) < (30, 30) for _ in range(5))


def growth(call: Callable[[], Any]) -> tuple[int, int]:
    """How many objects, and references to None, 300 calls leave behind; the greater of both first."""
    gc.collect()
    objects, nones = len(gc.get_objects()), sys.getrefcount(None)
    for _ in range(300):
        call()
    gc.collect()
    grown = len(gc.get_objects()) - objects, sys.getrefcount(None) - nones
    return max(grown), min(grown)
