"""Change streams against a script: where they resume, in which session, and what becomes of cursors left behind."""

from __future__ import annotations

import gc
from concurrent.futures import CancelledError
from typing import Any

import bson
import pytest
from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import Loop, until
from tests.unit.engine.wire_server import Drop, Peer, Silence, message

import petiole
from petiole.bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from petiole.bson.timestamp import Timestamp
from petiole.errors import (
    AutoReconnect,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
)
from petiole.read_preferences import ReadPreference

TIME = Timestamp(5, 1)
GONE = {"ok": 0, "code": 43, "errmsg": "no such cursor"}
BAD = {"ok": 0, "code": 2, "errmsg": "bad"}
DOWN = {"ok": 0, "code": 91, "errmsg": "down", "errorLabels": ["ResumableChangeStreamError"]}
LABELLED = {"ok": 0, "code": 1, "errmsg": "again", "errorLabels": ["ResumableChangeStreamError"]}


def token(name: Any) -> dict[str, Any]:
    return {"_data": str(name)}


def event(name: Any) -> dict[str, Any]:
    return {"_id": token(name), "operationType": "insert", "fullDocument": {"a": name}}


def reply(batch: str, *events: Any, end: Any = None, cursor: int = 77, **fields: Any) -> dict[str, Any]:
    """The reply of a cursor; `end` names the token that stands for the end of its batch."""
    found: dict[str, Any] = {"id": cursor, "ns": "t.c", batch: list(events)}
    if end is not None:
        found["postBatchResumeToken"] = token(end)
    return {"ok": 1, "cursor": found, **fields}


def first(*events: Any, **fields: Any) -> dict[str, Any]:
    return reply("firstBatch", *events, **fields)


def more(*events: Any, **fields: Any) -> dict[str, Any]:
    return reply("nextBatch", *events, **fields)


def script(rig: Rig, **answers: list[Any]) -> None:
    """What the server answers to which command, one after the other; the last for ever."""

    def answer(peer: Peer, body: dict[str, Any]) -> Any:
        left = answers.get(next(iter(body)))
        return None if left is None else left.pop(0) if len(left) > 1 else left[0]

    rig.server.replica_set().script = answer


def watch(rig: Rig, client: Any | None = None, **options: Any) -> Any:
    things = (client or rig.client()).t.c
    return rig.do(lambda: things.watch(**options))


def step(rig: Rig, stream: Any) -> Any:
    """The number of the next event."""
    return rig.do(stream.next)["fullDocument"]["a"]


async def drain(stream: Any) -> list[Any]:
    return [found async for found in stream] if hasattr(stream, "__aiter__") else list(stream)


def stages(rig: Rig) -> list[dict[str, Any]]:
    """What the streams were asked for, in order."""
    return [body["pipeline"][0]["$changeStream"] for body in rig.server.bodies if "aggregate" in body]


# Where it resumes.


@pytest.mark.parametrize("failure", [GONE, DOWN, LABELLED, Drop], ids=["gone", "down", "labelled", "network"])
def test_it_goes_on_behind_the_last_event(rig: Rig, failure: Any) -> None:
    script(
        rig, aggregate=[first(), first(event(3))], getMore=[more(event(1), event(2), event("lost")), failure]
    )
    stream = watch(rig)
    assert [step(rig, stream) for _ in range(2)] == [1, 2]
    # As if the third had not been handed out when the cursor was lost.
    stream._batch = ()
    assert step(rig, stream) == 3
    assert stages(rig) == [{}, {"resumeAfter": token(2)}]
    assert stream.resume_token == token(3)


def test_it_goes_on_behind_what_the_server_has_seen(rig: Rig) -> None:
    script(
        rig,
        aggregate=[first(end="A"), first(event(3))],
        getMore=[more(event(1), end="B"), more(end="C"), GONE],
    )
    stream = watch(rig)
    seen = [stream.resume_token]
    assert step(rig, stream) == 1
    seen.append(stream.resume_token)
    assert rig.do(stream.try_next) is None
    seen.append(stream.resume_token)
    assert seen == [token("A"), token("B"), token("C")]
    assert step(rig, stream) == 3
    assert stages(rig) == [{}, {"resumeAfter": token("C")}]


def test_a_server_that_sends_no_tokens_is_told_the_time(rig: Rig) -> None:
    replies = [first(operationTime=TIME), first(operationTime=Timestamp(9, 9)), first(event(1))]
    script(rig, aggregate=replies, getMore=[GONE])
    stream = watch(rig)
    assert step(rig, stream) == 1
    assert stages(rig) == [{}, *[{"startAtOperationTime": bson.Timestamp(5, 1)}] * 2]


def test_start_after_stays_until_an_event_was_handed_out(rig: Rig) -> None:
    script(rig, aggregate=[first(), first(event(1)), first(event(2))], getMore=[GONE])
    stream = watch(rig, start_after=token("A"))
    assert [step(rig, stream) for _ in range(2)] == [1, 2]
    assert stages(rig) == [{"startAfter": token("A")}] * 2 + [{"resumeAfter": token(1)}]


def test_the_token_is_a_copy(rig: Rig) -> None:
    script(rig, aggregate=[first(event(1))])
    stream = watch(rig)
    step(rig, stream)
    stream.resume_token.clear()
    assert stream.resume_token == token(1)


def test_tokens_are_kept_from_decoders(rig: Rig) -> None:
    class Upper(TypeDecoder):
        @property
        def bson_type(self) -> Any:
            return str

        def transform_bson(self, value: Any) -> Any:
            return value.upper()

    script(rig, aggregate=[first(end="a"), first(event("x"), end="b"), first(event("y"))], getMore=[GONE])
    options = CodecOptions(type_registry=TypeRegistry([Upper()]))
    things = rig.client().t.c.with_options(codec_options=options)
    stream = rig.do(things.watch)
    assert [step(rig, stream) for _ in range(2)] == ["X", "Y"]
    assert stages(rig) == [{}, {"resumeAfter": token("a")}, {"resumeAfter": token("b")}]


def test_everything_else_is_asked_for_again(rig: Rig) -> None:
    script(rig, aggregate=[first(), first(event(1))], getMore=[GONE])
    things = rig.client().t.c.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED)
    stream = rig.do(
        lambda: things.watch(
            [{"$match": {}}],
            full_document="updateLookup",
            batch_size=5,
            collation={"locale": "en"},
            comment="x",
            start_at_operation_time=TIME,
        )
    )
    assert step(rig, stream) == 1
    one, _, other = rig.server.bodies
    volatile = {"$clusterTime": None}
    assert one | volatile == other | volatile
    assert one["$readPreference"] == {"mode": "secondaryPreferred"}


# The session, and the cursors left behind.


@pytest.mark.parametrize("failure", [GONE, LABELLED, Drop], ids=["gone", "labelled", "network"])
def test_it_resumes_in_the_same_session_and_gives_it_back_when_closed(rig: Rig, failure: Any) -> None:
    script(rig, aggregate=[first(), first(event(1))], getMore=[failure, more()])
    client = rig.client()
    stream = watch(rig, client)
    rig.do(lambda: client.t.c.delete_one({}))
    assert step(rig, stream) == 1
    aggregates = [body["lsid"] for body in rig.server.bodies if "aggregate" in body]
    assert aggregates[0] == aggregates[1]
    rig.do(stream.close)
    rig.do(lambda: client.t.c.delete_one({}))
    deletes = [body["lsid"] for body in rig.server.bodies if "delete" in body]
    assert aggregates[0] != deletes[0]
    # One that a network error met is not used again.
    assert (aggregates[0] == deletes[1]) == (failure is not Drop)


def test_a_cursor_that_the_server_may_still_have_is_killed(rig: Rig) -> None:
    script(rig, aggregate=[first(cursor=70), first(event(1), cursor=71)], getMore=[LABELLED])
    stream = watch(rig)
    assert step(rig, stream) == 1
    assert rig.server.seen == ["aggregate", "getMore", "killCursors", "aggregate"]
    assert rig.server.bodies[2]["cursors"] == [70]


def test_that_the_kill_fails_is_nobodys(rig: Rig) -> None:
    script(rig, aggregate=[first(), first(event(1))], getMore=[LABELLED], killCursors=[BAD])
    stream = watch(rig)
    assert step(rig, stream) == 1


def test_the_housekeeper_kills_the_cursor_of_one_that_nobody_holds(rig: Rig) -> None:
    script(rig, aggregate=[first()])
    client = rig.client()
    stream = watch(rig, client)
    del stream
    gc.collect()
    until(lambda: "killCursors" in rig.server.seen)


def test_one_that_nobody_holds_gives_its_session_back_though_its_cursor_is_lost(rig: Rig) -> None:
    script(rig, aggregate=[first(), BAD | LABELLED], getMore=[GONE])
    client = rig.client(retryReads=False)
    stream = watch(rig, client)
    rig.fail(stream.try_next, OperationFailure)
    del stream
    gc.collect()
    rig.do(lambda: client.t.c.delete_one({}))
    assert len({body["lsid"]["id"] for body in rig.server.bodies}) == 1


# Errors.


def test_another_error_closes_it(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[BAD])
    stream = watch(rig)
    rig.fail(stream.next, OperationFailure)
    assert rig.server.seen == ["aggregate", "getMore", "killCursors"]
    assert not stream.alive
    assert rig.do(lambda: drain(stream)) == []
    assert rig.do(stream.try_next) is None


def test_an_event_without_its_token_closes_it(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[more(event(1), {"operationType": "insert"}, event(3))])
    stream = watch(rig)
    assert step(rig, stream) == 1
    error = rig.fail(stream.next, InvalidOperation)
    assert str(error) == "Cannot provide resume functionality when the resume token is missing."
    assert rig.server.seen == ["aggregate", "getMore", "killCursors"]
    assert not stream.alive
    assert rig.do(lambda: drain(stream)) == []
    assert rig.do(stream.try_next) is None


def test_that_it_cannot_be_opened_is_not_resumed(rig: Rig) -> None:
    script(rig, aggregate=[LABELLED])
    client = rig.client(retryReads=False)
    rig.fail(lambda: client.t.c.watch(), OperationFailure)
    assert rig.server.seen == ["aggregate"]


@pytest.mark.parametrize("failure", [LABELLED, DOWN, Drop], ids=["labelled", "down", "network"])
def test_that_it_could_not_be_resumed_can_be_tried_again(rig: Rig, failure: Any) -> None:
    script(rig, aggregate=[first(end="A"), failure, first(event(1))], getMore=[GONE])
    stream = watch(rig, rig.client(retryReads=False))
    rig.fail(stream.next, (OperationFailure, AutoReconnect, NotPrimaryError))  # type: ignore[arg-type]
    assert stream.alive
    assert step(rig, stream) == 1
    assert stages(rig) == [{}, *[{"resumeAfter": token("A")}] * 2]
    assert len({body["lsid"]["id"] for body in rig.server.bodies}) == 1


def test_a_position_that_the_server_has_forgotten_closes_it(rig: Rig) -> None:
    script(rig, aggregate=[first(end="A"), {"ok": 0, "code": 286, "errmsg": "history lost"}], getMore=[GONE])
    stream = watch(rig)
    rig.fail(stream.next, OperationFailure)
    assert not stream.alive


def test_try_next_resumes_once(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[GONE])
    stream = watch(rig)
    assert rig.do(stream.try_next) is None
    assert rig.do(stream.try_next) is None
    assert rig.server.seen == ["aggregate", *["getMore", "aggregate"] * 2]


def test_next_resumes_as_often_as_it_takes(rig: Rig) -> None:
    script(rig, aggregate=[first(), first(), first(), first(event(1))], getMore=[GONE, LABELLED, Drop])
    stream = watch(rig)
    assert step(rig, stream) == 1
    assert len(stages(rig)) == 4


def test_the_last_batch_ends_it(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[more(event(1), event(2), cursor=0)])
    stream = watch(rig)
    assert [found["_id"] for found in rig.do(lambda: drain(stream))] == [token(1), token(2)]
    assert not stream.alive
    rig.do(stream.close)
    assert rig.server.seen == ["aggregate", "getMore"]


# Time.


def timed(seconds: float, operation: Any) -> Any:
    """The operation under a timeout, where the client's sockets live."""

    async def run() -> Any:
        with petiole.timeout(seconds):
            found = operation()
            return await found if hasattr(found, "__await__") else found

    return run


def test_a_call_that_ran_out_of_time_may_be_made_again(rig: Rig) -> None:
    script(rig, aggregate=[first(end="A"), first(event(1))], getMore=[Silence])
    stream = watch(rig)
    error = rig.fail(timed(0.05, stream.next), NetworkTimeout)
    assert error.timeout
    assert stream.alive
    assert rig.server.seen == ["aggregate", "getMore"]
    assert step(rig, stream) == 1
    assert stages(rig)[1:] == [{"resumeAfter": token("A")}]


def test_a_cursor_that_an_earlier_call_lost_is_replaced_and_asked(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[Silence, more()])
    stream = watch(rig)
    rig.fail(timed(0.05, stream.next), NetworkTimeout)
    assert rig.do(stream.try_next) is None
    assert [name for name in rig.server.seen if name != "killCursors"] == ["aggregate", "getMore"] * 2


def test_the_time_of_a_call_includes_the_resumption(rig: Rig) -> None:
    script(rig, aggregate=[first(end="A"), Silence, first(event(1))], getMore=[GONE])
    stream = watch(rig, rig.client(timeoutMS=100))
    assert rig.fail(stream.next).timeout
    assert stream.alive
    assert step(rig, stream) == 1


def test_one_deadline_holds_for_all_get_mores_of_a_call(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[more()])
    stream = watch(rig, rig.client(timeoutMS=50))
    # The server answers each of them at once, that there is nothing.
    assert rig.fail(stream.next).timeout
    assert stream.alive


def test_a_call_without_time_sends_nothing(rig: Rig) -> None:
    script(rig, aggregate=[first()], getMore=[more(event(1))])
    stream = watch(rig)
    rig.fail(timed(1e-9, stream.next), ExecutionTimeout)
    assert rig.server.seen == ["aggregate"]
    assert step(rig, stream) == 1
    assert rig.server.seen == ["aggregate", "getMore"]


def test_a_timeout_of_the_socket_is_resumed_at_once(rig: Rig) -> None:
    script(rig, aggregate=[first(), first(event(1))], getMore=[Silence])
    stream = watch(rig, rig.client(socketTimeoutMS=50))
    assert step(rig, stream) == 1


def test_that_the_server_ran_out_of_time_leaves_it_open(rig: Rig) -> None:
    script(rig, aggregate=[first(), first(event(1))], getMore=[{"ok": 0, "code": 50, "errmsg": "too slow"}])
    stream = watch(rig)
    rig.fail(stream.next, ExecutionTimeout)
    assert stream.alive
    assert step(rig, stream) == 1
    until(lambda: "killCursors" in rig.server.seen)


# Several at work.


def test_closing_ends_the_wait_of_another(rig: Rig) -> None:
    waiting_peers: list[Peer] = []

    def answer(peer: Peer, body: dict[str, Any]) -> Any:
        name = next(iter(body))
        if name == "getMore":
            waiting_peers.append(peer)
            return Silence
        if name == "killCursors":
            waiter = waiting_peers[0]
            killed = {"ok": 0, "code": 237, "errmsg": "killed", "errorLabels": ["ResumableChangeStreamError"]}
            waiter.writer.write(message(killed, waiter.request_id))
        return first(end="A") if name == "aggregate" else None

    rig.server.replica_set().script = answer
    stream = watch(rig)
    waiting = rig.start(lambda: drain(stream))
    until(lambda: waiting_peers)
    rig.do(stream.close)
    assert waiting.result(10) == []
    assert rig.server.seen == ["aggregate", "getMore", "killCursors"]
    assert stream.resume_token == token("A")


def test_what_closing_cannot_kill_is_left_to_the_housekeeper(rig: Rig) -> None:
    """A session is used by one operation at a time, so it cannot be used to kill meanwhile."""
    waiting_peers: list[Peer] = []

    def answer(peer: Peer, body: dict[str, Any]) -> Any:
        if "getMore" in body:
            waiting_peers.append(peer)
            return Silence
        return first() if "aggregate" in body else None

    rig.server.replica_set().script = answer
    client = rig.client()
    session = client.start_session()
    stream = watch(rig, client, session=session)
    waiting = rig.start(lambda: drain(stream))
    until(lambda: waiting_peers)
    rig.do(stream.close)
    rig.server.send(waiting_peers[0], message(more(event(1)), waiting_peers[0].request_id))
    assert waiting.result(10) == []
    until(lambda: rig.server.seen == ["aggregate", "getMore", "killCursors"])
    rig.do(session.end_session)


def test_closing_it_while_it_is_resumed_kills_the_new_cursor(rig: Rig) -> None:
    resuming: list[Peer] = []

    def answer(peer: Peer, body: dict[str, Any]) -> Any:
        name = next(iter(body))
        if name == "getMore":
            return GONE
        if name == "aggregate" and len(stages(rig)) > 1:
            resuming.append(peer)
            return Silence
        return first(cursor=70) if name == "aggregate" else None

    rig.server.replica_set().script = answer
    stream = watch(rig)
    waiting = rig.start(lambda: drain(stream))
    until(lambda: resuming)
    rig.do(stream.close)
    rig.server.send(resuming[0], message(first(event(1), cursor=71), resuming[0].request_id))
    assert waiting.result(10) == []
    assert rig.server.bodies[-1]["cursors"] == [71]


@pytest.fixture
def loop_rig() -> Any:
    side = Loop()
    rig = Rig(side)
    yield rig
    rig.close()
    side.close()


@pytest.mark.parametrize("resuming", [False, True], ids=["waiting", "resuming"])
def test_a_cancelled_wait_loses_nothing(loop_rig: Rig, resuming: bool) -> None:
    aggregates = [first(end="A"), Silence, first(event(1))] if resuming else [first(end="A"), first(event(1))]
    script(loop_rig, aggregate=aggregates, getMore=[GONE if resuming else Silence])
    stream = watch(loop_rig)
    waiting = loop_rig.start(stream.next)
    until(lambda: loop_rig.server.seen == ["aggregate", "getMore", *["aggregate"] * resuming])
    waiting.cancel()
    with pytest.raises(CancelledError):
        waiting.result(10)
    until(lambda: stream._source.lost)
    assert stream.alive
    assert step(loop_rig, stream) == 1
    assert stages(loop_rig)[-1] == {"resumeAfter": token("A")}
    if not resuming:
        until(lambda: "killCursors" in loop_rig.server.seen)
