"""Type aliases that are part of the public signatures. Nothing here runs at more than import cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Union

if TYPE_CHECKING:
    from petiole.bson.raw_bson import RawBSONDocument
    from petiole.collation import Collation

_Address = tuple[str, int | None]
_CollationIn = Union[Mapping[str, Any], "Collation"]
_DocumentOut = Union[dict[str, Any], "RawBSONDocument"]
_DocumentType = TypeVar("_DocumentType", bound=Mapping[str, Any])
_DocumentTypeArg = TypeVar("_DocumentTypeArg", bound=Mapping[str, Any])
_Pipeline = Sequence[Mapping[str, Any]]
_IndexList = Sequence[str | tuple[str, int | str | Mapping[str, Any]]] | Mapping[str, Any]
_IndexKeyHint = str | _IndexList
ClusterTime = Mapping[str, Any]

_T = TypeVar("_T")


def strip_optional(elem: _T | None) -> _T:
    """Assert that `elem` is not None, for the type checker, and hand it back."""
    assert elem is not None
    return elem


__all__ = ["ClusterTime", "strip_optional"]
