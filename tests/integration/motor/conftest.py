"""petiole's Motor on both frameworks: a coroutine function is run on each, with a client of its own."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tests.integration.motor.sides import OURS, Side

from petiole.local import LocalServer
from petiole.mongo_client import MongoClient

Run = Callable[..., Any]


@pytest.fixture(params=OURS, ids=lambda side: side.framework)
def side(request: pytest.FixtureRequest) -> Side:
    """asyncio, then Tornado."""
    found: Side = request.param
    return found


@pytest.fixture
def m(side: Side) -> Any:
    """The names of the framework, without their prefixes."""
    return side.names()


@pytest.fixture
def name(replica_set: LocalServer) -> Iterator[str]:
    """The name of a database that is dropped at the end."""
    found = f"motor_{uuid.uuid4().hex[:12]}"
    yield found
    with MongoClient(replica_set.uri) as client:
        client.drop_database(found)


@pytest.fixture
def run(side: Side, m: Any, replica_set: LocalServer) -> Run:
    """Runs `work(client)` on a new loop of the framework; the client takes the options given."""

    def on_a_loop(work: Callable[[Any], Awaitable[Any]], *args: Any, **options: Any) -> Any:
        async def whole() -> Any:
            client = m.Client(replica_set.uri, *args, **options)
            try:
                return await work(client)
            finally:
                client.close()

        return side.run(whole)

    return on_a_loop
