"""Every test that asks for a side, or a rig, runs over both runtimes."""

from collections.abc import Iterator

import pytest
from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import Loop, Side, Threads


@pytest.fixture(params=[Threads, Loop], ids=["blocking", "asyncio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: Side = request.param()
    yield made
    made.close()


@pytest.fixture
def rig(side: Side) -> Iterator[Rig]:
    made = Rig(side)
    yield made
    made.close()
