"""Runs the bson-corpus tree: every document comes back byte for byte, and damaged ones are refused.

Extended JSON of the same tree is the business of `tests/unit/bson/test_json_util_corpus.py`.
"""

from collections import OrderedDict
from decimal import DecimalException
from typing import Any

import pytest

from petiole.bson import SON, CodecOptions, DatetimeConversion, InvalidBSON, decode, encode
from petiole.bson.decimal128 import Decimal128
from petiole.bson.raw_bson import RawBSONDocument

# Some dates are beyond what `datetime` holds.
OPTIONS = CodecOptions[dict[str, Any]](datetime_conversion=DatetimeConversion.DATETIME_AUTO)
DOCUMENT_CLASSES = [dict, SON, OrderedDict, RawBSONDocument]


@pytest.mark.specification("bson-corpus/tests")
@pytest.mark.parametrize("document_class", DOCUMENT_CLASSES)
def test_valid(case: dict[str, Any], document_class: type[Any]) -> None:
    options = OPTIONS.with_options(document_class=document_class)
    for entry in case.get("valid", []):
        canonical = bytes.fromhex(entry["canonical_bson"])
        # Deprecated types are read, and written as what replaced them; a raw document is not read at all.
        kept = canonical if document_class is RawBSONDocument else bytes.fromhex(converted(entry))
        assert encode(decode(canonical, options), codec_options=options) == kept, entry["description"]
        if "degenerate_bson" in entry and document_class is not RawBSONDocument:
            degenerate = decode(bytes.fromhex(entry["degenerate_bson"]), options)
            assert encode(degenerate, codec_options=options) == kept, entry["description"]


def converted(entry: dict[str, Any]) -> str:
    found: str = entry.get("converted_bson", entry["canonical_bson"])
    return found


@pytest.mark.specification("bson-corpus/tests")
def test_raw_documents_inflate_to_the_same_values(case: dict[str, Any]) -> None:
    options = OPTIONS.with_options(document_class=RawBSONDocument)
    for entry in case.get("valid", []):
        canonical = bytes.fromhex(entry["canonical_bson"])
        inflated = dict(RawBSONDocument(canonical, options).items())
        assert encode(inflated) == bytes.fromhex(converted(entry)), entry["description"]


@pytest.mark.specification("bson-corpus/tests")
def test_damaged(case: dict[str, Any]) -> None:
    for entry in case.get("decodeErrors", []):
        with pytest.raises(InvalidBSON):
            decode(bytes.fromhex(entry["bson"]), OPTIONS)


@pytest.mark.specification("bson-corpus/tests")
def test_decimals_that_cannot_be_held(case: dict[str, Any]) -> None:
    if case["bson_type"] != "0x13":
        return
    for entry in case.get("parseErrors", []):
        with pytest.raises((DecimalException, ValueError)):
            Decimal128(entry["string"])
