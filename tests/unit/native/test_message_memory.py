"""The memory of large messages: whose it is while somebody holds the message, and what becomes of it then."""

from __future__ import annotations

import gc
import struct
import threading

import bson
import pytest

from petiole._native import Batch, message_memory, parse_reply
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS

CODEC = DEFAULT_CODEC_OPTIONS._codec
LARGE = 1 << 20
MOST = 8 << 20
"""More than that is given back to the system."""


def batch_of(fill: bytes, size: int = LARGE) -> Batch:
    """The batch of a reply that was received into such memory."""
    body = bson.encode({"cursor": {"firstBatch": [{"a": fill * size}], "id": 0, "ns": "db.c"}, "ok": 1})
    whole = struct.pack("<iiiiIB", 21 + len(body), 3, 9, 2013, 0, 0) + body
    memory = message_memory(len(whole))
    memory[:] = whole
    return parse_reply(memory).cursor(CODEC)[2]


@pytest.mark.parametrize("length", [0, 1, 16, 128 * 1024, LARGE, LARGE + 1, MOST + 1])
def test_it_can_be_written_to_and_has_the_length_asked_for(length: int) -> None:
    memory = message_memory(length)
    assert (len(memory), memory.readonly, memory.contiguous, memory.format) == (length, False, True, "B")
    memory[:] = b"x" * length
    assert bytes(memory) == b"x" * length


def test_a_message_keeps_its_memory_as_long_as_anybody_holds_a_part_of_it() -> None:
    held = [batch_of(bytes([number])) for number in range(5)]
    gc.collect()
    others = [message_memory(LARGE + 100) for _ in range(5)]
    for other in others:
        other[:] = b"\xff" * len(other)
    assert [next(batch)["a"] for batch in held] == [bytes([number]) * LARGE for number in range(5)]


def test_a_slice_keeps_it_too() -> None:
    part = message_memory(LARGE)[10:20]
    part[:] = b"0123456789"
    other = message_memory(LARGE)
    other[:] = b"\xff" * LARGE
    assert bytes(part) == b"0123456789"


def test_the_next_message_of_about_its_size_gets_it() -> None:
    first = message_memory(LARGE)
    first[:] = b"x" * LARGE
    del first
    second = message_memory(LARGE - 1000)
    assert bytes(second) == b"x" * (LARGE - 1000)
    third = message_memory(LARGE)
    assert not any(third)
    del second, third


@pytest.mark.parametrize("length", [LARGE + 1, LARGE // 2 - 1])
def test_a_message_of_another_size_does_not(length: int) -> None:
    first = message_memory(LARGE)
    first[:] = b"x" * LARGE
    del first
    assert not any(message_memory(length))


@pytest.mark.parametrize("length", [128 * 1024 - 1, MOST + 1])
def test_what_is_small_or_huge_is_not_kept(length: int) -> None:
    kept = message_memory(LARGE)
    kept[:] = b"x" * LARGE
    del kept
    other = message_memory(length)
    del other
    assert bytes(message_memory(LARGE)) == b"x" * LARGE


def test_a_length_that_the_machine_does_not_have_is_refused() -> None:
    with pytest.raises(OverflowError):
        message_memory(-1)
    with pytest.raises(MemoryError):
        message_memory(1 << 62)


def test_threads_get_memory_of_their_own() -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            memory = message_memory(256 * 1024)
            memory[:] = bytes([number]) * len(memory)
            if memory.tobytes() != bytes([number]) * len(memory):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
