"""What is to be encrypted where: a tree of fields, whose leaves say how, be it from a schema or from encryptedFields.

`schema` and `encrypted_fields` make these trees, and the modules that read commands ask them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.analyser import raw
from tests.analyser.raw import Document, Value


class Refusal(Exception):
    """A command that cannot be analysed, as the server would answer to it."""

    def __init__(self, text: str, code: int = 51092) -> None:
        super().__init__(text)
        self.code = code


class Leaf(ABC):
    """A field that is encrypted."""

    @property
    @abstractmethod
    def queryable(self) -> bool:
        """Whether it can be compared with a value for equality."""

    @property
    def key_pointer(self) -> str | None:
        """Where the document has the name of the key, if the key is not fixed."""
        return None

    @abstractmethod
    def mark(self, value: Value, document: Document | None) -> Value:
        """The value as it is to be stored, in a document, or by an update where there is none."""

    @abstractmethod
    def mark_to_find(self, value: Value) -> Value:
        """The value as it is to be compared."""


@dataclass(frozen=True)
class Level:
    """The fields of a document."""

    fields: Mapping[str, Node] = field(default_factory=dict)
    patterns: Sequence[tuple[re.Pattern[str], Node]] = ()
    others: Node | None = None
    """What holds for fields that are not named."""

    def get(self, name: str) -> Node | None:
        """What is said of a field."""
        if name in self.fields:
            return self.fields[name]
        matching = next((node for pattern, node in self.patterns if pattern.search(name)), None)
        return matching if matching is not None else self.others

    def leaves(self) -> Iterator[Leaf]:
        """All encrypted fields that it has."""
        nodes = [*self.fields.values(), *(node for _, node in self.patterns)]
        for node in [*nodes, self.others] if self.others is not None else nodes:
            if isinstance(node, Leaf):
                yield node
            else:
                yield from node.leaves()

    @property
    def encrypts(self) -> bool:
        """Whether anything in it is encrypted."""
        return next(self.leaves(), None) is not None


Node: TypeAlias = Leaf | Level
NOTHING = Level()


def at(level: Level, path: str) -> Node:
    """What is at a path, which must not go through an encrypted field."""
    node: Node = level
    for name in path.split("."):
        if isinstance(node, Leaf):
            raise Refusal(
                f"Invalid operation on path '{path}' which contains an encrypted path prefix.", 51102
            )
        node = node.get(name) or NOTHING
    return node


def mark_document(document: Document, level: Level, root: Document | None = None) -> Document:
    """A document with all values marked that are encrypted. `root` is the document around it."""
    root = document if root is None else root
    marked: Document = {}
    for name, value in document.items():
        node = level.get(name)
        if isinstance(node, Leaf):
            if value.kind == 0x11 and value.data == bytes(8):
                raise Refusal(
                    "A command that inserts cannot supply Timestamp(0, 0) for an encrypted top-level field at "
                    f"path '{name}'",
                    51129,
                )
            marked[name] = node.mark(value, root)
        elif node is not None and value.is_array and node.encrypts:
            raise Refusal(f"Cannot encrypt fields inside of an array: '{name}'", 31006)
        elif node is not None and value.is_object:
            inner = mark_document(value.fields, node, root)
            marked[name] = raw.document(inner)
        else:
            marked[name] = value
    return marked
