"""Many statements at once on a collection: `bulk_write`, and what it shares with `insert_many`.

Owns the sending of a plan, run after run and message after message; the plan and the adding up of the replies
are pure and in `_commands.bulk` and `_commands.bulk_result`. Follows the CRUD specification, "Bulk Write", and
Retryable Writes, "Supported Write Operations": every message is a command of its own, retried by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.bulk import (
    Options,
    check_options,
    check_unacknowledged_runs,
    needs_answer,
    plan,
    run_body,
    without_session,
)
from petiole._commands.bulk_result import BulkOutcome
from petiole._core.collection_base import CollectionBase
from petiole._core.document import Document
from petiole._engine.scope import OneDeadline, bound_session
from petiole.errors import OperationFailure
from petiole.results import BulkWriteResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._commands.base import BatchCommand
    from petiole._commands.bulk import Run
    from petiole._engine.server_session import ServerSession
    from petiole._engine.session import Session
    from petiole._native import Reply
    from petiole.operations import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne


class CollectionBulk(CollectionBase[Document]):
    """Bulk writes."""

    async def _bulk_write(
        self,
        requests: Sequence[
            InsertOne[Document] | UpdateOne | UpdateMany | ReplaceOne[Document] | DeleteOne | DeleteMany
        ],
        ordered: bool = True,
        bypass_document_validation: bool | None = None,
        session: Session | None = None,
        comment: Any | None = None,
        let: Mapping[str, Any] | None = None,
        *,
        raw_data: bool | None = None,
    ) -> BulkWriteResult:
        """Run a list of write operations in as few messages as possible.

        If `ordered`, they run one after the other and the first failure ends them; otherwise those of a kind run
        together and all are tried. Raises `BulkWriteError`, whose `details` say which failed and what was done;
        `InvalidOperation` for an empty list.
        """
        runs = plan(requests, ordered)
        options = Options(ordered, bypass_document_validation, let, comment, raw_data)
        acknowledged = self._acknowledged(session)
        check_options(options, acknowledged)
        details = await self._execute_bulk(runs, options, session)
        return BulkWriteResult(details, acknowledged)

    async def _execute_bulk(
        self, runs: list[Run], options: Options, session: Session | None, ids: list[Any] | None = None
    ) -> dict[str, Any]:
        """The bulk API result; empty when unacknowledged. `ids` takes up the `_id`s of inserted documents."""
        session = bound_session(self._executor, session)
        self._check_session(session)
        name = runs[0].name if all(run.name == runs[0].name for run in runs) else "bulkWrite"
        executor = self._executor
        with OneDeadline(executor), executor.operation(name, self._database_name, self._name, session):
            if not self._acknowledged(session):
                await self._execute_unacknowledged(runs, options, ids)
                return {}
            outcome = BulkOutcome()
            sessions = executor.sessions
            lease = sessions.take() if session is None else None
            operation_id = None
            try:
                for run in runs:
                    command = self._bulk_command(run, options, ids)
                    command.operation_id = operation_id
                    await self._send_run(command, run, outcome, options, session, lease)
                    operation_id = command.operation_id
                    if outcome.in_doubt or (options.ordered and outcome.failed):
                        break
            finally:
                if lease is not None:
                    sessions.give_back(lease)
            return outcome.finish()

    async def _send_run(
        self,
        command: BatchCommand,
        run: Run,
        outcome: BulkOutcome,
        options: Options,
        session: Session | None = None,
        lease: ServerSession | None = None,
    ) -> None:
        """Send the statements of one run in as many messages as they need, and add up the replies."""
        total = len(run.statements)
        while command.start < total:
            command.server = None  # Each message goes to whichever server is the primary by then.
            reply: Reply | None = await self._executor.run(command, session, lease)
            if reply is not None:
                outcome.add(run, command.start, reply, self._options.reply_codec)
                if outcome.in_doubt or (options.ordered and outcome.failed):
                    return
            command.start = command.end

    async def _execute_unacknowledged(self, runs: list[Run], options: Options, ids: list[Any] | None) -> None:
        """Send a bulk write whose failures nobody wants to know of.

        An ordered one has to end at the first failure all the same, so it asks for answers up to its last
        statement, and keeps them to itself.
        """
        sorts = any(run.name == "update" and any("sort" in item for item in run.statements) for run in runs)
        check_unacknowledged_runs(runs, await self._writable_wire_version() if sorts else None)
        outcome = BulkOutcome()
        operation_id = None
        for position, run in enumerate(runs):
            command = self._bulk_command(run, options, ids)
            if needs_answer(runs, position, options.ordered):
                command = self._answered(command)
            command.operation_id = operation_id
            try:
                await self._send_run(command, run, outcome, options)
            except OperationFailure:
                if options.ordered:
                    break
            if outcome.failed:
                break
            operation_id = command.operation_id

    def _bulk_command(self, run: Run, options: Options, ids: list[Any] | None) -> BatchCommand:
        command = self._batch_command(run.command, run_body(self._name, run, options), options.raw_data)
        command.documents = run.statements
        if ids is not None:
            command.ids = ids
        return command

    def _answered(self, command: BatchCommand) -> BatchCommand:
        """The same command with the server's own write concern, so that it is answered."""
        answered = without_session(type(command))(command.database, command.body, command.codec)
        answered.documents = command.documents
        answered.ids = command.ids
        return answered
