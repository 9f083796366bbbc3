"""A TCP proxy before a real server, which does what networks do: delay, trickle, stop, cut, refuse, lose replies.

It runs on an event loop of its own, on a thread, so that it goes on while the loop of a test is busy or blocked. What a
test switches on holds for the connections there are and for those to come, until `restore`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, Self, TypeVar

T = TypeVar("T")
Address = tuple[str, int]

_CHUNK = 1 << 16


class Link:
    """One connection: the client's side and the server's."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, address: Address
    ) -> None:
        self.client = (reader, writer)
        self.server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.number = number
        self.address = address
        """Where the client connected to."""
        self.doomed = False
        """Whether the next reply is lost, and the connection with it."""
        self.asked: set[int] = set()
        """Requests whose replies are to be rewritten."""
        self.in_transaction: set[int] = set()
        """Requests of transactions."""

    def cut(self) -> None:
        """End both sides at once; what is under way is lost."""
        for side in (self.client, self.server):
            if side is not None:
                side[1].transport.abort()


class Proxy:
    """Stands before one server; `with` starts and ends it."""

    def __init__(self, target: Address) -> None:
        self.target = target
        self.links: list[Link] = []
        """The connections that are open."""
        self.accepted = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._listener: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._delay = 0.0
        self._piece = _CHUNK
        self._loses: Callable[[bytes], bool] | None = None
        self.address: Address = ("127.0.0.1", 0)

    def __enter__(self) -> Self:
        self._thread.start()
        self._flowing.set()
        self._do(self._listen())
        return self

    def __exit__(self, *exc: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _call(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        result: T = self._do(call())
        return result

    @property
    def hosts(self) -> str:
        """The addresses, as connection strings have them."""
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def uri(self) -> str:
        """A direct connection: the server itself would name its own address."""
        return f"mongodb://{self.hosts}/?directConnection=true"

    # What a test may do to it.

    def delay(self, seconds: float) -> None:
        """Hold every piece back for so long, in both directions."""
        self._call(lambda: setattr(self, "_delay", seconds))

    def trickle(self) -> None:
        """Forward one byte at a time."""
        self._call(lambda: setattr(self, "_piece", 1))

    def stop(self) -> None:
        """Forward nothing more, and close nothing: half-open connections, and a black hole for new ones."""
        self._call(self._flowing.clear)

    def cut(self) -> None:
        """Cut all connections; new ones are served."""

        def cut() -> None:
            for link in tuple(self.links):
                link.cut()

        self._call(cut)

    def refuse(self) -> None:
        """Cut all connections, and refuse new ones."""
        self._do(self._close_listener())
        self.cut()

    def lose_reply(self, wanted: Callable[[bytes], bool]) -> None:
        """Let the next request of that kind through, and cut its connection in place of the reply."""
        self._call(lambda: setattr(self, "_loses", wanted))

    def lose_reply_to(self, command: str) -> None:
        """The same for a command, by its name."""
        self.lose_reply(lambda data: command.encode() + b"\0" in data)

    def restore(self) -> None:
        """Be a good network again. What was held back arrives."""

        async def restore() -> None:
            self._delay, self._piece, self._loses = 0.0, _CHUNK, None
            self._flowing.set()
            if self._listener is None:
                await self._listen()

        self._do(restore())

    # The work.

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._serve, *self.address)
        self.address = self._listener.sockets[0].getsockname()[:2]

    async def _close_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _end(self) -> None:
        await self._close_listener()
        for link in tuple(self.links):
            link.cut()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = Link(reader, writer, self.accepted, writer.get_extra_info("sockname")[:2])
        self.links.append(link)
        try:
            await self._flowing.wait()
            link.server = await asyncio.open_connection(*self.target)
            pumps = [
                asyncio.create_task(self.forward(link, reader, link.server[1])),
                asyncio.create_task(self.return_(link, link.server[0], writer)),
            ]
            _, others = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in others:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            link.cut()
            self.links.remove(link)

    async def forward(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what the client sends to the server."""
        while data := await reader.read(_CHUNK):
            if self._loses is not None and self._loses(data):
                self._loses, link.doomed = None, True
            await self._carry(data, writer)

    async def return_(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what the server sends back to the client."""
        while data := await reader.read(_CHUNK):
            if link.doomed:
                return
            await self._carry(data, writer)

    async def _carry(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        for start in range(0, len(data), self._piece):
            await self._flowing.wait()
            writer.write(data[start : start + self._piece])
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            if self._piece == 1:
                await asyncio.sleep(0)
