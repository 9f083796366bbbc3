"""Operations of databases.

Follows: unified-test-format, "Database Operations".
"""

from __future__ import annotations

from typing import Any

from tests.spec.unified.arguments import call, within
from tests.spec.unified.context import Context
from tests.spec.unified.entities import CursorEntity
from tests.spec.unified.operations.cursor import watching
from tests.spec.unified.operations.registry import Operations

OPERATIONS = Operations("database")


@OPERATIONS.add("runCommand")
async def run_command(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    arguments.pop("commandName", None)
    return await call(context, database.command, arguments)


@OPERATIONS.add("runCursorCommand")
async def run_cursor_command(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    with within(context, arguments):
        return await context.face.to_list(await _cursor(context, database, arguments))


@OPERATIONS.add("createCommandCursor")
async def create_command_cursor(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    with within(context, arguments):
        return await CursorEntity.open(context.face, await _cursor(context, database, arguments))


async def _cursor(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    """A command cursor; options for its getMores are set on it (run-command specification)."""
    size = arguments.pop("batchSize", None)
    for name in ("commandName", "cursorType"):
        arguments.pop(name, None)  # How a command's cursor waits is said by the command itself.
    if "maxTimeMS" in arguments:
        arguments["maxAwaitTimeMS"] = arguments.pop("maxTimeMS")
    cursor = await call(context, database.cursor_command, arguments)
    if size is not None:
        cursor.batch_size(size)
    return cursor


@OPERATIONS.add("aggregate")
async def aggregate(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    with within(context, arguments):
        return await context.face.to_list(await call(context, database.aggregate, arguments))


@OPERATIONS.add("createChangeStream")
async def create_change_stream(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    return await watching(context, database.watch, arguments)


@OPERATIONS.add("listCollections")
async def list_collections(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    if "batchSize" in arguments:
        arguments["cursor"] = {"batchSize": arguments.pop("batchSize")}
    with within(context, arguments):
        return await context.face.to_list(await call(context, database.list_collections, arguments))


@OPERATIONS.add("listCollectionNames")
async def list_collection_names(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    return await call(context, database.list_collection_names, arguments)


@OPERATIONS.add("createCollection")
async def create_collection(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    name = arguments.pop("collection")
    # Drivers do not look first whether there is such a collection; PyMongo does unless told otherwise.
    options = {"name": name, "checkExists": False, **arguments}
    return await call(context, database.create_collection, options)


@OPERATIONS.add("dropCollection")
async def drop_collection(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    name = arguments.pop("collection")
    await call(context, database.drop_collection, {"name_or_collection": name, **arguments})


@OPERATIONS.add("modifyCollection")
async def modify_collection(context: Context, database: Any, arguments: dict[str, Any]) -> Any:
    command = {"collMod": arguments.pop("collection"), **arguments}
    return await call(context, database.command, {"command": command})
