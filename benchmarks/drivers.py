"""The adapter: one way to reach each driver, so that every workload is written once.

Modules are imported on first use: a process that measures one driver never loads another.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from importlib import import_module
from typing import Any

PACKAGES = {
    "pymongo": ("pymongo", "bson", "AsyncMongoClient"),
    "petiole": ("petiole", "petiole.bson", "AsyncMongoClient"),
    "motor": ("motor.motor_asyncio", "bson", "AsyncIOMotorClient"),
    "petiole.motor": ("petiole.motor.motor_asyncio", "petiole.bson", "AsyncIOMotorClient"),
}
FLOOR = "raw"
"""The side that has no driver: prebuilt bytes over a socket."""


@dataclass(frozen=True)
class Driver:
    """A driver by name. What the installed version lacks raises AttributeError, which the table shows."""

    name: str

    @property
    def package(self) -> Any:
        return import_module(PACKAGES[self.name][0])

    @property
    def bson(self) -> Any:
        return import_module(PACKAGES[self.name][1])

    @property
    def gridfs(self) -> Any:
        return import_module("petiole.gridfs" if self.name.startswith("petiole") else "gridfs")

    def client(self, uri: str) -> Any:
        """A connected blocking client with default options."""
        client = self.package.MongoClient(uri)
        client.admin.command("ping")
        return client

    def async_client(self, uri: str) -> Any:
        """An asyncio client with default options, not connected yet."""
        return getattr(self.package, PACKAGES[self.name][2])(uri)


async def close(client: Any) -> None:
    """Close an asyncio client; Motor's `close` is a plain function, the others' is a coroutine function."""
    closing = client.close()
    if inspect.isawaitable(closing):
        await closing
