"""Bulk writes on a collection: which commands they become (specification: CRUD "Bulk Write"; Retryable Writes).

Pure. Owns the plan: operations become runs of one command each, consecutive ones of a kind when ordered, all of
a kind when not. A run may still become several messages, as `BatchCommand` splits it at the server's limits.
What the replies add up to is `bulk_result`'s.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.arguments import document, mapping
from petiole._commands.base import Retry
from petiole._commands.delete import Delete, DeleteMany
from petiole._commands.insert import Insert, checked_document
from petiole._commands.update import Update, UpdateMany
from petiole._commands.write_options import check_unacknowledged, checked_replacement, checked_update
from petiole._native import begins_with_operator
from petiole.collation import validate_collation_or_none
from petiole.errors import InvalidOperation, OperationFailure
from petiole.operations import DeleteMany as DeleteManyOperation
from petiole.operations import DeleteOne, InsertOne, ReplaceOne, UpdateOne
from petiole.operations import UpdateMany as UpdateManyOperation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from petiole._commands.base import BatchCommand


class Run:
    """Statements for one kind of command, and for each of them the index of its operation."""

    __slots__ = ("command", "indexes", "name", "statements")

    def __init__(
        self, command: type[BatchCommand], statements: list[Any], indexes: list[int] | range
    ) -> None:
        self.command = command
        self.statements = statements
        self.indexes = indexes
        self.name = command.name
        """The command: insert, update or delete."""


class Options(NamedTuple):
    """What holds for the whole bulk write."""

    ordered: bool = True
    bypass_document_validation: bool | None = None
    let: Mapping[str, Any] | None = None
    comment: Any = None
    raw_data: bool | None = None


_Builder = tuple["type[BatchCommand]", "Callable[[Any], Any]"]
"""The kind of command for a class of operations, and what makes a statement of one."""


def plan(requests: Any, ordered: bool) -> list[Run]:
    """The runs for a list of operations, all of them checked.

    :raises TypeError: if `requests` is no list of operations, or one has a filter or document of no use.
    :raises ValueError: if an update or a replacement is none.
    :raises InvalidOperation: if the list is empty.
    """
    if not isinstance(requests, list):
        raise TypeError(f"requests must be a list, not {type(requests)}")
    if not requests:
        raise InvalidOperation("No operations to execute")
    runs: list[Run] = []
    taking: dict[type[BatchCommand], Run] = {}
    first = 0
    for kind, group in groupby(requests, type):
        command, build = _BUILDERS.get(kind) or _builder(requests[first])
        run = taking.get(command)
        if run is None:
            run = taking[command] = _run_for(command, runs, taking, ordered)
        statements = list(map(build, group))
        end = first + len(statements)
        run.statements += statements
        run.indexes.extend(range(first, end))  # type: ignore[union-attr]  # Ranges are `insert_run`'s only.
        first = end
    # Any order would do for an unordered one; programs have come to rely on this.
    return runs if ordered else sorted(runs, key=lambda run: _UNORDERED.index(run.name))


def _run_for(
    command: type[BatchCommand], runs: list[Run], taking: dict[type[BatchCommand], Run], ordered: bool
) -> Run:
    """The run for a kind of command that none of those who are taking statements has met yet."""
    candidates = runs[-1:] if ordered else runs
    run = next((known for known in candidates if known.name == command.name), None)
    if run is None:
        run = Run(command, [], [])
        runs.append(run)
        if ordered:
            taking.clear()
    elif command.retry is not run.command.retry and issubclass(command, run.command):
        # One statement that must not be repeated keeps the whole run from it.
        run.command = command
    return run


def insert_run(documents: list[Any]) -> Run:
    """The run of an `insert_many`; the documents are checked already."""
    return Run(Insert, documents, range(len(documents)))


def run_body(name: str, run: Run, options: Options) -> dict[str, Any]:
    """The body of a run's command on the collection `name`."""
    body: dict[str, Any] = {run.name: name, "ordered": options.ordered}
    if options.comment is not None:
        body["comment"] = options.comment
    if options.bypass_document_validation is not None and run.name != "delete":
        body["bypassDocumentValidation"] = options.bypass_document_validation
    if options.let is not None and run.name != "insert":
        body["let"] = options.let
    return body


def check_options(options: Options, acknowledged: bool) -> None:
    """Refuse options that make no sense.

    :raises TypeError: if `let` is no document.
    :raises OperationFailure: if validation is to be bypassed by an unacknowledged write.
    """
    if options.let is not None:
        document("let", options.let)
    if not acknowledged and options.bypass_document_validation:
        raise OperationFailure("Cannot set bypass_document_validation with unacknowledged write concern")


def check_unacknowledged_runs(runs: list[Run], max_wire_version: int | None = None) -> None:
    """Refuse what a server ignores without a word when it does not answer.

    :raises ConfigurationError: for a collation, array filters, or a sort the server does not know.
    """
    for run in runs:
        if run.name != "insert":
            for statement in run.statements:
                check_unacknowledged(statement, max_wire_version)


def needs_answer(runs: list[Run], position: int, ordered: bool) -> bool:
    """Whether a run of an unacknowledged bulk write must be acknowledged all the same.

    An ordered one stops at the first error, so all but a single last statement have to be answered for.
    """
    return ordered and (position < len(runs) - 1 or len(runs[position].statements) > 1)


def without_session(command: type[BatchCommand]) -> type[BatchCommand]:
    """The same command outside of any session, and so not to be repeated: a write nobody acknowledges has none."""
    key: Any = command
    return _outside_of_sessions(key)


@cache
def _outside_of_sessions(command: type[BatchCommand]) -> type[BatchCommand]:
    made: type[BatchCommand] = type(
        command.__name__, (command,), {"__slots__": (), "sessions": False, "retry": Retry.NEVER}
    )
    return made


def _builder(request: Any) -> _Builder:
    for kind, builder in _BUILDERS.items():
        if isinstance(request, kind):
            return builder
    raise TypeError(f"{request!r} is not a valid request")


# Frames count here: these run for every operation of a bulk write.


def _insert(request: Any) -> Any:
    inserted = request._doc
    return inserted if type(inserted) is dict else checked_document(inserted)


def _update_one(request: Any) -> Any:
    wanted, update = request._filter, request._doc
    body: dict[str, Any] = {
        "q": wanted if type(wanted) is dict else mapping("filter", wanted),
        "u": update if begins_with_operator(update) else checked_update(update),
        "multi": False,
        "upsert": bool(request._upsert),
    }
    if (
        request._collation is not None
        or request._array_filters is not None
        or request._hint is not None
        or request._sort is not None
    ):
        _add_options(body, request)
    return body


def _update_many(request: Any) -> Any:
    body = {"q": mapping("filter", request._filter), "u": checked_update(request._doc), "multi": True}
    if request._upsert is not None:
        body["upsert"] = request._upsert
    _add_options(body, request)
    return body


def _replace_one(request: Any) -> Any:
    wanted, replacement = request._filter, request._doc
    body: dict[str, Any] = {
        "q": wanted if type(wanted) is dict else mapping("filter", wanted),
        "u": replacement if begins_with_operator(replacement) is False else checked_replacement(replacement),
    }
    if request._upsert is not None:
        body["upsert"] = request._upsert
    if request._collation is not None or request._hint is not None or request._sort is not None:
        _add_options(body, request)
    return body


def _delete(limit: int) -> Callable[[Any], Any]:
    def build(request: Any) -> Any:
        wanted = request._filter
        body: dict[str, Any] = {
            "q": wanted if type(wanted) is dict else mapping("filter", wanted),
            "limit": limit,
        }
        if request._collation is not None or request._hint is not None:
            _add_options(body, request)
        return body

    return build


def _add_options(body: dict[str, Any], request: Any) -> None:
    """Add what an operation of any kind may be told; operations that cannot have it lack the field."""
    if request._collation is not None:
        body["collation"] = validate_collation_or_none(request._collation)
    array_filters = getattr(request, "_array_filters", None)
    if array_filters is not None:
        body["arrayFilters"] = array_filters
    if request._hint is not None:
        body["hint"] = request._hint
    sort = getattr(request, "_sort", None)
    if sort is not None:
        body["sort"] = mapping("sort", sort)


_UNORDERED = ("insert", "update", "delete")

_BUILDERS: dict[type[Any], _Builder] = {
    InsertOne: (Insert, _insert),
    UpdateOne: (Update, _update_one),
    UpdateManyOperation: (UpdateMany, _update_many),
    ReplaceOne: (Update, _replace_one),
    DeleteOne: (Delete, _delete(1)),
    DeleteManyOperation: (DeleteMany, _delete(0)),
}
