"""Files by streams: the interface of the GridFS specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._commands.gridfs import (
    DEFAULT_CHUNK_SIZE,
    chunks_filter,
    file_filter,
    name_filter,
    revision,
)
from petiole._core.cursor import CoreCursor
from petiole._core.gridfs.filesystem import In, Out
from petiole._core.gridfs.parts import check_database, part, plain, refuse_transaction, settled
from petiole._engine.scope import OneDeadline, lifetime
from petiole._gridfs_errors import NoFile
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._core.collection import CoreCollection
    from petiole._engine.session import Session
    from petiole.bson.objectid import ObjectId
    from petiole.read_preferences import _ServerMode
    from petiole.write_concern import WriteConcern

_IDS = 1_000
"""Files that are deleted by one command."""


class CoreGridFSBucket(Generic[In, Out]):
    """What the blocking and the asyncio bucket share."""

    _database_class: type
    _in: type[In]
    _out: type[Out]

    def __init__(
        self,
        db: Any,
        bucket_name: str = "fs",
        chunk_size_bytes: int = DEFAULT_CHUNK_SIZE,
        write_concern: WriteConcern | None = None,
        read_preference: _ServerMode | None = None,
    ) -> None:
        check_database(db, self._database_class)
        root: CoreCollection[Any] = db.get_collection(bucket_name, None, read_preference, write_concern)
        if not root.write_concern.acknowledged:
            raise ConfigurationError("write concern must be acknowledged")
        self._executor = db._executor
        self._bucket_name = bucket_name
        self._chunk_size_bytes = chunk_size_bytes
        self._root: CoreCollection[Any] = root._sibling(bucket_name, plain(root._options))
        self._files = part(self._root, "files")
        self._chunks = part(self._root, "chunks")

    # Up.

    def open_upload_stream(
        self,
        filename: str,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> In:
        """A new file to write into. It is stored when it is closed; its `_id` is an ObjectId.

        Where the client has a `timeoutMS`, that is the time for the whole upload, until the file is closed.
        """
        return self._upload(session, self._fields(filename, chunk_size_bytes, metadata))

    def open_upload_stream_with_id(
        self,
        file_id: Any,
        filename: str,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> In:
        """As `open_upload_stream`, with an `_id` of the application's."""
        fields = {"_id": file_id, **self._fields(filename, chunk_size_bytes, metadata)}
        return self._upload(session, fields)

    def _upload(self, session: Session | None, fields: dict[str, Any]) -> In:
        file = self._in(self._root, session, **fields)
        file._deadline = lifetime(self._executor)
        return file

    def _fields(
        self, filename: str, chunk_size_bytes: int | None, metadata: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        _check_filename(filename)
        size = self._chunk_size_bytes if chunk_size_bytes is None else chunk_size_bytes
        fields: dict[str, Any] = {"filename": filename, "chunk_size": size}
        if metadata is not None:
            fields["metadata"] = metadata
        return fields

    async def _upload_from_stream(
        self,
        filename: str,
        source: Any,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> ObjectId:
        """Store what `source` reads, or bytes, as a new file; its `_id`.

        `source` is read chunk by chunk; on asyncio, its `read` may be a coroutine function.
        """
        with OneDeadline(self._executor):
            file = self.open_upload_stream(filename, chunk_size_bytes, metadata, session)
            made: ObjectId = await file._whole(source)
            return made

    async def _upload_from_stream_with_id(
        self,
        file_id: Any,
        filename: str,
        source: Any,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        """As `upload_from_stream`, with an `_id` of the application's. Raises `FileExists` if that is taken."""
        with OneDeadline(self._executor):
            file = self.open_upload_stream_with_id(file_id, filename, chunk_size_bytes, metadata, session)
            await file._whole(source)

    # Down.

    async def _open_download_stream(self, file_id: Any, session: Session | None = None) -> Out:
        """The file with that `_id`, to read from. Raises `NoFile`.

        Where the client has a `timeoutMS`, that is the time for the whole download, until the file has been read.
        """
        found = self._out(self._root, file_id, session=session)
        found._deadline = lifetime(self._executor)
        await found._open()
        return found

    async def _open_download_stream_by_name(
        self, filename: str, revision: int = -1, session: Session | None = None
    ) -> Out:
        """A revision of a file: 0 is the first upload with that name, 1 the second, -1 the last. Raises `NoFile`."""
        _check_filename(filename)
        refuse_transaction(self._executor, session)
        options = _options_of(revision)
        deadline = lifetime(self._executor)
        with OneDeadline(self._executor, deadline):
            found = await self._files._find_one({"filename": filename}, None, **options, session=session)
        if found is None:
            raise NoFile(f"no version {revision} for filename {filename!r}")
        file = self._out(self._root, file_document=found, session=session)
        file._deadline = deadline
        return file

    async def _download_to_stream(
        self, file_id: Any, destination: Any, session: Session | None = None
    ) -> None:
        """Write a file to `destination`, chunk by chunk; on asyncio, its `write` may be a coroutine function."""
        with OneDeadline(self._executor):
            await _copy(await self._open_download_stream(file_id, session), destination)

    async def _download_to_stream_by_name(
        self, filename: str, destination: Any, revision: int = -1, session: Session | None = None
    ) -> None:
        """As `download_to_stream`, for a revision as `open_download_stream_by_name` finds it."""
        with OneDeadline(self._executor):
            await _copy(await self._open_download_stream_by_name(filename, revision, session), destination)

    # Changes.

    async def _delete(self, file_id: Any, session: Session | None = None) -> None:
        """Delete a file and its chunks. Raises `NoFile` if there was none; chunks without a file go all the same."""
        refuse_transaction(self._executor, session)
        with OneDeadline(self._executor):
            result = await self._files._delete_one(file_filter(file_id), session=session)
            await self._chunks._delete_many(chunks_filter(file_id), session=session)
        if not result.deleted_count:
            raise NoFile(f"no file could be deleted because none matched {file_id!r}")

    async def _delete_by_name(self, filename: str, session: Session | None = None) -> None:
        """Delete all revisions of a file, with their chunks. Raises `NoFile` if there are none."""
        refuse_transaction(self._executor, session)
        with OneDeadline(self._executor):
            found: CoreCursor[Any] = CoreCursor(
                self._files, name_filter(filename), {"_id": 1}, session=session
            )
            ids = [document["_id"] for document in await found._to_list()]
            for start in range(0, len(ids), _IDS):
                some = {"$in": ids[start : start + _IDS]}
                await self._files._delete_many({"_id": some}, session=session)
                await self._chunks._delete_many({"files_id": some}, session=session)
        if not ids:
            raise NoFile(f"no file could be deleted because none matched filename {filename!r}")

    async def _rename(self, file_id: Any, new_filename: str, session: Session | None = None) -> None:
        """Give a file another name. Raises `NoFile`."""
        refuse_transaction(self._executor, session)
        update = {"$set": {"filename": new_filename}}
        result = await self._files._update_one(file_filter(file_id), update, session=session)
        if not result.matched_count:
            raise NoFile(
                f"no files could be renamed {new_filename!r} because none matched file_id {file_id!r}"
            )

    async def _rename_by_name(self, filename: str, new_filename: str, session: Session | None = None) -> None:
        """Give all revisions of a file another name. Raises `NoFile` if there are none."""
        refuse_transaction(self._executor, session)
        update = {"$set": {"filename": new_filename}}
        result = await self._files._update_many(name_filter(filename), update, session=session)
        if not result.matched_count:
            raise NoFile(
                f"no files could be renamed {new_filename!r} because none matched filename {filename!r}"
            )


def _check_filename(filename: Any) -> None:
    if not isinstance(filename, str):
        raise TypeError(f"Wrong type for filename, value must be an instance of str, not {type(filename)}")


_options_of = revision
"""Under a name of its own, because methods have a parameter of that name."""


async def _copy(source: Any, destination: Any) -> None:
    try:
        while chunk := await source._readchunk():
            await settled(destination.write(chunk))
    finally:
        await source._close()
