"""A proxy that makes a member of a replica set look like a mongos, or like a service behind a load balancer.

It rewrites the replies to `hello`, and takes `loadBalanced` out of what the client says there, which a mongod does not
know; replies in transactions get a recovery token, which their ends lose on the way back. Everything else goes through
as it is. So this carries what drivers do to find, choose and keep servers, and nothing of what a mongos does itself:
there are no shards, and whatever several mongoses or services do, they do to one and the same server.
"""

from __future__ import annotations

import asyncio
import struct
from typing import Any

from tests.proxies.tcp import Address, Link, Proxy

from petiole.bson import ObjectId, decode, encode

_HEADER = struct.Struct("<iiii")
_QUERY, _REPLY, _MESSAGE = 2004, 1, 2013
_GREETINGS = frozenset({b"hello", b"ismaster"})
_ENDS = frozenset({b"committransaction", b"aborttransaction"})
_OF_A_SET = frozenset(
    {
        *(
            "setName",
            "setVersion",
            "hosts",
            "arbiters",
            "passives",
            "primary",
            "me",
            "secondary",
            "electionId",
        ),
        *("lastWrite", "tags"),
    }
)
"""What a mongos does not say."""
_MORE_TO_COME = 1 << 1
"""The flag of a reply that another one follows, which answers this one."""


class Guise(Proxy):
    """Stands before one member at as many addresses as asked for, each of them a mongos.

    With `services`, at one address, it is a load balancer before so many services, whose connections take turns.
    """

    def __init__(self, target: Address, *, addresses: int = 1, services: int = 0) -> None:
        super().__init__(target)
        self._more: list[asyncio.Server] = []
        self._count = addresses
        self._services = [ObjectId() for _ in range(services)]
        self.addresses: list[Address] = []

    @property
    def hosts(self) -> str:
        """The addresses, as connection strings have them."""
        return ",".join(f"{host}:{port}" for host, port in self.addresses)

    @property
    def query(self) -> str:
        """The options of its connection strings."""
        return "loadBalanced=true" if self._services else ""

    @property
    def uri(self) -> str:
        """The connection string."""
        return f"mongodb://{self.hosts}/?{self.query}"

    async def _listen(self) -> None:
        await super()._listen()
        for _ in range(1, self._count):
            self._more.append(await asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.addresses = [
            self.address,
            *(listener.sockets[0].getsockname()[:2] for listener in self._more),
        ]

    async def _end(self) -> None:
        for listener in self._more:
            listener.close()
        await super()._end()

    async def forward(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry requests, noting which of them ask who is there."""
        while True:
            header, rest = await read_message(reader)
            place = _document_of(header[3], rest)
            name = b"" if place is None else _name(rest, place)
            if self._loses is not None and self._loses(rest):
                self._loses, link.doomed = None, True
            if place is not None and (name in _GREETINGS or name in _ENDS):
                body = decode(rest[place:])
                body.pop("loadBalanced", None)
                body.pop("recoveryToken", None)
                rest = rest[:place] + encode(body)
            if name in _GREETINGS:
                link.asked.add(header[1])
            elif b"\x08autocommit\0" in rest:
                link.in_transaction.add(header[1])
            writer.write(_HEADER.pack(len(rest) + 16, *header[1:]) + rest)
            await writer.drain()

    async def return_(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry replies, with those that say who is there rewritten."""
        while True:
            header, rest = await read_message(reader)
            if link.doomed:
                return
            if header[2] in link.asked:
                link.asked.discard(header[2])
                place = 20 if header[3] == _REPLY else 5
                if header[3] == _MESSAGE and rest[0] & _MORE_TO_COME:
                    link.asked.add(header[1])
                rest = rest[:place] + encode(self._disguised(decode(rest[place:]), link))
            elif header[2] in link.in_transaction:
                link.in_transaction.discard(header[2])
                rest = rest[:5] + encode(decode(rest[5:]) | {"recoveryToken": {"recoveryId": link.number}})
            writer.write(_HEADER.pack(len(rest) + 16, *header[1:]) + rest)
            await writer.drain()

    def _disguised(self, hello: dict[str, Any], link: Link) -> dict[str, Any]:
        if not hello.get("ok"):
            return hello
        disguised = {name: value for name, value in hello.items() if name not in _OF_A_SET}
        disguised["msg"] = "isdbgrid"
        if self._services:
            disguised["serviceId"] = self._services[link.number % len(self._services)]
        return disguised


def _document_of(kind: int, rest: bytes) -> int | None:
    """Where the one document of a request begins; None where it is no greeting anyway."""
    if kind == _QUERY:
        return rest.index(b"\0", 4) + 9
    if kind == _MESSAGE and rest[4] == 0 and int.from_bytes(rest[5:9], "little") == len(rest) - 5:
        return 5
    return None


def _name(rest: bytes, place: int) -> bytes:
    """The name of a document's first field, in lower case."""
    return rest[place + 5 : rest.index(b"\0", place + 5)].lower()


async def read_message(reader: asyncio.StreamReader) -> tuple[tuple[int, int, int, int], bytes]:
    """One whole message: its header, and what follows."""
    length, request, response, kind = _HEADER.unpack(await reader.readexactly(16))
    return (length, request, response, kind), await reader.readexactly(length - 16)
