"""Real servers for the tests under this folder: each is started when a test first asks for it, once per run.

They are shared, so a test that stops members, changes users or sets fail points on all connections starts a
`LocalServer` of its own.
"""

from collections.abc import Iterator

import pytest

from petiole.local import LocalServer


@pytest.fixture(scope="session")
def standalone() -> Iterator[LocalServer]:
    """A standalone server."""
    with LocalServer() as server:
        yield server


@pytest.fixture(scope="session")
def replica_set() -> Iterator[LocalServer]:
    """A replica set of one member."""
    with LocalServer(replica_set=1) as server:
        yield server


@pytest.fixture(scope="session")
def three_members() -> Iterator[LocalServer]:
    """A replica set of three members."""
    with LocalServer(replica_set=3) as server:
        yield server
