"""A file that is being written: what has been given, what waits to be sent, what is on the server.

A group of chunks stays pending until the server has taken it, so a failed `close` can be repeated and sends the same
documents again. The file's document comes last: before it is there, nobody sees the file (GridFS specification, "File
Upload").
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from petiole._commands.error_codes import DUPLICATE_KEY
from petiole._commands.gridfs import (
    CHUNK_OVERHEAD,
    CHUNKS_INDEX,
    DEFAULT_CHUNK_SIZE,
    FILES_INDEX,
    GROUP_COUNT,
    GROUP_SIZE,
    chunks_filter,
    file_filter,
    has_index,
)
from petiole._core.gridfs.parts import check_root, part, refuse_transaction, settled, warn_of_field
from petiole._engine.scope import OneDeadline
from petiole._gridfs_errors import FileExists
from petiole._runtime.clock import utc_now
from petiole.bson.int64 import Int64
from petiole.bson.objectid import ObjectId
from petiole.errors import BulkWriteError, ConfigurationError, DuplicateKeyError, InvalidOperation
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole._core.collection import CoreCollection
    from petiole._engine.session import Session
    from petiole._runtime.base import Deadline


def _field(
    key: str, doc: str, *, after_close: bool = False, writable: bool = False, deprecated: bool = False
) -> Any:
    """A property for a field of the file's document."""

    def get(self: CoreGridIn) -> Any:
        if deprecated:
            warn_of_field("GridIn", key)
        if after_close and not self._closed:
            # `__getattr__` is asked next, and finds what the application may have set itself.
            raise AttributeError(f"{key} is only known once the file is closed")
        return self._file.get(key)

    def assign(self: CoreGridIn, value: Any) -> None:
        if deprecated:
            warn_of_field("GridIn", key, frames=2)
        self._assign(key, value)

    return property(get, assign if writable else None, doc=doc)


class CoreGridIn:
    """A file to write into. Attributes that are set become fields of its document."""

    _root_class: type
    _assign: Callable[[str, Any], None]
    """Sets a field of the document, of a closed file also on the server."""
    _set_unknown: Callable[[str, Any], None]
    """The same for an attribute without a property."""

    _file: dict[str, Any]
    _session: Session | None
    _rest: bytearray
    """Bytes that do not fill a chunk."""
    _pending: list[dict[str, Any]]
    """Whole chunks that the server does not have for certain."""
    _pending_size: int
    _number: int
    """Chunks cut so far."""
    _position: int
    """Bytes in them."""
    _sent: int
    """Chunks that the server has for certain."""
    _tried: bool
    """Whether the server may have anything of the file."""
    _refused: bool
    """Whether the `_id` has turned out to be another file's."""
    _ended: bool
    """Whether the file's document may have been stored."""
    _torn: bool
    """While a write is under way. If it stays so, data was not taken over, and the file can only be aborted."""
    _has_indexes: bool
    _deadline: Deadline | None
    """By when the file has to be closed, where the client has a `timeoutMS` and the file comes from a bucket."""
    _closed: bool

    def __init__(
        self, root_collection: CoreCollection[Any], session: Session | None = None, **kwargs: Any
    ) -> None:
        check_root(root_collection, self._root_class)
        if not root_collection.write_concern.acknowledged:
            raise ConfigurationError("root_collection must use acknowledged write_concern")
        refuse_transaction(root_collection._executor, session)
        for name, field in (("content_type", "contentType"), ("chunk_size", "chunkSize")):
            if name in kwargs:
                kwargs[field] = kwargs.pop(name)
        kwargs["_id"] = kwargs.get("_id", ObjectId())
        kwargs["chunkSize"] = kwargs.get("chunkSize", DEFAULT_CHUNK_SIZE)
        # `__setattr__` is for the file's document.
        self.__dict__.update(
            _session=session,
            _executor=root_collection._executor,
            _chunks=part(root_collection, "chunks", ReadPreference.PRIMARY),
            _files=part(root_collection, "files", ReadPreference.PRIMARY),
            _file=kwargs,
            _rest=bytearray(),
            _pending=[],
            _pending_size=0,
            _position=0,
            _number=0,
            _sent=0,
            _tried=False,
            _refused=False,
            _ended=False,
            _torn=False,
            _has_indexes=False,
            _deadline=None,
            _closed=False,
        )

    # The file's document.

    _id = _field("_id", "The `_id` of the file.")
    filename = _field("filename", "The name of the file.", writable=True)
    name = _field("filename", "The same as `filename`.", writable=True)
    content_type = _field(
        "contentType", "The MIME type of the file; deprecated.", writable=True, deprecated=True
    )
    length = _field("length", "Bytes in the file, once it is closed.", after_close=True)
    chunk_size = _field("chunkSize", "Bytes in a chunk of the file.")
    upload_date = _field("uploadDate", "When the file was closed.", after_close=True)
    md5 = _field("md5", "None: servers and drivers make no MD5 any more.", after_close=True, deprecated=True)

    @property
    def closed(self) -> bool:
        """Whether the file has been closed or aborted, or left by an error; nothing can be written any more."""
        return self._closed

    def __getattr__(self, name: str) -> Any:
        file = self.__dict__.get("_file")
        if file is not None and name in file:
            return file[name]
        raise AttributeError(f"GridIn object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__ or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self._set_unknown(name, value)

    async def _set(self, name: str, value: Any) -> None:
        """Set a field of the file's document; of a closed file, on the server as well."""
        self._file[name] = value
        if self._closed:
            update = {"$set": {name: value}}
            await self._files._update_one(file_filter(self._file["_id"]), update, session=self._session)

    # Writing.

    async def _write(self, data: Any) -> None:
        """Write bytes, or text if the file has an `encoding`, or all that a file-like object has to read.

        What is read is read chunk by chunk; `read` may be a coroutine function. Nothing is sent before there is
        a group of chunks. Raises `ValueError` if the file is closed, `FileExists` if its `_id` is taken.
        """
        if self._closed:
            raise ValueError("cannot write to a closed file")
        if isinstance(data, str):
            encoding = self._file.get("encoding")
            if encoding is None:
                raise TypeError("must specify an encoding for file in order to write str")
            data = data.encode(encoding)
        if isinstance(data, bytes):
            await self._take(data)
        elif (read := getattr(data, "read", None)) is not None:
            await self._write_from(read)
        else:
            raise TypeError("can only write strings or file-like objects")

    async def _write_from(self, read: Callable[[int], Any]) -> None:
        size = self._checked_chunk_size()
        while True:
            try:
                data = await settled(read(size - len(self._rest)))
            except BaseException:
                await self._abort()
                raise
            if not data:
                return
            if isinstance(data, str):
                raise TypeError("a bytes-like object is required, not 'str'")
            await self._take(data if isinstance(data, bytes) else bytes(memoryview(data)))

    async def _writelines(self, sequence: Iterable[Any]) -> None:
        """Write each of several pieces, of which none gets a separator."""
        for line in sequence:
            await self._write(line)

    def _checked_chunk_size(self) -> int:
        size: Any = self._file["chunkSize"]
        if not isinstance(size, int):
            raise TypeError(f"chunk_size should be an integer, not {type(size).__name__!r}")
        if size <= 0:
            raise ValueError(f"chunk_size must be positive, not {size}")
        return size

    async def _take(self, data: bytes) -> None:
        """Cut data into chunks."""
        size = self._checked_chunk_size()
        self._check_whole()
        self._torn = True
        rest = self._rest
        at = 0
        if rest:
            at = size - len(rest)
            rest += data[:at]
            if len(rest) == size:
                await self._add(bytes(rest))
                rest.clear()
        last = len(data) - size
        while at <= last:
            await self._add(data[at : at + size])
            at += size
        rest += data[at:]
        self._torn = False

    def _check_whole(self) -> None:
        if self._torn:
            raise InvalidOperation(
                "a write was interrupted, so data is missing: this file can only be aborted"
            )

    async def _add(self, data: bytes) -> None:
        """One more chunk; sends the group before it if that has become large."""
        pending = self._pending
        cost = len(data) + CHUNK_OVERHEAD
        if pending and (self._pending_size + cost > GROUP_SIZE or len(pending) >= GROUP_COUNT):
            await self._send()
        # To the attribute, not to `pending`: sending has made a new list.
        self._pending.append({"files_id": self._file["_id"], "n": self._number, "data": data})
        self._pending_size += cost
        self._position += len(data)
        self._number += 1

    async def _send(self) -> None:
        """Send the pending chunks as one `insert_many`."""
        with OneDeadline(self._executor, self._deadline):
            await self._ensure_indexes()
            while self._pending:
                await self._insert_pending()
        self._pending_size = 0

    async def _insert_pending(self) -> None:
        """Insert pending chunks up to one that is there already, from an attempt that has failed before."""
        self._tried = True
        try:
            await self._chunks._insert_many(self._pending, session=self._session)
        except BulkWriteError as error:
            details = error.details
            failed: dict[str, Any] = next(iter(details["writeErrors"]), {})
            taken = failed.get("code") in DUPLICATE_KEY
            # Nobody else's chunk has its `_id`, which was made here.
            own = taken and [*failed.get("keyPattern", ())] == ["_id"]
            self._have_sent(details["nInserted"] + own)
            if taken and not own:
                self._raise_file_exists()
            if not own:
                raise
        else:
            self._have_sent(len(self._pending))

    def _have_sent(self, count: int) -> None:
        self._sent += count
        self._pending = self._pending[count:]

    def _raise_file_exists(self) -> NoReturn:
        self._refused = True
        raise FileExists(f"file with _id {self._file['_id']!r} already exists") from None

    async def _ensure_indexes(self) -> None:
        """Make the indexes where the collections are empty, and have none (specification, "Before writing")."""
        if self._has_indexes:
            return
        refuse_transaction(self._executor, self._session)
        for collection, keys, unique in (
            (self._files, FILES_INDEX, False),
            (self._chunks, CHUNKS_INDEX, True),
        ):
            if await collection._find_one({}, {"_id": 1}, session=self._session) is not None:
                continue
            cursor = await collection._open_indexes(self._session, None, None)
            existing = list(cursor.batch)
            while cursor.id:
                existing += await cursor.more()
            if not has_index(existing, keys):
                await collection._create_index(list(keys), self._session, unique=unique)
        self._has_indexes = True

    # The end.

    async def _close(self) -> None:
        """Send what is left, and the file's document. May be called again, also after it has failed.

        Raises `FileExists` if the file's `_id` is taken.
        """
        if self._closed:
            return
        self._check_whole()
        refuse_transaction(self._executor, self._session)
        rest = self._rest
        with OneDeadline(self._executor, self._deadline):
            if rest:
                await self._add(bytes(rest))
                rest.clear()
            await self._send()
            await self._insert_file()
        self._closed = True

    async def _insert_file(self) -> None:
        file = self._file
        again, self._ended = self._ended, True
        if not again:
            file["length"] = Int64(self._position)
            file["uploadDate"] = utc_now()
        self._tried = True
        try:
            await self._files._insert_one(file, session=self._session)
        except DuplicateKeyError:
            if not again or not await self._replace_own():
                self._ended = False
                self._raise_file_exists()

    async def _replace_own(self) -> bool:
        """Store the file's document over that of an attempt before, whose reply was lost; whether that is there."""
        file = self._file
        own = file_filter(file["_id"]) | {name: file[name] for name in ("length", "uploadDate")}
        result = await self._files._replace_one(own, file, session=self._session)
        return bool(result.matched_count)

    async def _abort(self) -> None:
        """Remove what has been written of the file, and close it.

        Where its `_id` turned out to be taken, the other file and its chunks are left alone.
        """
        self._closed = True
        self._pending = []
        self._rest.clear()
        chunks = chunks_filter(self._file["_id"])
        if self._refused:
            if self._sent:
                await self._chunks._delete_many({**chunks, "n": {"$lt": self._sent}}, session=self._session)
        elif self._tried:
            await self._chunks._delete_many(chunks, session=self._session)
            await self._files._delete_one(file_filter(self._file["_id"]), session=self._session)

    async def _whole(self, data: Any) -> Any:
        """Write all of a file at once; its `_id`."""
        try:
            await self._write(data)
        except BaseException:
            self._leave()
            raise
        await self._close()
        return self._id

    def _leave(self) -> None:
        """Close the file without its document, after an error: nobody sees it, chunks that were sent stay."""
        self._closed = True

    # What files are asked, too.

    def read(self, size: int = -1) -> NoReturn:
        """Raise `io.UnsupportedOperation`."""
        raise io.UnsupportedOperation("read")

    def readable(self) -> bool:
        """False."""
        return False

    def seekable(self) -> bool:
        """False."""
        return False

    def writeable(self) -> bool:
        """True."""
        return True
