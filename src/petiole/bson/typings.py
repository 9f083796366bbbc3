"""Type aliases of the public signatures.

Owns names for type checkers; nothing here exists for the running program but the type variables.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar, Union

if TYPE_CHECKING:
    import array
    import mmap

    from petiole.bson.raw_bson import RawBSONDocument

_DocumentOut = Union[MutableMapping[str, Any], "RawBSONDocument"]
_DocumentType = TypeVar("_DocumentType", bound=Mapping[str, Any])
_DocumentTypeArg = TypeVar("_DocumentTypeArg", bound=Mapping[str, Any])
_ReadableBuffer = Union[bytes, memoryview, bytearray, "mmap.mmap", "array.array[Any]"]
