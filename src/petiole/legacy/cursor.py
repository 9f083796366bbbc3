"""The cursor of the 3.x API, on the blocking face: `modifiers`, `manipulate` and `count`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.cursor import Cursor as TodaysCursor
from petiole.cursor_shared import CursorType
from petiole.legacy.deprecation import deprecated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole.legacy.collection import Collection

__all__ = ["Cursor", "CursorType", "ManipulatingCursor"]

_MODIFIERS = {
    "$orderby": "sort",
    "$hint": "hint",
    "$comment": "comment",
    "$maxScan": "max_scan",
    "$maxTimeMS": "max_time_ms",
    "$max": "max",
    "$min": "min",
    "$returnKey": "return_key",
    "$showDiskLoc": "show_record_id",
    "$snapshot": "snapshot",
}


class Cursor(TodaysCursor[Any]):
    """Iterates over the documents that match a query; `Collection.find` makes it."""

    def __init__(
        self,
        collection: Collection,
        filter: Mapping[str, Any] | None = None,
        projection: Any = None,
        skip: int = 0,
        limit: int = 0,
        no_cursor_timeout: bool = False,
        cursor_type: int = CursorType.NON_TAILABLE,
        sort: Any = None,
        allow_partial_results: bool = False,
        oplog_replay: bool = False,
        modifiers: Mapping[str, Any] | None = None,
        batch_size: int = 0,
        manipulate: bool = True,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """The parameters of 3.x, in their order; the last of them are today's from `collation` on.

        :param modifiers: options by the names of the legacy query, as `$orderby` and `$hint`.
        :param manipulate: whether SON manipulators see the documents.
        :raises ValueError: for a modifier that no server knows any more.
        """
        given: dict[str, Any] = dict(modifiers or {})
        if modifiers is not None:
            deprecated("the 'modifiers' parameter is deprecated", 4)
        if isinstance(filter, dict) and "$query" in filter:
            given = {**filter, **given}
        if "$query" in given:
            filter = given.pop("$query")
        for name, value in given.items():
            if name not in _MODIFIERS:
                raise ValueError(f"{name} is no modifier that find can carry out")
            if name == "$orderby":
                sort = list(value.items()) if hasattr(value, "items") else value
            else:
                kwargs[_MODIFIERS[name]] = _bounds(value) if name in ("$max", "$min") else value
        self._manipulates = manipulate
        super().__init__(
            collection,
            filter,
            projection,
            skip,
            limit,
            no_cursor_timeout,
            cursor_type,
            sort,
            allow_partial_results,
            oplog_replay,
            batch_size,
            *args,
            **kwargs,
        )

    def count(self, with_limit_and_skip: bool = False) -> int:
        """How many documents the query matches, by the server's `count`.

        :param with_limit_and_skip: whether `limit` and `skip` count too.
        :raises TypeError: if that is no bool.
        """
        deprecated("count is deprecated. Use Collection.count_documents instead.")
        if not isinstance(with_limit_and_skip, bool):
            raise TypeError("with_limit_and_skip must be True or False")
        find = self._find
        options: dict[str, Any] = {
            "maxTimeMS": find.max_time_ms,
            "comment": find.comment,
            "hint": find.hint,
            "collation": find.collation,
        }
        if with_limit_and_skip:
            options |= {"limit": find.limit or None, "skip": find.skip or None}
        collection: Any = self._collection
        given = {name: value for name, value in options.items() if value is not None}
        total: int = collection._count(find.filter, self._session, given)
        return total

    def __bool__(self) -> bool:
        return True


class ManipulatingCursor(Cursor):
    """A cursor of a database with SON manipulators, which see each document before the application does."""

    def __next__(self) -> Any:
        document = super().__next__()
        if not self._manipulates:
            return document
        collection: Any = self._collection
        return collection._database._transform_outgoing(document, collection)

    def next(self) -> Any:
        """Advance the cursor."""
        return self.__next__()


def _bounds(value: Any) -> Any:
    return list(value.items()) if hasattr(value, "items") else value
