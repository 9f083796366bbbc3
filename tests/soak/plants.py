"""Leaks that are planted, one of each kind in every lap, to see that a soak finds them."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

from tests.soak.faces import APP, DATABASE, AsyncFace

from petiole import MongoClient

KINDS = ("memory", "objects", "sockets", "threads", "tasks", "connections", "cursors")


class Plants:
    """Keeps what it plants."""

    def __init__(self, uri: str, address: tuple[str, int], kinds: tuple[str, ...]) -> None:
        self._uri = uri
        self._address = address
        self._kinds = kinds
        self._kept: list[Any] = []
        self._end = threading.Event()
        if "tasks" in kinds:
            AsyncFace.plants.append(lambda: self._kept.append(asyncio.ensure_future(asyncio.sleep(3600))))

    def grow(self) -> None:
        """One lap's leaks."""
        for kind in self._kinds:
            if kind != "tasks":
                self._kept.append(getattr(self, f"_{kind}")())

    def _memory(self) -> Any:
        return b"x" * (16 << 20)

    def _objects(self) -> Any:
        return [[] for _ in range(3000)]

    def _sockets(self) -> Any:
        return [socket.create_connection(self._address) for _ in range(2)]

    def _threads(self) -> Any:
        thread = threading.Thread(target=self._end.wait, daemon=True)
        thread.start()
        return thread

    def _connections(self) -> Any:
        client: MongoClient[dict[str, Any]] = MongoClient(self._uri, appname=APP)
        client.admin.command("ping")
        return client

    def _cursors(self) -> Any:
        client: MongoClient[dict[str, Any]] = MongoClient(self._uri)
        client[DATABASE].planted.insert_many([{} for _ in range(5)])
        cursor = client[DATABASE].planted.find(batch_size=2)
        next(cursor)
        return cursor
