"""`delete`: remove documents (specification: CRUD; Write Commands; Retryable Writes).

Pure. Owns the two commands (only a delete of at most one document may be retried) and their statement; the
reply as it is makes a DeleteResult.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.arguments import document, mapping
from petiole._commands.base import BatchCommand, Retry
from petiole._commands.index_keys import hint_document
from petiole.collation import validate_collation_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping


class Delete(BatchCommand):
    """A `delete` of which each statement removes at most one document; retried once as a write."""

    name = "delete"
    retry = Retry.WRITE
    identifier = "deletes"

    __slots__ = ()


class DeleteMany(Delete):
    """A `delete` with a statement that may remove several documents: not to be repeated."""

    retry = Retry.NEVER

    __slots__ = ()


def delete_body(name: str) -> dict[str, Any]:
    """The body of a delete that has nothing but statements: the hot path."""
    return {"delete": name, "ordered": True}


def delete_options_body(
    name: str, ordered: bool = True, let: Mapping[str, Any] | None = None, comment: Any = None
) -> dict[str, Any]:
    """The body of a delete with options.

    :raises TypeError: if `let` is no document.
    """
    body: dict[str, Any] = {"delete": name, "ordered": ordered}
    if let is not None:
        body["let"] = document("let", let)
    if comment is not None:
        body["comment"] = comment
    return body


def delete_statement(
    filter: Mapping[str, Any], multi: bool, collation: Any = None, hint: Any = None
) -> dict[str, Any]:
    """One statement."""
    statement: dict[str, Any] = {"q": mapping("filter", filter), "limit": 0 if multi else 1}
    if collation is not None:
        statement["collation"] = validate_collation_or_none(collation)
    if hint is not None:
        statement["hint"] = hint_document(hint)
    return statement
