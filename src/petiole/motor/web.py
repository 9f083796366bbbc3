"""A Tornado handler that serves files of GridFS."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from petiole.gridfs.errors import NoFile
from petiole.motor.motor_tornado import MotorGridFSBucket
from petiole.motor.served_file import headers, is_fresh, mime_type, modified

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["GridFSHandler"]


class GridFSHandler(RequestHandler):
    """Serves files by their names, with `Last-Modified` and `Etag`, chunk by chunk.

    ``Application([(r"/files/(.*)", GridFSHandler, {"database": client.my_database})])``

    Its methods can be overridden: to find files in another way, to have them cached, to set headers.
    """

    def initialize(self, database: Any, root_collection: str = "fs") -> None:
        """Where the files are."""
        self.database = database
        self.root_collection = root_collection

    def get_gridfs_file(self, bucket: Any, filename: str, request: Any) -> Awaitable[Any]:
        """A Future of the file that answers a request: the newest of that name. Raises `NoFile`."""
        found: Awaitable[Any] = bucket.open_download_stream_by_name(filename)
        return found

    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer with the file; 304 where the browser has it already, 404 where there is none."""
        bucket = MotorGridFSBucket(self.database, self.root_collection)
        try:
            gridout = await self.get_gridfs_file(bucket, path, self.request)
        except NoFile:
            raise HTTPError(404) from None
        try:
            await self._answer(path, gridout, include_body)
        finally:
            gridout.close()

    async def _answer(self, path: str, gridout: Any, include_body: bool) -> None:
        kind = mime_type(path, gridout)
        cache_time = self.get_cache_time(path, modified(gridout), kind)
        for name, value in headers(gridout, kind, cache_time, datetime.datetime.now(datetime.UTC)).items():
            self.set_header(name, value)
        self.set_extra_headers(path, gridout)
        etag = self._headers.get("Etag", "")
        if is_fresh(self.request.headers, etag, modified(gridout)):
            self.set_status(304)
            return
        self.set_header("Content-Length", gridout.length)
        if include_body:
            await gridout.stream_to_handler(self)
        await self.finish()

    def head(self, path: str) -> Awaitable[None]:
        """The same without the file."""
        return self.get(path, include_body=False)

    def get_cache_time(self, path: str, modified: datetime.datetime, mime_type: str | None) -> int:
        """For how many seconds browsers may keep the file without asking again."""
        return 0

    def set_extra_headers(self, path: str, gridout: Any) -> None:
        """Set more headers, or others."""

    def compute_etag(self) -> str | None:
        """The one that is set: Tornado would make another of what has been written."""
        etag: str | None = self._headers.get("Etag")
        return etag
