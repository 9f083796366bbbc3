"""SON manipulators: what could change documents on their way to and from a database, until 4.0."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from petiole.bson.dbref import DBRef
from petiole.bson.objectid import ObjectId
from petiole.bson.son import SON

if TYPE_CHECKING:
    from petiole.legacy.collection import Collection
    from petiole.legacy.database import Database

__all__ = ["AutoReference", "NamespaceInjector", "ObjectIdInjector", "ObjectIdShuffler", "SONManipulator"]


class SONManipulator:
    """Changes nothing. Override `transform_incoming`, `transform_outgoing`, and `will_copy` where they copy."""

    def will_copy(self) -> bool:
        """Whether documents are copied rather than changed in place."""
        return False

    def transform_incoming(self, son: Any, collection: Collection) -> Any:
        """The document to store for `son`."""
        return SON(son) if self.will_copy() else son

    def transform_outgoing(self, son: Any, collection: Collection) -> Any:
        """The document to hand out for what is stored."""
        return SON(son) if self.will_copy() else son


class ObjectIdInjector(SONManipulator):
    """Gives documents without an `_id` an ObjectId."""

    def transform_incoming(self, son: Any, collection: Collection) -> Any:
        if "_id" not in son:
            son["_id"] = ObjectId()
        return son


class ObjectIdShuffler(SONManipulator):
    """Puts the `_id` first."""

    def will_copy(self) -> bool:
        return True

    def transform_incoming(self, son: Any, collection: Collection) -> Any:
        if "_id" not in son:
            return son
        return SON([("_id", son["_id"]), *((key, value) for key, value in son.items() if key != "_id")])


class NamespaceInjector(SONManipulator):
    """Stores the collection's name as `_ns`, for `AutoReference`."""

    def transform_incoming(self, son: Any, collection: Collection) -> Any:
        son["_ns"] = collection.name
        return son


class AutoReference(SONManipulator):
    """Stores documents that are in a collection already as references, and follows these on the way out."""

    def __init__(self, db: Database) -> None:
        self.database = db

    def will_copy(self) -> bool:
        return True

    def transform_incoming(self, son: Any, collection: Collection) -> Any:
        return SON((key, self._referring(value)) for key, value in son.items())

    def transform_outgoing(self, son: Any, collection: Collection) -> Any:
        return SON((key, self._followed(value)) for key, value in son.items())

    def _referring(self, value: Any) -> Any:
        if isinstance(value, MutableMapping):
            if "_id" in value and "_ns" in value:
                return DBRef(value["_ns"], self.transform_incoming(value, None)["_id"])  # type: ignore[arg-type]
            return SON((key, self._referring(item)) for key, item in value.items())
        return [self._referring(item) for item in value] if isinstance(value, list) else value

    def _followed(self, value: Any) -> Any:
        if isinstance(value, DBRef):
            return self.database.dereference(value)
        if isinstance(value, Mapping):
            return SON((key, self._followed(item)) for key, item in value.items())
        return [self._followed(item) for item in value] if isinstance(value, list) else value
