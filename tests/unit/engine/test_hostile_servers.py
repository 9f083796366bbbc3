"""Servers that lie, drip and waver: what other drivers fell over. An operation ends by a documented error, in time."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig
from tests.unit.engine.sides import until
from tests.unit.engine.wire_server import Bytes, Peer, Silence, message

from petiole.errors import ConfigurationError, InvalidName, NetworkTimeout, ProtocolError, PyMongoError

BATCH = {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "firstBatch": [{"a": 1}]}}


# Replies.


def test_a_reply_to_another_request_is_nobodys(rig: Rig) -> None:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" in body and len(rig.server.seen) == 1:
            return Bytes(message(BATCH, peer.request_id + 1))
        return EMPTY_BATCH if "find" in body else None

    rig.server.script = script
    client = rig.client(retryReads=False)
    rig.fail(lambda: client.t.c.find_one(), ProtocolError)
    assert rig.do(lambda: client.t.c.find_one()) is None


@pytest.mark.parametrize("length", [-1, 0, 15, 2**31 - 1])
def test_a_length_that_cannot_be_ends_the_connection(rig: Rig, length: int) -> None:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" in body and len(rig.server.seen) == 1:
            return Bytes(length.to_bytes(4, "little", signed=True) + bytes(12))
        return EMPTY_BATCH if "find" in body else None

    rig.server.script = script
    client = rig.client(retryReads=False)
    rig.fail(lambda: client.t.c.find_one(), ProtocolError)
    assert rig.do(lambda: client.t.c.find_one()) is None


def dripping(rig: Rig, pause: float) -> Any:
    """Replies come a byte at a time."""

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" not in body:
            return None

        async def drip(data: bytes) -> None:
            for byte in data:
                peer.writer.write(bytes([byte]))
                await asyncio.sleep(pause)

        peer.dripping = asyncio.ensure_future(drip(message(BATCH, peer.request_id)))  # type: ignore[attr-defined]
        return Silence

    return script


def test_a_reply_that_comes_byte_by_byte_is_whole(rig: Rig) -> None:
    rig.server.script = dripping(rig, 0)
    client = rig.client()
    assert rig.do(lambda: client.t.c.find_one()) == {"a": 1}


def test_a_trickle_does_not_put_the_deadline_off(rig: Rig) -> None:
    rig.server.script = dripping(
        rig, 0.05
    )  # The whole takes five seconds, each byte far less than the timeout.
    client = rig.client(socketTimeoutMS=300, retryReads=False)
    began = time.monotonic()
    rig.fail(lambda: client.t.c.find_one(), NetworkTimeout)
    assert time.monotonic() - began < 4


# What servers say of themselves.

ABSURD: list[dict[str, Any]] = [
    {"minWireVersion": 2**31, "maxWireVersion": 2**62},
    {"minWireVersion": -5, "maxWireVersion": -1},
    {"minWireVersion": 30, "maxWireVersion": 3},
    {"maxWireVersion": "many"},
    {"maxBsonObjectSize": -1},
    {"maxBsonObjectSize": 2**62},
    {"maxBsonObjectSize": "large"},
    {"maxMessageSizeBytes": 0},
    {"maxMessageSizeBytes": -(2**40)},
    {"maxMessageSizeBytes": 2**62},
    {"maxWriteBatchSize": 0},
    {"maxWriteBatchSize": -7},
    {"maxWriteBatchSize": 2**40},
    {"setName": 5, "hosts": ["x"]},
    {"setName": "", "hosts": []},
    {"setName": "rs", "hosts": 7},
    {"setName": "rs", "hosts": [None, 3, "a:b:c", "[::"]},
    {"setName": "rs", "hosts": ["h:99999999"], "me": 1, "primary": []},
    {"setName": "rs", "electionId": "x", "setVersion": "y"},
    {"logicalSessionTimeoutMinutes": -1},
    {"logicalSessionTimeoutMinutes": "long"},
    {"topologyVersion": 5},
    {"topologyVersion": {"processId": 1, "counter": "x"}},
    {"compression": 9},
    {"compression": ["none", 5, "zstd"]},
    {"tags": 1, "lastWrite": 2},
    {"$clusterTime": "now"},
]


@pytest.mark.parametrize("claims", ABSURD, ids=str)
def test_an_absurd_claim_ends_no_worse_than_by_a_documented_error(rig: Rig, claims: dict[str, Any]) -> None:
    sane = dict(rig.server.hello)
    rig.server.hello |= claims
    client = rig.client(serverSelectionTimeoutMS=300, heartbeatFrequencyMS=500)
    try:
        rig.do(lambda: client.t.c.insert_many([{"a": 1}, {"a": 2}]))
    except PyMongoError:
        pass
    rig.server.hello = sane
    rig.server.drop_all()
    if "setName" not in claims:  # A member of another set stays out.
        until(lambda: works(rig, client))


def works(rig: Rig, client: Any) -> bool:
    try:
        return bool(rig.do(lambda: client.admin.command("ping"))["ok"])
    except PyMongoError:
        return False


def test_a_server_that_is_primary_every_other_time(rig: Rig) -> None:
    turns = 0

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        nonlocal turns
        if not peer.monitors:
            return None
        turns += 1
        primary = turns % 2 == 0
        return rig.server.hello | {
            "isWritablePrimary": primary,
            "ismaster": primary,
            "secondary": not primary,
        }

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        return {"ok": 0, "code": 10107, "errmsg": "not primary"} if "insert" in body else None

    rig.server.replica_set()
    rig.server.greeting, rig.server.script = greeting, script
    client = rig.client(serverSelectionTimeoutMS=1500)
    began = time.monotonic()
    rig.fail(lambda: client.t.c.insert_one({}))
    assert time.monotonic() - began < 8
    # Nobody is stormed: checks are half a second apart, whatever operations want.
    assert turns < 6 * (time.monotonic() - began + 1)
    rig.server.greeting = rig.server.script = None
    until(lambda: works(rig, client))


# What applications pass on from strangers.


@pytest.mark.parametrize("keywords", [{"aggregate": "other"}, {"explain": True}])
def test_keywords_cannot_turn_an_aggregation_to_something_else(rig: Rig, keywords: dict[str, Any]) -> None:
    client = rig.client()

    async def aggregate(owner: Any) -> None:
        found = owner.aggregate([], **keywords)
        if hasattr(found, "__await__"):
            await found

    for owner in (client.t.c, client.t):
        rig.fail(lambda: aggregate(owner), ConfigurationError)  # noqa: B023
    assert not rig.server.seen


def test_a_commands_fields_cannot_name_another_database(rig: Rig) -> None:
    client = rig.client()
    rig.do(lambda: client.t.command("ping", **{"$db": "admin"}))
    rig.do(lambda: client.t.command({"ping": 1, "$db": "admin"}))
    assert [body["$db"] for body in rig.server.bodies] == ["t", "t"]


@pytest.mark.parametrize("name", ["a\0b", "a$b", "a..b", ".a", "a.", ""])
def test_collections_are_not_renamed_to_what_is_no_name(rig: Rig, name: str) -> None:
    client = rig.client()
    rig.fail(lambda: client.t.c.rename(name), InvalidName)
    assert not rig.server.seen


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**63 - 1])
def test_sizes_beyond_32_bits_keep_their_sign(rig: Rig, number: int) -> None:
    rig.server.script = lambda peer, body: EMPTY_BATCH
    client = rig.client()

    async def read(cursor: Any) -> None:
        await cursor.to_list() if hasattr(cursor, "__anext__") else list(cursor)

    rig.do(lambda: read(client.t.c.find(limit=-number)))
    rig.do(lambda: read(client.t.c.find(batch_size=number)))
    first, second = rig.server.bodies
    assert (first["limit"], first["singleBatch"]) == (number, True)
    assert second["batchSize"] == number
    rig.fail(lambda: read(client.t.c.find(batch_size=2**63)), OverflowError)
