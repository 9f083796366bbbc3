"""Operations of client encryption entities.

Follows: unified-test-format, "Client Encryption Operations", and the names of the client-side encryption specification.
"""

from __future__ import annotations

from typing import Any

from tests.spec.unified.arguments import call
from tests.spec.unified.context import Context
from tests.spec.unified.operations.registry import Implementation, Operations
from tests.spec.unified.results import from_bulk, to_document

OPERATIONS = Operations("clientEncryption")


def _plain(method: str) -> Implementation:
    async def operation(context: Context, encryption: Any, arguments: dict[str, Any]) -> Any:
        options = arguments.pop("opts", None) or {}
        return to_document(await call(context, getattr(encryption, method), {**arguments, **options}))

    return operation


OPERATIONS.add_methods(
    {
        "addKeyAltName": "add_key_alt_name",
        "createDataKey": "create_data_key",
        "createKey": "create_data_key",
        "decrypt": "decrypt",
        "deleteKey": "delete_key",
        "encrypt": "encrypt",
        "getKey": "get_key",
        "getKeyByAltName": "get_key_by_alt_name",
        "removeKeyAltName": "remove_key_alt_name",
    },
    _plain,
)


@OPERATIONS.add("getKeys")
async def get_keys(context: Context, encryption: Any, arguments: dict[str, Any]) -> Any:
    return await context.face.to_list(await context.face.resolve(encryption.get_keys()))


@OPERATIONS.add("rewrapManyDataKey")
async def rewrap(context: Context, encryption: Any, arguments: dict[str, Any]) -> Any:
    options = arguments.pop("opts", None) or {}
    result = await call(context, encryption.rewrap_many_data_key, {**arguments, **options})
    return (
        {} if result.bulk_write_result is None else {"bulkWriteResult": from_bulk(result.bulk_write_result)}
    )
