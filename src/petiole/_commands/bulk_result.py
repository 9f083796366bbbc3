"""What the replies to a bulk write's commands add up to (specification: CRUD "Write Results", "Error Handling").

Pure. Owns the document that PyMongo calls the bulk API result: `writeErrors` with the index of the operation
and the statement sent (`op`), `writeConcernErrors`, the five counts, and `upserted`.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from petiole.errors import BulkWriteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._commands.bulk import Run
    from petiole._native import Codec, Reply

_RETRYABLE = "RetryableWriteError"


class BulkOutcome:
    """Grows by one reply after the other; `details` is the result, or the details of the error."""

    __slots__ = ("_labels", "details", "in_doubt")

    def __init__(self) -> None:
        self.details: dict[str, Any] = {
            "writeErrors": [],
            "writeConcernErrors": [],
            "nInserted": 0,
            "nUpserted": 0,
            "nMatched": 0,
            "nModified": 0,
            "nRemoved": 0,
            "upserted": [],
        }
        self.in_doubt = False
        """Whether a write concern error outlived its retry: then no bulk write goes on."""
        self._labels: list[str] = []

    @property
    def failed(self) -> bool:
        """Whether a statement failed: an ordered bulk write stops there. A write concern error stops nothing."""
        return bool(self.details["writeErrors"])

    def add(self, run: Run, start: int, reply: Reply, codec: Codec) -> None:
        """Take in the reply to the statements of `run` from `start` on."""
        if reply.clean and run.name != "update":
            self._count(run.name, reply.n)
        else:
            self.merge(run, start, reply.document(codec))

    def merge(self, run: Run, start: int, document: Mapping[str, Any]) -> None:
        """Take in a reply as a document."""
        matched = document.get("n", 0)
        if run.name == "update":
            upserted = document.get("upserted") or ()
            for entry in upserted:
                index = run.indexes[start + entry["index"]]
                self.details["upserted"].append({"index": index, "_id": entry["_id"]})
            self.details["nUpserted"] += len(upserted)
            self.details["nMatched"] += matched - len(upserted)
            self.details["nModified"] += document.get("nModified", 0)
        else:
            self._count(run.name, matched)
        for found in document.get("writeErrors") or ():
            error = dict(found)
            position = start + error["index"]
            error["index"] = run.indexes[position]
            error["op"] = run.statements[position]
            self.details["writeErrors"].append(error)
        if document.get("writeConcernError"):
            self._add_concern_error(document["writeConcernError"], document.get("errorLabels") or ())

    def finish(self) -> dict[str, Any]:
        """The result.

        :raises BulkWriteError: if a statement failed, or a write concern was not met.
        """
        details = self.details
        if details["writeErrors"] or details["writeConcernErrors"]:
            # Unordered runs leave the order of the operations.
            details["writeErrors"].sort(key=itemgetter("index"))
            error = BulkWriteError(details)
            for label in self._labels:
                error._add_error_label(label)
            raise error
        return details

    def _add_concern_error(self, found: Mapping[str, Any], labels: Sequence[str]) -> None:
        """Labels stand beside the error in the reply; in the details they are a part of it."""
        error = dict(found)
        if labels:
            error["errorLabels"] = list(dict.fromkeys((*error.get("errorLabels", ()), *labels)))
        if _RETRYABLE in labels:
            self.in_doubt = True
            self._labels = error["errorLabels"]
        self.details["writeConcernErrors"].append(error)

    def _count(self, name: str, count: int) -> None:
        self.details["nInserted" if name == "insert" else "nRemoved"] += count
