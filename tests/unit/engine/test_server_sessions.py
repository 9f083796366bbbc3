"""Server sessions, their pool, and the cluster's clock."""

from __future__ import annotations

import random
import threading
import uuid
from itertools import count
from typing import Any

import bson

from petiole._engine.server_session import ClusterClock, ServerSession, SessionPool


class Clock:
    """What the pool asks of a runtime."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._numbers = count()

    def clock(self) -> float:
        return self.time

    def random_bytes(self, size: int) -> bytes:
        return random.Random(next(self._numbers)).randbytes(size)


def pool_of(clock: Clock) -> SessionPool:
    runtime: Any = clock
    return SessionPool(runtime)


def test_the_element_is_a_version_4_uuid() -> None:
    session = ServerSession(b"\xff" * 16)
    element = bson.decode(
        (len(session.fragment) + 5).to_bytes(4, "little") + session.fragment + b"\x00",
    )
    binary = element["lsid"]["id"]
    assert binary.subtype == 4
    identifier = uuid.UUID(bytes=bytes(binary))
    assert (identifier.version, identifier.variant) == (4, uuid.RFC_4122)
    assert session.id == bytes(binary)


def test_transaction_numbers_count_up() -> None:
    session = ServerSession(b"x" * 16)
    elements = [session.next_transaction() for _ in range(300)]
    assert elements[-1] == session.transaction_fragment()
    numbers = [bson.decode((len(e) + 5).to_bytes(4, "little") + e + b"\x00")["txnNumber"] for e in elements]
    assert numbers == list(range(1, 301))
    assert isinstance(numbers[0], bson.Int64)


def test_the_last_one_given_back_is_the_next_taken() -> None:
    pool = pool_of(Clock())
    one, two = pool.take(), pool.take()
    assert one.id != two.id
    pool.give_back(one)
    pool.give_back(two)
    assert pool.take() is two
    assert pool.take() is one


def test_one_that_servers_are_about_to_forget_is_not_used_again() -> None:
    clock = Clock()
    pool = pool_of(clock)
    old = pool.take()
    pool.give_back(old)
    clock.time += 29 * 60 - 1
    assert pool.take() is old
    pool.give_back(old)
    clock.time += 29 * 60 + 1
    assert pool.take() is not old
    assert pool.drain() == []


def test_one_in_doubt_is_not_kept() -> None:
    pool = pool_of(Clock())
    session = pool.take()
    session.dirty = True
    pool.give_back(session)
    assert pool.take() is not session


def test_draining_gives_the_ids() -> None:
    pool = pool_of(Clock())
    sessions = [pool.take() for _ in range(3)]
    for session in sessions:
        pool.give_back(session)
    assert sorted(pool.drain()) == sorted(session.id for session in sessions)
    assert pool.drain() == []


def test_threads_never_share_one() -> None:
    pool = pool_of(Clock())
    shared: list[str] = []
    holders: dict[bytes, int] = {}

    def work() -> None:
        for _ in range(2_000):
            session = pool.take()
            if holders.setdefault(session.id, threading.get_ident()) != threading.get_ident():
                shared.append("twice")
            del holders[session.id]
            pool.give_back(session)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared == []
    assert len(pool.drain()) <= 4


def test_the_clock_only_goes_forward() -> None:
    clock = ClusterClock()
    assert (clock.time, clock.fragment) == (0, b"")
    clock.advance(None)
    clock.advance((5, b"five"))
    clock.advance((3, b"three"))
    assert (clock.time, clock.fragment) == (5, b"five")
    clock.advance((6, b"six"))
    assert clock.fragment == b"six"
