"""`findAndModify`: change one document and return it (specification: CRUD; Retryable Writes).

Pure. Owns the command and the bodies of `find_one_and_delete`, `_replace` and `_update`; the document is the
field `value` of the reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._commands.arguments import boolean, list_of, mapping
from petiole._commands.base import Command, Retry
from petiole._commands.index_keys import hint_document, index_document, projection_document
from petiole._commands.write_options import checked_replacement, checked_update
from petiole.collation import validate_collation_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._native import Codec, Reply


class FindAndModify(Command):
    """A `findAndModify`; retried once as a write."""

    name = "findAndModify"
    retry = Retry.WRITE

    __slots__ = ()


class Options(NamedTuple):
    """What the three operations can be told; `extra` are further fields of the command by their own names."""

    projection: Any = None
    sort: Any = None
    hint: Any = None
    let: Mapping[str, Any] | None = None
    comment: Any = None
    upsert: bool = False
    return_document: bool = False
    array_filters: Any = None
    extra: Mapping[str, Any] | None = None


def find_one_and_delete_body(name: str, filter: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """The body of a `find_one_and_delete`."""
    body = _start(name, filter, options)
    body["remove"] = True
    return _finish(body, options)


def find_one_and_replace_body(
    name: str, filter: Mapping[str, Any], replacement: Any, options: Options
) -> dict[str, Any]:
    """The body of a `find_one_and_replace`."""
    return _change(name, filter, checked_replacement(replacement), options)


def find_one_and_update_body(
    name: str, filter: Mapping[str, Any], update: Any, options: Options
) -> dict[str, Any]:
    """The body of a `find_one_and_update`."""
    checked_update(update)
    if options.array_filters is not None:
        list_of("array_filters", options.array_filters)
    return _change(name, filter, update, options)


def value(reply: Reply, codec: Codec) -> Any:
    """The document before or after the change, as asked for; None if there was none."""
    return reply.get("value", codec)


def _change(name: str, filter: Mapping[str, Any], change: Any, options: Options) -> dict[str, Any]:
    if not isinstance(options.return_document, bool):
        raise TypeError(
            "return_document must be ReturnDocument.BEFORE or ReturnDocument.AFTER, "
            f"not {type(options.return_document)}"
        )
    body = _start(name, filter, options)
    body["update"] = change
    return _finish(body, options, boolean("upsert", options.upsert))


def _start(name: str, filter: Mapping[str, Any], options: Options) -> dict[str, Any]:
    body: dict[str, Any] = {
        "findAndModify": name,
        "query": mapping("filter", filter),
        "new": options.return_document,
    }
    if options.let is not None:
        body["let"] = mapping("let", options.let)
    if options.extra:
        for key, item in options.extra.items():
            if key != "collation":
                body["arrayFilters" if key == "array_filters" else key] = item
    return body


def _finish(body: dict[str, Any], options: Options, upsert: bool | None = None) -> dict[str, Any]:
    if options.comment is not None:
        body["comment"] = options.comment
    if options.projection is not None:
        body["fields"] = projection_document(options.projection, "projection")
    if options.sort is not None:
        body["sort"] = index_document(options.sort)
    if upsert is not None:
        body["upsert"] = upsert
    if options.array_filters is not None:
        body["arrayFilters"] = options.array_filters
    if options.hint is not None:
        body["hint"] = hint_document(options.hint)
    if options.extra and options.extra.get("collation") is not None:
        body["collation"] = validate_collation_or_none(options.extra["collation"])
    return body
