"""A member that nobody hears of any more, while its connections stay open: it is stopped as a process.

That cuts it off from clients and from the other members alike. Proxies between members would not: what a member listens
on would have to be the proxy's address for all, so what it sends itself could not be told from what others send.
"""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from typing import Any

from tests.integration.waiting import soon

import petiole
from petiole.local import LocalServer
from petiole.local.member import Member
from petiole.write_concern import WriteConcern


class Writer:
    """A client on one face that counts."""

    def __init__(self, kind: Any, uri: str) -> None:
        self.client = kind(
            uri, heartbeatFrequencyMS=500, connectTimeoutMS=1000, serverSelectionTimeoutMS=30_000
        )
        concern = WriteConcern("majority")
        self.counters = self.client.partition[kind.__name__].with_options(write_concern=concern)

    async def do(self, operation: Any) -> Any:
        return await operation if isawaitable(operation) else operation

    async def begin(self) -> None:
        await self.do(self.counters.insert_one({"_id": 0, "n": 0}))

    async def count(self, lost: Member) -> None:
        """Count to three while the primary is lost."""
        for _ in range(3):
            await self.do(self.counters.update_one({"_id": 0}, {"$inc": {"n": 1}}))
        await self.check()
        assert await self.do(self.client.primary) != lost.address

    async def check(self) -> None:
        assert (await self.do(self.counters.find_one({"_id": 0})))["n"] == 3
        assert sum(server.in_use for server in self.client._engine.topology.servers) == 0


def test_writes_that_wait_for_a_lost_primary_go_to_the_next_one() -> None:
    async def live() -> None:
        blocking, asynchronous = (
            Writer(kind, members.uri) for kind in (petiole.MongoClient, petiole.AsyncMongoClient)
        )
        await blocking.begin()
        await asynchronous.begin()
        lost = members.primary()
        lost.pause()
        try:
            aside = asyncio.to_thread(lambda: asyncio.run(blocking.count(lost)))
            await asyncio.gather(aside, asynchronous.count(lost))
        finally:
            lost.resume()
        for writer in (blocking, asynchronous):
            # It learns what has happened, and is a member again.
            assert await soon(lambda: lost.address in nodes(writer.client), 30)  # noqa: B023 - used at once
            await writer.check()
            await writer.do(writer.client.close())

    with LocalServer(replica_set=3) as members:
        asyncio.run(live())


def nodes(client: Any) -> set[Any]:
    """The members whose state is known at this moment."""
    known = client.topology_description.known_servers
    return {server.address for server in known if server.server_type_name in {"RSPrimary", "RSSecondary"}}
