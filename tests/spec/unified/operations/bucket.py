"""Operations of GridFS buckets.

Follows: unified-test-format, "Bucket Operations".
"""

from __future__ import annotations

import io
from typing import Any

from tests.spec.unified.arguments import call, within
from tests.spec.unified.context import Context
from tests.spec.unified.entities import BucketEntity
from tests.spec.unified.operations.registry import Operations
from tests.spec.unified.options import Unsupported

OPERATIONS = Operations("bucket")


@OPERATIONS.add("download")
async def download(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    file_id = arguments.pop("id")
    with within(context, arguments):
        stream = await call(context, entity.bucket.open_download_stream, {"file_id": file_id, **arguments})
        return await context.face.resolve(stream.read())


@OPERATIONS.add("downloadByName")
async def download_by_name(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    with within(context, arguments):
        stream = await call(context, entity.bucket.open_download_stream_by_name, arguments)
        return await context.face.resolve(stream.read())


@OPERATIONS.add("upload", "uploadWithId")
async def upload(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    source = arguments.pop("source")
    if set(source) != {"$$hexBytes"}:
        raise Unsupported(f"source must have $$hexBytes, is {source!r}")
    arguments.pop("disableMD5", None)  # Files have had no MD5 since PyMongo 4.0.
    values = {"source": io.BytesIO(bytes.fromhex(source["$$hexBytes"])), **arguments}
    if "id" not in values:
        return await call(context, entity.bucket.upload_from_stream, values)
    values["fileId"] = values.pop("id")
    return await call(context, entity.bucket.upload_from_stream_with_id, values)


@OPERATIONS.add("delete")
async def delete(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    await call(context, entity.bucket.delete, {"fileId": arguments.pop("id"), **arguments})


@OPERATIONS.add("rename")
async def rename(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    await call(context, entity.bucket.rename, {"fileId": arguments.pop("id"), **arguments})


@OPERATIONS.add("deleteByName")
async def delete_by_name(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    await call(context, entity.bucket.delete_by_name, arguments)


@OPERATIONS.add("renameByName")
async def rename_by_name(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    await call(context, entity.bucket.rename_by_name, arguments)


@OPERATIONS.add("drop")
async def drop(context: Context, entity: BucketEntity, arguments: dict[str, Any]) -> Any:
    # A bucket has no method for it: it is its two collections, and has the client's time for both.
    seconds = entity.database.client.options.timeout
    limit = {} if seconds is None else {"timeoutMS": seconds * 1000}
    with within(context, {**limit, **arguments}):
        for part in ("files", "chunks"):
            await context.face.resolve(entity.database[f"{entity.name}.{part}"].drop())
