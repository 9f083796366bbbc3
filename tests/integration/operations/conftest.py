"""One suite for both faces: `face` gives a client and a database that answer at once, blocking or asyncio.

The asyncio objects stand behind the adapter that the parity suite uses too, so a test reads the same on both.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.parity.adapter import Blocking, Loop

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient


class Face:
    """A face of the driver on one server: its clients, and a database of its own that is dropped at the end."""

    def __init__(self, name: str, server: LocalServer) -> None:
        self.name = name
        self.server = server
        self._loop = Loop() if name == "asyncio" else None
        self._made: list[Any] = []
        self.client: Any = self.make()
        self.db: Any = self.client[f"operations_{uuid.uuid4().hex[:12]}"]

    @property
    def is_async(self) -> bool:
        """Whether the objects behind the adapter have to be awaited."""
        return self._loop is not None

    def make(self, uri: str | None = None, **options: Any) -> Any:
        """One more client of the same server, or of another; it is closed with the face."""
        kind = MongoClient if self._loop is None else AsyncMongoClient
        client: Any = kind(uri or self.server.uri, **options)
        if self._loop is not None:
            client = Blocking(client, self._loop)
        self._made.append(client)
        return client

    def close(self) -> None:
        """Drop the database and close all clients."""
        self.client[self.db.name].command("dropDatabase")
        for client in self._made:
            client.close()
        if self._loop is not None:
            self._loop.close()


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[Face]:
    """Both faces, one after the other, on a replica set of one member."""
    made = Face(request.param, replica_set)
    yield made
    made.close()


@pytest.fixture
def db(face: Face) -> Any:
    """The database of the face."""
    return face.db


@pytest.fixture
def coll(face: Face) -> Any:
    """An empty collection in it, not created yet."""
    return face.db["things"]
