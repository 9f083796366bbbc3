"""`update`: change or replace documents (specification: CRUD; Write Commands; Retryable Writes).

Pure. Owns the two commands (only an update of at most one document may be retried), the statement of each
kind of update, and the reading of the reply as PyMongo's `raw_result`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.arguments import boolean, list_of, mapping
from petiole._commands.base import BatchCommand, Retry
from petiole._commands.index_keys import hint_document
from petiole._commands.write_options import checked_replacement, checked_update
from petiole.collation import validate_collation_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from petiole._native import Codec, Reply


class Update(BatchCommand):
    """An `update` of which each statement changes at most one document; retried once as a write."""

    name = "update"
    retry = Retry.WRITE
    identifier = "updates"

    __slots__ = ()


class UpdateMany(Update):
    """An `update` with a statement that may change several documents: not to be repeated."""

    retry = Retry.NEVER

    __slots__ = ()


def update_body(name: str) -> dict[str, Any]:
    """The body of an update that has nothing but statements: the hot path."""
    return {"update": name, "ordered": True}


def update_options_body(
    name: str,
    ordered: bool = True,
    bypass_document_validation: bool | None = None,
    let: Mapping[str, Any] | None = None,
    comment: Any = None,
) -> dict[str, Any]:
    """The body of an update with options.

    :raises TypeError: if `let` is no mapping.
    """
    body: dict[str, Any] = {"update": name, "ordered": ordered}
    if let is not None:
        body["let"] = mapping("let", let)
    if comment is not None:
        body["comment"] = comment
    if bypass_document_validation is not None:
        body["bypassDocumentValidation"] = bypass_document_validation
    return body


def update_statement(
    filter: Mapping[str, Any],
    update: Any,
    multi: bool,
    upsert: bool,
    **options: Any,
) -> dict[str, Any]:
    """One statement that applies operators or a pipeline.

    :param options: `collation`, `array_filters`, `hint` and `sort`, each None where it is not wanted.
    """
    statement: dict[str, Any] = {
        "q": mapping("filter", filter),
        "u": checked_update(update),
        "multi": multi,
        "upsert": boolean("upsert", upsert),
    }
    if options:
        _add_options(statement, **options)
    return statement


def replace_statement(
    filter: Mapping[str, Any],
    replacement: Any,
    upsert: bool,
    **options: Any,
) -> dict[str, Any]:
    """One statement that replaces a document; `options` are `collation`, `hint` and `sort`."""
    statement: dict[str, Any] = {
        "q": mapping("filter", filter),
        "u": checked_replacement(replacement),
        "multi": False,
        "upsert": boolean("upsert", upsert),
    }
    if options:
        _add_options(statement, **options)
    return statement


def _add_options(
    statement: dict[str, Any],
    *,
    collation: Any = None,
    array_filters: Any = None,
    hint: Any = None,
    sort: Any = None,
) -> None:
    if collation is not None:
        statement["collation"] = validate_collation_or_none(collation)
    if array_filters is not None:
        statement["arrayFilters"] = list_of("array_filters", array_filters)
    if hint is not None:
        statement["hint"] = hint_document(hint)
    if sort is not None:
        statement["sort"] = mapping("sort", sort)


def update_result(reply: Reply, codec: Codec) -> MutableMapping[str, Any]:
    """The reply to one statement as the `raw_result` of an UpdateResult."""
    document: MutableMapping[str, Any] = reply.document(codec)
    return single_result(document)


def single_result(document: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """`document` with `upserted` as the id alone, and `updatedExisting`; changed in place."""
    upserted = document.get("upserted")
    if upserted:
        document["upserted"] = upserted[0]["_id"]
    document["updatedExisting"] = not upserted and document.get("n", 0) > 0
    return document
