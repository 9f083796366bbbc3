"""Connections between the client and the members: bytes that take time, come in pieces, and may never come.

Owns: links and what can befall them. A cut ends a link for both sides; a mute link stays open, and nothing arrives
any more (a half-open socket); what is on the way when a link is cut is lost.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.scheduler import Home, Scheduler, Signal, Violation
from tests.simulation.wire import HEADER, announces_more, whole_message

if TYPE_CHECKING:
    from petiole._runtime.base import Address, Deadline


class End:
    """One end of a link: what has arrived, and the one task that waits for more."""

    __slots__ = ("arrives", "buffer", "error", "signal")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.error: ConnectionError | None = None
        self.signal: Signal | None = None
        self.arrives = 0.0
        """When the last bytes sent to it arrive: bytes do not overtake each other."""

    def wake(self) -> None:
        """Let whoever waits look again."""
        signal, self.signal = self.signal, None
        if signal is not None:
            signal.fire()

    def fail(self, error: ConnectionError) -> None:
        """Nothing more comes."""
        if self.error is None:
            self.error = error
        self.wake()


class Link:
    """One connection."""

    def __init__(self, network: Network, host: Host, number: int) -> None:
        self.network = network
        self.host = host
        self.number = number
        self.client = End()
        self.server = End()
        self.mute = False
        """Whether nothing arrives any more, and nobody is told."""
        self.trickles = False
        """Whether the next message to the client comes in tiny pieces, slowly."""
        self.soiled = False
        """Whether more has been said than was asked."""
        self.cut_after: int | None = None
        """Cut the link when so many more bytes have been sent to the client."""

    def __repr__(self) -> str:
        return f"link {self.number} to {self.host.name}"

    def send(self, to: End, data: bytes) -> None:
        """Begin to carry bytes to one end."""
        cut = False
        if to is self.client and self.cut_after is not None:
            data, cut = data[: self.cut_after], True
        random, scheduler = self.network.random, self.network.scheduler
        at = max(scheduler.now, to.arrives)
        pieces = [data]
        if self.trickles and to is self.client:
            self.trickles = False
            pieces = [data[start : start + 10] for start in range(0, len(data), 10)]
        elif len(data) > 1 and random.random() < 0.15:
            middle = random.randrange(1, len(data))
            pieces = [data[:middle], data[middle:]]
        for piece in pieces:
            at += self.network.delay(self.host) + (0.1 if len(pieces) > 2 else 0.0)
            scheduler.call_at(at, _Arrival(self, to, piece))
        to.arrives = at
        if cut:
            scheduler.call_at(at, self.cut)

    def arrive(self, to: End, piece: bytes) -> None:
        """Bytes have reached an end, if they still can."""
        if self.host.silent:
            self.mute = True  # TCP delivers nothing that comes after a gap.
        if to.error is None and not self.mute:
            to.buffer += piece
            to.wake()

    def cut(self) -> None:
        """End the connection for both sides, in the middle of whatever it is in."""
        self.client.fail(ConnectionResetError("connection reset by peer"))
        self.server.fail(ConnectionResetError("connection reset by peer"))
        self.network.drop(self)

    def hang_up(self, end: End) -> None:
        """One side closes; the other learns of it a little later, if anything reaches it."""
        other = self.client if end is self.server else self.server
        end.fail(ConnectionError("connection closed"))

        def learn() -> None:
            if not self.mute and not self.host.silent:
                other.fail(ConnectionError("connection closed"))

        self.network.scheduler.call_later(self.network.delay(self.host), learn)
        if end is self.client:
            self.network.drop(self)


class _Arrival:
    __slots__ = ("_data", "_link", "_to")

    def __init__(self, link: Link, to: End, data: bytes) -> None:
        self._link = link
        self._to = to
        self._data = data

    def __call__(self) -> None:
        self._link.arrive(self._to, self._data)


class ClientStream:
    """The client's end, as the engine uses it. What a real socket would not forgive is a violation."""

    def __init__(self, link: Link, home: Home, began: int) -> None:
        self.link = link
        self.home = home
        self.began = began
        """The step in which its connecting began."""
        self.closed = False
        self._busy = False
        self._owed = False
        """Whether a reply is outstanding: to the last request, or from a server that streams."""

    async def send(self, data: bytes, deadline: Deadline) -> None:
        self._write(data)

    async def exchange(self, data: bytes, max_size: int, deadline: Deadline) -> bytes | memoryview:
        if self._owed:
            raise Violation(f"a request was sent on {self.link} before the reply to the last one was read")
        self._write(data)
        self._owed = True
        return await self.receive(max_size, deadline)

    async def receive(self, max_size: int, deadline: Deadline) -> bytes | memoryview:
        message = await self._read(max_size, deadline)
        self._owed = announces_more(message)
        return message

    def _write(self, data: bytes) -> None:
        self._check_home()
        end = self.link.client
        if end.error is not None:
            raise ConnectionError("connection closed") from end.error
        self.link.send(self.link.server, data)

    async def _read(self, max_size: int, deadline: Deadline) -> bytes:
        if self._busy:
            raise Violation(f"two operations read from {self.link} at the same time")
        self._busy = True
        try:
            return await self._next_message(max_size, deadline)
        finally:
            self._busy = False

    async def _next_message(self, max_size: int, deadline: Deadline) -> bytes:
        end, scheduler = self.link.client, self.link.network.scheduler
        while True:
            if len(end.buffer) >= 4:
                length = int.from_bytes(end.buffer[:4], "little")
                if not HEADER <= length <= max_size:
                    raise ConnectionError(f"the server sent a message of {length} bytes")
            message = whole_message(end.buffer)
            if message is not None:
                return message
            if end.error is not None:
                raise ConnectionError(str(end.error))
            signal = end.signal = Signal()
            if not await scheduler.wait(signal, deadline.at):
                raise TimeoutError("timed out")

    def _check_home(self) -> None:
        task = self.link.network.scheduler.current
        if task is not None and task.home is not self.home:
            raise Violation(f"{task} uses a socket of {self.home}")

    def alive(self) -> bool:
        return self.link.client.error is None and not self.link.client.buffer

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.link.network.streams.pop(self, None)
            if self.link.client.error is None:
                self.link.hang_up(self.link.client)

    def interrupt(self) -> None:
        if self.link.client.error is None:
            self.link.hang_up(self.link.client)

    def forget(self) -> None:
        self.close()


class Host:
    """What a member is to the network."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.up = True
        self.silent = False
        """Whether all that is sent from or to the client is lost."""
        self.sheds = False
        """Whether connections are dropped as soon as they are made."""
        self.lag = 0.0
        """Seconds that everything takes longer."""


class Network:
    """All links of one simulated world."""

    def __init__(self, scheduler: Scheduler, random: Random) -> None:
        self.scheduler = scheduler
        self.random = random
        self.hosts: dict[str, Host] = {}
        self.accept: Callable[[Link], None] = lambda link: None
        self.steady = False
        """Whether nothing takes long without a fault."""
        self.links: dict[Link, None] = {}
        self.streams: dict[ClientStream, None] = {}
        """The client's ends that it has not closed."""
        self._made = 0

    def delay(self, host: Host) -> float:
        """Seconds that the next bytes take."""
        drawn = self.random.random()
        return host.lag + 0.0002 + 0.002 * drawn + (0.2 if drawn > 0.98 and not self.steady else 0.0)

    def drop(self, link: Link) -> None:
        """A link is over."""
        self.links.pop(link, None)

    def links_to(self, host: Host) -> list[Link]:
        """The open links to a host, oldest first."""
        return [link for link in self.links if link.host is host]

    async def connect(self, address: Address, home: Home, deadline: Deadline) -> ClientStream:
        """Connect as a socket does: refused, accepted, or without an answer until the deadline."""
        began = self.scheduler.steps
        host = self.hosts.get(address[0])
        if host is None:
            await self.scheduler.sleep(0.001)
            raise socket.gaierror(-2, "Name or service not known")
        await self._shake_hands(host, deadline)
        if not host.up:
            raise ConnectionRefusedError("connection refused")
        self._made += 1
        link = Link(self, host, self._made)
        self.links[link] = None
        stream = ClientStream(link, home, began)
        self.streams[stream] = None
        if host.sheds:
            self.scheduler.call_later(self.delay(host), link.cut)
        else:
            self.accept(link)
        return stream

    async def _shake_hands(self, host: Host, deadline: Deadline) -> None:
        """The round trip of a SYN; a lost one is never answered here, and its sender must give up."""
        at = self.scheduler.now + 2 * self.delay(host)
        if deadline.at is not None and at > deadline.at:
            await self.scheduler.wait(Signal(), deadline.at)
            raise TimeoutError("timed out")
        await self.scheduler.wait(Signal(), at)
        if host.silent:
            await self.scheduler.wait(Signal(), deadline.at)
            raise TimeoutError("timed out")
