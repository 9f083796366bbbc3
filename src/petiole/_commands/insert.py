"""`insert`: new documents (specification: CRUD; Write Commands; Retryable Writes).

Pure. The documents travel as a document sequence and get their `_id`s while they are encoded, so the ids
are read from the command (`Insert.ids`) after the message was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from petiole._commands.arguments import document
from petiole._commands.base import BatchCommand, Retry
from petiole.errors import InvalidOperation

_PLAIN = {dict}


class Insert(BatchCommand):
    """An `insert`; retried once as a write."""

    name = "insert"
    retry = Retry.WRITE
    identifier = "documents"
    add_ids = True

    __slots__ = ()


def insert_body(name: str) -> dict[str, Any]:
    """The body of an insert that has nothing but documents: the hot path."""
    return {"insert": name, "ordered": True}


def insert_options_body(
    name: str, ordered: bool, bypass_document_validation: bool | None, comment: Any
) -> dict[str, Any]:
    """The body of an insert with options."""
    body: dict[str, Any] = {"insert": name, "ordered": ordered}
    if comment is not None:
        body["comment"] = comment
    if bypass_document_validation is not None:
        body["bypassDocumentValidation"] = bypass_document_validation
    return body


def checked_document(value: Any) -> Any:
    """`value` if it can be inserted.

    :raises TypeError: otherwise.
    """
    return value if type(value) is dict else document("document", value)


def checked_documents(values: Any) -> list[Any]:
    """The documents of an `insert_many`.

    :raises TypeError: if `values` is no iterable of documents.
    :raises InvalidOperation: if it is an iterator without any.
    """
    if isinstance(values, Mapping) or not isinstance(values, Iterable) or (_sized(values) and not values):
        raise TypeError("documents must be a non-empty list")
    documents = list(values)
    if not documents:
        raise InvalidOperation("No operations to execute")
    # A set of the classes costs next to nothing per document.
    if set(map(type, documents)) != _PLAIN:
        for value in documents:
            checked_document(value)
    return documents


def _sized(values: Any) -> bool:
    return hasattr(values, "__len__")
