"""Marks what a query compares encrypted fields with, and refuses what it cannot ask of them.

Follows: the manual, "Supported Operations for Automatic Encryption", "Unsupported Query and Update Operators".
"""

from __future__ import annotations

from tests.analyser import raw
from tests.analyser.fields import Leaf, Level, Refusal, at
from tests.analyser.raw import Document, Value

_LOGICAL = frozenset({"$and", "$or", "$nor"})
_HARMLESS = frozenset({"$comment", "$sampleRate", "$alwaysTrue", "$alwaysFalse"})
_REGEX = 0x0B


class Queries:
    """Reads queries on one collection, and remembers whether any value has been marked."""

    def __init__(self, level: Level, *, collated: bool = False) -> None:
        """:param collated: texts are compared by a collation, which those that are encrypted cannot be."""
        self._level = level
        self._collated = collated
        self.marked = False

    def mark(self, query: Value) -> Value:
        """The query, marked."""
        return raw.document({name: self._part(name, value) for name, value in query.fields.items()})

    def _part(self, name: str, value: Value) -> Value:
        if not name.startswith("$"):
            return self._field(name, value)
        if name in _LOGICAL:
            return raw.array(self.mark(item) for item in value.items)
        if name == "$expr":
            refuse_references(value, self._level)
            return value
        if name in _HARMLESS:
            return value
        raise Refusal(f"Unsupported match expression operator for encryption: {name}")

    def _field(self, path: str, value: Value) -> Value:
        if value.kind == _REGEX:
            return self._operand(path, "$regex", value)
        operators = value.fields if value.is_object else {}
        if not operators or not all(name.startswith("$") for name in operators):
            # An equality is said in full: so does the real analyser, as it has parsed the query.
            operators = {"$eq": value}
        return raw.document({name: self._operand(path, name, item) for name, item in operators.items()})

    def _operand(self, path: str, operator: str, value: Value) -> Value:
        node = at(self._level, path)
        if not isinstance(node, Leaf):
            if node.encrypts:
                self._check_around(path, operator, value)
            return value
        return self._compared(node, path, operator, value)

    def _compared(self, leaf: Leaf, path: str, operator: str, value: Value) -> Value:
        if operator == "$exists":
            return value
        if operator == "$not" and value.is_object:
            return self._field(path, value)
        if operator in ("$eq", "$ne"):
            if value.type_name in ("null", "undefined"):
                raise Refusal(f"Illegal equality to null predicate for encrypted field: '{path}'", 51095)
            return self._marked(leaf, value)
        if operator in ("$in", "$nin"):
            return raw.array(self._one_of(leaf, path, item) for item in value.items)
        raise Refusal(f"Invalid match expression operator on encrypted field '{path}': {operator}")

    def _one_of(self, leaf: Leaf, path: str, value: Value) -> Value:
        if value.type_name in ("null", "undefined"):
            raise Refusal(f"Illegal equality to null inside $in against an encrypted field: '{path}'", 51120)
        if value.kind == _REGEX:
            raise Refusal(f"Illegal regex inside $in against an encrypted field: '{path}'", 51015)
        return self._marked(leaf, value)

    def _marked(self, leaf: Leaf, value: Value) -> Value:
        marked = leaf.mark_to_find(value)
        if self._collated and value.type_name in ("string", "symbol"):
            raise Refusal(
                "cannot apply non-simple collation when comparing to element with encryption", 31054
            )
        self.marked = True
        return marked

    def _check_around(self, path: str, operator: str, value: Value) -> None:
        """What is compared with a document that has encrypted fields must not be one itself."""
        compared = value.items if operator in ("$in", "$nin") else [value]
        if operator in ("$elemMatch", "$not") or any(item.is_object for item in compared):
            raise Refusal(f"Comparison of '{path}', which has encrypted fields, with a document", 51159)


def refuse_comparisons(query: Value, level: Level) -> None:
    """Refuse a query that knows nothing of keys: one that the server keeps, as a validator or for an index."""
    queries = Queries(level)
    fields: Document = {name: value for name, value in query.fields.items() if name != "$jsonSchema"}
    try:
        queries.mark(raw.document(fields))
        compared = queries.marked
    except Refusal:
        compared = True
    if compared:
        raise Refusal("Comparison to encrypted fields not supported in collection validator", 6371207)


def refuse_references(expression: Value, level: Level) -> None:
    """Refuse an expression that mentions an encrypted field: this stand-in does not follow what it makes of it."""
    for path in references(expression):
        node = at(level, path)
        if isinstance(node, Leaf) or node.encrypts:
            raise Refusal(f"An expression with the encrypted field '{path}' is not supported", 31110)


def references(expression: Value) -> list[str]:
    """The paths of the fields that an expression mentions."""
    if expression.kind == 0x02:
        text: str = expression.python
        if text.startswith(("$$ROOT.", "$$CURRENT.")):
            return [text.partition(".")[2]]
        return [text[1:]] if text.startswith("$") and not text.startswith("$$") and len(text) > 1 else []
    return [path for inner in expression.fields.values() for path in references(inner)]
