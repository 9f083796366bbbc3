"""Reads from `encryptionInformation` which fields are encrypted, and how (Queryable Encryption).

Follows: the manual, "Encryption Schemas for Queryable Encryption", for fields that are not indexed and those indexed
for equality. Ranges and parts of texts are refused: their placeholders carry more than this stand-in knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.analyser import raw
from tests.analyser.fields import Leaf, Level, Node, Refusal
from tests.analyser.raw import Document, Value

from petiole.bson import Int64

_STORE, _FIND = 1, 2
_UNINDEXED, _EQUALITY = 1, 2
_CONTENTION = 8
"""What the server takes where nothing is said."""


@dataclass(frozen=True)
class Queryable(Leaf):
    """A field, by its index."""

    key: Document
    """`ki` and `ku`, or `ka` for the name of the key."""
    type_said: str
    indexed: bool
    contention: Int64

    @property
    def queryable(self) -> bool:
        return self.indexed

    def mark(self, value: Value, document: Document | None) -> Value:
        return self._placeholder(_STORE, value)

    def mark_to_find(self, value: Value) -> Value:
        if not self.indexed:
            raise Refusal(
                "Can only execute encrypted equality queries with an encrypted equality index", 63165
            )
        return self._placeholder(_FIND, value)

    def _placeholder(self, purpose: int, value: Value) -> Value:
        if value.subtype == raw.ENCRYPTED:
            raise Refusal("Cannot encrypt a field that is already encrypted", 31041)
        if value.type_name != self.type_said:
            raise Refusal(
                f"Cannot encrypt element of type: {value.type_name}, since the schema requires the type to be "
                f"one of: [ {self.type_said} ]",
                31118,
            )
        said = {
            "t": raw.value_of(purpose),
            "a": raw.value_of(_EQUALITY if self.indexed else _UNINDEXED),
            **self.key,
            "v": value,
            "cm": raw.value_of(self.contention),
        }
        return raw.binary(b"\3" + raw.pack(said), raw.ENCRYPTED)


def read_encrypted_fields(said: Value) -> Level:
    """The fields of one collection."""
    tree: dict[str, Node] = {}
    for item in said.fields["fields"].items:
        *parents, name = item.fields["path"].python.split(".")
        place = tree
        for parent in parents:
            level = place.setdefault(parent, Level({}))
            assert isinstance(level, Level)
            assert isinstance(level.fields, dict)
            place = level.fields
        place[name] = _leaf(item.fields)
    return Level(tree)


def _leaf(said: Document) -> Queryable:
    key = {"ki": said["keyId"], "ku": said["keyId"]} if "keyId" in said else {"ka": said["keyAltName"]}
    queries = said.get("queries")
    if queries is not None and queries.is_array:
        queries = queries.items[0] if queries.items else None
    contention = Int64(_CONTENTION if queries is not None else 0)
    if queries is not None:
        kind = queries.fields["queryType"].python
        if kind != "equality":
            raise Refusal(f"queries of the type {kind} are not known to this stand-in", 9)
        if "contention" in queries.fields:
            contention = Int64(queries.fields["contention"].python)
    return Queryable(key, said["bsonType"].python, queries is not None, contention)
