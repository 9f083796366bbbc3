"""Turns what the driver returns into what a test compares with.

Follows: unified-test-format, "Converting Returned Model Objects to Documents".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def from_bulk(result: Any) -> dict[str, Any]:
    if not result.acknowledged:
        return {"acknowledged": False}
    return {
        "insertedCount": result.inserted_count,
        "deletedCount": result.deleted_count,
        "matchedCount": result.matched_count,
        "modifiedCount": result.modified_count,
        "upsertedCount": result.upserted_count,
        "upsertedIds": {str(index): identifier for index, identifier in (result.upserted_ids or {}).items()},
    }


def from_bulk_error(details: Mapping[str, Any]) -> dict[str, Any]:
    upserted = details.get("upserted", [])
    return {
        "insertedCount": details.get("nInserted", 0),
        "deletedCount": details.get("nRemoved", 0),
        "matchedCount": details.get("nMatched", 0),
        "modifiedCount": details.get("nModified", 0),
        "upsertedCount": details.get("nUpserted", 0),
        "upsertedIds": {str(item["index"]): item["_id"] for item in upserted},
    }


def from_client_bulk(result: Any) -> dict[str, Any]:
    if not result.acknowledged:
        return {"acknowledged": False}
    document = {
        "insertedCount": result.inserted_count,
        "upsertedCount": result.upserted_count,
        "matchedCount": result.matched_count,
        "modifiedCount": result.modified_count,
        "deletedCount": result.deleted_count,
    }
    if result.has_verbose_results:
        for name, results in (
            ("insertResults", result.insert_results),
            ("updateResults", result.update_results),
            ("deleteResults", result.delete_results),
        ):
            document[name] = {str(index): _of_one(item) for index, item in results.items()}
    return document


def _of_one(result: Any) -> dict[str, Any]:
    """Of a single operation, which says nothing of acknowledgement and has an id where something was upserted."""
    document: dict[str, Any] = to_document(result)
    return {name: value for name, value in document.items() if name not in {"acknowledged", "upsertedCount"}}


def _inserted_one(result: Any) -> dict[str, Any]:
    return {"insertedId": result.inserted_id}


def _inserted_many(result: Any) -> dict[str, Any]:
    return {"insertedIds": {str(index): item for index, item in enumerate(result.inserted_ids)}}


def _updated(result: Any) -> dict[str, Any]:
    if not result.acknowledged:
        return {"acknowledged": False}
    document = {
        "acknowledged": True,
        "matchedCount": result.matched_count,
        "modifiedCount": result.modified_count,
        "upsertedCount": 0 if result.upserted_id is None else 1,
    }
    if result.upserted_id is not None:
        document["upsertedId"] = result.upserted_id
    return document


def _deleted(result: Any) -> dict[str, Any]:
    if not result.acknowledged:
        return {"acknowledged": False}
    return {"acknowledged": True, "deletedCount": result.deleted_count}


_MODELS = {
    "InsertOneResult": _inserted_one,
    "InsertManyResult": _inserted_many,
    "UpdateResult": _updated,
    "DeleteResult": _deleted,
    "BulkWriteResult": from_bulk,
    "ClientBulkWriteResult": from_client_bulk,
}


def to_document(result: Any) -> Any:
    """The document for a result object; another value as it is."""
    convert = _MODELS.get(type(result).__name__)
    return convert(result) if convert else result
