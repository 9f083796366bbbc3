"""A file that is being read: one cursor over its chunks, the chunk at hand, and the position in it.

The bytes of `_chunk` from `_offset` on are those at `_position`; `_cursor` stands behind that chunk. Every chunk is
checked against the file's document, and the end of the file against the end of the cursor (GridFS specification, "File
Download").
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from petiole._commands.gridfs import Layout, chunks_filter, file_filter
from petiole._core.cursor import CoreCursor
from petiole._core.gridfs.parts import check_root, of_dicts, part, refuse_transaction, warn_of_field
from petiole._engine.scope import OneDeadline
from petiole._gridfs_errors import CorruptGridFile, NoFile
from petiole.errors import CursorNotFound

if TYPE_CHECKING:
    from petiole._core.collection import CoreCollection
    from petiole._engine.session import Session
    from petiole._runtime.base import Deadline


def _field(key: str, doc: str, default: Any = None, *, deprecated: bool = False) -> Any:
    """A property for a field of the file's document."""

    def get(self: CoreGridOut) -> Any:
        if deprecated:
            warn_of_field("GridOut", key)
        return self._document(key).get(key, default)

    return property(get, doc=doc)


class CoreGridOut:
    """A file to read from. Fields of its document are attributes."""

    _root_class: type
    _document: Callable[[str], Mapping[str, Any]]
    """The file's document, for an attribute; of a file that is not open yet, each face has its own way."""

    _file: Mapping[str, Any] | None = None
    _layout: Layout | None = None
    _cursor: CoreCursor[Any] | None = None
    _deadline: Deadline | None = None
    """By when everything has to be read, where the client has a `timeoutMS` and the file comes from a bucket."""
    _chunk = b""
    _offset = 0
    _position = 0

    def __init__(
        self,
        root_collection: CoreCollection[Any],
        file_id: Any = None,
        file_document: Any = None,
        session: Session | None = None,
    ) -> None:
        check_root(root_collection, self._root_class)
        refuse_transaction(root_collection._executor, session)
        self._files = part(root_collection, "files")
        self._chunks = part(root_collection, "chunks")
        self._file_id = file_id
        self._file = file_document
        self._session = session

    async def _open(self) -> None:
        """Fetch the file's document, if that is not here yet. Raises `NoFile`."""
        refuse_transaction(self._files._executor, self._session)
        if self._file is None:
            with OneDeadline(self._files._executor, self._deadline):
                self._file = await self._files._find_one(file_filter(self._file_id), session=self._session)
            if self._file is None:
                raise NoFile(f"no file in gridfs collection {self._files!r} with _id {self._file_id!r}")

    async def _laid_out(self) -> Layout:
        layout = self._layout
        if layout is None:
            await self._open()
            assert self._file is not None
            layout = self._layout = Layout(self._file)
            self._chunks = self._chunks._sibling(self._chunks._name, of_dicts(self._chunks._options))
        return layout

    # The file's document.

    _id = _field("_id", "The `_id` of the file.")
    filename = _field("filename", "The name of the file.")
    name = _field("filename", "The same as `filename`.")
    content_type = _field("contentType", "The MIME type of the file; deprecated.", deprecated=True)
    length = _field("length", "Bytes in the file.", 0)
    chunk_size = _field("chunkSize", "Bytes in a chunk of the file.")
    upload_date = _field("uploadDate", "When the file was uploaded.")
    aliases = _field("aliases", "Other names of the file; deprecated.", deprecated=True)
    metadata = _field("metadata", "What the application has noted about the file.")
    md5 = _field("md5", "The MD5 that a driver of old has stored, or None; deprecated.", deprecated=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_file_id" not in self.__dict__:
            raise AttributeError(name)
        document = self._document(name)
        if name in document:
            return document[name]
        raise AttributeError(f"GridOut object has no attribute {name!r}")

    # Reading.

    async def _read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that is left for a negative size.

        Raises `CorruptGridFile` if chunks are missing, too short or too long; at the end of the file, also if there
        are more chunks than there should be.
        """
        return await self._bytes(size, False)

    async def _readline(self, size: int | None = -1) -> bytes:
        r"""The next line, with its `\n`, or the first `size` bytes of it; empty at the end."""
        return await self._bytes(-1 if size is None else size, True)

    async def _bytes(self, size: int, line: bool) -> bytes:
        layout = self._layout or await self._laid_out()
        remaining = layout.length - self._position
        if size < 0 or size > remaining:
            size = remaining
        data = b""
        more: io.BytesIO | None = None  # Which gives its bytes away without copying them again.
        while size > 0:
            if self._offset >= len(self._chunk):
                await self._load(layout)
            chunk, start = self._chunk, self._offset
            end = min(len(chunk), start + size)
            if line and (found := chunk.find(b"\n", start, end)) >= 0:
                end = found + 1
                size = end - start
            data = chunk[start:end]
            self._offset = end
            self._position += end - start
            size -= end - start
            if more is None and size > 0:
                more = io.BytesIO()
            if more is not None:
                more.write(data)
        if data and self._position == layout.length:
            await self._check_end(layout)
        return data if more is None else more.getvalue()

    async def _readchunk(self) -> bytes:
        """What is left of a chunk: as many bytes as can be had without copying. Empty at the end of the file."""
        layout = self._layout or await self._laid_out()
        if self._position >= layout.length:
            return b""
        if self._offset >= len(self._chunk):
            await self._load(layout)
        data = self._chunk[self._offset :]
        self._offset = len(self._chunk)
        self._position += len(data)
        return data

    async def _load(self, layout: Layout) -> None:
        """Fetch the chunk of the position."""
        number, offset = divmod(self._position, layout.chunk_size)
        document = await self._next_chunk(layout, number)
        if document is None:
            raise CorruptGridFile(f"no chunk #{number}")
        self._chunk = await self._checked(layout, document, number)
        self._offset = offset

    async def _check_end(self, layout: Layout) -> None:
        document = await self._next_chunk(layout, layout.chunks)
        if document is not None:
            await self._checked(layout, document, layout.chunks)

    async def _checked(self, layout: Layout, document: Mapping[str, Any], number: int) -> bytes:
        try:
            return layout.data(document, number)
        except CorruptGridFile:
            await self._drop()
            raise

    async def _next_chunk(self, layout: Layout, number: int) -> Mapping[str, Any] | None:
        """The next chunk of the cursor, or of a new one that begins with that number.

        A cursor that the server has dropped, because nothing was read for long, is begun anew once.
        """
        renewed = False
        while True:
            cursor = self._cursor
            if cursor is None:
                assert self._file is not None
                cursor = self._cursor = CoreCursor(
                    self._chunks,
                    chunks_filter(self._file["_id"], number),
                    sort=[("n", 1)],
                    batch_size=layout.batch_size(number),
                    session=self._session,
                )
            try:
                for document in cursor._batch:
                    return document  # type: ignore[no-any-return]
                with OneDeadline(cursor._executor, self._deadline):
                    if not await cursor._advance():
                        return None
            except CursorNotFound:
                if renewed:
                    raise
                renewed = True
                self._cursor = None

    # The position.

    def tell(self) -> int:
        """The position in the file, in bytes."""
        return self._position

    async def _seek(self, pos: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position and return it: from the beginning, the position, or the end, as `io` has it.

        Within the chunk at hand this costs nothing; elsewhere the next read asks for chunks anew. Raises `OSError` for
        a position before the beginning.
        """
        if whence == os.SEEK_CUR:
            pos += self._position
        elif whence == os.SEEK_END:
            pos += (await self._laid_out()).length
        elif whence != os.SEEK_SET:
            raise OSError(errno.EINVAL, "Invalid value for `whence`")
        if pos < 0:
            raise OSError(errno.EINVAL, "Invalid value for `pos` - must be positive")
        offset = self._offset + pos - self._position
        if 0 <= offset <= len(self._chunk):
            self._offset = offset
        else:
            await self._drop()
        self._position = pos
        return pos

    async def _drop(self) -> None:
        """Let go of the chunk at hand and the cursor behind it."""
        self._chunk = b""
        self._offset = 0
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            await cursor._close()

    async def _close(self) -> None:
        """Let go of the cursor. What is read afterwards is read from the beginning."""
        await self._drop()
        self._position = 0

    # What files are asked, too.

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def writable(self) -> bool:
        """False."""
        return False

    def isatty(self) -> bool:
        """False."""
        return False

    def flush(self) -> None:
        """Nothing: there is nothing to write."""

    def write(self, value: Any) -> NoReturn:
        """Raise `io.UnsupportedOperation`."""
        raise io.UnsupportedOperation("write")

    def writelines(self, lines: Any) -> NoReturn:
        """Raise `io.UnsupportedOperation`."""
        raise io.UnsupportedOperation("writelines")

    def fileno(self) -> NoReturn:
        """Raise `io.UnsupportedOperation`: there is no descriptor."""
        raise io.UnsupportedOperation("fileno")

    def truncate(self, size: int | None = None) -> NoReturn:
        """Raise `io.UnsupportedOperation`."""
        raise io.UnsupportedOperation("truncate")
