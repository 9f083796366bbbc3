"""`distinct`: the different values of a field (specification: CRUD; Retryable Reads).

Pure. The values are the field `values` of the reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry
from petiole._commands.index_keys import hint_document
from petiole.collation import validate_collation_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._commands.find_options import FindOptions


class Distinct(Command):
    """A `distinct`; retried once as a read."""

    name = "distinct"
    reads = True
    retry = Retry.READ

    __slots__ = ()


def distinct_body(
    name: str,
    key: str,
    filter: Any = None,
    comment: Any = None,
    hint: Any = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body for `Collection.distinct`.

    :raises TypeError: if `key` is no string.
    """
    if not isinstance(key, str):
        raise TypeError(f"key must be an instance of str, not {type(key)}")
    fields = dict(options) if options else {}
    collation = validate_collation_or_none(fields.pop("collation", None))
    body: dict[str, Any] = {"distinct": name, "key": key, **fields}
    if filter is not None:
        body["query"] = filter
    if comment is not None:
        body["comment"] = comment
    if hint is not None:
        body["hint"] = hint_document(hint)
    if collation is not None:
        body["collation"] = collation
    return body


def cursor_distinct_body(name: str, key: str, options: FindOptions) -> dict[str, Any]:
    """The body for `Cursor.distinct`: of the cursor's options the command knows these."""
    body = distinct_body(name, key, options.filter or None)
    if options.max_time_ms is not None:
        body["maxTimeMS"] = options.max_time_ms
    if options.comment:
        body["comment"] = options.comment
    if options.collation is not None:
        body["collation"] = options.collation
    return body
