"""Operations of a bulk write and models of indexes: plain values that the command builders read.

The fields lie in slots (``_filter``, ``_doc``, ``_upsert``, ``_collation``, ``_hint``, ``_sort``,
``_array_filters``, ``_namespace``). What a statement may hold beyond its types (operators or a replacement, a
namespace where one is due) is checked when it is built, as only the builder knows the command it goes into.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic

from petiole._index_keys import hint_document, index_name, normalise_keys
from petiole.collation import validate_collation_or_none
from petiole.typings import _CollationIn, _DocumentType, _IndexKeyHint, _Pipeline
from petiole.write_concern import validate_boolean

if TYPE_CHECKING:
    from petiole.bson.raw_bson import RawBSONDocument


def _check_filter(filter: Any) -> Any:
    if filter is not None and not isinstance(filter, Mapping):
        raise TypeError(
            "filter must be an instance of dict, bson.son.SON, "
            "or any other type that inherits from collections.Mapping"
        )
    return filter


class _WriteModel:
    """Equality by class and fields, and a ``repr`` that shows a namespace only where there is one."""

    __slots__ = ()
    # The fields in the order of `repr`.
    _fields: tuple[str, ...] = ()

    def __eq__(self, other: Any) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = (
            repr(getattr(self, name)) for name in self._fields if name != "_namespace" or getattr(self, name)
        )
        return f"{self.__class__.__name__}({', '.join(shown)})"


class InsertOne(_WriteModel, Generic[_DocumentType]):
    """Insert one document.

    :param document: it gets an ``_id`` if it has none.
    :param namespace: "database.collection"; only in a client's ``bulk_write``.
    """

    __slots__ = ("_doc", "_namespace")
    _fields = ("_doc", "_namespace")

    def __init__(self, document: _DocumentType, namespace: str | None = None) -> None:
        self._doc = document
        self._namespace = namespace


class _DeleteOp(_WriteModel):
    __slots__ = ("_collation", "_filter", "_hint", "_namespace")
    _fields = ("_filter", "_collation", "_hint", "_namespace")

    def __init__(
        self,
        filter: Mapping[str, Any],
        collation: _CollationIn | None = None,
        hint: _IndexKeyHint | None = None,
        namespace: str | None = None,
    ) -> None:
        self._filter = _check_filter(filter)
        self._collation = collation
        self._hint = None if hint is None else hint_document(hint)
        self._namespace = namespace


class DeleteOne(_DeleteOp):
    """Delete the first document that matches.

    :param hint: the index to use: its name or its keys.
    :param namespace: "database.collection"; only in a client's ``bulk_write``.
    """

    __slots__ = ()


class DeleteMany(_DeleteOp):
    """Delete all documents that match; parameters as for :class:`DeleteOne`."""

    __slots__ = ()


class ReplaceOne(_WriteModel, Generic[_DocumentType]):
    """Replace the first document that matches.

    :param upsert: insert `replacement` if nothing matches.
    :param hint: the index to use: its name or its keys.
    :param namespace: "database.collection"; only in a client's ``bulk_write``.
    :param sort: which document is the first; servers from 8.0.
    """

    __slots__ = ("_collation", "_doc", "_filter", "_hint", "_namespace", "_sort", "_upsert")
    _fields = ("_filter", "_doc", "_upsert", "_collation", "_hint", "_namespace", "_sort")

    def __init__(
        self,
        filter: Mapping[str, Any],
        replacement: _DocumentType | RawBSONDocument,
        upsert: bool | None = None,
        collation: _CollationIn | None = None,
        hint: _IndexKeyHint | None = None,
        namespace: str | None = None,
        sort: Mapping[str, Any] | None = None,
    ) -> None:
        self._filter = _check_filter(filter)
        self._upsert = None if upsert is None else validate_boolean("upsert", upsert)
        self._hint = None if hint is None else hint_document(hint)
        self._doc = replacement
        self._collation = collation
        self._namespace = namespace
        self._sort = sort


class _UpdateOp(_WriteModel):
    __slots__ = (
        "_array_filters",
        "_collation",
        "_doc",
        "_filter",
        "_hint",
        "_namespace",
        "_sort",
        "_upsert",
    )
    _fields = (
        "_filter",
        "_doc",
        "_upsert",
        "_collation",
        "_array_filters",
        "_hint",
        "_namespace",
        "_sort",
    )

    def __init__(
        self,
        filter: Mapping[str, Any],
        doc: Mapping[str, Any] | _Pipeline,
        upsert: bool | None,
        collation: _CollationIn | None,
        array_filters: list[Mapping[str, Any]] | None,
        hint: _IndexKeyHint | None,
        namespace: str | None,
        sort: Mapping[str, Any] | None,
    ) -> None:
        self._filter = _check_filter(filter)
        self._upsert = None if upsert is None else validate_boolean("upsert", upsert)
        if array_filters is not None and not isinstance(array_filters, list):
            raise TypeError(f"array_filters must be a list, not {type(array_filters)}")
        self._array_filters = array_filters
        self._hint = None if hint is None else hint_document(hint)
        self._doc = doc
        self._collation = collation
        self._namespace = namespace
        self._sort = sort


class UpdateOne(_UpdateOp):
    """Update the first document that matches.

    :param update: a document of operators, or an aggregation pipeline.
    :param upsert: insert a document made of filter and update if nothing matches.
    :param array_filters: which elements of arrays are updated.
    :param hint: the index to use: its name or its keys.
    :param namespace: "database.collection"; only in a client's ``bulk_write``.
    :param sort: which document is the first; servers from 8.0.
    """

    __slots__ = ()

    def __init__(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any] | _Pipeline,
        upsert: bool | None = None,
        collation: _CollationIn | None = None,
        array_filters: list[Mapping[str, Any]] | None = None,
        hint: _IndexKeyHint | None = None,
        namespace: str | None = None,
        sort: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(filter, update, upsert, collation, array_filters, hint, namespace, sort)


class UpdateMany(_UpdateOp):
    """Update all documents that match; parameters as for :class:`UpdateOne`, without `sort`."""

    __slots__ = ()

    def __init__(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any] | _Pipeline,
        upsert: bool | None = None,
        collation: _CollationIn | None = None,
        array_filters: list[Mapping[str, Any]] | None = None,
        hint: _IndexKeyHint | None = None,
        namespace: str | None = None,
    ) -> None:
        super().__init__(filter, update, upsert, collation, array_filters, hint, namespace, None)


class IndexModel:
    """An index for ``create_indexes``.

    :param keys: a key, a mapping, or a sequence of keys and (key, direction) pairs.
    :param kwargs: options of the index, sent as they are; `name` is made of the keys if it is not given.
    """

    __slots__ = ("_document",)

    def __init__(self, keys: _IndexKeyHint, **kwargs: Any) -> None:
        key = normalise_keys(keys)
        if kwargs.get("name") is None:
            kwargs["name"] = index_name(key)
        collation = validate_collation_or_none(kwargs.pop("collation", None))
        self._document = {**kwargs, "key": key}
        if collation is not None:
            self._document["collation"] = collation

    @property
    def document(self) -> dict[str, Any]:
        """The index as the ``createIndexes`` command takes it."""
        return self._document

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in self._document.items() if name != "key")
        return f"{self.__class__.__name__}({self._document['key']!r}{options})"


class SearchIndexModel:
    """A search index for ``create_search_indexes`` (Atlas).

    :param type: "search" (the server's default) or "vectorSearch".
    :param kwargs: sent as they are.
    """

    __slots__ = ("_document",)

    def __init__(
        self,
        definition: Mapping[str, Any],
        name: str | None = None,
        type: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._document: dict[str, Any] = {}
        if name is not None:
            self._document["name"] = name
        self._document["definition"] = definition
        if type is not None:
            self._document["type"] = type
        self._document.update(kwargs)

    @property
    def document(self) -> Mapping[str, Any]:
        """The index as the ``createSearchIndexes`` command takes it."""
        return self._document

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._document.items())
        return f"{self.__class__.__name__}({fields})"
