"""`bulkWrite`: writes to several collections in one command (specification: CRUD "Bulk Write"; MongoDB 8.0).

Pure. Owns the command, the entries of its two document sequences (`ops`, and `nsInfo` with the namespaces that those
name by their position), and how a list of operations is cut at a server's limits. What the replies add up to is
`client_bulk_result`'s. An operation is encoded when the batch that it is in is made, and no sooner.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.arguments import document, is_raw_document, list_of, mapping
from petiole._commands.base import Command, Retry
from petiole._commands.elements import elements
from petiole._commands.insert import checked_document
from petiole._commands.write_options import checked_replacement, checked_update
from petiole._native import ObjectId, op_msg
from petiole.collation import validate_collation_or_none
from petiole.errors import ConfigurationError, DocumentTooLarge, InvalidOperation
from petiole.operations import (
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
    _WriteModel,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._commands.base import Limits
    from petiole._native import Codec

WIRE_VERSION = 25
"""MongoDB 8.0."""
MESSAGE_OVERHEAD = 1000
"""Bytes of a message that are kept for what belongs to no command ("Total Message Size")."""
COMMAND_OVERHEAD = 16 * 1024 - 2
"""By how many bytes what is not stored may be larger than a document."""

_INT32 = struct.Struct("<i")


class BulkWrite(Command):
    """A `bulkWrite` of which each operation changes at most one document; retried once as a write."""

    name = "bulkWrite"
    retry = Retry.WRITE

    __slots__ = ("batch",)

    batch: Batch

    def message(self, flags: int, fragments: bytes, limits: Limits) -> bytes:
        """The message of its batch: the body, and the two sequences behind it."""
        message = op_msg(self.codec, flags, self.body, self.database, fragments)
        spaces = [self.codec.encode({"ns": name}) for name in self.batch.namespaces]
        message += _sequence(b"ops\0", self.batch.entries) + _sequence(b"nsInfo\0", spaces)
        return _INT32.pack(len(message)) + message[4:]


class BulkWriteMany(BulkWrite):
    """A `bulkWrite` with an operation that may change several documents: not to be repeated."""

    retry = Retry.NEVER

    __slots__ = ()


class Sizes(NamedTuple):
    """What a server accepts in one command; sizes in bytes."""

    operations: int
    message: int
    document: int


class Batch:
    """The operations of one command: those from `start` on, up to `end`."""

    __slots__ = ("end", "entries", "namespaces", "start", "statements")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.entries: list[bytes] = []
        self.namespaces: dict[Any, int] = {}
        """Each with its position."""
        self.statements: list[dict[str, Any]] = []
        """The operations as errors show them."""


class Statement(NamedTuple):
    """One operation: what it is called, the fields after that, and the namespace it is for."""

    name: str
    fields: dict[str, Any]
    namespace: Any


def statements(models: Any) -> list[Statement]:
    """The operations, all of them checked.

    :raises TypeError: if `models` is no list of operations, or one has a filter or document of no use.
    :raises ValueError: if an update or a replacement is none.
    :raises InvalidOperation: if one has no namespace, or the list is empty.
    """
    found = []
    for model in list_of("models", models):
        if not isinstance(model, _WriteModel):
            raise TypeError(f"{model!r} is not a valid request")
        namespace = getattr(model, "_namespace", None)
        if not namespace:
            raise InvalidOperation(
                "MongoClient.bulk_write requires a namespace to be provided for each write operation"
            )
        found.append(Statement(*_statement(model), namespace))
    if not found:
        raise InvalidOperation("No operations to execute")
    return found


def many(operations: Sequence[Statement]) -> bool:
    """Whether one of them may change several documents."""
    return any(operation.fields.get("multi") for operation in operations)


def command_body(
    *,
    ordered: bool,
    verbose: bool,
    bypass_document_validation: bool | None,
    comment: Any,
    let: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The body; the sequences are added by the message.

    :raises TypeError: if `let` is no document.
    """
    body: dict[str, Any] = {"bulkWrite": 1, "errorsOnly": not verbose, "ordered": ordered}
    if bypass_document_validation is not None:
        body["bypassDocumentValidation"] = bypass_document_validation
    if comment is not None:
        body["comment"] = comment
    if let is not None:
        body["let"] = document("let", let)
    return body


def check_unanswered(*, ordered: bool, verbose: bool) -> None:
    """Refuse what needs answers where there are none.

    :raises InvalidOperation: for an order or results of an unacknowledged bulk write.
    """
    if verbose:
        raise InvalidOperation("Cannot request unacknowledged write concern and verbose results")
    if ordered:
        raise InvalidOperation("Cannot request unacknowledged write concern and ordered writes")


def check_unacknowledged(operations: Sequence[Statement], codec: Codec, sizes: Sizes) -> None:
    """Refuse what a server ignores, or refuses, without a word when it does not answer ("Size Limits").

    :raises ConfigurationError: for a collation or array filters.
    :raises DocumentTooLarge: for a document that is to be stored and exceeds the server's limit.
    """
    for name, fields, _ in operations:
        if "collation" in fields:
            raise ConfigurationError("Collation is unsupported for unacknowledged writes.")
        if "arrayFilters" in fields:
            raise ConfigurationError("arrayFilters is unsupported for unacknowledged writes.")
        stored = fields["document"] if name == "insert" else fields.get("updateMods")
        if isinstance(stored, list) or stored is None or next(iter(stored), "").startswith("$"):
            continue
        size = len(codec.encode(stored))
        if size > sizes.document:
            raise too_large(size, sizes.document)


def next_batch(
    operations: Sequence[Statement], start: int, codec: Codec, body: Mapping[str, Any], sizes: Sizes
) -> Batch:
    """As many operations from `start` on as one command takes.

    :raises DocumentTooLarge: if that is not a single one.
    :raises InvalidDocument: for what cannot be encoded, and other errors of the codec.
    """
    batch = Batch(start)
    left = sizes.message - MESSAGE_OVERHEAD - len(codec.encode(body))
    added = 0
    for operation in operations[start : start + sizes.operations]:
        name, fields, namespace = operation
        position = batch.namespaces.get(namespace, len(batch.namespaces))
        entry = _entry(name, fields, position, codec)
        added = len(entry)
        if namespace not in batch.namespaces:
            added += len(codec.encode({"ns": namespace}))
        if added > left:
            break
        left -= added
        batch.namespaces[namespace] = position
        batch.entries.append(entry)
        batch.statements.append({name: position, **fields})
    batch.end = start + len(batch.entries)
    if not batch.entries:
        raise too_large(added, sizes.document + COMMAND_OVERHEAD)
    return batch


def too_large(size: int, limit: int) -> DocumentTooLarge:
    """The error for an operation that fits into no message, or a document that is not sent in vain."""
    return DocumentTooLarge(
        f"BSON document too large ({size} bytes) - the connected server supports BSON document sizes up to "
        f"{limit} bytes."
    )


def _sequence(identifier: bytes, entries: Sequence[bytes]) -> bytes:
    content = b"".join(entries)
    return b"\x01" + _INT32.pack(4 + len(identifier) + len(content)) + identifier + content


def _entry(name: str, fields: dict[str, Any], position: int, codec: Codec) -> bytes:
    """One entry of `ops`. An inserted document gets its `_id` here, in place, and is encoded with it in front."""
    if name == "insert":
        inserted = fields["document"]
        if not is_raw_document(inserted) and "_id" not in inserted:
            inserted["_id"] = ObjectId()
        rest = b"\x03document\0" + codec.encode(inserted)
    else:
        rest = elements(codec, fields)
    content = b"\x10" + name.encode() + b"\0" + _INT32.pack(position) + rest + b"\0"
    return _INT32.pack(4 + len(content)) + content


def _statement(model: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(model, InsertOne):
        return "insert", {"document": checked_document(model._doc)}
    fields: dict[str, Any] = {"filter": mapping("filter", model._filter)}
    if isinstance(model, (DeleteOne, DeleteMany)):
        fields["multi"] = isinstance(model, DeleteMany)
        return "delete", _with_options(fields, model)
    if isinstance(model, ReplaceOne):
        fields["updateMods"] = checked_replacement(model._doc)
    elif isinstance(model, (UpdateOne, UpdateMany)):
        fields["updateMods"] = checked_update(model._doc)
    else:
        raise TypeError(f"{model!r} is not a valid request")
    fields["multi"] = isinstance(model, UpdateMany)
    if model._upsert is not None:
        fields["upsert"] = model._upsert
    return "update", _with_options(fields, model)


def _with_options(fields: dict[str, Any], model: Any) -> dict[str, Any]:
    array_filters, sort = getattr(model, "_array_filters", None), getattr(model, "_sort", None)
    if array_filters is not None:
        fields["arrayFilters"] = array_filters
    if model._hint is not None:
        fields["hint"] = model._hint
    if model._collation is not None:
        fields["collation"] = validate_collation_or_none(model._collation)
    if sort is not None:
        fields["sort"] = mapping("sort", sort)
    return fields
