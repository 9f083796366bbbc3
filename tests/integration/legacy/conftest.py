"""A client, a database and a collection of the 3.x face, on a real server."""

from collections.abc import Iterator

import pytest

from petiole.legacy import Collection, Database, MongoClient
from petiole.local import LocalServer


@pytest.fixture
def client(standalone: LocalServer) -> Iterator[MongoClient]:
    with MongoClient(standalone.uri) as client:
        yield client


@pytest.fixture
def database(client: MongoClient) -> Iterator[Database]:
    yield client.legacy
    client.drop_database("legacy")


@pytest.fixture
def collection(database: Database) -> Collection:
    return database.things
