"""A handler for aiohttp's web server that serves files of GridFS."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from petiole.gridfs.errors import NoFile
from petiole.motor.motor_asyncio import AsyncIOMotorDatabase, AsyncIOMotorGridFSBucket
from petiole.motor.served_file import headers, is_fresh, mime_type, modified

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["AIOHTTPGridFS", "get_cache_time", "get_gridfs_file", "set_extra_headers"]


def get_gridfs_file(bucket: Any, filename: str, request: Any) -> Awaitable[Any]:
    """A Future of the file that answers a request: the newest of that name. Raises `NoFile`."""
    found: Awaitable[Any] = bucket.open_download_stream_by_name(filename)
    return found


def get_cache_time(filename: str, modified: datetime.datetime, mime_type: str | None) -> int:
    """For how many seconds browsers may keep a file without asking again."""
    return 0


def set_extra_headers(response: Any, gridout: Any) -> None:
    """Set more headers on the response, or others."""


class AIOHTTPGridFS:
    """Serves files by their names, with `Last-Modified` and `Etag`, chunk by chunk.

    ::

        resource = application.router.add_resource("/files/{filename}")
        handler = AIOHTTPGridFS(client.my_database)
        resource.add_route("GET", handler)
        resource.add_route("HEAD", handler)

    Functions can be given: to find files in another way, to have them cached, to set headers.
    """

    def __init__(
        self,
        database: Any,
        root_collection: str = "fs",
        get_gridfs_file: Callable[..., Awaitable[Any]] = get_gridfs_file,
        get_cache_time: Callable[..., int] = get_cache_time,
        set_extra_headers: Callable[..., None] = set_extra_headers,
    ) -> None:
        if not isinstance(database, AsyncIOMotorDatabase):
            raise TypeError(f"First argument to AIOHTTPGridFS must be AsyncIOMotorDatabase, not {database!r}")
        self._bucket = AsyncIOMotorGridFSBucket(database, root_collection)
        self._get_gridfs_file = get_gridfs_file
        self._get_cache_time = get_cache_time
        self._set_extra_headers = set_extra_headers

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer with the file; 304 where the browser has it already, 404 where there is none."""
        filename = request.match_info["filename"]
        try:
            gridout = await self._get_gridfs_file(self._bucket, filename, request)
        except NoFile:
            raise web.HTTPNotFound(text=request.path) from None
        try:
            return await self._answer(request, filename, gridout)
        finally:
            gridout.close()

    async def _answer(self, request: web.Request, filename: str, gridout: Any) -> web.StreamResponse:
        response = web.StreamResponse()
        kind = mime_type(filename, gridout)
        cache_time = self._get_cache_time(filename, modified(gridout), kind)
        response.headers.update(headers(gridout, kind, cache_time, datetime.datetime.now(datetime.UTC)))
        self._set_extra_headers(response, gridout)
        if is_fresh(request.headers, response.headers.get("Etag", ""), modified(gridout)):
            response.set_status(304)
            await response.prepare(request)
            return response
        response.content_length = gridout.length
        await response.prepare(request)
        if request.method != "HEAD":
            async for chunk in gridout:
                await response.write(chunk)
        await response.write_eof()
        return response
