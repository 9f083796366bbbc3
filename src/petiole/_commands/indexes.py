"""Commands on a collection's indexes (specification: Index Management).

Pure. Owns `createIndexes`, `dropIndexes`, `listIndexes` and the commands on search indexes. An index model is
anything with a `document`: the public classes, and PyMongo's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from petiole._commands.base import Command, Retry
from petiole._commands.error_codes import NAMESPACE_NOT_FOUND
from petiole._commands.index_keys import index_list, index_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping


class CreateIndexes(Command):
    """A `createIndexes`."""

    name = "createIndexes"

    __slots__ = ()


class DropIndexes(Command):
    """A `dropIndexes`; that there is no such collection is no error."""

    name = "dropIndexes"
    allowed: ClassVar[frozenset[int]] = frozenset({NAMESPACE_NOT_FOUND})

    __slots__ = ()


class ListIndexes(Command):
    """A `listIndexes`; retried once as a read. A collection that does not exist has none."""

    name = "listIndexes"
    reads = True
    retry = Retry.READ
    allowed: ClassVar[frozenset[int]] = frozenset({NAMESPACE_NOT_FOUND})

    __slots__ = ()


class CreateSearchIndexes(Command):
    """A `createSearchIndexes`, as Atlas knows it."""

    name = "createSearchIndexes"

    __slots__ = ()


class UpdateSearchIndex(Command):
    """An `updateSearchIndex`."""

    name = "updateSearchIndex"

    __slots__ = ()


class DropSearchIndex(Command):
    """A `dropSearchIndex`; that there is no such collection is no error."""

    name = "dropSearchIndex"
    allowed: ClassVar[frozenset[int]] = frozenset({NAMESPACE_NOT_FOUND})

    __slots__ = ()


def index_documents(models: Any) -> list[Mapping[str, Any]]:
    """The documents of a list of IndexModels.

    :raises TypeError: if `models` is no list of them.
    """
    if not isinstance(models, list):
        raise TypeError(f"indexes must be a list, not {type(models)}")
    return [_document(model, "IndexModel") for model in models]


def search_index_documents(models: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The documents of SearchIndexModels.

    :raises TypeError: if one of them is none.
    """
    return [_document(model, "SearchIndexModel") for model in models]


def _document(model: Any, kind: str) -> Mapping[str, Any]:
    # By the class's name, so that PyMongo's own models are taken as well.
    if all(base.__name__ != kind for base in type(model).__mro__):
        raise TypeError(f"{model} is not an instance of petiole.operations.{kind}")
    document: Mapping[str, Any] = model.document
    return document


def create_indexes_body(
    name: str,
    documents: list[Mapping[str, Any]],
    comment: Any = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a `createIndexes`; `options` are for the command, not for an index."""
    return _with_options({"createIndexes": name, "indexes": documents}, comment, options)


def drop_index_body(
    name: str, index_or_name: Any, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `dropIndexes` of one index, by its name or its keys.

    :raises TypeError: if `index_or_name` is neither a string nor a list.
    """
    if isinstance(index_or_name, list):
        index_or_name = index_name(index_list(index_or_name))
    if not isinstance(index_or_name, str):
        raise TypeError(f"index_or_name must be an instance of str or list, not {type(index_or_name)}")
    return _with_options({"dropIndexes": name, "index": index_or_name}, comment, options)


def drop_indexes_body(
    name: str, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `dropIndexes` of all indexes but that on `_id`."""
    return _with_options({"dropIndexes": name, "index": "*"}, comment, options)


def list_indexes_body(name: str, comment: Any = None) -> dict[str, Any]:
    """The body of a `listIndexes`."""
    body: dict[str, Any] = {"listIndexes": name, "cursor": {}}
    if comment is not None:
        body["comment"] = comment
    return body


def index_information(documents: Iterable[MutableMapping[str, Any]]) -> dict[str, Any]:
    """What `Collection.index_information` gives: the options of each index by its name, keys as pairs."""
    information: dict[str, Any] = {}
    for document in documents:
        entry = dict(document)
        entry["key"] = list(entry["key"].items())
        entry.pop("ns", None)  # Servers before 4.4 repeat the namespace.
        information[entry.pop("name")] = entry
    return information


def create_search_indexes_body(
    name: str,
    documents: list[Mapping[str, Any]],
    comment: Any = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a `createSearchIndexes`."""
    return _with_options({"createSearchIndexes": name, "indexes": documents}, comment, options)


def update_search_index_body(
    name: str,
    index: str,
    definition: Mapping[str, Any],
    comment: Any = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of an `updateSearchIndex`."""
    body = {"updateSearchIndex": name, "name": index, "definition": definition}
    return _with_options(body, comment, options)


def drop_search_index_body(
    name: str, index: str, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `dropSearchIndex`."""
    return _with_options({"dropSearchIndex": name, "name": index}, comment, options)


def list_search_indexes_pipeline(index: str | None = None) -> list[dict[str, Any]]:
    """The pipeline that lists search indexes: there is no command for it."""
    return [{"$listSearchIndexes": {} if index is None else {"name": index}}]


def _with_options(body: dict[str, Any], comment: Any, options: Mapping[str, Any] | None) -> dict[str, Any]:
    if options:
        body.update(options)
    if comment is not None:
        body["comment"] = comment
    return body
