"""What a Motor client tells of its deployment as plain attributes.

Nobody can await an attribute, so these may hold their thread up, as Motor's do: until the deployment has been
discovered, which the driver's own thread does. After `await client.open()` they are there at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from petiole._native import run
from petiole._runtime.background import BACKGROUND
from petiole.motor.metaprogramming import delegated

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from petiole.asynchronous.mongo_client import AsyncMongoClient
    from petiole.typings import _Address

T = TypeVar("T")


class Deployment:
    """Beside the client's other bases."""

    delegate: AsyncMongoClient[Any]

    nodes = delegated("The addresses of the servers that have been discovered so far.")
    topology_description = delegated("What is known of the deployment at this moment.")

    @property
    def address(self) -> _Address | None:
        """The address of the server that writes go to."""
        return self._found(self.delegate._address())

    @property
    def primary(self) -> _Address | None:
        """The address of the replica set's primary, or None when there is none or no replica set."""
        return self._found(self.delegate._primary())

    @property
    def secondaries(self) -> set[_Address]:
        """The addresses of the replica set's secondaries that are known so far."""
        return self._found(self.delegate._secondaries())

    @property
    def arbiters(self) -> set[_Address]:
        """The addresses of the replica set's arbiters that are known so far."""
        return self._found(self.delegate._arbiters())

    @property
    def is_primary(self) -> bool:
        """Whether a server that takes writes can be found."""
        return self._found(self.delegate._is_primary())

    @property
    def is_mongos(self) -> bool:
        """Whether the server that writes go to is a mongos."""
        return self._found(self.delegate._is_mongos())

    def _found(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine finds out. It runs where the monitors do, so that this thread can wait for it."""
        topology = self.delegate._engine.topology
        if not topology.opened and topology.preparation is None and asyncio._get_running_loop() is not None:
            run(self.delegate._engine.open())  # So that the running loop is the one with the first pools.
        return asyncio.run_coroutine_threadsafe(work, BACKGROUND.loop()).result()
