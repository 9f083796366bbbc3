"""A client of either face, and the scripted server it talks to."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.engine.sides import Side, Threads
from tests.unit.engine.wire_server import Peer, WireServer

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import PyMongoError
from petiole.mongo_client import MongoClient

EMPTY_BATCH = {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "firstBatch": []}}


class Rig:
    """A client of one face, and the scripted server it talks to."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.server = WireServer()
        self._clients: list[Any] = []

    def client(self, **options: Any) -> Any:
        return self.client_of(f"mongodb://{self.server.address}", **options)

    def client_of(self, uri: str, **options: Any) -> Any:
        kind = MongoClient if isinstance(self.side, Threads) else AsyncMongoClient
        options = {"serverSelectionTimeoutMS": 3000, "heartbeatFrequencyMS": 500} | options
        client: Any = kind(uri, **options)
        self._clients.append(client)
        return client

    def start(self, operation: Callable[[], Any]) -> Any:
        """Begin one operation where the client's sockets live."""

        async def work() -> Any:
            result = operation()
            return await result if inspect.isawaitable(result) else result

        return self.side.start(work)

    def do(self, operation: Callable[[], Any]) -> Any:
        """Run one operation to its end."""
        return self.start(operation).result(20)

    def fail(self, operation: Callable[[], Any], kind: type[Exception] = PyMongoError) -> Any:
        with pytest.raises(kind) as caught:
            self.do(operation)
        return caught.value

    def close(self) -> None:
        for client in self._clients:
            self.do(client.close)
        self.server.close()


def on(name: str, *answers: Any) -> Callable[[Peer, dict[str, Any]], Any]:
    """A script: these answers to that command one after the other, the last one for ever."""
    left = list(answers)

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if next(iter(body)) != name:
            return EMPTY_BATCH if "find" in body else None
        return left.pop(0) if len(left) > 1 else left[0]

    return script
