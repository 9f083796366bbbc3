"""The collection of 1.x and 2.x: reads, names and options. Its writes are `writes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._native import run
from petiole.collection import ReturnDocument
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.cursor import Cursor
from petiole.legacy.early.writes import EarlyWrites

if TYPE_CHECKING:
    from petiole._core.options import Options
    from petiole.legacy.early.database import Database

__all__ = ["Collection", "ReturnDocument"]


class Collection(EarlyWrites):
    """A MongoDB collection, as `database[name]` gives it."""

    def __init__(
        self,
        database: Database,
        name: str,
        create: Any = False,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
        **kwargs: Any,
    ) -> None:
        """
        :param create: whether to create it; options of 1.x, as a dict, do so too.
        :param kwargs: options of the new collection, which is created if there are any.
        """
        options = kwargs.pop("options", None)
        if isinstance(create, Mapping):
            create, options = False, create
        if options is not None:
            deprecated("The parameter options is deprecated. Use keywords instead.")
            kwargs = {**options, **kwargs}
        concern, self._safe = database._given_concern(write_concern)
        self._bind(database, name, database._options.replaced(codec_options, read_preference, concern, None))
        if create or kwargs:
            run(self._create(kwargs, None))

    def _sibling(self, name: str, options: Options) -> Collection:
        made = type(self).__new__(type(self))
        made._bind(self._database, name, options)
        made._safe = self._safe
        return made

    def __getattr__(self, name: str) -> Collection:
        found: Any = super().__getattr__(name)
        return found  # type: ignore[no-any-return]

    def with_options(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Collection:
        """The same collection with other options; those not given are kept."""
        concern, safe = self._given_concern(write_concern)
        made = self._sibling(
            self._name, self._options.replaced(codec_options, read_preference, concern, read_concern)
        )
        made._safe = safe
        return made

    # Reads.

    def find(self, *args: Any, **kwargs: Any) -> Cursor:
        """A cursor over the documents that match, with the parameters of `Cursor`."""
        return Cursor(self._for_queries(), *args, **kwargs)

    def find_one(self, spec_or_id: Any = None, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """The first document that matches, or has that `_id`; None if there is none."""
        if spec_or_id is not None and not isinstance(spec_or_id, Mapping):
            spec_or_id = {"_id": spec_or_id}
        return next(self.find(spec_or_id, *args, **kwargs).limit(-1), None)

    def _for_queries(self) -> Collection:
        """This collection, or where else its queries go."""
        return self

    def count(self) -> int:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """How many documents there are, by the server's `count`."""
        deprecated("count is deprecated. Use estimated_document_count or count_documents instead.")
        return self._count(None, None, {})

    def distinct(self, key: str) -> list[Any]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """The different values of `key` among all documents. Raises `TypeError` if that is no str."""
        found: list[Any] = super().distinct(key)
        return found

    def aggregate(self, pipeline: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Run an aggregation pipeline: `{"result": [...], "ok": 1.0}`; a cursor if `cursor` is given."""
        if not isinstance(pipeline, (Mapping, list, tuple)):
            raise TypeError("pipeline must be a dict, list or tuple")
        stages = [pipeline] if isinstance(pipeline, Mapping) else list(pipeline)
        as_cursor = "cursor" in kwargs
        options = kwargs.pop("cursor", None) or {}
        if "batchSize" in options:
            kwargs["batchSize"] = options["batchSize"]
        found = super().aggregate(stages, **kwargs)
        return found if as_cursor else {"result": list(found), "ok": 1.0}

    # Names and options.

    def rename(self, new_name: str, **kwargs: Any) -> Any:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Rename the collection; `kwargs` are fields of the command, as `dropTarget`."""
        return run(self._rename(new_name, None, None, **kwargs))
