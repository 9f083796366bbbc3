"""Files by `put` and `get`: the older of GridFS's two interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from petiole._commands.gridfs import chunks_filter, document_filter, file_filter, revision
from petiole._core.gridfs.download import CoreGridOut
from petiole._core.gridfs.parts import check_database, part, plain, refuse_transaction
from petiole._core.gridfs.upload import CoreGridIn
from petiole._engine.scope import OneDeadline
from petiole._gridfs_errors import NoFile
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._core.collection import CoreCollection
    from petiole._engine.session import Session

In = TypeVar("In", bound=CoreGridIn)
Out = TypeVar("Out", bound=CoreGridOut)


class CoreGridFS(Generic[In, Out]):
    """What the blocking and the asyncio `GridFS` share."""

    _database_class: type
    _in: type[In]
    _out: type[Out]

    def __init__(self, database: Any, collection: str = "fs") -> None:
        check_database(database, self._database_class)
        if not database.write_concern.acknowledged:
            raise ConfigurationError("database must use acknowledged write_concern")
        self._executor = database._executor
        self._root: CoreCollection[Any] = database.get_collection(collection)
        self._root = self._root._sibling(collection, plain(self._root._options))
        self._files = part(self._root, "files")
        self._chunks = part(self._root, "chunks")

    def _opened(self, document: Mapping[str, Any], session: Session | None) -> Out:
        return self._out(self._root, file_document=document, session=session)

    def new_file(self, **kwargs: Any) -> In:
        """A new file to write into; `kwargs` are those of `GridIn`: fields of its document, and a `session`."""
        return self._in(self._root, **kwargs)

    async def _put(self, data: Any, **kwargs: Any) -> Any:
        """Store bytes, text (with an `encoding`) or what a file-like object reads, as a new file; its `_id`.

        `kwargs` are those of `GridIn`. Raises `FileExists` if the `_id` given is taken.
        """
        with OneDeadline(self._executor):
            return await self._in(self._root, **kwargs)._whole(data)

    async def _get(self, file_id: Any, session: Session | None = None) -> Out:
        """The file with that `_id`, to read from. Raises `NoFile`."""
        found = self._out(self._root, file_id, session=session)
        await found._open()
        return found

    async def _get_version(
        self,
        filename: str | None = None,
        version: int | None = -1,
        session: Session | None = None,
        **kwargs: Any,
    ) -> Out:
        """One version of a file: 0 is the first with that name, -1 the last uploaded.

        `kwargs` are further fields that the file's document must match. Raises `NoFile`.
        """
        refuse_transaction(self._executor, session)
        if filename is not None:
            kwargs["filename"] = filename
        number = -1 if version is None else version
        found = await self._files._find_one(kwargs, None, **revision(number), session=session)
        if found is None:
            raise NoFile(f"no version {number} for filename {filename!r}")
        return self._opened(found, session)

    async def _get_last_version(
        self, filename: str | None = None, session: Session | None = None, **kwargs: Any
    ) -> Out:
        """The last uploaded version of a file, as `get_version` finds it."""
        return await self._get_version(filename, -1, session, **kwargs)

    async def _delete(self, file_id: Any, session: Session | None = None) -> None:
        """Delete a file and its chunks; nothing happens if there is none."""
        refuse_transaction(self._executor, session)
        with OneDeadline(self._executor):
            await self._files._delete_one(file_filter(file_id), session=session)
            await self._chunks._delete_many(chunks_filter(file_id), session=session)

    async def _list(self, session: Session | None = None) -> list[str]:
        """The names of all files; files without a name are left out."""
        refuse_transaction(self._executor, session)
        return [name for name in await self._files._distinct("filename", session=session) if name is not None]

    async def _find_one(
        self, filter: Any | None = None, session: Session | None = None, *args: Any, **kwargs: Any
    ) -> Out | None:
        """The first file that matches, or None. A filter that is no mapping is an `_id`; the rest is as in `find`."""
        refuse_transaction(self._executor, session)
        wanted = None if filter is None else document_filter(filter)
        found = await self._files._find_one(wanted, None, *args, session=session, **kwargs)
        return None if found is None else self._opened(found, session)

    async def _exists(
        self, document_or_id: Any | None = None, session: Session | None = None, **kwargs: Any
    ) -> bool:
        """Whether there is a file with that `_id`, or one that matches a filter or the fields in `kwargs`."""
        refuse_transaction(self._executor, session)
        wanted = kwargs if document_or_id is None or kwargs else document_filter(document_or_id)
        return await self._files._find_one(wanted, ["_id"], session=session) is not None
