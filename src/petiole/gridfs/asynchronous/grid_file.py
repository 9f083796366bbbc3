"""The asyncio face of GridFS: bindings, construction and iteration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from petiole._core.gridfs.bucket import CoreGridFSBucket
from petiole._core.gridfs.cursor import FilesCursor
from petiole._core.gridfs.download import CoreGridOut
from petiole._core.gridfs.filesystem import CoreGridFS
from petiole._core.gridfs.upload import CoreGridIn
from petiole._runtime.driver import face
from petiole.asynchronous.collection import AsyncCollection
from petiole.asynchronous.cursor import AsyncCursor
from petiole.asynchronous.database import AsyncDatabase
from petiole.errors import InvalidOperation
from petiole.gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE

if TYPE_CHECKING:
    from petiole.asynchronous.client_session import AsyncClientSession
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

__all__ = ["AsyncGridFS", "AsyncGridFSBucket", "AsyncGridIn", "AsyncGridOut", "AsyncGridOutCursor"]

_AFTER_CLOSE = (
    "AsyncGridIn does not support __setattr__ after being closed(). Set the attribute before closing the file "
    "or use AsyncGridIn.set() instead"
)


@face
class AsyncGridIn(CoreGridIn):
    """A file to write into; `AsyncGridFSBucket.open_upload_stream` and `AsyncGridFS.new_file` make it.

    Attributes that are set become fields of the file's document; after `close` only `set` can do that. An `async with`
    block closes the file at its end. Where it ends with an error, or is cancelled, nothing of the file can be seen by
    anybody, though chunks that were sent stay; `abort` removes them.
    """

    _root_class = AsyncCollection

    if TYPE_CHECKING:

        def __init__(
            self,
            root_collection: AsyncCollection[Any],
            session: AsyncClientSession | None = None,
            **kwargs: Any,
        ) -> None: ...

    set = CoreGridIn._set
    write = CoreGridIn._write
    writelines = CoreGridIn._writelines
    close = CoreGridIn._close
    abort = CoreGridIn._abort

    def _assign(self, name: str, value: Any) -> None:
        if self._closed:
            raise InvalidOperation(_AFTER_CLOSE)
        self._file[name] = value

    def _set_unknown(self, name: str, value: Any) -> None:
        if self._closed:
            raise AttributeError(_AFTER_CLOSE)
        self._file[name] = value

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            await self.close()
        else:
            self._leave()


@face
class AsyncGridOut(CoreGridOut):
    """A file to read from, in binary.

    Fields of the file's document are attributes, once the file is open. Iteration gives lines. At most one batch of
    chunks is held at a time.
    """

    _root_class = AsyncCollection
    closed = False
    """Whether `close` has been called."""

    if TYPE_CHECKING:

        def __init__(
            self,
            root_collection: AsyncCollection[Any],
            file_id: Any | None = None,
            file_document: Any | None = None,
            session: AsyncClientSession | None = None,
        ) -> None: ...

    open = CoreGridOut._open
    read = CoreGridOut._read
    readchunk = CoreGridOut._readchunk
    readline = CoreGridOut._readline
    seek = CoreGridOut._seek

    def _document(self, name: str) -> Mapping[str, Any]:
        if self._file is None:
            raise InvalidOperation(f"You must call AsyncGridOut.open() before accessing the {name} property")
        return self._file

    async def readlines(self, size: int = -1) -> list[bytes]:
        """The remaining lines; with a `size`, no more once they have that many bytes together."""
        lines: list[bytes] = []
        total = 0
        async for line in self:
            lines.append(line)
            total += len(line)
            if 0 < size < total:
                break
        return lines

    async def to_list(self) -> list[bytes]:
        """The remaining lines."""
        return await self.readlines()

    async def close(self) -> None:
        """Let go of the cursor on the server."""
        self.closed = True
        await self._close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if line := await self._readline():
            return line
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


class AsyncGridOutCursor(FilesCursor, AsyncCursor[Any]):
    """Iterates over files; `AsyncGridFS.find` and `AsyncGridFSBucket.find` make it."""

    def _of(self, document: Any) -> AsyncGridOut:
        return AsyncGridOut(self._root, file_document=document, session=self.session)

    async def __anext__(self) -> AsyncGridOut:
        for document in self._batch:
            return self._of(document)
        if await self._advance():
            return await self.__anext__()
        raise StopAsyncIteration

    async def to_list(self, length: int | None = None) -> list[AsyncGridOut]:
        """Up to `length` of the remaining files, all of them for None."""
        return [self._of(document) for document in await super().to_list(length)]


@face
class AsyncGridFS(CoreGridFS[AsyncGridIn, AsyncGridOut]):
    """Files by `put` and `get`, in the collections `fs.files` and `fs.chunks` or others."""

    _database_class = AsyncDatabase
    _in = AsyncGridIn
    _out = AsyncGridOut

    if TYPE_CHECKING:

        def __init__(self, database: AsyncDatabase[Any], collection: str = "fs") -> None: ...

    put = CoreGridFS[AsyncGridIn, AsyncGridOut]._put
    get = CoreGridFS[AsyncGridIn, AsyncGridOut]._get
    get_version = CoreGridFS[AsyncGridIn, AsyncGridOut]._get_version
    get_last_version = CoreGridFS[AsyncGridIn, AsyncGridOut]._get_last_version
    delete = CoreGridFS[AsyncGridIn, AsyncGridOut]._delete
    list = CoreGridFS[AsyncGridIn, AsyncGridOut]._list
    find_one = CoreGridFS[AsyncGridIn, AsyncGridOut]._find_one
    exists = CoreGridFS[AsyncGridIn, AsyncGridOut]._exists

    def find(self, *args: Any, **kwargs: Any) -> AsyncGridOutCursor:
        """A cursor over the files that match a filter; takes what `AsyncGridOutCursor` takes after the collection."""
        return AsyncGridOutCursor(self._root, *args, **kwargs)


@face
class AsyncGridFSBucket(CoreGridFSBucket[AsyncGridIn, AsyncGridOut]):
    """Files by streams, in the collections `fs.files` and `fs.chunks` or others (specification: GridFS)."""

    _database_class = AsyncDatabase
    _in = AsyncGridIn
    _out = AsyncGridOut

    if TYPE_CHECKING:

        def __init__(
            self,
            db: AsyncDatabase[Any],
            bucket_name: str = "fs",
            chunk_size_bytes: int = DEFAULT_CHUNK_SIZE,
            write_concern: WriteConcern | None = None,
            read_preference: _ServerMode | None = None,
        ) -> None: ...

    upload_from_stream = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._upload_from_stream
    upload_from_stream_with_id = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._upload_from_stream_with_id
    open_download_stream = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._open_download_stream
    open_download_stream_by_name = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._open_download_stream_by_name
    download_to_stream = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._download_to_stream
    download_to_stream_by_name = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._download_to_stream_by_name
    delete = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._delete
    delete_by_name = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._delete_by_name
    rename = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._rename
    rename_by_name = CoreGridFSBucket[AsyncGridIn, AsyncGridOut]._rename_by_name

    def find(self, *args: Any, **kwargs: Any) -> AsyncGridOutCursor:
        """A cursor over the files that match a filter; takes what `AsyncGridOutCursor` takes after the collection."""
        return AsyncGridOutCursor(self._root, *args, **kwargs)
