"""Operations of sessions.

Follows: unified-test-format, "Session Operations".
"""

from __future__ import annotations

from typing import Any

from tests.spec.unified.arguments import call, within
from tests.spec.unified.context import Context
from tests.spec.unified.entities import SessionEntity
from tests.spec.unified.operations.registry import Operations

OPERATIONS = Operations("session")


@OPERATIONS.add("startTransaction")
async def start_transaction(context: Context, entity: SessionEntity, arguments: dict[str, Any]) -> Any:
    context.started_transaction = True
    await call(context, entity.session.start_transaction, arguments)


@OPERATIONS.add("commitTransaction")
async def commit_transaction(context: Context, entity: SessionEntity, arguments: dict[str, Any]) -> Any:
    await call(context, entity.session.commit_transaction, arguments)


@OPERATIONS.add("abortTransaction")
async def abort_transaction(context: Context, entity: SessionEntity, arguments: dict[str, Any]) -> Any:
    await call(context, entity.session.abort_transaction, arguments)


@OPERATIONS.add("withTransaction")
async def with_transaction(context: Context, entity: SessionEntity, arguments: dict[str, Any]) -> Any:
    context.started_transaction = True
    operations = arguments.pop("callback")

    async def callback(session: Any) -> None:
        for operation in operations:
            await context.execute(context, operation, in_callback=True)

    with within(context, arguments):
        function = context.face.callback(callback)
        await call(context, entity.session.with_transaction, {"callback": function, **arguments})


@OPERATIONS.add("endSession")
async def end_session(context: Context, entity: SessionEntity, arguments: dict[str, Any]) -> Any:
    await context.face.resolve(entity.session.end_session())


@OPERATIONS.add("getSnapshotTime")
async def get_snapshot_time(context: Context, entity: SessionEntity, arguments: dict[str, Any]) -> Any:
    return entity.session.snapshot_time
