"""Bytes and documents made to harm: an error, in little time and memory, and never more than that."""

from __future__ import annotations

import random
import resource
import struct
import threading
import time
from typing import Any

import pytest

from petiole.bson import InvalidBSON, InvalidDocument, ObjectId, decode, decode_all, encode
from petiole.bson.raw_bson import RawBSONDocument


def nested(levels: int, kind: bytes = b"\x03") -> bytes:
    """A document with `levels` documents (or arrays) inside each other, built without recursion."""
    lengths = [5 + 8 * level for level in range(levels, -1, -1)]
    heads = b"".join(struct.pack("<i", length) + kind + b"a\0" for length in lengths[:-1])
    return heads + struct.pack("<i", 5) + b"\0" * (levels + 1)


@pytest.mark.parametrize("kind", [b"\x03", b"\x04"])
def test_the_servers_depth_is_read_and_written(kind: bytes) -> None:
    data = nested(200, kind)
    document = decode(data)
    assert len(encode(document)) == len(data)


@pytest.mark.parametrize("levels", [1_001, 20_000, 200_000])
@pytest.mark.parametrize("kind", [b"\x03", b"\x04"])
def test_deeper_bytes_are_an_error(levels: int, kind: bytes) -> None:
    with pytest.raises(InvalidBSON, match="maximum recursion depth exceeded"):
        decode(nested(levels, kind))


def test_deeper_documents_are_an_error() -> None:
    document: dict[str, Any] = {}
    for _ in range(5_000):
        document = {"a": [document]}
    with pytest.raises(RecursionError):
        encode(document)
    document["a"].append(document)
    with pytest.raises(RecursionError):
        encode(document)


def test_depth_on_a_small_stack() -> None:
    outcome: list[int] = []
    size = threading.stack_size(1 << 20)
    try:
        thread = threading.Thread(target=lambda: outcome.append(len(encode(decode(nested(900))))))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
    assert outcome == [len(nested(900))]


def test_every_truncation_is_refused() -> None:
    document = {
        "a": 1, "b": "é", "c": [1.5, None, True], "d": {"e": b"x"}, "f": ObjectId(), "g": 2**40,
    }  # fmt: skip
    data = encode(document)
    for end in range(len(data)):
        with pytest.raises(InvalidBSON):
            decode(data[:end])
        # The same with a length that tells the truth about the rest.
        if end >= 5:
            with pytest.raises(InvalidBSON):
                decode(struct.pack("<i", end) + data[4 : end - 1] + b"\xff")


def test_lengths_that_lie_cost_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for kind in (0x02, 0x03, 0x04, 0x05, 0x0C, 0x0D, 0x0E, 0x0F):
        for length in (2**31 - 1, 2**30, -1, -(2**31), 64):
            body = bytes([kind]) + b"a\0" + struct.pack("<i", length) + b"\0\0\0"
            with pytest.raises(InvalidBSON):
                decode(struct.pack("<i", len(body) + 5) + body + b"\0")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000


def test_random_damage_raises_nothing_else() -> None:
    generator = random.Random(20)
    data = encode({"a": [{"b": "text"}, 5, 2.5], "c": {"$ref": "x", "$id": 1}, "d": b"bytes", "e": None})
    for _ in range(20_000):
        damaged = bytearray(data)
        for _ in range(generator.randint(1, 4)):
            damaged[generator.randrange(4, len(damaged))] = generator.randrange(256)
        try:
            decoded = decode(damaged)
        except InvalidBSON:
            continue
        encode(decoded)


def test_many_empty_keys_are_read_in_linear_time() -> None:
    def took(count: int) -> float:
        body = b"\x0a\0" * count
        data = struct.pack("<i", len(body) + 5) + body + b"\0"
        start = time.perf_counter()
        assert decode(data) == {"": None}
        return time.perf_counter() - start

    took(1_000)
    assert took(200_000) < 200 * max(took(10_000), 1e-4)


def test_keys_that_fall_together_stay_apart() -> None:
    # More keys than the cache has places, of all lengths around the words it compares, and not only ASCII.
    stems = [
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcdefg",
        "abcdefgh",
        "x" * 15,
        "x" * 16,
        "x" * 17,
        "x" * 63,
        "x" * 70,
        "é",
    ]
    document = {f"{stem}{number}{stem[::-1]}": number for stem in stems for number in range(300)}
    for _ in range(2):
        assert decode(encode(document)) == document


def test_documents_that_change_while_they_are_written() -> None:
    class Clearing:
        _type_marker = 7

        def __init__(self, container: Any) -> None:
            self.container = container

        @property
        def binary(self) -> bytes:
            self.container.clear()
            return b"123456789012"

    items: list[Any] = []
    items += [Clearing(items), {"a": 1}, "text"]
    assert decode(encode({"a": items}))["a"] == [ObjectId(b"123456789012")]
    document: dict[str, Any] = {}
    document.update(a=Clearing(document), b={"c": "text"}, d=[1])
    assert set(decode(encode({"x": document}))["x"]) <= {"a", "b", "d"}


def test_a_raw_document_that_lies_is_not_written() -> None:
    class Lying(RawBSONDocument):
        @property
        def raw(self) -> bytes:
            return b"\x06\0\0\0\0"

    with pytest.raises(InvalidDocument, match="not one document, at key 'a'"):
        encode({"a": Lying(b"\5\0\0\0\0")})


def test_a_marked_object_of_the_wrong_size_is_not_written() -> None:
    class Short:
        _type_marker = 7
        binary = b"123"

    with pytest.raises(ValueError, match="12"):
        encode({"a": Short()})


def test_documents_one_after_the_other_end_where_they_say() -> None:
    assert decode_all(b"\5\0\0\0\0" * 1_000) == [{}] * 1_000
    for damaged in (b"\5\0\0\0\0\5\0\0\0", b"\5\0\0\0\0\xff\xff\xff\xff\0", b"\0\0\0\0\0", b"\4\0\0\0"):
        with pytest.raises(InvalidBSON):
            decode_all(damaged)
