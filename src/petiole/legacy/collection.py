"""The collection of the 3.x API, on the blocking face.

Owns the reads and index operations that 4.x removed or changed; writes are `writes`, bulk builders `bulk`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from petiole._commands.count import Count
from petiole._commands.index_keys import hint_document
from petiole._commands.run_command import MapReduce
from petiole._index_keys import index_list, index_name
from petiole._native import run
from petiole.bson.code import Code
from petiole.bson.son import SON
from petiole.collation import validate_collation_or_none
from petiole.legacy.bulk import BulkOperationBuilder
from petiole.legacy.cursor import Cursor, ManipulatingCursor
from petiole.legacy.deprecation import deprecated, unless_removed
from petiole.legacy.writes import LegacyWrites
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._core.options import Options
    from petiole.legacy.database import Database

__all__ = ["Collection"]

_COUNT = (
    "count is deprecated. Use estimated_document_count or count_documents instead. Please note that $where must be "
    "replaced by $expr, $near must be replaced by $geoWithin with $center, and $nearSphere must be replaced by "
    "$geoWithin with $centerSphere"
)
_OLD_INDEX_OPTIONS = {"ttl": "expireAfterSeconds", "bucket_size": "bucketSize", "drop_dups": "dropDups"}


class Collection(LegacyWrites):
    """A MongoDB collection, as `database[name]` gives it."""

    def __init__(
        self,
        database: Database,
        name: str,
        create: bool = False,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
        session: Any = None,
        **kwargs: Any,
    ) -> None:
        options = database._options.replaced(codec_options, read_preference, write_concern, read_concern)
        self._bind(database, name, options)
        if create or kwargs:
            run(self._create(kwargs, session))

    def __getattr__(self, name: str) -> Collection:
        found: Any = super().__getattr__(name)
        return found  # type: ignore[no-any-return]

    def _sibling(self, name: str, options: Options) -> Collection:
        made = Collection.__new__(Collection)
        made._bind(self._database, name, options)
        return made

    # Reads.

    def find(self, *args: Any, **kwargs: Any) -> Cursor:
        """A cursor over the documents that match, with the parameters of `Cursor`."""
        database = self.database
        return (ManipulatingCursor if database._outgoing else Cursor)(self, *args, **kwargs)

    def find_one(self, filter: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The first document that matches, or has that `_id`; None if there is none."""
        database = self.database
        if (
            not database._outgoing
            and len(args) < 8
            and "modifiers" not in kwargs
            and "manipulate" not in kwargs
        ):
            return super().find_one(filter, *args, **kwargs)
        if filter is not None and not hasattr(filter, "keys"):
            filter = {"_id": filter}
        return next(self.find(filter, *args, **kwargs).limit(-1), None)

    def count(self, filter: Mapping[str, Any] | None = None, session: Any = None, **kwargs: Any) -> int:
        """How many documents match, by the server's `count`: not exact in sharded clusters and after a crash.

        :param kwargs: `skip`, `limit`, `maxTimeMS`, `hint`, `collation`, and further fields of the command; `rawData`
            is left out for servers that do not know it.
        """
        deprecated(_COUNT)
        return self._count(filter, session, kwargs)

    def _count(self, filter: Any, session: Any, options: dict[str, Any]) -> int:
        body: dict[str, Any] = {"count": self._name}
        if filter is not None:
            body["query"] = filter
        raw_data = options.pop("rawData", None)
        body |= {name: value for name, value in options.items() if name not in ("hint", "collation")}
        if options.get("hint") is not None:
            body["hint"] = hint_document(options["hint"])
        collation = validate_collation_or_none(options.get("collation"))
        if collation is not None:
            body["collation"] = collation
        reply = run(self._executor.run(self._find_command(body, Count, raw_data), session))
        assert reply is not None
        return reply.n

    def aggregate(
        self,
        pipeline: Any,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
        *,
        raw_data: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run an aggregation pipeline; a cursor over its result. `useCursor` is accepted, and always True."""
        if "useCursor" in kwargs:
            deprecated("The useCursor option is deprecated and was removed in PyMongo 4.0")
            use = kwargs.pop("useCursor")
            if not isinstance(use, bool):
                raise TypeError("useCursor must be True or False")
        return super().aggregate(pipeline, session, let, comment, raw_data=raw_data, **kwargs)

    def group(
        self, key: Any, condition: Any, initial: Any, reduce: Any, finalize: Any = None, **kwargs: Any
    ) -> list[Any]:
        """Group documents by JavaScript. Raises `OperationFailure` by all servers since 4.2."""
        deprecated(
            "The group method is deprecated and was removed in PyMongo 4.0. Use the aggregate method with the $group "
            "stage or the map_reduce method instead."
        )
        group: dict[str, Any] = {
            "ns": self._name,
            "$reduce": Code(reduce),
            "cond": condition,
            "initial": initial,
        }
        if isinstance(key, str):
            group["$keyf"] = Code(key)
        elif key is not None:
            group["key"] = dict.fromkeys(key, 1) if isinstance(key, (list, tuple)) else key
        if finalize is not None:
            group["finalize"] = Code(finalize)
        found: list[Any] = unless_removed(
            lambda: self.database.command("group", group, **kwargs)["retval"],
            "group command",
            "4.2",
            "use aggregate with the $group stage",
        )
        return found

    def parallel_scan(self, num_cursors: int, session: Any = None, **kwargs: Any) -> list[Any]:
        """Several cursors that share the collection. Raises `OperationFailure` by all servers since 4.2."""
        deprecated("parallel_scan is deprecated. MongoDB 4.2 removed the parallelCollectionScan command.")
        command = {"parallelCollectionScan": self._name, "numCursors": num_cursors, **kwargs}
        unless_removed(
            lambda: self.database.command(command, session=session),
            "parallelCollectionScan command",
            "4.2",
            "use find, with ranges of _id where several readers are wanted",
        )
        return []

    # Map-reduce.

    def map_reduce(
        self,
        map: Any,
        reduce: Any,
        out: Any,
        full_response: bool = False,
        session: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Run JavaScript over the documents, and store the result in the collection `out`, which is returned.

        :param out: a name, or a document as `{"replace": name, "db": database}`; `{"inline": 1}` returns the reply.
        :param full_response: whether to return the server's whole reply.
        :param kwargs: fields of the command, as `query`, `sort`, `limit`, `finalize`, `scope`.
        :raises TypeError: if `out` is neither a name nor a document.
        """
        deprecated("map_reduce is deprecated, use aggregate instead")
        if not isinstance(out, str) and not hasattr(out, "keys"):
            raise TypeError("'out' must be an instance of str or a mapping")
        inline = not isinstance(out, str) and bool(out.get("inline"))
        reply = self._map_reduce(map, reduce, out, inline, session, kwargs)
        if full_response or not reply.get("result"):
            return reply
        result = reply["result"]
        if isinstance(result, str):
            return self.database[result]
        return self.database.client[result["db"]][result["collection"]]

    def inline_map_reduce(
        self, map: Any, reduce: Any, full_response: bool = False, session: Any = None, **kwargs: Any
    ) -> Any:
        """Run JavaScript over the documents; the list of results. It may run on secondaries."""
        deprecated("inline_map_reduce is deprecated, use aggregate instead")
        reply = self._map_reduce(map, reduce, {"inline": 1}, True, session, kwargs)
        return reply if full_response else reply.get("results")

    def _map_reduce(
        self, map: Any, reduce: Any, out: Any, inline: bool, session: Any, options: dict[str, Any]
    ) -> Any:
        command: SON[str, Any] = SON(
            [("mapReduce", self._name), ("map", map), ("reduce", reduce), ("out", out)]
        )
        command.update(options)
        if "collation" in options:
            command["collation"] = validate_collation_or_none(options["collation"])
        if inline:
            command.setdefault("readConcern", self.read_concern.document)
        else:
            command.setdefault("writeConcern", self._options.write_concern.document)
        preference = self.read_preference if inline else ReadPreference.PRIMARY
        made = self.database._made_up(command, self._options.codec, preference, MapReduce)
        reply = run(self._executor.run(made, session))
        assert reply is not None
        return reply.document(made.codec)

    # Indexes.

    def ensure_index(self, key_or_list: Any, cache_for: float = 300, **kwargs: Any) -> str | None:
        """Create an index unless there is one of that name; its name, or None if there was.

        :param cache_for: seconds for which it used to be remembered that the index is there: it is looked up.
        :param kwargs: options of the index; those of before 2.x too: `ttl` was `cache_for`.
        """
        deprecated("ensure_index is deprecated. Use create_index instead.")
        if isinstance(cache_for, bool) or not isinstance(cache_for, (int, float)):
            raise TypeError("cache_for must be an integer or float.")
        kwargs.pop("ttl", None)
        options = {_OLD_INDEX_OPTIONS.get(name, name): value for name, value in kwargs.items()}
        options.pop("dropDups", None)  # Servers ignore it since 2.8.
        name = options.setdefault("name", index_name(index_list(key_or_list)))
        if name in self.index_information():
            return None
        return self.create_index(key_or_list, **options)

    def reindex(self, session: Any = None, **kwargs: Any) -> Any:
        """Build all indexes anew; the server's reply. Only on standalone servers since 5.0."""
        deprecated(
            "The reindex method is deprecated and was removed in PyMongo 4.0. Use the Database.command method to run "
            "the reIndex command instead."
        )
        return self.database.command({"reIndex": self._name, **kwargs}, session=session)

    # Bulk writes.

    def initialize_unordered_bulk_op(self, bypass_document_validation: bool = False) -> BulkOperationBuilder:
        """A builder of a bulk write whose operations run in any order."""
        deprecated("initialize_unordered_bulk_op is deprecated, use bulk_write instead")
        return BulkOperationBuilder(self, False, bypass_document_validation)

    def initialize_ordered_bulk_op(self, bypass_document_validation: bool = False) -> BulkOperationBuilder:
        """A builder of a bulk write whose operations run one after the other."""
        deprecated("initialize_ordered_bulk_op is deprecated, use bulk_write instead")
        return BulkOperationBuilder(self, True, bypass_document_validation)

    # What comparisons and mistakes give.

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Self:  # type: ignore[override]
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        super().__call__(*args, **kwargs)
