"""Operations of collections.

Follows: unified-test-format, "Collection Operations".
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.spec.unified.arguments import call, within
from tests.spec.unified.context import Context
from tests.spec.unified.entities import CursorEntity
from tests.spec.unified.operations.cursor import watching
from tests.spec.unified.operations.registry import Implementation, Operations
from tests.spec.unified.options import Unsupported
from tests.spec.unified.results import to_document

OPERATIONS = Operations("collection")


def _returns_result(method: str) -> Implementation:
    async def operation(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
        return to_document(await call(context, getattr(collection, method), arguments))

    return operation


def _returns_cursor(method: str) -> Implementation:
    async def operation(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
        with within(context, arguments):
            cursor = await call(context, getattr(collection, method), arguments)
            return await context.face.to_list(cursor)

    return operation


OPERATIONS.add_methods(
    {
        "countDocuments": "count_documents",
        "deleteMany": "delete_many",
        "deleteOne": "delete_one",
        "dropIndexes": "drop_indexes",
        "dropSearchIndex": "drop_search_index",
        "estimatedDocumentCount": "estimated_document_count",
        "findOne": "find_one",
        "findOneAndDelete": "find_one_and_delete",
        "findOneAndReplace": "find_one_and_replace",
        "findOneAndUpdate": "find_one_and_update",
        "insertMany": "insert_many",
        "insertOne": "insert_one",
        "replaceOne": "replace_one",
        "updateMany": "update_many",
        "updateOne": "update_one",
        "updateSearchIndex": "update_search_index",
        "rename": "rename",
        "drop": "drop",
    },
    _returns_result,
)
OPERATIONS.add_methods({"aggregate": "aggregate", "listIndexes": "list_indexes"}, _returns_cursor)


@OPERATIONS.add("find")
async def find(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    with within(context, arguments):
        return await context.face.to_list(await _find_cursor(context, collection, arguments))


async def _find_cursor(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    """A cursor of `find`; how long it waits is no argument but set on it."""
    patience = arguments.pop("maxAwaitTimeMS", None)
    cursor = await call(context, collection.find, arguments)
    return cursor if patience is None else cursor.max_await_time_ms(patience)


@OPERATIONS.add("distinct")
async def distinct(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    return await call(context, collection.distinct, {"key": arguments.pop("fieldName"), **arguments})


@OPERATIONS.add("count")
async def count(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    with pytest.deprecated_call():
        return await call(context, _as_of_3(context, collection).count, arguments)


@OPERATIONS.add("mapReduce")
async def map_reduce(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    with pytest.deprecated_call():
        reply = await call(context, _as_of_3(context, collection).map_reduce, arguments)
    return reply["results"]


def _as_of_3(context: Context, collection: Any) -> Any:
    """The same collection with the API of 3.x."""
    of_today = collection.database
    database = context.driver.module("legacy.database").Database(of_today.client, of_today.name)
    options = (
        collection.codec_options,
        collection.read_preference,
        collection.write_concern,
        collection.read_concern,
    )
    return database.get_collection(collection.name, *options)


@OPERATIONS.add("bulkWrite")
async def bulk_write(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    requests = [write_model(context, request) for request in arguments.pop("requests")]
    return to_document(await call(context, collection.bulk_write, {"requests": requests, **arguments}))


def write_model(context: Context, request: dict[str, Any]) -> Any:
    """The write model that a document with one key describes."""
    (name, fields), *_ = request.items()
    make = getattr(context.driver.module("operations"), name[0].upper() + name[1:])
    values: dict[str, Any] = {
        ("array_filters" if key == "arrayFilters" else key): fields[key] for key in fields
    }
    if "collation" in values:
        values["collation"] = context.driver.module("collation").Collation(**values["collation"])
    return make(**values)


@OPERATIONS.add("createFindCursor")
async def create_find_cursor(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    if "filter" not in arguments:
        raise Unsupported("createFindCursor needs a filter")
    with within(context, arguments):
        return await CursorEntity.open(context.face, await _find_cursor(context, collection, arguments))


@OPERATIONS.add("createChangeStream")
async def create_change_stream(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    return await watching(context, collection.watch, arguments)


@OPERATIONS.add("createIndex")
async def create_index(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    keys = list(arguments.pop("keys").items())
    return await call(context, collection.create_index, {"keys": keys, **arguments})


@OPERATIONS.add("dropIndex")
async def drop_index(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    name = arguments.pop("name")
    return await call(context, collection.drop_index, {"indexOrName": name, **arguments})


@OPERATIONS.add("createSearchIndex")
async def create_search_index(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    return await call(
        context, collection.create_search_index, {"model": search_model(context, arguments["model"])}
    )


@OPERATIONS.add("createSearchIndexes")
async def create_search_indexes(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    models = [search_model(context, model) for model in arguments["models"]]
    return await call(context, collection.create_search_indexes, {"models": models})


def search_model(context: Context, model: dict[str, Any]) -> Any:
    return context.driver.module("operations").SearchIndexModel(**model)


@OPERATIONS.add("listSearchIndexes")
async def list_search_indexes(context: Context, collection: Any, arguments: dict[str, Any]) -> Any:
    options = arguments.pop("aggregationOptions", {})
    cursor = await call(context, collection.list_search_indexes, {**arguments, **options})
    return await context.face.to_list(cursor)
