"""Every point where a client does I/O, by name, and something that goes wrong at one of them.

Owns: streams and connecting that count their points and do what a plan says there. The bytes go to a real server and
come from it. A point "receive" lies between a request that the server has got and the reply to it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import bson
import pytest

from petiole._runtime import aio, blocking
from petiole._runtime.aio import AIO
from petiole._runtime.background import BACKGROUND
from petiole._runtime.base import Address, Deadline, StreamOptions
from petiole._runtime.blocking import BLOCKING
from petiole._runtime.dns import LookupFailed

HEADER, FLAGS_AND_KIND = 16, 5
FAULTS = ("error", "timeout", "end", "interrupt")
plans: dict[int | None, Plan] = {}
"""By the port of the server."""


class Plan:
    """What goes wrong, and where: at the point of that number, of the operations or of the monitors."""

    def __init__(self, fault: str = "", at: int = -1, *, monitors: bool = False) -> None:
        self.fault = fault
        self.at = at
        self.monitors = monitors
        self.names: list[str] = []
        """The points passed so far, of those that count."""
        self.struck = False
        self.streams: list[Watched] = []
        self.reused: list[str] = []
        """Where a connection was used again after something had gone wrong on it."""
        self.give_up: Callable[[], None] = lambda: None
        """What interrupts a monitor: to give its check up."""

    async def point(self, name: str, stream: Watched | None = None) -> None:
        """Pass a point, or not."""
        if stream is not None and stream.spoilt:
            self.reused.append(name)
        if on_background() is not self.monitors:
            return
        self.names.append(name)
        if len(self.names) - 1 != self.at:
            return
        self.struck = True
        if stream is not None:
            # A monitor that is told to give up while it shakes hands has nothing to give up yet.
            stream.spoilt = not (self.monitors and self.fault == "interrupt")
        await self._strike(stream)

    async def _strike(self, stream: Watched | None) -> None:
        if self.fault == "timeout":
            raise TimeoutError("timed out")
        if self.fault == "defect":
            raise RuntimeError("a defect of the driver's own")
        if self.fault == "end" and stream is not None:
            stream.inner.interrupt()  # A send that follows finds out; a reply may have come already.
            if not self.names[-1].startswith("send"):
                raise ConnectionError("connection closed")
        elif self.fault == "interrupt":
            await self._interrupt()
        elif self.names[-1] == "look up":
            raise LookupFailed("The DNS says no")
        else:
            raise ConnectionResetError("reset by the test")

    async def _interrupt(self) -> None:
        if self.monitors:
            self.give_up()
            return
        try:
            task = asyncio.current_task()
        except RuntimeError:
            raise KeyboardInterrupt from None
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)


def on_background() -> bool:
    """Whether this is the work of a monitor."""
    try:
        return asyncio.get_running_loop() is BACKGROUND.loop()
    except RuntimeError:
        return False


class Watched:
    """A stream whose points are watched."""

    def __init__(self, inner: Any, plan: Plan) -> None:
        self.inner = inner
        self.spoilt = False
        self.closed = False
        self._plan = plan
        plan.streams.append(self)

    async def send(self, data: bytes, deadline: Deadline) -> None:
        await self._plan.point(f"send {command_of(data)}", self)
        await self.inner.send(data, deadline)

    async def receive(self, max_size: int, deadline: Deadline) -> Any:
        await self._plan.point("receive", self)
        return await self.inner.receive(max_size, deadline)

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> Any:
        await self.send(data, deadline)
        await self._plan.point(f"receive {command_of(data)}", self)
        return await self.inner.receive(max_size, deadline)

    def alive(self) -> bool:
        return bool(self.inner.alive())

    def close(self) -> None:
        self.closed = True
        self.inner.close()

    def interrupt(self) -> None:
        self.inner.interrupt()

    def forget(self) -> None:
        self.inner.forget()


def command_of(data: bytes) -> str:
    """The name of the command in a message."""
    size = int.from_bytes(data[HEADER + FLAGS_AND_KIND :][:4], "little")
    return str(next(iter(bson.decode(data[HEADER + FLAGS_AND_KIND :][:size]))))


def watch(patch: pytest.MonkeyPatch) -> None:
    """Let every client that connects to a server with a plan pass its points."""
    for runtime in (BLOCKING, AIO):
        connect: Any = runtime.connect
        patch.setattr(runtime, "connect", partial(_connect, connect))
        patch.setattr(runtime, "offload", partial(_offload, runtime.offload))
    patch.setattr(blocking, "_resolve", _resolve_blocking)
    patch.setattr(aio, "_resolve", _resolve_aio)


async def _connect(
    connect: Callable[..., Awaitable[Any]], address: Address, options: StreamOptions, deadline: Deadline
) -> Any:
    plan = plans.get(address[1])
    if plan is None:
        return await connect(address, options, deadline)
    await plan.point("connect")
    return Watched(await connect(address, options, deadline), plan)


async def _offload(
    offload: Callable[..., Awaitable[Any]], work: Callable[[], Any], deadline: Deadline
) -> Any:
    for plan in tuple(plans.values()):
        await plan.point("look up")
    return await offload(work, deadline)


def _resolve_blocking(address: Address, deadline: Deadline) -> Any:
    plan = plans.get(address[1])
    if plan is not None:
        with pytest.raises(StopIteration):
            plan.point("resolve").send(None)
    return _found(address)


async def _resolve_aio(loop: asyncio.AbstractEventLoop, address: Address, deadline: Deadline) -> Any:
    plan = plans.get(address[1])
    if plan is not None:
        await plan.point("resolve")
    return _found(address)


def _found(address: Address) -> Any:
    return [(socket.AF_INET, ("127.0.0.1", address[1]))]
