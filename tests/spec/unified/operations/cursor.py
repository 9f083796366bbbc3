"""Operations of find cursors, command cursors and change streams.

Follows: unified-test-format, "Cursor Operations".
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tests.spec.unified.arguments import call, within
from tests.spec.unified.context import Context
from tests.spec.unified.entities import ChangeStreamEntity, CursorEntity
from tests.spec.unified.operations.registry import Operations

OPERATIONS = Operations("cursor")


async def watching(
    context: Context, watch: Callable[..., Any], arguments: dict[str, Any]
) -> ChangeStreamEntity:
    """What the operation "createChangeStream" makes, of any of the three kinds."""
    return ChangeStreamEntity(context.face, await call(context, watch, arguments))


@OPERATIONS.add("iterateUntilDocumentOrError")
async def iterate_until_document(context: Context, cursor: CursorEntity, arguments: dict[str, Any]) -> Any:
    with within(context, cursor.limits):
        return await cursor.until_document()


@OPERATIONS.add("iterateOnce")
async def iterate_once(context: Context, cursor: CursorEntity, arguments: dict[str, Any]) -> Any:
    with within(context, cursor.limits):
        return await cursor.once()


@OPERATIONS.add("close")
async def close(context: Context, cursor: CursorEntity, arguments: dict[str, Any]) -> Any:
    with contextlib.suppress(context.driver.module("errors").PyMongoError):
        await cursor.close()
