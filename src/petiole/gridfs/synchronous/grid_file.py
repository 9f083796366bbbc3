"""The blocking face of GridFS: bindings, construction and iteration."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from petiole._core.gridfs.bucket import CoreGridFSBucket
from petiole._core.gridfs.cursor import FilesCursor
from petiole._core.gridfs.download import CoreGridOut
from petiole._core.gridfs.filesystem import CoreGridFS
from petiole._core.gridfs.upload import CoreGridIn
from petiole._native import run
from petiole._runtime.driver import blocking, face
from petiole.collection import Collection
from petiole.cursor import Cursor
from petiole.database import Database
from petiole.gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE

if TYPE_CHECKING:
    from petiole.client_session import ClientSession
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["GridFS", "GridFSBucket", "GridIn", "GridOut", "GridOutCursor"]


@face
class GridIn(CoreGridIn):
    """A file to write into; `GridFSBucket.open_upload_stream` and `GridFS.new_file` make it.

    Attributes that are set become fields of the file's document; after `close` they are set on the server at once. A
    `with` block closes the file at its end. Where it ends with an error, nothing of the file can be seen by anybody,
    though chunks that were sent stay; `abort` removes them.
    """

    _root_class = Collection

    if TYPE_CHECKING:

        def __init__(
            self, root_collection: Collection[Any], session: ClientSession | None = None, **kwargs: Any
        ) -> None: ...

    set = blocking(CoreGridIn._set)
    write = blocking(CoreGridIn._write)
    writelines = blocking(CoreGridIn._writelines)
    close = blocking(CoreGridIn._close)
    abort = blocking(CoreGridIn._abort)

    def _assign(self, name: str, value: Any) -> None:
        self.set(name, value)

    def _set_unknown(self, name: str, value: Any) -> None:
        self.set(name, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self._leave()


@face
class GridOut(CoreGridOut, io.IOBase):
    """A file to read from, in binary; `io.TextIOWrapper` makes text of it.

    Fields of the file's document are attributes; the first one asked for fetches it, unless the file is open. Iteration
    gives lines. At most one batch of chunks is held at a time.
    """

    _root_class = Collection

    if TYPE_CHECKING:

        def __init__(
            self,
            root_collection: Collection[Any],
            file_id: Any | None = None,
            file_document: Any | None = None,
            session: ClientSession | None = None,
        ) -> None: ...

    open = blocking(CoreGridOut._open)
    readchunk = blocking(CoreGridOut._readchunk)

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that is left for a negative size. Raises `CorruptGridFile`."""
        return run(self._read(size))

    def readline(self, size: int | None = -1) -> bytes:
        r"""The next line, with its `\n`, or the first `size` bytes of it; empty at the end."""
        return run(self._readline(size))

    def seek(self, pos: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position and return it: from the beginning, the position, or the end. Raises `OSError`."""
        return run(self._seek(pos, whence))

    def _document(self, name: str) -> Mapping[str, Any]:
        if self._file is None:
            self.open()
        assert self._file is not None
        return self._file

    def close(self) -> None:
        """Let go of the cursor on the server."""
        run(self._close())
        super().close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if line := self.readline():
            return line
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        # That of `io.IOBase` would close the file, and wait for the server. Cursors let go of themselves.
        pass


class GridOutCursor(FilesCursor, Cursor[Any]):
    """Iterates over files; `GridFS.find` and `GridFSBucket.find` make it."""

    def _of(self, document: Any) -> GridOut:
        return GridOut(self._root, file_document=document, session=self.session)

    def __next__(self) -> GridOut:
        for document in self._batch:
            return self._of(document)
        if run(self._advance()):
            return next(self)
        raise StopIteration

    def to_list(self, length: int | None = None) -> list[GridOut]:
        """Up to `length` of the remaining files, all of them for None."""
        return [self._of(document) for document in super().to_list(length)]


@face
class GridFS(CoreGridFS[GridIn, GridOut]):
    """Files by `put` and `get`, in the collections `fs.files` and `fs.chunks` or others."""

    _database_class = Database
    _in = GridIn
    _out = GridOut

    if TYPE_CHECKING:

        def __init__(self, database: Database[Any], collection: str = "fs") -> None: ...

    put = blocking(CoreGridFS[GridIn, GridOut]._put)
    get = blocking(CoreGridFS[GridIn, GridOut]._get)
    get_version = blocking(CoreGridFS[GridIn, GridOut]._get_version)
    get_last_version = blocking(CoreGridFS[GridIn, GridOut]._get_last_version)
    delete = blocking(CoreGridFS[GridIn, GridOut]._delete)
    list = blocking(CoreGridFS[GridIn, GridOut]._list)
    find_one = blocking(CoreGridFS[GridIn, GridOut]._find_one)
    exists = blocking(CoreGridFS[GridIn, GridOut]._exists)

    def find(self, *args: Any, **kwargs: Any) -> GridOutCursor:
        """A cursor over the files that match a filter; takes what `GridOutCursor` takes after the collection."""
        return GridOutCursor(self._root, *args, **kwargs)


@face
class GridFSBucket(CoreGridFSBucket[GridIn, GridOut]):
    """Files by streams, in the collections `fs.files` and `fs.chunks` or others (specification: GridFS)."""

    _database_class = Database
    _in = GridIn
    _out = GridOut

    if TYPE_CHECKING:

        def __init__(
            self,
            db: Database[Any],
            bucket_name: str = "fs",
            chunk_size_bytes: int = DEFAULT_CHUNK_SIZE,
            write_concern: WriteConcern | None = None,
            read_preference: _ServerMode | None = None,
        ) -> None: ...

    upload_from_stream = blocking(CoreGridFSBucket[GridIn, GridOut]._upload_from_stream)
    upload_from_stream_with_id = blocking(CoreGridFSBucket[GridIn, GridOut]._upload_from_stream_with_id)
    open_download_stream = blocking(CoreGridFSBucket[GridIn, GridOut]._open_download_stream)
    open_download_stream_by_name = blocking(CoreGridFSBucket[GridIn, GridOut]._open_download_stream_by_name)
    download_to_stream = blocking(CoreGridFSBucket[GridIn, GridOut]._download_to_stream)
    download_to_stream_by_name = blocking(CoreGridFSBucket[GridIn, GridOut]._download_to_stream_by_name)
    delete = blocking(CoreGridFSBucket[GridIn, GridOut]._delete)
    delete_by_name = blocking(CoreGridFSBucket[GridIn, GridOut]._delete_by_name)
    rename = blocking(CoreGridFSBucket[GridIn, GridOut]._rename)
    rename_by_name = blocking(CoreGridFSBucket[GridIn, GridOut]._rename_by_name)

    def find(self, *args: Any, **kwargs: Any) -> GridOutCursor:
        """A cursor over the files that match a filter; takes what `GridOutCursor` takes after the collection."""
        return GridOutCursor(self._root, *args, **kwargs)
