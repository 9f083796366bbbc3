"""Values of client-side encryption that both faces have: algorithms, types of queries, results."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petiole.results import BulkWriteResult


class Algorithm(str, Enum):  # noqa: UP042  # StrEnum has another `str`.
    """How a value is encrypted."""

    AEAD_AES_256_CBC_HMAC_SHA_512_Deterministic = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
    """Equal values become equal ciphertexts, so that they can be found."""
    AEAD_AES_256_CBC_HMAC_SHA_512_Random = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
    """Equal values become different ciphertexts."""
    INDEXED = "Indexed"
    """Of Queryable Encryption, to be found by equality."""
    UNINDEXED = "Unindexed"
    """Of Queryable Encryption, not to be found."""
    RANGE = "Range"
    """Of Queryable Encryption, to be found by range."""
    STRING = "String"
    """Of Queryable Encryption, to be found by prefix, suffix or substring."""
    TEXTPREVIEW = "TextPreview"
    """What `STRING` was called before it was stable."""


class QueryType(str, Enum):  # noqa: UP042  # The same.
    """What a value is encrypted to query by."""

    EQUALITY = "equality"
    RANGE = "range"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    SUBSTRING = "substring"


class RewrapManyDataKeyResult:
    """The result of `rewrap_many_data_key`."""

    def __init__(self, bulk_write_result: BulkWriteResult | None = None) -> None:
        self._bulk_write_result = bulk_write_result

    @property
    def bulk_write_result(self) -> BulkWriteResult | None:
        """The result of the updates; None if no key matched."""
        return self._bulk_write_result

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._bulk_write_result!r})"
