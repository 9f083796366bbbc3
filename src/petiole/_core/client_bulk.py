"""Writes to several collections in one command: what is refused before anything is sent.

The command is `bulkWrite`, which servers have from MongoDB 8.0 on (CRUD specification, "Bulk Write"); petiole does not
speak it yet, and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.arguments import document, list_of
from petiole.errors import InvalidOperation
from petiole.operations import _WriteModel

if TYPE_CHECKING:
    from petiole.write_concern import WriteConcern

BULK_WRITE_WIRE_VERSION = 25
"""MongoDB 8.0."""


def check_models(models: Any, let: Any, concern: WriteConcern, *, ordered: bool, verbose: bool) -> None:
    """Raise `TypeError` or `InvalidOperation` for what no server is asked to do."""
    if not concern.acknowledged and verbose:
        raise InvalidOperation("Cannot request unacknowledged write concern and verbose results")
    if not concern.acknowledged and ordered:
        raise InvalidOperation("Cannot request unacknowledged write concern and ordered writes")
    list_of("models", models)
    if let is not None:
        document("let", let)
    for model in models:
        if not isinstance(model, _WriteModel):
            raise TypeError(f"{model!r} is not a valid request")
        if not getattr(model, "_namespace", None):
            raise InvalidOperation(
                "MongoClient.bulk_write requires a namespace to be provided for each write operation"
            )
    if not models:
        raise InvalidOperation("No operations to execute")


def refusal(max_wire_version: int) -> InvalidOperation:
    """Why it cannot be done on a server of that version."""
    if max_wire_version < BULK_WRITE_WIRE_VERSION:
        return InvalidOperation("MongoClient.bulk_write requires MongoDB server version 8.0+.")
    return InvalidOperation("petiole does not send the command bulkWrite yet; use Collection.bulk_write.")
