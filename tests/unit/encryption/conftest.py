"""Both runtimes, and the key management services."""

from collections.abc import Iterator

import pytest
from tests.integration.security.authority import Authority
from tests.kms.estate import Estate
from tests.unit.engine.sides import Loop, Side, Threads


@pytest.fixture(params=[Threads, Loop], ids=["blocking", "asyncio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: Side = request.param()
    yield made
    made.close()


@pytest.fixture(scope="package")
def shared_estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with Estate(Authority(tmp_path_factory.mktemp("authority"))) as made:
        yield made


@pytest.fixture
def estate(shared_estate: Estate) -> Iterator[Estate]:
    """Services that are well at the beginning of each test."""
    shared_estate.recover()
    yield shared_estate
    shared_estate.recover()
