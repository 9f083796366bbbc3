"""What everything that runs one test shares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.spec.unified.deployment import Deployment
from tests.spec.unified.driver import Driver, Face
from tests.spec.unified.entities import Entities
from tests.spec.unified.failpoints import FailPoints
from tests.spec.unified.matching import Matcher


@dataclass
class Context:
    """The parts of a running test."""

    face: Face
    deployment: Deployment
    execute: Callable[..., Awaitable[None]]
    """How an operation is executed, for operations which run others."""
    observes_checkouts: bool = False
    """Whether the test asks for the number of connections in use, which is counted by events."""
    entities: Entities = field(default_factory=Entities)
    started_transaction: bool = False
    fail_points: FailPoints = field(init=False)
    matcher: Matcher = field(init=False)
    terminated: bool = False
    """Whether loops are to end."""

    def __post_init__(self) -> None:
        self.fail_points = FailPoints(self.deployment)
        self.matcher = Matcher(self.driver, self.entities)

    @property
    def driver(self) -> Driver:
        return self.face.driver

    def client(self, name: str) -> Any:
        return self.entities.get(name, "client")
