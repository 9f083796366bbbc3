"""Copying a database through the client: what the server command `copydb` did until MongoDB 4.2 took it away.

Works on the asyncio face's databases; it uses nothing but their operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.bson.raw_bson import RawBSONDocument
from petiole.operations import IndexModel

if TYPE_CHECKING:
    from collections.abc import Mapping

_AT_ONCE = 1_000
"""Documents held in memory."""
_NOT_COPIED = ("system.views", "system.profile", "system.js", "system.buckets.")


async def copy_database(source: Any, target: Any) -> None:
    """Copy collections with their options, documents and indexes, and then the views, which need the collections.

    Collections of the target that have the same names must be absent, or the server says so. What is written to the
    source meanwhile may be missing. Raises what the operations raise.
    """
    found = await (await source.list_collections()).to_list()
    found = [info for info in found if not info["name"].startswith(_NOT_COPIED)]
    for info in sorted(found, key=_views_last):
        await target.create_collection(info["name"], check_exists=False, **info.get("options", {}))
        if info.get("type") == "collection":
            await _copy_documents(source, target, info["name"])
            await _copy_indexes(source, target, info["name"])
        elif info.get("type") == "timeseries":
            await _copy_documents(source, target, info["name"])


def _views_last(info: Mapping[str, Any]) -> bool:
    return info.get("type") == "view"


async def _copy_documents(source: Any, target: Any, name: str) -> None:
    raw = source.codec_options.with_options(document_class=RawBSONDocument)
    cursor = source.get_collection(name, codec_options=raw).find()
    into = target[name]
    while documents := await cursor.to_list(_AT_ONCE):
        await into.insert_many(documents)


async def _copy_indexes(source: Any, target: Any, name: str) -> None:
    indexes = await (await source[name].list_indexes()).to_list()
    models = []
    for index in indexes:
        keys = list(index["key"].items())
        if keys != [("_id", 1)]:
            options = {key: value for key, value in index.items() if key not in ("key", "v", "ns")}
            models.append(IndexModel(keys, **options))
    if models:
        await target[name].create_indexes(models)
