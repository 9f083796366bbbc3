"""`DBRef`: a reference to a document of another collection.

Owns the class and its form as a document (`as_doc`), see the DBRef specification. Encoding calls `as_doc`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from petiole.bson._state import set_slot_state, slot_state
from petiole.bson.son import SON


class DBRef:
    """A reference to a document.

    :param collection: name of the collection that the document is in
    :param id: its `_id`
    :param database: name of the database, None for the same one
    :param _extra: more fields, which win over `kwargs`
    :param kwargs: more fields, each also an attribute of the reference
    """

    __slots__ = "__collection", "__database", "__id", "__kwargs"

    _type_marker = 100

    __getstate__ = slot_state
    __setstate__ = set_slot_state

    def __init__(
        self,
        collection: str,
        id: Any,
        database: str | None = None,
        _extra: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(collection, str):
            raise TypeError(f"collection must be an instance of str, not {type(collection)}")
        if database is not None and not isinstance(database, str):
            raise TypeError(f"database must be an instance of str, not {type(database)}")
        self.__collection = collection
        self.__id = id
        self.__database = database
        kwargs.update(_extra or {})
        self.__kwargs = kwargs

    @property
    def collection(self) -> str:
        """Name of the collection."""
        return self.__collection

    @property
    def id(self) -> Any:
        """The `_id` of the document."""
        return self.__id

    @property
    def database(self) -> str | None:
        """Name of the database, None if the reference names none."""
        return self.__database

    def __getattr__(self, key: Any) -> Any:
        # A reference that is being copied or unpickled has no slots yet; looking for one must not recurse.
        if key.startswith("_DBRef__"):
            raise AttributeError(key)
        try:
            return self.__kwargs[key]
        except KeyError:
            raise AttributeError(key) from None

    def as_doc(self) -> SON[str, Any]:
        """The reference as it is stored: `$ref`, `$id`, `$db` if set, then the further fields."""
        doc: SON[str, Any] = SON([("$ref", self.collection), ("$id", self.id)])
        if self.database is not None:
            doc["$db"] = self.database
        doc.update(self.__kwargs)
        return doc

    def __repr__(self) -> str:
        extra = "".join(f", {key}={value!r}" for key, value in self.__kwargs.items())
        if self.database is None:
            return f"DBRef({self.collection!r}, {self.id!r}{extra})"
        return f"DBRef({self.collection!r}, {self.id!r}, {self.database!r}{extra})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DBRef):
            return NotImplemented
        mine = self.__database, self.__collection, self.__id, self.__kwargs
        return mine == (other.__database, other.__collection, other.__id, other.__kwargs)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        extra = tuple(sorted(self.__kwargs.items()))
        return hash((self.__collection, self.__id, self.__database, extra))

    def __deepcopy__(self, memo: Any) -> DBRef:
        copied = type(self).__new__(type(self))
        set_slot_state(copied, deepcopy(slot_state(self), memo))
        return copied
