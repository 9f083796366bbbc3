"""What `insert`, `update`, `delete` and `findAndModify` have in common (specification: CRUD).

Pure. Owns the checks of update and replacement documents and what cannot be asked of an unacknowledged
write; the commands own their bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petiole._commands.arguments import is_raw_document, mapping
from petiole._native import begins_with_operator
from petiole.errors import ConfigurationError

_SORT_ON_UPDATE_WIRE_VERSION = 25
_UPDATE_TEXT = (
    "update must either be a list or an instance of dict, bson.son.SON, or any other type that inherits from "
    "collections.Mapping"
)


def checked_update(update: Any) -> Any:
    """`update` if it is a document of operators or a pipeline.

    :raises TypeError: if it is neither a mapping nor a list.
    :raises ValueError: if it is empty, or its first key is no operator.
    """
    if begins_with_operator(update):
        return update
    if not isinstance(update, (dict, list, Mapping)):
        raise TypeError(_UPDATE_TEXT)
    if not update:
        raise ValueError("update cannot be empty")
    if not isinstance(update, list) and not next(iter(update)).startswith("$"):
        raise ValueError("update only works with $ operators")
    return update


def checked_replacement(replacement: Any) -> Any:
    """`replacement` if it is a document whose first key is no operator; it may be empty.

    :raises TypeError: if it is no mapping.
    :raises ValueError: if its first key is an operator.
    """
    if begins_with_operator(replacement) is False:
        return replacement
    if type(replacement) is not dict:
        mapping("replacement", replacement)
        if is_raw_document(replacement):
            return replacement  # Not looked into: the server checks it as well.
    first = next(iter(replacement), "")
    if isinstance(first, str) and first.startswith("$"):
        raise ValueError("replacement can not include $ operators")
    return replacement


def check_unacknowledged(statement: Mapping[str, Any], max_wire_version: int | None = None) -> None:
    """Refuse what a server would ignore without a word when it does not answer.

    :param statement: an update or delete statement, or the body of a `findAndModify`.
    :param max_wire_version: of the server; None skips what depends on it.
    :raises ConfigurationError: for a collation, array filters, or a sort the server does not know.
    """
    if statement.get("collation") is not None:
        raise ConfigurationError("Collation is unsupported for unacknowledged writes.")
    if statement.get("arrayFilters") is not None:
        raise ConfigurationError("arrayFilters is unsupported for unacknowledged writes.")
    if (
        max_wire_version is not None
        and max_wire_version < _SORT_ON_UPDATE_WIRE_VERSION
        and "q" in statement
        and statement.get("sort") is not None
    ):
        raise ConfigurationError(
            "Must be connected to MongoDB 8.0+ to use sort on unacknowledged update commands."
        )
