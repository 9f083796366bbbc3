"""The options of a `find`, checked as they are set: what a cursor holds before it is sent.

Pure. Owns the class and PyMongo's rules for each option (classes and texts of errors included); how the
options become a command is `find`'s. The flags are those of the legacy query (OP_QUERY), because
`Cursor.add_option` still speaks of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.arguments import boolean, document, integer, integer_or_none, mapping, not_negative
from petiole._commands.index_keys import hint_document, index_document, index_list, projection_document
from petiole.bson.code import Code
from petiole.collation import validate_collation_or_none
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Mapping

TAILABLE = 2
SECONDARY_OK = 4
OPLOG_REPLAY = 8
NO_CURSOR_TIMEOUT = 16
AWAIT_DATA = 32
EXHAUST = 64
PARTIAL = 128

_CURSOR_TYPES = (0, TAILABLE, TAILABLE | AWAIT_DATA, EXHAUST)
_HINT_MISSING = (
    "Passing a 'hint' is required when using the min/max query option to ensure the query utilizes the "
    "correct index"
)
_LIMIT_AND_EXHAUST = "Can't use limit and exhaust together."


class FindOptions:
    """Everything a `find` can be told, with the parameters of `Collection.find`.

    `sort`, `hint`, `min`, `max` and `projection` are kept as the server takes them. The `set_` methods are
    the cursor's chained ones, whose checks are stricter than the constructor's. The session is only kept.
    """

    __slots__ = (
        "allow_disk_use",
        "batch_size",
        "collation",
        "comment",
        "filter",
        "flags",
        "hint",
        "let",
        "limit",
        "max",
        "max_await_time_ms",
        "max_scan",
        "max_time_ms",
        "min",
        "projection",
        "raw_data",
        "return_key",
        "session",
        "show_record_id",
        "skip",
        "snapshot",
        "sort",
    )

    def __init__(
        self,
        filter: Mapping[str, Any] | None = None,
        projection: Any = None,
        skip: int = 0,
        limit: int = 0,
        no_cursor_timeout: bool = False,
        cursor_type: int = 0,
        sort: Any = None,
        allow_partial_results: bool = False,
        oplog_replay: bool = False,
        batch_size: int = 0,
        collation: Any = None,
        hint: Any = None,
        max_scan: int | None = None,
        max_time_ms: int | None = None,
        max: Any = None,
        min: Any = None,
        return_key: bool | None = None,
        show_record_id: bool | None = None,
        snapshot: bool | None = None,
        comment: Any = None,
        session: Any = None,
        allow_disk_use: bool | None = None,
        let: Mapping[str, Any] | None = None,
        *,
        raw_data: bool | None = None,
    ) -> None:
        self.filter = mapping("filter", filter) if filter else {}
        self.skip = _instance_of_int("skip", skip)
        self.limit = _instance_of_int("limit", limit)
        self.flags = (
            _cursor_flags(cursor_type)
            | _flag("no_cursor_timeout", no_cursor_timeout, NO_CURSOR_TIMEOUT)
            | _flag("allow_partial_results", allow_partial_results, PARTIAL)
            | _flag("oplog_replay", oplog_replay, OPLOG_REPLAY)
        )
        self.let = None if let is None else document("let", let)
        self.allow_disk_use = None if allow_disk_use is None else boolean("allow_disk_use", allow_disk_use)
        self.batch_size = not_negative("batch_size", integer("batch_size", batch_size))
        self.projection = _projection(projection)
        self.sort = index_document(sort) if sort else None
        self.hint = None if hint is None else hint_document(hint)
        self.max = _bound(max)
        self.min = _bound(min)
        self.collation = validate_collation_or_none(collation)
        self.max_scan = max_scan
        self.max_time_ms = max_time_ms
        self.max_await_time_ms: int | None = None
        self.return_key = return_key
        self.show_record_id = show_record_id
        self.snapshot = snapshot
        self.comment = comment
        self.session = session
        self.raw_data = raw_data
        if self.exhaust and limit:
            raise InvalidOperation(_LIMIT_AND_EXHAUST)

    def copy(self) -> FindOptions:
        """The same options, to be changed on their own."""
        twin = FindOptions.__new__(FindOptions)
        for name in FindOptions.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    @property
    def tailable(self) -> bool:
        """Whether the cursor stays open at the end of a capped collection."""
        return bool(self.flags & TAILABLE)

    @property
    def awaits_data(self) -> bool:
        """Whether a `getMore` waits on the server for new documents, so takes `max_await_time_ms`."""
        return self.flags & (TAILABLE | AWAIT_DATA) == TAILABLE | AWAIT_DATA

    @property
    def exhaust(self) -> bool:
        """Whether the server is asked to stream the batches unasked."""
        return bool(self.flags & EXHAUST)

    def check(self) -> None:
        """What can only be said of all options together.

        :raises InvalidOperation: for `min` or `max` without a hint.
        """
        if (self.max or self.min) and not self.hint:
            raise InvalidOperation(_HINT_MISSING)

    def set_limit(self, limit: int) -> None:
        integer("limit", limit)
        if self.exhaust:
            raise InvalidOperation(_LIMIT_AND_EXHAUST)
        self.limit = limit

    def set_skip(self, skip: int) -> None:
        self.skip = not_negative("skip", integer("skip", skip))

    def set_batch_size(self, batch_size: int) -> None:
        self.batch_size = not_negative("batch_size", integer("batch_size", batch_size))

    def set_max_time_ms(self, max_time_ms: int | None) -> None:
        self.max_time_ms = integer_or_none("max_time_ms", max_time_ms)

    def set_max_await_time_ms(self, max_await_time_ms: int | None) -> None:
        """Sent with each `getMore`, and only when the cursor awaits data."""
        self.max_await_time_ms = integer_or_none("max_await_time_ms", max_await_time_ms)

    def set_allow_disk_use(self, allow_disk_use: bool) -> None:
        if not isinstance(allow_disk_use, bool):
            raise TypeError(f"allow_disk_use must be a bool, not {type(allow_disk_use)}")
        self.allow_disk_use = allow_disk_use

    def set_sort(self, key_or_list: Any, direction: int | str | None = None) -> None:
        self.sort = index_document(index_list(key_or_list, direction))

    def set_hint(self, hint: Any) -> None:
        self.hint = None if hint is None else hint_document(hint)

    def set_max(self, spec: Any) -> None:
        self.max = _bound_pairs(spec)

    def set_min(self, spec: Any) -> None:
        self.min = _bound_pairs(spec)

    def set_comment(self, comment: Any) -> None:
        self.comment = comment

    def set_collation(self, collation: Any) -> None:
        self.collation = validate_collation_or_none(collation)

    def set_where(self, code: str | Code) -> None:
        """Restrict the filter by JavaScript, in place of any `$where` in it; the user's dict stays."""
        if not isinstance(code, str):
            raise TypeError(f"code must be an instance of str, not {type(code)}")
        self.filter = {**self.filter, "$where": code if isinstance(code, Code) else Code(code)}

    def add_flags(self, mask: int) -> None:
        _mask(mask)
        if mask & EXHAUST and self.limit:
            raise InvalidOperation(_LIMIT_AND_EXHAUST)
        self.flags |= mask

    def remove_flags(self, mask: int) -> None:
        _mask(mask)
        self.flags &= ~mask


def _instance_of_int(option: str, value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{option} must be an instance of int, not {type(value)}")
    return value


def _cursor_flags(cursor_type: int) -> int:
    if cursor_type not in _CURSOR_TYPES:
        raise ValueError("not a valid value for cursor_type")
    return cursor_type


def _flag(option: str, wanted: bool, flag: int) -> int:
    return flag if boolean(option, wanted) else 0


def _mask(mask: Any) -> None:
    if not isinstance(mask, int):
        raise TypeError(f"mask must be an int, not {type(mask)}")


def _projection(projection: Any) -> Mapping[str, Any] | None:
    """An empty projection is none: all fields are wanted."""
    return None if projection is None else projection_document(projection, "projection") or None


def _bound(spec: Any) -> Any:
    """`find(min=...)`: a mapping is sent as it is, pairs become one; the server refuses anything else."""
    return dict(spec) if isinstance(spec, (list, tuple)) and spec else spec or None


def _bound_pairs(spec: Any) -> dict[str, Any]:
    if not isinstance(spec, (list, tuple)):
        raise TypeError(f"spec must be an instance of list or tuple, not {type(spec)}")
    return dict(spec)
