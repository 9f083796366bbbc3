"""Executes one operation of a test, and compares what comes of it.

Follows: unified-test-format, "Executing an Operation". The operations themselves are in `operations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.spec.unified.context import Context
from tests.spec.unified.entities import CursorEntity
from tests.spec.unified.failures import expect_error
from tests.spec.unified.matching import MISSING, Mismatch
from tests.spec.unified.operations import (
    bucket,
    client,
    client_encryption,
    collection,
    cursor,
    database,
    session,
    special,
)
from tests.spec.unified.operations.registry import Operations
from tests.spec.unified.options import Unsupported

_OPERATIONS: Mapping[str, Operations] = {
    "client": client.OPERATIONS,
    "database": database.OPERATIONS,
    "collection": collection.OPERATIONS,
    "session": session.OPERATIONS,
    "cursor": cursor.OPERATIONS,
    "bucket": bucket.OPERATIONS,
    "clientEncryption": client_encryption.OPERATIONS,
}
_ROOT_DOCUMENTS = frozenset(
    [
        "aggregate",
        "find",
        "listCollections",
        "listDatabases",
        "listIndexes",
        "listSearchIndexes",
        "runCursorCommand",
    ]
)
"""Operations whose results are arrays of root documents ("Examples of Root-level Documents")."""
_ENTITY_KINDS = {
    "createChangeStream": "cursor",
    "createCollection": "collection",
    "createCommandCursor": "cursor",
    "createFindCursor": "cursor",
}
"""What kind of entity the result of an operation is; others are values."""
_EXPECTATIONS = (AssertionError, Unsupported)
"""What the runner itself raises: never the error that a test expects."""


async def execute(context: Context, operation: Mapping[str, Any], in_callback: bool = False) -> None:
    """Execute an operation. What the driver raises in a transaction's callback goes on to the driver."""
    arguments = dict(operation.get("arguments", {}))
    if operation["object"] == "testRunner":
        await special.run(context, operation["name"], arguments)
        return
    try:
        result = await _call(context, operation, arguments)
    except _EXPECTATIONS:
        raise
    except Exception as error:
        _check_error(context, operation, error)
        if in_callback:
            raise
        return
    _check_result(context, operation, result)


async def _call(context: Context, operation: Mapping[str, Any], arguments: dict[str, Any]) -> Any:
    name, target = operation["name"], operation["object"]
    kind = context.entities.kind(target)
    if name not in _OPERATIONS.get(kind, ()):
        raise Unsupported(f"a {kind} has no operation {name!r}")
    result = await _OPERATIONS[kind][name](context, context.entities.get(target, kind), arguments)
    if isinstance(result, CursorEntity):
        result.limits = arguments
    return result


def _check_error(context: Context, operation: Mapping[str, Any], error: Exception) -> None:
    if operation.get("ignoreResultAndError"):
        return
    if "expectError" not in operation:
        raise error
    expect_error(context, operation["expectError"], error)


def _check_result(context: Context, operation: Mapping[str, Any], result: Any) -> None:
    if operation.get("ignoreResultAndError"):
        return
    name = operation["name"]
    if "expectError" in operation:
        raise Mismatch(f"{name}: expected an error {operation['expectError']!r}, got {result!r}")
    if "expectResult" in operation:
        match = context.matcher.match_documents if name in _ROOT_DOCUMENTS else _match_one(context)
        match(operation["expectResult"], MISSING if result is None else result, "")
    if "saveResultAsEntity" in operation:
        if result is None:
            raise Unsupported(f"{name} has returned nothing to be saved")
        context.entities.add(operation["saveResultAsEntity"], _ENTITY_KINDS.get(name, "value"), result)


def _match_one(context: Context) -> Any:
    def match(expected: Any, actual: Any, path: str) -> None:
        if expected is None and actual is MISSING:
            return
        context.matcher.match(expected, actual, path, root=True)

    return match
