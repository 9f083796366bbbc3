"""Counting documents: exactly, by a pipeline, or estimated, by `count` (specification: CRUD "Count API Details").

Pure. The exact count runs as an `Aggregate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Retry
from petiole._commands.index_keys import hint_document
from petiole.collation import validate_collation_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._native import Codec, Reply


class Count(Command):
    """A `count` from the collection's metadata; retried once as a read."""

    name = "count"
    reads = True
    retry = Retry.READ

    __slots__ = ()


def count_documents_body(
    name: str, filter: Any, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of the `aggregate` that counts what matches; `skip` and `limit` become stages."""
    fields = dict(options) if options else {}
    pipeline: list[dict[str, Any]] = [{"$match": filter}]
    for option, stage in (("skip", "$skip"), ("limit", "$limit")):
        if option in fields:
            pipeline.append({stage: fields.pop(option)})
    pipeline.append({"$group": {"_id": 1, "n": {"$sum": 1}}})
    collation = validate_collation_or_none(fields.pop("collation", None))
    if fields.get("hint") is not None:
        fields["hint"] = hint_document(fields["hint"])
    body: dict[str, Any] = {"aggregate": name, "pipeline": pipeline, "cursor": {}, **fields}
    if comment is not None:
        body["comment"] = comment
    if collation is not None:
        body["collation"] = collation
    return body


def estimated_count_body(
    name: str, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `count` without a filter."""
    body: dict[str, Any] = {"count": name, **(options or {})}
    if comment is not None:
        body["comment"] = comment
    return body


def counted(reply: Reply, codec: Codec) -> int:
    """The number in the reply to `count_documents_body`: no group means no document."""
    group = reply.first(codec)
    return 0 if group is None else int(group["n"])
