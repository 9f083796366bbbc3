"""`find`: documents that match a filter (specification: Find, getMore and killCursors Commands).

Pure. Owns the command and how `FindOptions` become its body; a reply is read with `Reply.first` or
`Reply.cursor`. Elements stand in the order that PyMongo sends them, so that listeners see the same command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry
from petiole._commands.explain import explain_body
from petiole._commands.find_options import (
    AWAIT_DATA,
    NO_CURSOR_TIMEOUT,
    OPLOG_REPLAY,
    PARTIAL,
    TAILABLE,
    FindOptions,
)

if TYPE_CHECKING:
    from petiole.read_concern import ReadConcern

__all__ = ["Find", "FindOptions", "build", "explain", "find_one_body", "id_filter"]

_FLAG_FIELDS = (
    (TAILABLE, "tailable"),
    (OPLOG_REPLAY, "oplogReplay"),
    (NO_CURSOR_TIMEOUT, "noCursorTimeout"),
    (AWAIT_DATA, "awaitData"),
    (PARTIAL, "allowPartialResults"),
)
# Modifiers of the legacy query, which filters of the form {"$query": ..., "$orderby": ...} still carry.
_MODIFIERS = {
    "$query": "filter",
    "$orderby": "sort",
    "$hint": "hint",
    "$comment": "comment",
    "$maxScan": "maxScan",
    "$max": "max",
    "$min": "min",
    "$returnKey": "returnKey",
    "$showRecordId": "showRecordId",
    "$showDiskLoc": "showRecordId",
    "$maxTimeMS": "maxTimeMS",
    "$snapshot": "snapshot",
}


class Find(Command):
    """A `find`; retried once as a read."""

    name = "find"
    reads = True
    retry = Retry.READ

    __slots__ = ()


def find_one_body(name: str, filter: Any) -> dict[str, Any]:
    """The body of a `find_one` that has nothing but a filter: the hot path."""
    return {"find": name, "filter": filter, "limit": 1, "singleBatch": True}


def id_filter(filter: Any) -> Mapping[str, Any] | None:
    """The filter `find_one` means: what is not a mapping is an `_id`."""
    if filter is None or type(filter) is dict or isinstance(filter, Mapping):
        return filter
    return {"_id": filter}


def build(name: str, options: FindOptions) -> dict[str, Any]:
    """The body of a `find` on the collection `name`; an `explain` of it if the filter holds `$explain`.

    :raises InvalidOperation: for `min` or `max` without a hint.
    """
    body = _find_body(name, options)
    if "$query" in options.filter and "$explain" in options.filter:
        return {"explain": body}
    return body


def explain(
    name: str, options: FindOptions, verbosity: str | None = None, read_concern: ReadConcern | None = None
) -> dict[str, Any]:
    """The body of an `explain`; the read concern belongs to the command explained."""
    explained = options.copy()
    if explained.limit:
        # A plan is one answer: without this the server plans for a cursor that stays open.
        explained.limit = -abs(explained.limit)
    body = _find_body(name, explained)
    return explain_body(body, verbosity, read_concern)


def _find_body(name: str, options: FindOptions) -> dict[str, Any]:
    options.check()
    body: dict[str, Any] = {"find": name}
    if "$query" in options.filter:
        for key, value in options.filter.items():
            if key != "$explain":
                body[_MODIFIERS.get(key, key)] = value
    else:
        body["filter"] = options.filter
    _add_query(body, options)
    _add_paging(body, options)
    if options.collation:
        body["collation"] = options.collation
    if options.allow_disk_use is not None:
        body["allowDiskUse"] = options.allow_disk_use
    if options.flags:
        for flag, field in _FLAG_FIELDS:
            if options.flags & flag:
                body[field] = True
    return body


def _add_query(body: dict[str, Any], options: FindOptions) -> None:
    if options.sort:
        body["sort"] = options.sort
    if options.hint:
        body["hint"] = options.hint
    if options.let:
        body["let"] = options.let
    if options.comment:
        body["comment"] = options.comment
    if options.max_scan is not None:
        body["maxScan"] = options.max_scan
    if options.max_time_ms is not None:
        body["maxTimeMS"] = options.max_time_ms
    if options.max:
        body["max"] = options.max
    if options.min:
        body["min"] = options.min
    if options.return_key is not None:
        body["returnKey"] = options.return_key
    if options.show_record_id is not None:
        body["showRecordId"] = options.show_record_id
    if options.snapshot is not None:
        body["snapshot"] = options.snapshot


def _add_paging(body: dict[str, Any], options: FindOptions) -> None:
    if options.projection:
        body["projection"] = options.projection
    if options.skip:
        body["skip"] = options.skip
    if options.limit:
        body["limit"] = abs(options.limit)
        if options.limit < 0:
            body["singleBatch"] = True
    if options.batch_size:
        # A batch of exactly `limit` documents would leave an exhausted cursor open on the server: one more
        # makes it close at once.
        whole = options.batch_size == options.limit
        body["batchSize"] = options.batch_size + 1 if whole else options.batch_size
