"""`aggregate`: a pipeline over a collection or a database (specification: CRUD "Aggregate"; Retryable Reads).

Pure. Owns the commands (a pipeline that writes is never retried) and the body; a reply is read with
`Reply.cursor`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from petiole._commands.arguments import list_of, mapping, not_negative
from petiole._commands.base import Command, Retry
from petiole._commands.index_keys import index_document
from petiole._commands.raw_data import with_raw_data
from petiole.collation import validate_collation_or_none
from petiole.errors import ConfigurationError

_WRITING_STAGES = ("$out", "$merge")


class Aggregate(Command):
    """An `aggregate` that only reads; retried once as a read."""

    name = "aggregate"
    reads = True
    retry = Retry.READ
    writes: ClassVar[bool] = False
    """Ends in `$out` or `$merge`: a secondary may run it from MongoDB 5.0 on, and it has a write concern."""

    __slots__ = ()


class CountDocuments(Aggregate):
    """An `aggregate` that counts."""

    operation = "countDocuments"
    __slots__ = ()


class AggregateOut(Aggregate):
    """An `aggregate` that writes its result into a collection."""

    retry = Retry.NEVER
    writes = True

    __slots__ = ()


class Pipeline(NamedTuple):
    """An `aggregate` ready to be sent, and what its cursor needs afterwards."""

    command: type[Aggregate]
    body: dict[str, Any]
    batch_size: int
    max_await_time_ms: int | None
    comment: Any


def writes(pipeline: list[Any]) -> bool:
    """Whether the last stage writes the result into a collection."""
    return bool(pipeline) and any(stage in pipeline[-1] for stage in _WRITING_STAGES)


def build(
    target: str | int,
    pipeline: Any,
    let: Mapping[str, Any] | None = None,
    comment: Any = None,
    options: Mapping[str, Any] | None = None,
    raw_data: bool | None = None,
) -> Pipeline:
    """The `aggregate` of a collection's name, or of a database (1).

    :param options: the command's fields by their own names; `batchSize` and `maxAwaitTimeMS` are the cursor's.
    :raises TypeError: if `pipeline` is no list, `let` no mapping, or `batchSize` no number.
    :raises ValueError: if `batchSize` is a str or negative.
    :raises ConfigurationError: if asked to explain, or to aggregate something else.
    """
    list_of("pipeline", pipeline)
    fields = dict(options) if options else {}
    if "explain" in fields:
        raise ConfigurationError("The explain option is not supported. Use Database.command instead.")
    if "aggregate" in fields:  # It would name another collection than the one that was asked.
        raise ConfigurationError("The aggregate option cannot be specified as a keyword argument.")
    batch_size = fields.pop("batchSize", None)
    if batch_size is not None and not isinstance(batch_size, int):
        kind = ValueError if isinstance(batch_size, str) else TypeError
        raise kind("The value of batchSize must be an integer")
    if batch_size is not None:
        not_negative("batch_size", batch_size)
    max_await_time_ms = fields.pop("maxAwaitTimeMS", None)
    collation = validate_collation_or_none(fields.pop("collation", None))
    cursor = fields.pop("cursor", None)
    body: dict[str, Any] = {"aggregate": target, "pipeline": pipeline, **fields}
    if isinstance(body.get("hint"), (list, tuple)):
        body["hint"] = index_document(body["hint"])
    if comment is not None:
        body["comment"] = comment
    if let is not None:
        body["let"] = mapping("let", let)
    writing = writes(pipeline)
    body["cursor"] = _cursor(cursor, None if writing else batch_size)
    if collation is not None:
        body["collation"] = collation
    command = with_raw_data(AggregateOut if writing else Aggregate, raw_data)
    return Pipeline(command, body, batch_size or 0, max_await_time_ms, body.get("comment"))


def _cursor(given: Any, batch_size: int | None) -> Any:
    """The field `cursor`; a writing pipeline has no batches, so no size either."""
    if given is not None and not isinstance(given, Mapping):
        return given  # The server says what is wrong with it.
    cursor = dict(given) if given else {}
    if batch_size is not None:
        cursor["batchSize"] = batch_size
    return cursor
