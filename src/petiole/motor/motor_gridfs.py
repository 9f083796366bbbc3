"""Motor's GridFS: buckets, and files as streams."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

from petiole._native import run
from petiole.asynchronous.collection import AsyncCollection
from petiole.gridfs.asynchronous.grid_file import (
    AsyncGridFSBucket,
    AsyncGridIn,
    AsyncGridOut,
    AsyncGridOutCursor,
)
from petiole.gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE
from petiole.motor.agnostic_collection import AgnosticCollection
from petiole.motor.agnostic_cursor import AgnosticCursor
from petiole.motor.agnostic_database import AgnosticDatabase
from petiole.motor.metaprogramming import AgnosticBase, bare, chaining, delegated, future, future_of_wrapped
from petiole.motor.properties import immutable

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Mapping

    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern


class _File(AgnosticBase):
    """A file by its root collection, or by the asyncio face's file."""

    __repr__ = object.__repr__

    _id = delegated("The `_id` of the file.")
    filename = delegated("The name of the file.")
    name = delegated("The same as `filename`.")
    content_type = delegated("The MIME type of the file.")
    length = delegated("Bytes in the file.")
    chunk_size = delegated("Bytes in a chunk of the file.")
    upload_date = delegated("When the file was stored.")
    readable = delegated("Whether it can be read.")
    seekable = delegated("Whether its position can be changed.")

    def _hold(self, root_collection: Any, make: Callable[[Any], Any]) -> None:
        if not isinstance(root_collection, AgnosticCollection):
            name = type(self).__name__.removeprefix("AsyncIO")
            raise TypeError(f"First argument to {name} must be MotorCollection, not {root_collection!r}")
        self.delegate = make(root_collection.delegate)
        self._motor_client = root_collection._motor_client

    def __getattr__(self, name: str) -> Any:
        if name == "delegate":  # Before `__init__`.
            raise AttributeError(name)
        return getattr(self.delegate, name)


class AgnosticGridIn(_File):
    """A file to write into; it is stored when it is closed. An `async with` block closes it."""

    write = future(AsyncGridIn.write)
    writelines = future(AsyncGridIn.writelines)
    close = future(AsyncGridIn.close)
    abort = future(AsyncGridIn.abort)
    set = future(AsyncGridIn.set)
    closed = delegated("Whether nothing can be written any more.")
    read = delegated("Raises `io.UnsupportedOperation`.")
    writeable = delegated("Whether it can be written.")

    def __init__(
        self, root_collection: AgnosticCollection, delegate: Any = None, session: Any = None, **kwargs: Any
    ) -> None:
        """:param kwargs: fields of the file's document, such as `filename`, and `chunk_size`."""
        self._hold(root_collection, lambda root: delegate or AsyncGridIn(root, bare(session), **kwargs))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self.delegate.__aexit__(*exc)


class AgnosticGridOut(_File):
    """A file to read from. Its attributes are there once `open` is done, as it is for files that a bucket gives."""

    read = future(AsyncGridOut.read)
    readchunk = future(AsyncGridOut.readchunk)
    readline = future(AsyncGridOut.readline)
    aliases = delegated("Other names of the file.")
    metadata = delegated("What the application has stored with the file.")
    tell = delegated("The position in the file, in bytes.")
    write = delegated("Raises `io.UnsupportedOperation`.")

    def __init__(
        self,
        root_collection: AgnosticCollection,
        file_id: Any = None,
        file_document: Mapping[str, Any] | None = None,
        delegate: Any = None,
        session: Any = None,
    ) -> None:
        self._hold(
            root_collection,
            lambda root: delegate or AsyncGridOut(root, file_id, file_document, bare(session)),
        )

    def open(self, callback: Any = None) -> Future[Self]:
        """A Future of this file, once its document is known. Raises `NoFile` if there is none."""
        return self._launch(self._opened(), callback)  # type: ignore[no-any-return]

    async def _opened(self) -> Self:
        await self.delegate.open()
        return self

    def seek(self, pos: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position and return it: from the beginning, the position, or the end, as `io` has it."""
        file = self.delegate
        if whence == os.SEEK_END:
            file._document("length")  # Says so if the file is not open: there is nothing to wait with.
        # Without its cursor, the file goes anywhere without a word to the server; the cursor is closed once collected.
        cursor, file._cursor = file._cursor, None
        try:
            return run(file._seek(pos, whence))  # type: ignore[no-any-return]
        finally:
            if file._chunk:
                file._cursor = cursor

    def close(self) -> None:
        """Let go of the file. What is read afterwards is read from the beginning."""
        self.delegate._cursor = None
        self.delegate.closed = True
        run(self.delegate._close())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next chunk."""
        if chunk := await self.delegate.readchunk():
            return chunk  # type: ignore[no-any-return]
        raise StopAsyncIteration

    async def stream_to_handler(self, request_handler: Any) -> None:
        """Write the file to a Tornado `RequestHandler`, chunk by chunk, each when the last has been sent."""
        async for chunk in self:
            request_handler.write(chunk)
            await request_handler.flush()


class AgnosticGridOutCursor(AgnosticCursor):
    """Iterates over files; `AgnosticGridFSBucket.find` makes it."""

    delegate: AsyncGridOutCursor

    add_option = chaining(AsyncGridOutCursor.add_option)
    remove_option = chaining(AsyncGridOutCursor.remove_option)

    def _given(self, document: Any) -> AgnosticGridOut:
        file = document if isinstance(document, AsyncGridOut) else self.delegate._of(document)
        return self._of_framework(AgnosticGridOut)(self.collection, delegate=file)

    async def __anext__(self) -> AgnosticGridOut:
        return self._given(await self.delegate.__anext__())

    async def _to_list(self, length: int | None) -> list[AgnosticGridOut]:
        return [self._given(file) for file in await super()._to_list(length)]


class AgnosticGridFSBucket(AgnosticBase):
    """Files by streams, in the collections `fs.files` and `fs.chunks` or others."""

    __repr__ = object.__repr__

    delete = future(AsyncGridFSBucket.delete)
    delete_by_name = future(AsyncGridFSBucket.delete_by_name)
    rename = future(AsyncGridFSBucket.rename)
    rename_by_name = future(AsyncGridFSBucket.rename_by_name)
    download_to_stream = future(AsyncGridFSBucket.download_to_stream)
    download_to_stream_by_name = future(AsyncGridFSBucket.download_to_stream_by_name)
    upload_from_stream = future(AsyncGridFSBucket.upload_from_stream)
    upload_from_stream_with_id = future(AsyncGridFSBucket.upload_from_stream_with_id)
    open_download_stream = future_of_wrapped(AsyncGridFSBucket.open_download_stream)
    open_download_stream_by_name = future_of_wrapped(AsyncGridFSBucket.open_download_stream_by_name)

    def __init__(
        self,
        database: AgnosticDatabase,
        bucket_name: str = "fs",
        chunk_size_bytes: int = DEFAULT_CHUNK_SIZE,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
        collection: str | None = None,
    ) -> None:
        """:param collection: the bucket's name by its old name; it counts if both are given."""
        if not isinstance(database, AgnosticDatabase):
            raise TypeError(f"First argument to {type(self)} must be  MotorDatabase, not {database!r}")
        name = bucket_name if collection is None else collection
        concern = immutable(write_concern)
        super().__init__(
            AsyncGridFSBucket(database.delegate, name, chunk_size_bytes, concern, read_preference)
        )
        self._motor_client = database._motor_client
        self.collection = database[name]

    def wrap(self, obj: Any) -> Any:
        """The Motor object for one of the asyncio face; other values themselves."""
        if isinstance(obj, AsyncGridIn):
            return self._of_framework(AgnosticGridIn)(self.collection, delegate=obj)
        if isinstance(obj, AsyncGridOut):
            return self._of_framework(AgnosticGridOut)(self.collection, delegate=obj)
        if isinstance(obj, AsyncGridOutCursor):
            return self._of_framework(AgnosticGridOutCursor)(obj, self.collection)
        if isinstance(obj, AsyncCollection):
            return self.collection.wrap(obj)
        return obj

    def find(self, *args: Any, **kwargs: Any) -> AgnosticGridOutCursor:
        """A cursor over the files that match a filter."""
        bare_kwargs = {name: bare(value) for name, value in kwargs.items()}
        return self.wrap(self.delegate.find(*map(bare, args), **bare_kwargs))  # type: ignore[no-any-return]

    def open_upload_stream(
        self,
        filename: str,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        session: Any = None,
    ) -> AgnosticGridIn:
        """A new file to write into, with an `_id` of its own."""
        file = self.delegate.open_upload_stream(filename, chunk_size_bytes, metadata, bare(session))
        return self.wrap(file)  # type: ignore[no-any-return]

    def open_upload_stream_with_id(
        self,
        file_id: Any,
        filename: str,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        session: Any = None,
    ) -> AgnosticGridIn:
        """As `open_upload_stream`, with an `_id` of the application's."""
        file = self.delegate.open_upload_stream_with_id(
            file_id, filename, chunk_size_bytes, metadata, bare(session)
        )
        return self.wrap(file)  # type: ignore[no-any-return]
