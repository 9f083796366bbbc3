"""The writes of 1.x and 2.x: acknowledged only if they, or what they are called on, say so.

Owns their parameters, by position, and their results; what is sent is what 3.x sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._native import run
from petiole.bson.code import Code
from petiole.legacy.collection import Collection as CollectionOf3
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.settings import Settings

if TYPE_CHECKING:
    from petiole.collection import Collection as TodaysCollection

_CONCERN = ("w", "wtimeout", "j", "fsync")


class EarlyWrites(Settings, CollectionOf3):
    """`safe` and `kwargs` (`w`, `wtimeout`, `j`, `fsync`) say whether and for what a write waits.

    Options mean that it is safe. Without any of it, the collection's `safe` counts. Writes that are not safe return
    at once and nothing tells whether they failed.
    """

    def insert(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        doc_or_docs: Any,
        manipulate: bool = True,
        safe: bool | None = None,
        check_keys: bool = True,
        continue_on_error: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Insert one document, or many; the `_id`, or the list of them."""
        return super().insert(
            doc_or_docs, manipulate, check_keys, continue_on_error, **_with_safe(safe, kwargs)
        )

    def save(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        to_save: Any,
        manipulate: bool = True,
        safe: bool | None = None,
        check_keys: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Insert a document, or replace the one with its `_id`; the `_id`. Raises `TypeError` if it is none."""
        return super().save(to_save, manipulate, check_keys, **_with_safe(safe, kwargs))

    def update(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        spec: Mapping[str, Any],
        document: Any,
        upsert: bool = False,
        manipulate: bool = False,
        safe: bool | None = None,
        multi: bool = False,
        check_keys: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Change or replace the first document that matches, or with `multi` change all.

        The result of a safe one is a dict as `{'err': None, 'n': 1, 'ok': 1.0, 'updatedExisting': True}`.
        """
        options = _with_safe(safe, kwargs)
        found = super().update(spec, document, upsert, manipulate, multi, check_keys, **options)
        return None if found is None else {"err": None, **found}

    def remove(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, spec_or_id: Any = None, safe: bool | None = None, multi: bool = True, **kwargs: Any
    ) -> Any:
        """Remove all documents that match, or the one with that `_id`; all there are for None.

        The result of a safe one is a dict as `{'err': None, 'n': 1, 'ok': 1.0}`.
        """
        found = super().remove(spec_or_id, multi, **_with_safe(safe, kwargs))
        return {"err": None, **found} if "n" in found else None

    def _writing(self, concern: dict[str, Any]) -> TodaysCollection[Any]:
        given = dict(concern)
        wanted = self._concern_of(given.pop("safe", None), given)
        writer: Any = self.with_options()
        # Past the property, for which an unacknowledged concern is no concern to keep.
        writer._options = self._options.replaced(None, None, wanted, None)
        return writer  # type: ignore[no-any-return]

    def find_and_modify(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        query: Mapping[str, Any] | None = None,
        update: Any = None,
        upsert: bool = False,
        sort: Any = None,
        full_response: bool = False,
        manipulate: bool = False,
        fields: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Change or remove one document, and return it as it was, or with `new` as it is. Always acknowledged."""
        if fields is not None:
            kwargs["fields"] = fields
        return super().find_and_modify(query, update, upsert, sort, full_response, manipulate, **kwargs)

    # Indexes.

    def create_index(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, key_or_list: Any, deprecated_unique: Any = None, ttl: int = 300, **kwargs: Any
    ) -> str:
        """Create an index; its name.

        :param deprecated_unique: the same as `unique`; a number is `cache_for` of 2.x.
        :param ttl: seconds for which `ensure_index` used to remember the index, called `cache_for` since 2.x.
        """
        return super().create_index(key_or_list, **self._index_options(deprecated_unique, kwargs))

    def ensure_index(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, key_or_list: Any, deprecated_unique: Any = None, ttl: int = 300, **kwargs: Any
    ) -> str | None:
        """Create an index unless there is one of that name; its name, or None if there was."""
        return super().ensure_index(key_or_list, ttl, **self._index_options(deprecated_unique, kwargs))

    def _index_options(self, unique: Any, options: dict[str, Any]) -> dict[str, Any]:
        given = dict(options)
        for name in ("cache_for", "ttl", "drop_dups", "dropDups"):  # Servers since 2.8 drop no duplicates.
            given.pop(name, None)
        if "bucket_size" in given:
            given["bucketSize"] = given.pop("bucket_size")
        if isinstance(unique, bool):
            deprecated("The second parameter is deprecated. Use unique=True instead.", 4)
            given.setdefault("unique", unique)
        return given

    # JavaScript.

    def map_reduce(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        map: Any,
        reduce: Any,
        out: Any,
        merge_output: bool = False,
        reduce_output: bool = False,
        full_response: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Run JavaScript over the documents, and store the result in the collection `out`, which is returned.

        :param merge_output: add to what is there already, and with `reduce_output` reduce both.
        """
        if merge_output and reduce_output:
            raise TypeError("merge_output and reduce_output cannot be used together")
        if isinstance(out, str) and (merge_output or reduce_output):
            out = {"merge" if merge_output else "reduce": out}
        return super().map_reduce(Code(map), Code(reduce), out, full_response, **kwargs)

    def group(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        key: Any,
        condition: Any,
        initial: Any,
        reduce: Any,
        finalize: Any = None,
        command: bool = True,
        **kwargs: Any,
    ) -> list[Any]:
        """Group documents by JavaScript. Raises `OperationFailure` by all servers since 4.2."""
        if not command:
            deprecated("The parameter command is deprecated: group has always been one since 1.0.")
        return super().group(key, condition, initial, reduce, finalize, **kwargs)

    def drop_indexes(self) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Drop all indexes but that on `_id`."""
        run(self._drop_indexes(None, None))


def _with_safe(safe: Any, options: dict[str, Any]) -> dict[str, Any]:
    return options if safe is None else {"safe": safe, **options}
