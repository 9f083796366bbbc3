"""kill -9 of a replica set's primary under load, time and again, and what must hold afterwards.

Every operation succeeds or raises a documented error, in bounded time. What a majority acknowledged is there, nothing
is applied twice, and of the clients nothing is left: no thread, socket, task, pending future, connection or
cursor at the servers. PyMongo looks at the servers, so that petiole does not bear witness for itself.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pymongo.errors
from bson import Timestamp
from tests.census import Census
from tests.faults.ledger import table, verdict
from tests.faults.load import DATABASE, Load

from petiole import MongoClient
from petiole.local import LocalServer

Document = dict[str, Any]
Say = Callable[[str], None]

APP = "petiole-faults"
_PATIENCE = 60.0
"""Seconds that a set may need to be whole again."""


def torment(kills: int, say: Say) -> list[str]:
    """Run the load and kill so many primaries; what was found wrong."""
    with LocalServer(replica_set=3) as server:
        with MongoClient[Document](server.uri) as first:
            first.admin.command("ping")  # What a process makes once stays: it is there before the count.
        before = Census()
        load = Load(server.uri, APP)
        load.start(lambda names: _make_counters(server, names))
        try:
            for number in range(1, kills + 1):
                _kill(server, load, number, say)
            load.stop()
            wrong = _until_none(lambda: _cursors(server), "cursor at a server")
            wrong += _until_none(lambda: _lent(load), "in a pool:")
        finally:
            load.close()
        accounts = load.accounts
        wrong += load.wrong
        wrong += _until_none(lambda: _connections(server), "connection at a server")
        wrong += _until_none(lambda: Census().new_since(before), "")
        stored, counted = _contents(server)
        for account in accounts:
            wrong += verdict(account, stored, counted[account.name])
        outcomes: Counter[str] = Counter()
        for account in accounts:
            outcomes.update(account.outcomes)
        say(table(outcomes))
        say(f"{outcomes.total()} operations, the slowest took {max(one.slowest for one in accounts):.1f} s")
        return wrong


def _kill(server: LocalServer, load: Load, number: int, say: Say) -> None:
    _wait(lambda: all(count > 1 for count in load.writes().values()), "the load began")
    primary = server.primary()
    primary.kill()
    began = time.monotonic()
    before = load.writes()
    _wait(lambda: all(count > before[name] + 1 for name, count in load.writes().items()), "all went on")
    say(f"kill {number}: {primary.host}; all workers wrote again after {time.monotonic() - began:.1f} s")
    primary.start()
    with pymongo.MongoClient[Document](*server.primary().address, directConnection=True) as witness:
        reached = _members(witness)[0]["optime"]["ts"]
        _wait(lambda: _is_whole(_members(witness), reached), "the set was whole again")


def _members(primary: pymongo.MongoClient[Document]) -> list[Document]:
    """What a primary knows of the members, itself first."""
    members: list[Document] = primary.admin.command("replSetGetStatus")["members"]
    return sorted(members, key=lambda member: "self" not in member)


def _is_whole(members: list[Document], reached: Timestamp) -> bool:
    """Whether all members follow the primary. One that was killed is a secondary, before it rolls back, too."""
    return all(member["state"] in (1, 2) and member["optime"]["ts"] >= reached for member in members)


def _wait(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it did not come about that {what}")
        time.sleep(0.02)


def _until_none(find: Callable[[], list[str]], kind: str) -> list[str]:
    """What is still found after a while."""
    end = time.monotonic() + 15
    while True:
        try:
            found = find()
        except pymongo.errors.AutoReconnect as error:  # A member that rolls back answers nobody.
            found = [f"(nobody knows: {error})"]
        if not found or time.monotonic() > end:
            return [f"left over: {kind} {one}" for one in found]
        time.sleep(0.1)


def _lent(load: Load) -> list[str]:
    """What the clients' pools and topologies still count, though nobody works."""
    found = []
    for client in load.clients:
        for server in client._engine.topology.servers:
            for pool in server.pools.values():
                counts = {
                    "lent": pool.in_use,
                    "connecting": len(pool._connecting),
                    "waiting": len(pool._waiting),
                }
                if any(counts.values()):
                    found.append(f"{pool.address}: {counts}")
        found += [f"{client}: a waiter" for _ in client._engine.topology._waiters]
    return found


# What the servers say.


def _directly(server: LocalServer) -> Iterator[pymongo.MongoClient[Document]]:
    for host, port in server.addresses:
        with pymongo.MongoClient[Document](host, port, directConnection=True, appname="witness") as client:
            yield client


def _make_counters(server: LocalServer, names: list[str]) -> None:
    with pymongo.MongoClient[Document](server.uri, w="majority") as client:
        client[DATABASE].counters.insert_many([{"_id": name, "n": 0} for name in names])


def _current(client: pymongo.MongoClient[Document], match: Document) -> list[Document]:
    stage = {"allUsers": True, "idleConnections": True, "idleCursors": True}
    return list(client.admin.aggregate([{"$currentOp": stage}, {"$match": match}]))


def _cursors(server: LocalServer) -> list[str]:
    match = {"type": "idleCursor", "ns": {"$regex": f"^{DATABASE}\\."}}
    return [str(found.get("cursor")) for client in _directly(server) for found in _current(client, match)]


def _connections(server: LocalServer) -> list[str]:
    match = {"appName": APP}
    return [str(found.get("client")) for client in _directly(server) for found in _current(client, match)]


def _contents(server: LocalServer) -> tuple[set[str], dict[str, int]]:
    with pymongo.MongoClient[Document](server.uri, readConcernLevel="majority") as client:
        database = client[DATABASE]
        stored = {document["_id"] for document in database.things.find({}, {"_id": 1})}
        return stored, {document["_id"]: document["n"] for document in database.counters.find()}
