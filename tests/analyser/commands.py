"""Reads commands, and gives them back with everything marked that is to be encrypted.

Owns which part of a command is what: queries, updates, documents, pipelines. A command comes with what is known of its
collections: `jsonSchema` and `isRemoteSchema` of one, `csfleEncryptionSchemas` of several, or `encryptionInformation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.analyser import raw
from tests.analyser.encrypted_fields import read_encrypted_fields
from tests.analyser.fields import NOTHING, Leaf, Level, Refusal, at, mark_document
from tests.analyser.pipelines import Pipelines
from tests.analyser.queries import Queries, refuse_comparisons
from tests.analyser.raw import Document, Value
from tests.analyser.schema import read_schema
from tests.analyser.updates import mark_update

_SCHEMAS = frozenset({"jsonSchema", "isRemoteSchema", "csfleEncryptionSchemas"})
_AROUND = frozenset({"$db"})
"""What belongs to the message and not to the command."""


class NoSuchCommand(Exception):
    """A command that is none of those that can be analysed."""


@dataclass
class Known:
    """What is known of the collections of a command."""

    collection: str
    levels: Mapping[str, Level]
    collated: bool

    @property
    def level(self) -> Level:
        """The fields of the collection itself."""
        return self.levels[self.collection]

    def query(self, query: Value) -> Value:
        """A query on it, marked."""
        return Queries(self.level, collated=self.collated).mark(query)

    def alone(self, fields: Document) -> Known:
        """The same for one of several statements, which may have a collation of its own."""
        return Known(self.collection, self.levels, self.collated or _has_collation(fields))


def analyse(command: Document) -> Document:
    """The reply to a command that has come with its schema."""
    name = next(iter(command))
    if name not in _ANALYSERS:
        raise NoSuchCommand(name)
    inner = command["explain"].fields if name == "explain" else command
    known = _known(command, inner)
    bare: Document = {field: value for field, value in command.items() if field not in _SCHEMAS | _AROUND}
    marked = _ANALYSERS[name](bare, known)
    return {
        "hasEncryptionPlaceholders": raw.value_of(_has_placeholder(raw.document(marked))),
        "schemaRequiresEncryption": raw.value_of(any(level.encrypts for level in known.levels.values())),
        "result": raw.document(marked),
        "ok": raw.value_of(1.0),
    }


def _known(command: Document, inner: Document) -> Known:
    collection = inner[next(iter(inner))].python
    levels: dict[str, Level] = {}
    if "encryptionInformation" in command:
        for namespace, said in command["encryptionInformation"].fields["schema"].fields.items():
            levels[namespace.partition(".")[2]] = read_encrypted_fields(said)
    elif "csfleEncryptionSchemas" in command:
        for namespace, said in command["csfleEncryptionSchemas"].fields.items():
            levels[namespace.partition(".")[2]] = _read(said.fields)
    elif "jsonSchema" in command:
        levels[collection] = _read(command)
    else:
        raise Refusal("Client-side encryption needs jsonSchema or encryptionInformation", 51073)
    levels.setdefault(collection, NOTHING)
    return Known(collection, levels, _has_collation(inner))


def _read(said: Document) -> Level:
    remote = said["isRemoteSchema"].truth if "isRemoteSchema" in said else True
    return read_schema(said["jsonSchema"], remote=remote)


def _has_collation(fields: Document) -> bool:
    return "collation" in fields and fields["collation"].fields["locale"].python != "simple"


def _has_placeholder(value: Value) -> bool:
    if value.subtype == raw.ENCRYPTED:
        return value.data[5:6] in (b"\0", b"\3")
    return any(_has_placeholder(inner) for inner in value.fields.values())


def _filtered(field: str) -> Callable[[Document, Known], Document]:
    """For commands with one query, under that name."""

    def analyse_one(command: Document, known: Known) -> Document:
        return {**command, field: known.query(command[field])} if field in command else command

    return analyse_one


def _distinct(command: Document, known: Known) -> Document:
    node = at(known.level, command["key"].python)
    if isinstance(node, Leaf):
        if node.key_pointer is not None:
            raise Refusal(
                "The distinct key is not allowed to be marked for encryption with a non-UUID keyId", 51131
            )
        if not node.queryable:
            raise Refusal("Distinct key is not allowed to be marked for randomized encryption", 31026)
        if known.collated:
            raise Refusal("Distinct key is not allowed to be marked for encryption with a collation", 31058)
    elif node.encrypts:
        raise Refusal("Distinct key is not allowed to be a prefix of an encrypted field", 31027)
    return _filtered("query")(command, known)


def _insert(command: Document, known: Known) -> Document:
    documents = (raw.document(mark_document(item.fields, known.level)) for item in command["documents"].items)
    return {**command, "documents": raw.array(documents)}


def _update(command: Document, known: Known) -> Document:
    def one(statement: Document) -> Value:
        query = known.alone(statement).query(statement["q"])
        return raw.document({**statement, "q": query, "u": mark_update(statement["u"], known.level)})

    return {**command, "updates": raw.array(one(item.fields) for item in command["updates"].items)}


def _delete(command: Document, known: Known) -> Document:
    def one(statement: Document) -> Value:
        return raw.document({**statement, "q": known.alone(statement).query(statement["q"])})

    return {**command, "deletes": raw.array(one(item.fields) for item in command["deletes"].items)}


def _find_and_modify(command: Document, known: Known) -> Document:
    command = _filtered("query")(command, known)
    if "update" not in command:
        return command
    return {**command, "update": mark_update(command["update"], known.level)}


def _aggregate(command: Document, known: Known) -> Document:
    pipelines = Pipelines(known.levels, collated=known.collated)
    return {**command, "pipeline": pipelines.mark(command["pipeline"].items, known.collection)}


def _explain(command: Document, known: Known) -> Document:
    inner = command["explain"].fields
    name = next(iter(inner))
    if name == "explain" or name not in _ANALYSERS:
        raise NoSuchCommand(name)
    bare: Document = {field: value for field, value in inner.items() if field not in _SCHEMAS | _AROUND}
    return {**command, "explain": raw.document(_ANALYSERS[name](bare, known))}


def _kept(command: Document, known: Known) -> Document:
    """What the server keeps: validators, and which documents indexes have."""
    if "validator" in command:
        refuse_comparisons(command["validator"], known.level)
    for index in command["indexes"].items if "indexes" in command else []:
        if "partialFilterExpression" in index.fields:
            refuse_comparisons(index.fields["partialFilterExpression"], known.level)
    return command


_ANALYSERS: dict[str, Callable[[Document, Known], Document]] = {
    "find": _filtered("filter"),
    "count": _filtered("query"),
    "distinct": _distinct,
    "insert": _insert,
    "update": _update,
    "delete": _delete,
    "findAndModify": _find_and_modify,
    "findandmodify": _find_and_modify,
    "aggregate": _aggregate,
    "explain": _explain,
    "create": _kept,
    "collMod": _kept,
    "createIndexes": _kept,
}
