"""Real servers for the tests under this folder: each is started when a test first asks for it, once per run.

They are shared, so a test that stops members, changes users or sets fail points on all connections starts a
`LocalServer` of its own.
"""

from collections.abc import Iterator

import pytest

from petiole.local import LocalServer, find_mongod
from petiole.local.binary import series_of


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "since(major, minor): needs a server of that series or a newer one")


def pytest_runtest_setup(item: pytest.Item) -> None:
    needed = item.get_closest_marker("since")
    if needed is not None and (series_of(find_mongod()) or needed.args) < needed.args:
        pytest.skip(f"needs a server of the series {'.'.join(map(str, needed.args))}")


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
