"""A connection of 1.x to a real server, and a database of it that is gone after the test."""

from collections.abc import Iterator

import pytest

from petiole.legacy import Connection
from petiole.legacy.early.database import Database
from petiole.local import LocalServer


@pytest.fixture
def connection(standalone: LocalServer) -> Iterator[Connection]:
    made = Connection(*standalone.address)
    yield made
    made.disconnect()


@pytest.fixture
def database(connection: Connection) -> Iterator[Database]:
    yield connection.early
    connection.drop_database("early")
