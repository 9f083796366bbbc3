"""Replies as bytes, cut anywhere, lying anywhere; their heads, cursors and batches."""

from __future__ import annotations

import gc
import random
import struct
import threading
from typing import Any

import bson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petiole._native import Batch, Reply, compress, op_msg, parse_reply
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS
from petiole.bson.errors import InvalidBSON
from petiole.errors import ProtocolError

CODEC = DEFAULT_CODEC_OPTIONS._codec
TIME = bson.Timestamp(1_700_000_000, 5)
NUMBER = 1_700_000_000 << 32 | 5


def framed(payload: bytes, opcode: int = 2013, response_to: int = 9) -> bytes:
    return struct.pack("<iiii", 16 + len(payload), 3, response_to, opcode) + payload


def message(body: Any, flags: int = 0) -> bytes:
    return framed(struct.pack("<IB", flags, 0) + (body if isinstance(body, bytes) else bson.encode(body)))


def reply(body: Any, flags: int = 0) -> Reply:
    return parse_reply(message(body, flags))


def cursor(*documents: Any, cursor_id: Any = 0, name: str = "firstBatch", **extra: Any) -> dict[str, Any]:
    return {"cursor": {name: list(documents), "id": cursor_id, "ns": "db.c"}, "ok": 1.0, **extra}


# The head.


@pytest.mark.parametrize("ok", [1, 1.0, bson.Int64(1)])
def test_ok(ok: Any) -> None:
    found = reply({"ok": ok, "n": 7})
    assert (found.ok, found.clean, found.n, found.more_to_come, found.response_to) == (
        True,
        True,
        7,
        False,
        9,
    )


@pytest.mark.parametrize("ok", [0, 0.0, 2, float("nan"), None, "1", {}])
def test_not_ok(ok: Any) -> None:
    found = reply({"ok": ok})
    assert (found.ok, found.clean) == (False, False)


def test_nothing_at_all() -> None:
    found = reply({})
    assert (found.ok, found.clean, found.n, found.cluster_time, found.operation_time) == (
        False,
        False,
        0,
        None,
        None,
    )
    assert found.raw == bson.encode({})


@pytest.mark.parametrize("trouble", ["writeErrors", "writeConcernError", "errorLabels"])
def test_trouble(trouble: str) -> None:
    found = reply({"ok": 1, trouble: [1]})
    assert (found.ok, found.clean) == (True, False)


def test_times() -> None:
    element = {"clusterTime": TIME, "signature": {"hash": b"x" * 20, "keyId": 1}}
    found = reply({"ok": 1, "operationTime": TIME, "$clusterTime": element, "atClusterTime": TIME})
    assert found.operation_time == NUMBER
    assert found.snapshot_time == NUMBER
    assert found.cluster_time is not None
    number, data = found.cluster_time
    assert number == NUMBER
    assert bson.decode(struct.pack("<i", len(data) + 5) + data + b"\x00") == {"$clusterTime": element}
    assert reply(cursor(cursor_id=1) | {"cursor": {"id": 1, "atClusterTime": TIME}}).snapshot_time == NUMBER


def test_more_to_come() -> None:
    assert reply({"ok": 1}, flags=2).more_to_come


def test_values() -> None:
    found = reply({"ok": 1, "a": {"b": [1, "x"]}})
    assert found.get("a", CODEC) == {"b": [1, "x"]}
    assert found.get("none", CODEC) is None
    assert found.document(CODEC) == {"ok": 1, "a": {"b": [1, "x"]}}


def test_values_beside_a_batch() -> None:
    found = reply(
        {"ok": 1, "cursor": {"id": 1, "ns": "a.b", "nextBatch": [{}], "postBatchResumeToken": {"_data": "x"}}}
    )
    assert found.cursor_value("postBatchResumeToken", CODEC) == {"_data": "x"}
    assert found.cursor_value("none", CODEC) is None
    with pytest.raises(ProtocolError, match="no cursor"):
        reply({"ok": 1}).cursor_value("postBatchResumeToken", CODEC)


# Which request it answers.


def test_the_request_it_answers() -> None:
    request = op_msg(CODEC, 0, {"ping": 1}, "db", b"")
    (number,) = struct.unpack_from("<i", request, 4)
    body = struct.pack("<IB", 0, 0) + bson.encode({"ok": 1})
    answer = framed(body, response_to=number)
    assert parse_reply(answer, request).ok
    assert parse_reply(answer, compress("zlib", -1, request)).ok
    assert parse_reply(compress("zstd", -1, answer), request).ok
    with pytest.raises(ProtocolError, match=f"Got response id {number + 1} but expected {number}"):
        parse_reply(framed(body, response_to=number + 1), request)


# Cursors.


def test_a_cursor() -> None:
    for name in ("firstBatch", "nextBatch"):
        number, namespace, batch = reply(cursor({"a": 1}, {"a": 2}, cursor_id=5, name=name)).cursor(CODEC)
        assert (number, namespace, list(batch)) == (5, "db.c", [{"a": 1}, {"a": 2}])


@pytest.mark.parametrize(
    "body", [{"cursor": {}}, {"cursor": {"firstBatch": []}}, {"cursor": {"firstBatch": 5, "id": "x"}}]
)
def test_a_cursor_without_a_batch(body: Any) -> None:
    found = reply(body)
    number, namespace, batch = found.cursor(CODEC)
    assert (number, namespace, list(batch), len(batch), bool(batch)) == (0, "", [], 0, False)
    assert found.first(CODEC) is None


@pytest.mark.parametrize("body", [{"ok": 1}, {"cursor": 5}, {"cursor": []}])
def test_no_cursor(body: Any) -> None:
    for read in (reply(body).cursor, reply(body).first):
        with pytest.raises(ProtocolError, match="no cursor"):
            read(CODEC)


def test_the_first_document() -> None:
    assert reply(cursor({"a": 1}, {"a": 2})).first(CODEC) == {"a": 1}
    assert reply(cursor()).first(CODEC) is None


# Batches.


def batch_of(count: int) -> Batch:
    return reply(cursor(*({"a": i} for i in range(count)))).cursor(CODEC)[2]


def test_a_batch_shrinks_as_it_is_read() -> None:
    batch = batch_of(12)
    assert (len(batch), bool(batch)) == (12, True)
    assert next(batch) == {"a": 0}
    assert batch.take(3) == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert batch.take(0) == []
    assert len(batch) == 8
    assert batch.rest() == [{"a": i} for i in range(4, 12)]
    assert (len(batch), bool(batch), batch.rest(), batch.take(5), batch.raw()) == (0, False, [], [], b"")
    with pytest.raises(StopIteration):
        next(batch)


def test_the_rest_as_bytes() -> None:
    batch = batch_of(3)
    next(batch)
    assert bson.decode_all(batch.raw()) == [{"a": 1}, {"a": 2}]
    assert len(batch) == 0


def test_a_batch_outlives_its_reply() -> None:
    data = bytearray(message(cursor({"a": "x" * 1000})))
    found = parse_reply(data)
    batch = found.cursor(CODEC)[2]
    del found
    gc.collect()
    with pytest.raises(BufferError):
        data.extend(b"more")
    assert batch.rest() == [{"a": "x" * 1000}]
    del batch
    gc.collect()
    data.extend(b"more")


def test_threads_share_out_a_batch() -> None:
    batch = batch_of(5_000)
    found: list[list[int]] = [[] for _ in range(4)]

    def work(mine: list[int]) -> None:
        mine.extend(document["a"] for document in batch)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for mine in found for number in mine) == list(range(5_000))


@pytest.mark.parametrize("element", [5, "x", None, [1]])
def test_a_batch_of_what_is_no_document(element: Any) -> None:
    batch = reply(cursor({"a": 1}, element)).cursor(CODEC)[2]
    assert next(batch) == {"a": 1}
    with pytest.raises(ProtocolError, match="not a document"):
        next(batch)


def test_a_broken_document_in_a_batch() -> None:
    data = bytearray(message(cursor({"a": "xyz"}, {"b": 1})))
    at = data.index(b"\x02a\x00")
    data[at] = 0x7E  # No such type.
    batch = parse_reply(data).cursor(CODEC)[2]
    with pytest.raises(InvalidBSON):
        next(batch)


# What cannot be a reply.


WHOLE = [
    message(cursor({"a": 1, "b": "text"}, {"c": [1.5]}, cursor_id=2**40, operationTime=TIME)),
    framed(struct.pack("<iqii", 8, 0, 0, 1) + bson.encode({"ok": 1}), opcode=1),
    *(compress(name, -1, message({"ok": 1, "a": "x" * 50})) for name in ("snappy", "zlib", "zstd")),
]


def use(found: Reply) -> None:
    """Read all there is, as the driver might."""
    found.document(CODEC)
    assert isinstance(found.cluster_time, tuple | None)
    assert isinstance(found.snapshot_time, int | None)
    found.cursor_value("postBatchResumeToken", CODEC)
    _, _, batch = found.cursor(CODEC)
    len(batch)
    batch.rest()


def try_to_use(data: bytes) -> None:
    """Whatever the bytes are, there is a result or one of two errors."""
    try:
        use(parse_reply(data))
    except (ProtocolError, InvalidBSON):
        pass


@pytest.mark.parametrize("whole", WHOLE, ids=["msg", "reply", "snappy", "zlib", "zstd"])
def test_every_truncation(whole: bytes) -> None:
    assert parse_reply(whole).ok
    for end in range(len(whole)):
        with pytest.raises(ProtocolError):
            parse_reply(whole[:end])
        try_to_use(struct.pack("<i", end) + whole[4:end] if end >= 4 else whole[:end])
    with pytest.raises(ProtocolError):
        parse_reply(whole + b"\x00")


@pytest.mark.parametrize("whole", WHOLE, ids=["msg", "reply", "snappy", "zlib", "zstd"])
def test_every_byte_may_lie(whole: bytes) -> None:
    for index in range(len(whole)):
        for value in (0, 1, 0x7F, 0x80, 0xFF, whole[index] ^ 1):
            try_to_use(whole[:index] + bytes([value]) + whole[index + 1 :])


@pytest.mark.parametrize("whole", WHOLE, ids=["msg", "reply", "snappy", "zlib", "zstd"])
def test_every_number_may_lie(whole: bytes) -> None:
    for index in range(len(whole) - 4):
        for value in (0, 1, 4, 5, 2**31 - 1, -1, -(2**31), len(whole)):
            try_to_use(whole[:index] + struct.pack("<i", value) + whole[index + 4 :])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([1, 2012, 2013, 2004, 0, -1]))
def test_random_bytes(payload: bytes, opcode: int) -> None:
    try_to_use(framed(payload, opcode))


def test_random_damage() -> None:
    chance = random.Random(7)
    for _ in range(3_000):
        data = bytearray(chance.choice(WHOLE))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try_to_use(bytes(data))


@pytest.mark.parametrize("data", [b"", bytearray(), memoryview(b""), b"x" * 15])
def test_no_message(data: Any) -> None:
    with pytest.raises(ProtocolError):
        parse_reply(data)


@pytest.mark.parametrize("data", [None, 5, "text", memoryview(b"x" * 64)[::2]])
def test_no_bytes(data: Any) -> None:
    with pytest.raises((TypeError, BufferError)):
        parse_reply(data)


def test_a_compressed_message_that_claims_to_be_huge() -> None:
    packed = bytearray(compress("zlib", -1, message({"ok": 1, "a": "x" * 50})))
    struct.pack_into("<i", packed, 20, 2**31 - 1)
    with pytest.raises(ProtocolError):
        parse_reply(bytes(packed))


def test_a_compressed_message_in_another() -> None:
    once = compress("zlib", -1, message({"ok": 1}))
    with pytest.raises(ProtocolError):
        parse_reply(compress("zlib", -1, once))
