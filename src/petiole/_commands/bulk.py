"""Bulk writes on a collection: which commands they become (specification: CRUD "Bulk Write"; Retryable Writes).

Pure. Owns the plan: operations become runs of one command each, consecutive ones of a kind when ordered, all of
a kind when not. A run may still become several messages, as `BatchCommand` splits it at the server's limits.
What the replies add up to is `bulk_result`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.arguments import document, mapping
from petiole._commands.base import Retry
from petiole._commands.delete import Delete, DeleteMany
from petiole._commands.insert import Insert, checked_document
from petiole._commands.update import Update, UpdateMany
from petiole._commands.write_options import check_unacknowledged, checked_replacement, checked_update
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

    __slots__ = ("command", "indexes", "statements")

    def __init__(
        self, command: type[BatchCommand], statements: list[Any], indexes: list[int] | range
    ) -> None:
        self.command = command
        self.statements = statements
        self.indexes = indexes

    def add(self, statement: Any, index: int) -> None:
        """Take in one more statement."""
        self.statements.append(statement)
        assert isinstance(self.indexes, list)
        self.indexes.append(index)

    @property
    def name(self) -> str:
        """The command: insert, update or delete."""
        return self.command.name


class Options(NamedTuple):
    """What holds for the whole bulk write."""

    ordered: bool = True
    bypass_document_validation: bool | None = None
    let: Mapping[str, Any] | None = None
    comment: Any = None


class _Statement(NamedTuple):
    command: type[BatchCommand]
    body: Any


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
    by_name: dict[str, Run] = {}
    for index, request in enumerate(requests):
        command, body = _statement(request)
        run = (runs[-1] if runs else None) if ordered else by_name.get(command.name)
        if run is None or run.name != command.name:
            run = by_name[command.name] = Run(command, [], [])
            runs.append(run)
        elif command.retry is not run.command.retry and issubclass(command, run.command):
            # One statement that must not be repeated keeps the whole run from it.
            run.command = command
        run.add(body, index)
    # Any order would do for an unordered one; programs have come to rely on this.
    return runs if ordered else [by_name[name] for name in _UNORDERED if name in by_name]


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
    return _WITHOUT_SESSION[command]


def _outside_of_sessions(command: type[BatchCommand]) -> type[BatchCommand]:
    made: type[BatchCommand] = type(
        command.__name__, (command,), {"__slots__": (), "sessions": False, "retry": Retry.NEVER}
    )
    return made


def _statement(request: Any) -> _Statement:
    build = _BUILDERS.get(type(request))
    if build is None:
        build = next((known for kind, known in _BUILDERS.items() if isinstance(request, kind)), None)
        if build is None:
            raise TypeError(f"{request!r} is not a valid request")
    return build(request)


def _insert(request: Any) -> _Statement:
    return _Statement(Insert, checked_document(request._doc))


def _update_one(request: Any) -> _Statement:
    body = {
        "q": mapping("filter", request._filter),
        "u": checked_update(request._doc),
        "multi": False,
        "upsert": bool(request._upsert),
    }
    return _Statement(Update, _with_options(body, request))


def _update_many(request: Any) -> _Statement:
    body = {"q": mapping("filter", request._filter), "u": checked_update(request._doc), "multi": True}
    if request._upsert is not None:
        body["upsert"] = request._upsert
    return _Statement(UpdateMany, _with_options(body, request))


def _replace_one(request: Any) -> _Statement:
    body = {"q": mapping("filter", request._filter), "u": checked_replacement(request._doc)}
    if request._upsert is not None:
        body["upsert"] = request._upsert
    return _Statement(Update, _with_options(body, request))


def _delete(command: type[Delete], limit: int) -> Callable[[Any], _Statement]:
    def build(request: Any) -> _Statement:
        body: dict[str, Any] = {"q": mapping("filter", request._filter), "limit": limit}
        return _Statement(command, _with_options(body, request))

    return build


def _with_options(body: dict[str, Any], request: Any) -> dict[str, Any]:
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
    return body


_UNORDERED = ("insert", "update", "delete")

_KINDS: tuple[type[BatchCommand], ...] = (Insert, Update, UpdateMany, Delete, DeleteMany)
_WITHOUT_SESSION: dict[type[BatchCommand], type[BatchCommand]] = {
    kind: _outside_of_sessions(kind) for kind in _KINDS
}

_BUILDERS: dict[type[Any], Callable[[Any], _Statement]] = {
    InsertOne: _insert,
    UpdateOne: _update_one,
    UpdateManyOperation: _update_many,
    ReplaceOne: _replace_one,
    DeleteOne: _delete(Delete, 1),
    DeleteManyOperation: _delete(DeleteMany, 0),
}
