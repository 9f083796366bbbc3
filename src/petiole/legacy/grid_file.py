"""GridFS as 3.x had it: files have an MD5, unless `disable_md5` is given. All else is today's."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from petiole.gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE
from petiole.gridfs.synchronous import grid_file as today
from petiole.gridfs.synchronous.grid_file import GridOut, GridOutCursor

if TYPE_CHECKING:
    from petiole.collection import Collection
    from petiole.database import Database

__all__ = [
    "DEFAULT_CHUNK_SIZE",
    "EMPTY",
    "NEWLN",
    "GridFS",
    "GridFSBucket",
    "GridIn",
    "GridOut",
    "GridOutCursor",
]


EMPTY = b""
NEWLN = b"\n"


class GridIn(today.GridIn):
    """A file to write into, whose document gets an `md5` of its bytes."""

    def __init__(
        self,
        root_collection: Collection[Any],
        session: Any = None,
        disable_md5: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(root_collection, session, **kwargs)
        self.__dict__["_hash"] = None if disable_md5 else hashlib.md5(usedforsecurity=False)

    async def _take(self, data: bytes) -> None:
        await super()._take(data)
        if self._hash is not None:
            self._hash.update(data)

    async def _insert_file(self) -> None:
        if self._hash is not None:
            self._file["md5"] = self._hash.hexdigest()
        await super()._insert_file()


class _PlainGridIn(GridIn):
    """One without an MD5."""

    def __init__(self, root_collection: Collection[Any], session: Any = None, **kwargs: Any) -> None:
        super().__init__(root_collection, session, **{**kwargs, "disable_md5": True})


class GridFS(today.GridFS):
    """Files by `put` and `get`.

    :param disable_md5: whether files get no MD5, which takes time.
    """

    _in: type[GridIn] = GridIn

    def __init__(self, database: Database[Any], collection: str = "fs", disable_md5: bool = False) -> None:
        super().__init__(database, collection)
        if disable_md5:
            self._in = _PlainGridIn


class GridFSBucket(today.GridFSBucket):
    """Files by streams.

    :param disable_md5: whether files get no MD5, which takes time.
    """

    _in: type[GridIn] = GridIn

    def __init__(
        self,
        db: Database[Any],
        bucket_name: str = "fs",
        chunk_size_bytes: int = DEFAULT_CHUNK_SIZE,
        write_concern: Any = None,
        read_preference: Any = None,
        disable_md5: bool = False,
    ) -> None:
        super().__init__(db, bucket_name, chunk_size_bytes, write_concern, read_preference)
        if disable_md5:
            self._in = _PlainGridIn
