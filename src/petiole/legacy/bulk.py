"""Builders of bulk writes, as they were before `bulk_write`: they collect today's operations, and run them once."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from petiole._commands.write_options import checked_replacement, checked_update
from petiole.errors import InvalidOperation
from petiole.operations import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from petiole.legacy.collection import Collection

__all__ = ["BulkOperationBuilder", "BulkUpsertOperation", "BulkWriteOperation"]


class BulkUpsertOperation:
    """What to do with the document that matches, or with a new one if none does."""

    _upsert = True

    def __init__(self, selector: Mapping[str, Any], bulk: BulkOperationBuilder, collation: Any) -> None:
        self._selector = selector
        self._bulk = bulk
        self._collation = collation

    def update_one(self, update: Any) -> None:
        """Change the first document that matches."""
        checked_update(update)
        self._bulk._add(UpdateOne(self._selector, update, upsert=self._upsert, collation=self._collation))

    def update(self, update: Any) -> None:
        """Change all documents that match."""
        checked_update(update)
        self._bulk._add(UpdateMany(self._selector, update, upsert=self._upsert, collation=self._collation))

    def replace_one(self, replacement: Any) -> None:
        """Replace the first document that matches."""
        checked_replacement(replacement)
        self._bulk._add(
            ReplaceOne(self._selector, replacement, upsert=self._upsert, collation=self._collation)
        )


class BulkWriteOperation(BulkUpsertOperation):
    """What to do with the documents that match."""

    _upsert = False

    def remove_one(self) -> None:
        """Remove the first document that matches."""
        self._bulk._add(DeleteOne(self._selector, collation=self._collation))

    def remove(self) -> None:
        """Remove all documents that match."""
        self._bulk._add(DeleteMany(self._selector, collation=self._collation))

    def upsert(self) -> BulkUpsertOperation:
        """The same, but with an insert if none matches."""
        return BulkUpsertOperation(self._selector, self._bulk, self._collation)


class BulkOperationBuilder:
    """A bulk write in the making."""

    def __init__(
        self, collection: Collection, ordered: bool = True, bypass_document_validation: bool = False
    ) -> None:
        self._collection = collection
        self._ordered = ordered
        self._bypass = bypass_document_validation or None
        self._operations: list[Any] = []
        self._executed = False

    def _add(self, operation: Any) -> None:
        self._operations.append(operation)

    def find(self, selector: Mapping[str, Any], collation: Any = None) -> BulkWriteOperation:
        """Say which documents the next operation is for. Raises `TypeError` if `selector` is no mapping."""
        if not isinstance(selector, Mapping):
            raise TypeError(
                "selector must be an instance of dict, bson.son.SON, or any other type that inherits from "
                "collections.Mapping"
            )
        return BulkWriteOperation(selector, self, collation)

    def insert(self, document: Any) -> None:
        """Insert a document. Raises `TypeError` if it is none."""
        if not isinstance(document, MutableMapping) and not hasattr(document, "raw"):
            raise TypeError(
                "document must be an instance of dict, bson.son.SON, bson.raw_bson.RawBSONDocument, or a type that "
                "inherits from collections.MutableMapping"
            )
        self._add(InsertOne(document))

    def execute(self, write_concern: Mapping[str, Any] | None = None) -> Any:
        """Run all operations, once, with that write concern; what the server said, or None with `w=0`.

        Raises `InvalidOperation` if there are none, or they have run already; `BulkWriteError`.
        """
        if self._executed:
            raise InvalidOperation("Bulk operations can only be executed once.")
        if not self._operations:
            raise InvalidOperation("No operations to execute")
        concern = None if write_concern is None else WriteConcern(**write_concern)
        self._executed = True
        collection: Any = self._collection
        if concern is not None:
            collection = collection.with_options(write_concern=concern)
        result = collection.bulk_write(self._operations, self._ordered, self._bypass)
        return result.bulk_api_result if result.acknowledged else None
