"""Reads from a JSON schema which fields are encrypted, and how (client-side field level encryption).

Follows: the manual, "Encryption Schemas": `encrypt` with `keyId`, `algorithm` and `bsonType`, and `encryptMetadata`,
from which what is below inherits. What would make the encryption of a field depend on other things is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.analyser import raw
from tests.analyser.fields import Leaf, Level, Node, Refusal
from tests.analyser.raw import Document, Value

DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
_NEVER = frozenset({"minKey", "maxKey", "undefined", "null"})
"""Types of which each has a single value: there is nothing to hide."""
_ONLY_RANDOM = frozenset({"double", "decimal", "bool", "object", "array", "javascriptWithScope"})
_LOGICAL = ("allOf", "anyOf", "oneOf", "not", "items", "additionalItems", "dependencies")
_STRUCTURE = frozenset(
    {
        *("properties", "patternProperties", "additionalProperties", "encrypt", "encryptMetadata"),
        *("bsonType", "type", "title", "description"),
    }
)
"""What a schema may have that comes from the options of a client, and not from the server."""
_INVALID = "Invalid schema containing the 'encrypt' keyword."


@dataclass(frozen=True)
class Encrypted(Leaf):
    """A field, by how its values are encrypted."""

    algorithm: str
    key: Value | None
    """The id of the key; None if a pointer says it."""
    pointer: str | None
    types: frozenset[str]

    @property
    def queryable(self) -> bool:
        return self.algorithm == DETERMINISTIC

    @property
    def key_pointer(self) -> str | None:
        return self.pointer

    def mark(self, value: Value, document: Document | None) -> Value:
        self._check(value)
        if self.pointer is None:
            assert self.key is not None
            return self._placeholder({"ki": self.key}, value)
        if document is None:
            raise Refusal("A non-static (JSONPointer) keyId is not supported.", 51093)
        return self._placeholder(_named_by(self.pointer, document), value)

    def mark_to_find(self, value: Value) -> Value:
        if not self.queryable:
            raise Refusal("Cannot query on fields encrypted with the randomized encryption algorithm", 51158)
        return self.mark(value, None)

    def _check(self, value: Value) -> None:
        name = value.type_name
        if value.subtype == raw.ENCRYPTED:
            raise Refusal("Cannot encrypt a field that is already encrypted", 31041)
        if name in _NEVER:
            raise Refusal(f"Cannot encrypt element of type: {name}", 31041)
        if self.types and name not in self.types:
            raise Refusal(
                f"Cannot encrypt element of type: {name}, since the schema requires the type to be one of: "
                f"[ {', '.join(sorted(self.types))} ]",
                31118,
            )
        if self.queryable and name in _ONLY_RANDOM:
            raise Refusal(f"Cannot use deterministic encryption for element of type: {name}", 31122)

    def _placeholder(self, key: Document, value: Value) -> Value:
        algorithm = raw.value_of(1 if self.queryable else 2)
        return raw.binary(b"\0" + raw.pack({"a": algorithm, **key, "v": value}), raw.ENCRYPTED)


def _named_by(pointer: str, document: Document) -> Document:
    """The key that the document itself names."""
    found = raw.document(document)
    for name in pointer.removeprefix("/").split("/"):
        inner = found.fields.get(name.replace("~1", "/").replace("~0", "~"))
        if inner is None:
            raise Refusal(f"keyId pointer '{pointer}' must point to a field that exists", 51114)
        found = inner
    if found.kind == 0x02:
        return {"ka": found}
    if found.subtype == 4:
        return {"ki": found}
    raise Refusal(f"keyId pointer '{pointer}' must point to a string or a UUID", 51115)


def read_schema(schema: Value, *, remote: bool) -> Level:
    """The fields of a schema.

    :param remote: it comes from the server, which checks the rest of it; otherwise there may be no rest.
    """
    node = _Reader(remote).read(schema.fields, {}, "", declared=True)
    if not isinstance(node, Level):
        raise Refusal(_INVALID, 51077)
    return node


class _Reader:
    def __init__(self, remote: bool) -> None:
        self._remote = remote

    def read(self, schema: Document, inherited: Document, path: str, *, declared: bool) -> Node:
        """What a schema says of the field at a path.

        :param declared: all documents around it are said to be documents.
        """
        if "encrypt" in schema:
            if not declared or path == "_id":
                raise Refusal(_INVALID, 51077)
            return self._leaf(schema, inherited)
        if not self._remote:
            self._check_local(schema)
        for keyword in _LOGICAL:
            if keyword in schema and _mentions(schema[keyword], "encrypt"):
                raise Refusal(_INVALID, 51077)
        inherited = (
            {**inherited, **schema["encryptMetadata"].fields} if "encryptMetadata" in schema else inherited
        )
        # The document itself is one, said or not.
        kinds = _strings(schema["bsonType"]) if "bsonType" in schema else {"object"} if not path else set()
        return self._level(schema, inherited, path, declared=declared and kinds == {"object"})

    def _level(self, schema: Document, inherited: Document, path: str, *, declared: bool) -> Level:
        def read(name: str, inner: Value) -> Node:
            where = f"{path}.{name}" if path else name
            return self.read(inner.fields, inherited, where, declared=declared)

        fields = {name: read(name, inner) for name, inner in _inner(schema, "properties").items()}
        patterns = [
            (re.compile(pattern), read(f"/{pattern}/", inner))
            for pattern, inner in _inner(schema, "patternProperties").items()
        ]
        others = schema.get("additionalProperties")
        return Level(fields, patterns, read("*", others) if others and others.is_object else None)

    def _check_local(self, schema: Document) -> None:
        for keyword in schema:
            if keyword not in _STRUCTURE and keyword not in _LOGICAL:
                raise Refusal(f"JSON schema keyword '{keyword}' is only allowed with a remote schema", 51824)

    def _leaf(self, schema: Document, inherited: Document) -> Encrypted:
        for sibling in schema:
            if sibling != "encrypt":
                raise Refusal(f"'encrypt' cannot be used in conjunction with '{sibling}'", 9)
        said: Document = {**inherited, **schema["encrypt"].fields}
        if "keyId" not in said or "algorithm" not in said:
            raise Refusal("'encrypt' must have a keyId and an algorithm, or inherit them", 51097)
        algorithm: str = said["algorithm"].python
        types = _strings(said["bsonType"]) if "bsonType" in said else set()
        _check_types(algorithm, types)
        key = said["keyId"]
        if key.kind == 0x02:
            return Encrypted(algorithm, None, key.python, frozenset(types))
        return Encrypted(algorithm, key.items[0], None, frozenset(types))


def _check_types(algorithm: str, types: set[str]) -> None:
    for name in sorted(types & _NEVER):
        raise Refusal(f"Cannot encrypt element of type: {name}", 31041)
    if algorithm != DETERMINISTIC:
        return
    if len(types) != 1:
        raise Refusal(
            "A deterministically encrypted field must have exactly one specified non-object type.", 51099
        )
    for name in types & _ONLY_RANDOM:
        raise Refusal(f"Cannot use deterministic encryption for element of type: {name}", 31122)


def _inner(schema: Document, keyword: str) -> Document:
    return schema[keyword].fields if keyword in schema else {}


def _strings(value: Value) -> set[str]:
    found: Any = value.python
    return {found} if isinstance(found, str) else set(found)


def _mentions(value: Value, keyword: str) -> bool:
    return keyword in value.fields or any(_mentions(inner, keyword) for inner in value.items)
