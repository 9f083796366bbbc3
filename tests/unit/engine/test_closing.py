"""What a client says to its servers when it is closed."""

from __future__ import annotations

import gc
from functools import partial
from typing import Any

from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import until
from tests.unit.engine.wire_server import MORE_TO_COME, Bytes, Peer, Silence, message

from petiole.cursor import CursorType

OPEN_CURSOR = {"ok": 1, "cursor": {"id": 77, "ns": "t.c", "firstBatch": [{"a": 1}]}}


async def first_of(cursor: Any) -> Any:
    return await anext(cursor) if hasattr(cursor, "__anext__") else next(cursor)


BATCH = {"ok": 1, "cursor": {"id": 77, "ns": "t.c", "nextBatch": [{"a": 2}]}}


def streaming(rig: Rig, client: Any) -> Any:
    """A cursor whose server has begun to stream, so that it holds a connection."""

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "getMore" in body:
            return Bytes(message(BATCH, peer.request_id, MORE_TO_COME))
        return OPEN_CURSOR if "find" in body else None

    rig.server.script = script
    cursor = client.t.c.find(cursor_type=CursorType.EXHAUST)
    for _ in range(2):
        rig.do(partial(first_of, cursor))
    return cursor


def is_gone(rig: Rig) -> bool:
    """Whether the server has seen the end of all connections."""
    return all(peer.writer.is_closing() for peer in rig.server.peers)


def test_an_exhaust_cursor_that_outlives_its_client_closes_its_connection(rig: Rig) -> None:
    client = rig.client()
    cursor = streaming(rig, client)
    rig.do(client.close)
    assert not is_gone(rig)
    del cursor
    gc.collect()
    until(lambda: is_gone(rig))


def test_closing_without_a_known_server_takes_back_what_abandoned_cursors_hold(rig: Rig) -> None:
    client = rig.client(heartbeatFrequencyMS=60_000)
    cursor = streaming(rig, client)
    executor = client._engine.executor
    snapshot = executor.topology.snapshot
    executor.topology.snapshot = type(snapshot)(snapshot.description.reset(), snapshot.servers)
    del cursor
    gc.collect()
    rig.do(client.close)
    assert not executor.abandoned
    until(lambda: is_gone(rig))


def test_the_session_of_an_abandoned_cursor_is_ended_too(rig: Rig) -> None:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        return OPEN_CURSOR if "find" in body else None

    rig.server.replica_set()
    rig.server.script = script
    client = rig.client()
    cursor = client.t.c.find()
    rig.do(partial(first_of, cursor))
    del cursor
    gc.collect()
    rig.do(client.close)
    bodies = {next(iter(body)): body for body in rig.server.bodies}
    assert list(bodies) == ["find", "killCursors", "endSessions"]
    assert bodies["endSessions"]["endSessions"] == [bodies["find"]["lsid"]]


def test_a_cursor_that_is_being_killed_while_the_client_closes_is_killed(rig: Rig) -> None:
    kills: list[Any] = []

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "killCursors" in body:
            kills.append(body["lsid"])
            return Silence if len(kills) == 1 else None
        return OPEN_CURSOR if "find" in body else None

    rig.server.replica_set()
    rig.server.script = script
    client = rig.client()
    cursor = client.t.c.find()
    rig.do(partial(first_of, cursor))
    del cursor
    gc.collect()
    until(lambda: kills)  # The housekeeper's, which the server has not answered.
    rig.do(client.close)
    assert kills == [kills[0]] * 2
    assert rig.server.bodies[-1]["endSessions"] == [kills[0]]
    until(lambda: not client._engine.executor.killing)
    assert not client._engine.sessions.drain()
