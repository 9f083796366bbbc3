"""What GridFS keeps in its two collections, and which of it belongs to a file (specification: GridFS).

Pure. Owns filters, indexes and the check of chunks against their file's document. Ids are always matched by `$eq`:
an id that looks like a query operator means only itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from petiole._gridfs_errors import CorruptGridFile

DEFAULT_CHUNK_SIZE = 255 * 1024
"""Bytes in a chunk; with what else is in its document just below a power of two."""

FILES_INDEX = (("filename", 1), ("uploadDate", 1))
CHUNKS_INDEX = (("files_id", 1), ("n", 1))

GROUP_SIZE = 3 * 1024 * 1024
"""Bytes of chunks that go up or come down together, unless one chunk has more.

Few enough for memory that is used again and again, and is not given back and asked for anew; that costs more than the
further messages.
"""
GROUP_COUNT = 100_000
CHUNK_OVERHEAD = 60
"""Bytes in a chunk's document, besides its data, for an id of usual size."""


def file_filter(file_id: Any) -> dict[str, Any]:
    """The document of a file in the files collection."""
    return {"_id": {"$eq": file_id}}


def chunks_filter(file_id: Any, first: int = 0) -> dict[str, Any]:
    """The chunks of a file from number `first` on."""
    found: dict[str, Any] = {"files_id": {"$eq": file_id}}
    if first:
        found["n"] = {"$gte": first}
    return found


def name_filter(filename: Any) -> dict[str, Any]:
    """All files of a name; a name that is no string means only itself, as ids do."""
    return {"filename": filename if type(filename) is str else {"$eq": filename}}


def document_filter(document_or_id: Any) -> Mapping[str, Any]:
    """What a query for files means by a mapping, which is a filter, and by anything else, which is an id."""
    if isinstance(document_or_id, Mapping):
        return document_or_id
    return file_filter(document_or_id)


def revision(number: int) -> dict[str, Any]:
    """Options of a `find` for one revision: 0 is the first, 1 the second, -1 the last, -2 the one before."""
    if number < 0:
        return {"sort": [("uploadDate", -1)], "skip": -number - 1}
    return {"sort": [("uploadDate", 1)], "skip": number}


def has_index(existing: Iterable[Mapping[str, Any]], keys: tuple[tuple[str, int], ...]) -> bool:
    """Whether one of the indexes has those keys; their directions may be numbers of any type."""
    return any(tuple(index["key"].items()) == keys for index in existing)


class Layout:
    """How the bytes of a file lie in its chunks, as its document says."""

    __slots__ = ("chunk_size", "chunks", "length")

    def __init__(self, file: Mapping[str, Any]) -> None:
        self.length = int(file.get("length") or 0)
        self.chunk_size = int(file.get("chunkSize") or 0)
        if self.length > 0 and self.chunk_size <= 0:
            raise CorruptGridFile(f"the file has {self.length} bytes, but no chunk size")
        self.chunks = -(-self.length // self.chunk_size) if self.length > 0 else 0

    def batch_size(self, first: int) -> int:
        """Chunks per reply from chunk `first` on; 0, which leaves it to the server, where one reply has them all."""
        count = max(1, GROUP_SIZE // (self.chunk_size + CHUNK_OVERHEAD))
        return count if self.chunks - first > count else 0

    def data(self, document: Mapping[str, Any], number: int) -> bytes:
        """The data of the document found where the chunk `number` is expected.

        Raises `CorruptGridFile` if it is another chunk, has another length, or comes after the file's end.
        """
        found = document.get("n")
        if found != number:
            raise CorruptGridFile(f"Missing chunk: expected chunk #{number} but found chunk with n={found}")
        data = document.get("data")
        if not isinstance(data, bytes):
            raise CorruptGridFile(f"chunk #{number} has no binary data")
        if number >= self.chunks and data:
            raise CorruptGridFile(
                f"Extra chunk found: expected {self.chunks} chunks but found chunk with n={number}"
            )
        last = number >= self.chunks - 1
        expected = self.length - self.chunk_size * (self.chunks - 1) if last else self.chunk_size
        if len(data) != expected:
            raise CorruptGridFile(
                f"truncated chunk #{number}: expected chunk length to be {expected} "
                f"but found chunk with length {len(data)}"
            )
        return data
