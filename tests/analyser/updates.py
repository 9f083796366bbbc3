"""Marks what updates write into encrypted fields, and refuses what cannot be done with them.

Follows: the manual, "Unsupported Query and Update Operators".
"""

from __future__ import annotations

from tests.analyser import raw
from tests.analyser.fields import Leaf, Level, Refusal, at, mark_document
from tests.analyser.queries import refuse_references
from tests.analyser.raw import Document, Value

_ALIKE = {"$inc": "$inc and $mul", "$mul": "$inc and $mul", "$min": "$max and $min", "$max": "$max and $min"}


def mark_update(update: Value, level: Level) -> Value:
    """An update, marked: a replacement, operators, or a pipeline."""
    if update.is_array:
        for stage in update.items:
            refuse_references(stage, level)
            _refuse_fields(stage, level)
        return update
    if not any(name.startswith("$") for name in update.fields):
        return raw.document(mark_document(update.fields, level))
    return raw.document({name: _operator(name, said, level) for name, said in update.fields.items()})


def _operator(operator: str, said: Value, level: Level) -> Value:
    marked: Document = {}
    for path, value in said.fields.items():
        if operator in ("$set", "$setOnInsert"):
            marked[path] = _written(path, value, level)
            continue
        if operator == "$rename":
            _check_renaming(path, value.python, level)
        elif operator != "$unset":
            node = _at(path, level)
            if isinstance(node, Leaf) or node.encrypts:
                raise Refusal(f"{_ALIKE.get(operator, operator)} not allowed on encrypted values", 51160)
        marked[path] = value
    return raw.document(marked)


def _at(path: str, level: Level) -> Leaf | Level:
    """What is at the path of an update, which may name items of arrays."""
    names: list[str] = []
    for name in path.split("."):
        node = at(level, ".".join(names)) if names else level
        inside = isinstance(node, Leaf) or (bool(names) and node.encrypts)
        if name == "$" and inside:
            raise Refusal("Cannot encrypt fields below '$' positional update operator", 51149)
        if name.startswith("$[") and inside:
            raise Refusal("Array update operations not allowed on encrypted values", 51150)
        if name.startswith("$"):
            return Level()
        names.append(name)
    return at(level, ".".join(names))


def _written(path: str, value: Value, level: Level) -> Value:
    node = _at(path, level)
    if isinstance(node, Leaf):
        return node.mark(value, None)
    if value.is_object and node.encrypts:
        for leaf in node.leaves():
            if leaf.key_pointer is not None:
                raise Refusal("A non-static (JSONPointer) keyId is not supported.", 51093)
        return raw.document(mark_document(value.fields, node))
    return value


def _check_renaming(path: str, target: str, level: Level) -> None:
    source, aim = _at(path, level), _at(target, level)
    if (isinstance(source, Leaf) or isinstance(aim, Leaf)) and source != aim:
        raise Refusal(
            "$rename between two encrypted fields must have the same metadata or both be unencrypted", 51160
        )


def _refuse_fields(stage: Value, level: Level) -> None:
    """Refuse a stage that computes an encrypted field."""
    for said in stage.fields.values():
        for path in said.fields:
            node = at(level, path)
            if isinstance(node, Leaf) or node.encrypts:
                raise Refusal(f"Computing the encrypted field '{path}' is not supported", 31151)
