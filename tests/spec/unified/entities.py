"""The entities of a test by their names, and what the runner keeps beside the driver's own objects.

Follows: unified-test-format, "Entity Map": names are unique, and an entity is only had as what it is. `creation` makes
them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.spec.unified.driver import Face
    from tests.spec.unified.events import Observer


class EntityError(Exception):
    """A test refers to an entity that is not there, or is another thing, or is there twice."""


class Entities:
    """All entities of one test; threads of the test use it at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entities: dict[str, tuple[str, Any]] = {}

    def add(self, name: str, kind: str, entity: Any) -> None:
        with self._lock:
            if name in self._entities:
                raise EntityError(f"there is an entity {name!r} already")
            self._entities[name] = (kind, entity)

    def kind(self, name: str) -> str:
        with self._lock:
            if name not in self._entities:
                raise EntityError(f"there is no entity {name!r}")
            return self._entities[name][0]

    def get(self, name: str, kind: str) -> Any:
        actual = self.kind(name)
        if actual != kind:
            raise EntityError(f"the entity {name!r} is a {actual}, not a {kind}")
        return self._entities[name][1]

    def all(self, kind: str) -> list[Any]:
        with self._lock:
            return [entity for actual, entity in self._entities.values() if actual == kind]

    def value(self, name: str, default: Any) -> Any:
        """The value of this name; made of `default` if there is none."""
        with self._lock:
            kind, entity = self._entities.setdefault(name, ("value", default))
        if kind != "value":
            raise EntityError(f"the entity {name!r} is a {kind}, not a value")
        return entity


@dataclass
class ClientEntity:
    """A client and what is observed of it."""

    name: str
    client: Any
    observer: Observer


@dataclass
class SessionEntity:
    """A session, whose id the tests ask for even after its end."""

    session: Any
    client: ClientEntity
    lsid: Any = field(init=False)

    def __post_init__(self) -> None:
        self.lsid = self.session.session_id


@dataclass
class BucketEntity:
    """A GridFS bucket, and where its collections are."""

    bucket: Any
    database: Any
    name: str


class CursorEntity:
    """A find or command cursor, which is iterated once as it is made, since drivers ask the server only then."""

    def __init__(self, face: Face, cursor: Any) -> None:
        self._face = face
        self._first: list[Any] = []
        self.cursor = cursor
        self.limits: Mapping[str, Any] = {}
        """Its `timeoutMS`, which applies to each iteration anew: the tree has it for such cursors alone."""

    @classmethod
    async def open(cls, face: Face, cursor: Any) -> CursorEntity:
        entity = cls(face, cursor)
        document = await entity._step()
        if document is not None:
            entity._first.append(document)
        return entity

    async def once(self) -> Any:
        """One iteration: a document, or None."""
        return self._first.pop() if self._first else await self._step()

    async def until_document(self) -> Any:
        while True:
            document = await self.once()
            if document is not None:
                return document
            assert self.cursor.alive, "the cursor has no more documents"

    async def close(self) -> None:
        await self._face.resolve(self.cursor.close())

    async def _step(self) -> Any:
        if hasattr(self.cursor, "try_next"):
            return await self._face.resolve(self.cursor.try_next())
        try:
            return await self._face.next(self.cursor)
        except StopAsyncIteration:
            return None


class ChangeStreamEntity(CursorEntity):
    """A change stream, which asks the server as soon as it is made."""

    async def until_document(self) -> Any:
        return await self._face.next(self.cursor)
