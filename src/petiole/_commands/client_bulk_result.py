"""What the replies to a client's bulk write add up to (specification: CRUD "Bulk Write", "Handling Errors").

Pure. Owns the document that results and errors are read from: counts, results of single operations by the index in
the application's list, their errors with the operation as it was sent (`op`), write concern errors, and the error that
ended it all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.errors import ClientBulkWriteException, OperationFailure
from petiole.results import DeleteResult, InsertOneResult, UpdateResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

    from petiole._commands.client_bulk import Batch
    from petiole._native import Codec, Reply

_COUNTS = ("nInserted", "nUpserted", "nMatched", "nModified", "nDeleted")


class ClientBulkOutcome:
    """Grows by one reply, and one batch of its cursor, after the other."""

    __slots__ = ("_labels", "_ordered", "_verbose", "details")

    def __init__(self, *, ordered: bool, verbose: bool) -> None:
        self.details: dict[str, Any] = {
            "anySuccessful": False,
            "error": None,
            "writeErrors": [],
            "writeConcernErrors": [],
            **dict.fromkeys(_COUNTS, 0),
            "insertResults": {},
            "updateResults": {},
            "deleteResults": {},
        }
        self._ordered = ordered
        self._verbose = verbose
        self._labels: list[str] = []

    @property
    def failed(self) -> bool:
        """Whether a write failed."""
        return bool(self.details["writeErrors"])

    def add_reply(self, batch: Batch, reply: Reply, codec: Codec) -> None:
        """Take in the counts of a reply, and its write concern error.

        Whether anything was done can only be told together with the first error, which `add_results` brings.
        """
        details = self.details
        for name in _COUNTS:
            details[name] += reply.get(name, codec) or 0
        errors = reply.get("nErrors", codec) or 0
        # Of an ordered one the first of its errors is the last thing that happened: unless it came first of all.
        if errors < len(batch.entries) and not (self._ordered and errors):
            details["anySuccessful"] = True
        if reply.clean:
            return
        concern_error = reply.get("writeConcernError", codec)
        if concern_error:
            found = dict(concern_error)
            labels = reply.get("errorLabels", codec) or ()
            if labels:
                found["errorLabels"] = list(dict.fromkeys((*found.get("errorLabels", ()), *labels)))
                self._labels += labels
            details["writeConcernErrors"].append(found)

    def add_results(self, batch: Batch, results: Iterable[MutableMapping[str, Any]]) -> None:
        """Take in a batch of the reply's cursor."""
        for result in results:
            position = result["idx"]
            if not result.get("ok"):
                error = {**result, "idx": batch.start + position, "op": batch.statements[position]}
                self.details["writeErrors"].append(error)
                if self._ordered:
                    self.details["anySuccessful"] = self.details["anySuccessful"] or position > 0
                    return
            elif self._verbose:
                self.details["anySuccessful"] = True
                self._add_result(batch.start + position, batch.statements[position], result)

    def _add_result(self, index: int, statement: Mapping[str, Any], result: MutableMapping[str, Any]) -> None:
        kind = next(iter(statement))
        made: InsertOneResult | UpdateResult | DeleteResult
        if kind == "insert":
            # A raw document is not looked into: it may have no id to report.
            made = InsertOneResult(statement["document"].get("_id"), True)
        elif kind == "update":
            made = UpdateResult(result, True, in_client_bulk=True)
        else:
            made = DeleteResult(result, True)
        self.details[f"{kind}Results"][index] = made

    def stopped(self, error: Exception, *, in_cursor: bool = False) -> ClientBulkWriteException:
        """The exception for an error that ended the bulk write. Of a cursor's, PyMongo shows a document."""
        shown: Any = error
        if in_cursor and isinstance(error, OperationFailure):
            shown = {"errmsg": str(error), "code": error.code, "errtype": type(error).__name__}
        self.details["error"] = shown
        self._labels += getattr(error, "_error_labels", ())
        return self._exception()

    def finish(self) -> dict[str, Any]:
        """The details of the result.

        :raises ClientBulkWriteException: if a write failed, or a write concern was not met.
        """
        if self.details["writeErrors"] or self.details["writeConcernErrors"]:
            raise self._exception()
        return self.details

    def _exception(self) -> ClientBulkWriteException:
        exception = ClientBulkWriteException(self.details, self._verbose)
        for label in self._labels:
            exception._add_error_label(label)
        return exception
