"""Cursors that end before their time: interrupted, broken, closed half-way, abandoned; exhaust ones above all."""

from __future__ import annotations

import gc
import time
from concurrent.futures import CancelledError
from typing import Any

import pytest
from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import Loop, until
from tests.unit.engine.wire_server import MORE_TO_COME, Bytes, Drop, Peer, Silence, message

from petiole import timeout
from petiole._engine.housekeeper import kill_abandoned
from petiole._engine.scope import CURRENT, Scope
from petiole._sdam.server import unknown_server
from petiole.cursor import CursorType
from petiole.errors import AutoReconnect, CursorNotFound, NetworkTimeout, OperationFailure

ID = 77


def first(*documents: Any) -> dict[str, Any]:
    return {"ok": 1, "cursor": {"id": ID, "ns": "t.c", "firstBatch": list(documents)}}


def more(*documents: Any, last: bool = False) -> dict[str, Any]:
    return {"ok": 1, "cursor": {"id": 0 if last else ID, "ns": "t.c", "nextBatch": list(documents)}}


def script(rig: Rig, **answers: Any) -> None:
    """What the server answers to which command; a function is asked."""

    def answer(peer: Peer, body: dict[str, Any]) -> Any:
        found = answers.get(next(iter(body)))
        return found(peer, body) if callable(found) and found not in (Drop, Silence) else found

    rig.server.script = answer


async def drain(cursor: Any) -> list[Any]:
    return (
        [document["a"] async for document in cursor]
        if hasattr(cursor, "__aiter__")
        else [d["a"] for d in cursor]
    )


def everything(rig: Rig, cursor: Any) -> list[Any]:
    found: list[Any] = rig.do(lambda: drain(cursor))
    return found


def step(rig: Rig, cursor: Any) -> Any:
    return rig.do(lambda: anext(cursor) if hasattr(cursor, "__anext__") else next(cursor))


def exhaust(client: Any) -> Any:
    return client.t.c.find(cursor_type=CursorType.EXHAUST)


def stream(*bodies: dict[str, Any]) -> Any:
    """An answer of several replies, of which each but the last announces another."""

    def answer(peer: Peer, body: dict[str, Any]) -> Bytes:
        assert peer.flags & 1 << 16
        data, answered = b"", peer.request_id
        for index, reply in enumerate(bodies):
            flags = 0 if reply is bodies[-1] and reply["cursor"]["id"] == 0 else MORE_TO_COME
            data += message(reply, answered, flags)
            answered = 7 + index
        return Bytes(data)

    return answer


# Exhaust cursors.


def test_a_stream_to_its_end(rig: Rig) -> None:
    replies = stream(more({"a": 2}), more({"a": 3}, {"a": 4}), more({"a": 5}, last=True))
    script(rig, find=first({"a": 1}), getMore=replies)
    client = rig.client()
    assert everything(rig, exhaust(client)) == [1, 2, 3, 4, 5]
    assert rig.server.seen == ["find", "getMore"]
    rig.do(lambda: client.admin.command("ping"))
    users = {peer.number for peer in rig.server.peers if not peer.monitors}
    assert len(users) == 1


def test_a_stream_closed_half_way_takes_its_connection_with_it(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), getMore=stream(more({"a": 2}), more({"a": 3})))
    client = rig.client(maxPoolSize=1)
    cursor = exhaust(client)
    assert [step(rig, cursor)["a"] for _ in range(2)] == [1, 2]
    rig.do(cursor.close)
    assert rig.do(lambda: client.admin.command("ping"))["ok"] == 1
    assert "killCursors" in rig.server.seen
    users = {peer.number for peer in rig.server.peers if not peer.monitors}
    assert len(users) == 2


def test_a_stream_that_breaks(rig: Rig) -> None:
    def answer(peer: Peer, body: dict[str, Any]) -> Bytes:
        peer.writer.write(message(more({"a": 2}), peer.request_id, MORE_TO_COME))
        peer.writer.close()
        return Bytes(b"")

    script(rig, find=first({"a": 1}), getMore=answer)
    client = rig.client(maxPoolSize=1)
    cursor = exhaust(client)
    assert [step(rig, cursor)["a"] for _ in range(2)] == [1, 2]
    rig.fail(lambda: drain(cursor), AutoReconnect)
    assert not cursor.alive
    assert rig.do(lambda: client.admin.command("ping"))["ok"] == 1


def test_an_error_amid_a_stream(rig: Rig) -> None:
    def answer(peer: Peer, body: dict[str, Any]) -> Bytes:
        error = {"ok": 0, "code": 43, "errmsg": "gone"}
        return Bytes(message(more({"a": 2}), peer.request_id, MORE_TO_COME) + message(error, 7))

    script(rig, find=first({"a": 1}), getMore=answer)
    client = rig.client(maxPoolSize=1)
    cursor = exhaust(client)
    assert [step(rig, cursor)["a"] for _ in range(2)] == [1, 2]
    rig.fail(lambda: drain(cursor), CursorNotFound)
    assert rig.do(lambda: client.admin.command("ping"))["ok"] == 1


def test_a_stream_that_falls_silent_meets_the_sockets_timeout(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), getMore=stream(more({"a": 2}), more({"a": 3})))
    client = rig.client(socketTimeoutMS=100, maxPoolSize=1)
    cursor = exhaust(client)
    assert [step(rig, cursor)["a"] for _ in range(3)] == [1, 2, 3]
    rig.fail(lambda: drain(cursor), NetworkTimeout)
    assert rig.do(lambda: client.admin.command("ping"))["ok"] == 1


def test_an_abandoned_stream_gives_its_connection_up(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), getMore=stream(more({"a": 2}), more({"a": 3})))
    client = rig.client(maxPoolSize=1)
    cursor = exhaust(client)
    assert [step(rig, cursor)["a"] for _ in range(2)] == [1, 2]
    executor = cursor._executor
    del cursor
    gc.collect()
    rig.do(lambda: kill_abandoned(executor, executor))
    until(lambda: "killCursors" in rig.server.seen)  # The client's own housekeeper may have come first.
    assert rig.do(lambda: client.admin.command("ping"))["ok"] == 1


# All cursors.


def test_abandoned_ones_wait_for_a_round_that_has_time_for_them(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), killCursors={"ok": 1})
    client = rig.client()
    cursors = [client.t.c.find() for _ in range(3)]
    for cursor in cursors:
        step(rig, cursor)
    executor = cursors[0]._executor
    abandoned = [cursor._source for cursor in cursors]

    async def go_round(seconds: float) -> None:
        token = CURRENT.set(Scope(executor.runtime.deadline(seconds)))
        try:
            await kill_abandoned(executor, executor)
        finally:
            CURRENT.reset(token)

    for one in abandoned:
        one.abandon()
    rig.do(lambda: go_round(0))
    rig.do(lambda: go_round(10))
    until(lambda: rig.server.seen.count("killCursors") == 3)


def test_abandoned_ones_wait_for_a_server_that_cannot_be_reached_for_a_moment(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), killCursors={"ok": 1})
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    executor, server, greeting = cursor._executor, cursor._source.server, rig.server.greeting
    rig.server.greeting = lambda peer, body: Drop
    for pool in server.pools.values():
        pool.clear(None)
    cursor._source.abandon()
    rig.do(lambda: kill_abandoned(executor, executor))
    assert "killCursors" not in rig.server.seen
    rig.server.greeting = greeting
    until(lambda: "killCursors" in rig.server.seen)


def test_a_cursor_keeps_its_session_for_itself(rig: Rig) -> None:
    rig.server.replica_set()
    script(rig, find=first({"a": 1}), getMore=lambda peer, body: more({"a": 2}, last=True))
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    rig.do(lambda: client.t.c.delete_one({}))
    assert step(rig, cursor)["a"] == 2
    rig.do(lambda: client.t.c.delete_one({}))
    find, delete, get_more, later = (body["lsid"]["id"] for body in rig.server.bodies)
    assert find == get_more == later
    assert delete != find


def test_a_cursor_keeps_it_though_its_server_is_unknown_for_a_moment(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), getMore=lambda peer, body: more({"a": 2}, last=True))
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    rig.server.greeting = lambda peer, body: Drop
    client._engine.topology.apply(unknown_server(cursor.address))
    assert not client.topology_description.known_servers
    assert step(rig, cursor)["a"] == 2
    find, get_more = (body["lsid"] for body in rig.server.bodies)
    assert find == get_more


def test_a_failed_get_more_kills_the_cursor(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), getMore={"ok": 0, "code": 2, "errmsg": "bad"})
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    rig.fail(lambda: drain(cursor), OperationFailure)
    assert rig.server.seen == ["find", "getMore", "killCursors"]
    assert not cursor.alive


def test_one_that_the_server_does_not_know_is_not_killed(rig: Rig) -> None:
    script(rig, find=first({"a": 1}), getMore={"ok": 0, "code": 43, "errmsg": "not found"})
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    rig.fail(lambda: drain(cursor), CursorNotFound)
    assert rig.server.seen == ["find", "getMore"]


def test_a_get_more_whose_connection_broke_is_not_repeated(rig: Rig) -> None:
    rig.server.replica_set()
    script(rig, find=first({"a": 1}), getMore=Drop)
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    rig.fail(lambda: drain(cursor), AutoReconnect)
    assert rig.server.seen == ["find", "getMore"]
    assert not cursor.alive
    assert rig.server.bodies[0]["lsid"]["id"] not in client._engine.sessions.drain()


@pytest.fixture
def loop_rig() -> Any:
    side = Loop()
    rig = Rig(side)
    yield rig
    rig.close()
    side.close()


def test_a_cancelled_get_more_ends_the_cursor(loop_rig: Rig) -> None:
    script(loop_rig, find=first({"a": 1}), getMore=Silence)
    client = loop_rig.client()
    cursor = client.t.c.find()
    step(loop_rig, cursor)
    waiting = loop_rig.start(lambda: drain(cursor))
    until(lambda: "getMore" in loop_rig.server.seen)
    waiting.cancel()
    with pytest.raises(CancelledError):
        waiting.result(10)
    # The server may have sent a batch that nobody got: going on would skip it.
    until(lambda: not cursor.alive)
    until(lambda: "killCursors" in loop_rig.server.seen)
    assert everything(loop_rig, cursor) == []


def test_a_cancelled_find_leaves_nothing_behind(loop_rig: Rig) -> None:
    script(loop_rig, find=Silence)
    client = loop_rig.client(maxPoolSize=1)
    waiting = loop_rig.start(lambda: drain(client.t.c.find()))
    until(lambda: "find" in loop_rig.server.seen)
    waiting.cancel()
    with pytest.raises(CancelledError):
        waiting.result(10)
    assert loop_rig.do(lambda: client.admin.command("ping"))["ok"] == 1
    # Its session may still be busy with it on the server.
    assert loop_rig.server.bodies[0]["lsid"] != loop_rig.server.bodies[1].get("lsid")


def test_the_housekeeper_kills_what_was_abandoned(rig: Rig) -> None:
    script(rig, find=first({"a": 1}))
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)
    del cursor
    gc.collect()
    before = time.monotonic()
    until(lambda: "killCursors" in rig.server.seen)
    assert time.monotonic() - before < 5


# Cursors that could not be killed while they were closed.


def killed(rig: Rig) -> list[Any]:
    return [body["cursors"] for body in rig.server.bodies if "killCursors" in body]


def test_one_whose_session_was_busy_is_killed_afterwards(rig: Rig) -> None:
    rig.server.replica_set()
    script(rig, find=first({"a": 1}), ping=Silence)
    client = rig.client()
    session = client.start_session()
    cursor = client.t.c.find(session=session)
    step(rig, cursor)
    rig.start(lambda: client.admin.command("ping", session=session))
    until(lambda: "ping" in rig.server.seen)
    rig.do(cursor.close)
    until(lambda: killed(rig) == [[ID]])
    rig.server.drop_all()


def test_one_whose_session_has_ended_is_killed_all_the_same(rig: Rig) -> None:
    rig.server.replica_set()
    script(rig, find=first({"a": 1}))
    client = rig.client()
    session = client.start_session()
    cursor = client.t.c.find(session=session)
    step(rig, cursor)
    rig.do(session.end_session)
    rig.do(cursor.close)
    until(lambda: killed(rig) == [[ID]])


def test_one_whose_time_was_over_is_killed_afterwards(rig: Rig) -> None:
    script(rig, find=first({"a": 1}))
    client = rig.client()
    cursor = client.t.c.find()
    step(rig, cursor)

    async def close_too_late() -> None:
        with timeout(1e-9):
            closed = cursor.close()
            if closed is not None:
                await closed

    rig.do(close_too_late)
    until(lambda: killed(rig) == [[ID]])
    assert not cursor.alive
    until(lambda: len(client._engine.sessions._idle) == 1)


def test_one_whose_close_was_cancelled_is_killed_once_more(loop_rig: Rig) -> None:
    answers = [Silence, {"ok": 1}]
    script(loop_rig, find=first({"a": 1}), killCursors=lambda peer, body: answers.pop(0))
    client = loop_rig.client()
    cursor = client.t.c.find()
    step(loop_rig, cursor)
    waiting = loop_rig.start(cursor.close)
    until(lambda: killed(loop_rig) == [[ID]])
    waiting.cancel()
    with pytest.raises(CancelledError):
        waiting.result(10)
    until(lambda: killed(loop_rig) == [[ID], [ID]])
