"""Functions stored in `system.js`, as attributes.

Storing, listing and removing them works as ever, and `$where` can call them; that the server runs one by itself
ended with `eval` in MongoDB 4.2.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from petiole.bson.code import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole.legacy.collection import Collection
    from petiole.legacy.database import Database

__all__ = ["SystemJS"]


class SystemJS:
    """`js.name = code` stores a function, `js.name(...)` has the server run it, `del js.name` removes it."""

    _db: Database

    def __init__(self, database: Database) -> None:
        object.__setattr__(self, "_db", database)

    def _collection(self) -> Collection:
        return self._db["system.js"]

    def __setattr__(self, name: str, code: Any) -> None:
        self._collection().replace_one({"_id": name}, {"_id": name, "value": Code(code)}, upsert=True)

    def __setitem__(self, name: str, code: Any) -> None:
        self.__setattr__(name, code)

    def __delattr__(self, name: str) -> None:
        self._collection().delete_one({"_id": name})

    def __delitem__(self, name: str) -> None:
        self.__delattr__(name)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._call, name)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self.__getattr__(name)

    def _call(self, name: str, *args: Any) -> Any:
        code = Code("function() { return this[name].apply(this, arguments); }", {"name": name})
        return self._db.eval(code, *args)

    def list(self) -> list[str]:
        """The names of the stored functions."""
        return [document["_id"] for document in self._collection().find(projection=["_id"])]
