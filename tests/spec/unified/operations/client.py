"""Operations of clients.

Follows: unified-test-format, "Client Operations".
"""

from __future__ import annotations

from typing import Any

from tests.spec.unified.arguments import call, within
from tests.spec.unified.context import Context
from tests.spec.unified.entities import ClientEntity
from tests.spec.unified.operations.collection import write_model
from tests.spec.unified.operations.cursor import watching
from tests.spec.unified.operations.registry import Operations
from tests.spec.unified.results import to_document

OPERATIONS = Operations("client")


@OPERATIONS.add("close")
async def close(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    await context.face.resolve(entity.client.close())


@OPERATIONS.add("createChangeStream")
async def create_change_stream(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    return await watching(context, entity.client.watch, arguments)


@OPERATIONS.add("listDatabases")
async def list_databases(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    with within(context, arguments):
        return await context.face.to_list(await call(context, entity.client.list_databases, arguments))


@OPERATIONS.add("listDatabaseNames")
async def list_database_names(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    return await call(context, entity.client.list_database_names, arguments)


@OPERATIONS.add("dropDatabase")
async def drop_database(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    name = arguments.pop("database")
    await call(context, entity.client.drop_database, {"name_or_database": name, **arguments})


@OPERATIONS.add("clientBulkWrite")
async def bulk_write(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    models = [write_model(context, model) for model in arguments.pop("models")]
    return to_document(await call(context, entity.client.bulk_write, {"models": models, **arguments}))


@OPERATIONS.add("appendMetadata")
async def append_metadata(context: Context, entity: ClientEntity, arguments: dict[str, Any]) -> Any:
    info = context.driver.module("driver_info").DriverInfo(**arguments["driverInfoOptions"])
    await context.face.resolve(entity.client.append_metadata(info))
