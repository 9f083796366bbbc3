"""Marks the stages of an aggregation, as far as they leave encrypted fields where they are.

Follows: the manual, "Supported Aggregation Stages". The real analyser follows a field that is projected under another
name; this stand-in refuses that, as it refuses every expression which mentions an encrypted field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tests.analyser import raw
from tests.analyser.fields import Leaf, Level, Refusal, at
from tests.analyser.queries import Queries, refuse_references
from tests.analyser.raw import Document, Value

_FREE = frozenset({"$limit", "$skip", "$sample", "$count", "$collStats", "$indexStats", "$unset"})
_OF_EXPRESSIONS = frozenset({"$project", "$addFields", "$set", "$redact", "$replaceRoot", "$replaceWith"})
_OF_EXPRESSIONS |= {"$bucket", "$bucketAuto", "$sortByCount", "$geoNear", "$graphLookup"}

_NUMBERS = frozenset({"int", "long", "double", "decimal"})


class Pipelines:
    """Reads the pipelines of one command."""

    def __init__(self, levels: Mapping[str, Level], *, collated: bool) -> None:
        """:param levels: what is known of collections, by their names."""
        self._levels = levels
        self._collated = collated
        self.marked = False
        self._stages: Mapping[str, Callable[[Value, Level, str], Value]] = {
            "$match": self._match,
            "$sort": self._sort,
            "$unwind": self._unwind,
            "$group": self._group,
            "$lookup": self._lookup,
            "$facet": self._facet,
        }

    def mark(self, stages: Sequence[Value], collection: str) -> Value:
        """A pipeline on a collection, marked."""
        level = self._levels[collection]
        return raw.array(raw.document(self._stage(stage.fields, level, collection)) for stage in stages)

    def _stage(self, stage: Document, level: Level, collection: str) -> Document:
        ((name, said),) = stage.items()
        if name in self._stages:
            return {name: self._stages[name](said, level, collection)}
        if name in _OF_EXPRESSIONS:
            refuse_references(said, level)
        elif name not in _FREE:
            raise Refusal(
                f"Aggregation stage {name} is not allowed or supported with automatic encryption.", 31011
            )
        return {name: said}

    def _match(self, said: Value, level: Level, collection: str) -> Value:
        queries = Queries(level, collated=self._collated)
        marked = queries.mark(said)
        self.marked |= queries.marked
        return marked

    def _sort(self, said: Value, level: Level, collection: str) -> Value:
        for path in said.fields:
            if isinstance(at(level, path), Leaf):
                raise Refusal(f"Sorting on key '{path}' is not allowed due to encryption.", 51201)
        return said

    def _unwind(self, said: Value, level: Level, collection: str) -> Value:
        refuse_references(said, level)
        return said

    def _group(self, said: Value, level: Level, collection: str) -> Value:
        for name, expression in said.fields.items():
            path = expression.python[1:] if expression.kind == 0x02 else ""
            node = at(level, path) if path else level
            # What is encrypted deterministically is grouped as well as it is in clear.
            if not (name == "_id" and isinstance(node, Leaf) and node.queryable):
                refuse_references(expression, level)
        return raw.document({name: _said_in_full(value) for name, value in said.fields.items()})

    def _lookup(self, said: Value, level: Level, collection: str) -> Value:
        fields = said.fields
        other = fields["from"].python
        if other not in self._levels:
            raise Refusal(
                f"Aggregation stage $lookup cannot join '{other}', whose schema is not known", 51204
            )
        if "localField" in fields:
            here = at(level, fields["localField"].python)
            there = at(self._levels[other], fields["foreignField"].python)
            if (isinstance(here, Leaf) or isinstance(there, Leaf)) and here != there:
                raise Refusal("$lookup of fields that are not encrypted alike", 51210)
        if "let" in fields:
            refuse_references(fields["let"], level)
        if "pipeline" in fields:
            fields = {**fields, "pipeline": self.mark(fields["pipeline"].items, other)}
        return raw.document(fields)

    def _facet(self, said: Value, level: Level, collection: str) -> Value:
        return raw.document({name: self.mark(inner.items, collection) for name, inner in said.fields.items()})


def _said_in_full(expression: Value) -> Value:
    """An expression with its numbers as constants: so does the real analyser, as it has parsed the expression."""
    if expression.is_object:
        return raw.document({name: _said_in_full(value) for name, value in expression.fields.items()})
    return raw.document({"$const": expression}) if expression.type_name in _NUMBERS else expression
