"""Interruptions, cancellations, servers that die, elections and forks: the client stays usable after each.

Every test checks two things: what the caller of the disturbed operation is told, and that what follows is right,
which a reply left half read on a connection would spoil.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pytest
from tests.integration.waiting import eventually, soon

import petiole
from petiole.errors import AutoReconnect, NetworkTimeout, ServerSelectionTimeoutError
from petiole.local import LocalServer
from petiole.write_concern import WriteConcern

Document = dict[str, Any]
# A query that would run for a minute, and ends when the server finds that nobody waits for it.
SLOW: Document = {"$where": "sleep(100) || true"}
ROUNDS = 600
# A server that is killed forgets other writes.
JOURNALED = WriteConcern(w=1, j=True)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    """A server of this module's own, with documents to be slow over."""
    with LocalServer() as server:
        with pymongo.MongoClient[Document](server.uri) as client:
            client.faults.slow.insert_many([{"_id": n} for n in range(ROUNDS)])
        yield server


def is_running(server: LocalServer, name: str) -> bool:
    """Whether the server is at work for the application of this name."""
    with pymongo.MongoClient[Document](server.uri) as client:
        stages: list[Document] = [
            {"$currentOp": {}},
            {"$match": {"appName": name, "command.find": "slow"}},
        ]
        return bool(list(client.admin.aggregate(stages)))


def interrupt_when_running(server: LocalServer, name: str, act: Callable[[], None]) -> threading.Thread:
    """Starts a thread that acts as soon as the server is at work for the application of this name."""

    def wait_and_act() -> None:
        if eventually(lambda: is_running(server, name)):
            act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


def test_an_interrupt_ends_a_blocking_operation_and_its_connection(server: LocalServer) -> None:
    name = "interrupted"
    main = threading.get_ident()
    with petiole.MongoClient[Document](server.uri, appname=name) as client:
        things = client.faults.slow
        assert things.find_one({"_id": 1}) == {"_id": 1}
        thread = interrupt_when_running(server, name, lambda: signal.pthread_kill(main, signal.SIGINT))
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            list(things.find(SLOW))
        assert time.monotonic() - began < 10
        thread.join()
        # The server stops only because the connection was closed.
        assert eventually(lambda: not is_running(server, name))
        assert [things.find_one({"_id": n}) for n in (2, 3, 4)] == [{"_id": 2}, {"_id": 3}, {"_id": 4}]


def test_a_cancelled_task_ends_its_operation_and_its_connection(server: LocalServer) -> None:
    name = "cancelled"

    async def run() -> None:
        async with petiole.AsyncMongoClient[Document](server.uri, appname=name) as client:
            things = client.faults.slow
            assert await things.find_one({"_id": 1}) == {"_id": 1}
            task = asyncio.create_task(things.find(SLOW).to_list())
            assert await soon(lambda: is_running(server, name))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await soon(lambda: not is_running(server, name))
            found = await asyncio.gather(*(things.find_one({"_id": n}) for n in (2, 3, 4)))
            assert found == [{"_id": 2}, {"_id": 3}, {"_id": 4}]

    asyncio.run(asyncio.wait_for(run(), 30))


def test_tasks_cancelled_at_any_moment_leave_no_reply_behind(server: LocalServer) -> None:
    async def run() -> None:
        async with petiole.AsyncMongoClient[Document](server.uri, maxPoolSize=2) as client:
            things = client.faults.slow

            async def read(number: int) -> None:
                assert await things.find_one({"_id": number}) == {"_id": number}

            for number in range(150):
                task = asyncio.create_task(read(number))
                for _ in range(number % 12):
                    await asyncio.sleep(0)
                if number % 3 == 0:
                    await asyncio.sleep(0.0001 * (number % 10))
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                await read(number + 1)

    asyncio.run(asyncio.wait_for(run(), 30))


def test_a_timeout_of_the_socket_closes_its_connection(server: LocalServer) -> None:
    with petiole.MongoClient[Document](server.uri, socketTimeoutMS=100, retryReads=False) as client:
        things = client.faults.slow
        for number in (1, 2):
            with pytest.raises(NetworkTimeout):
                list(things.find(SLOW))
            assert things.find_one({"_id": number}) == {"_id": number}


def test_a_server_that_is_killed_and_started_again_is_found_again() -> None:
    with LocalServer() as server:
        client = petiole.MongoClient[Document](server.uri, serverSelectionTimeoutMS=500)
        client.faults.things.with_options(write_concern=JOURNALED).insert_one({"_id": 1})
        server.members[0].kill()
        with pytest.raises(AutoReconnect):
            client.faults.things.find_one()
        with pytest.raises(ServerSelectionTimeoutError):
            client.faults.things.insert_one({"_id": 2})
        server.members[0].start()
        assert eventually(lambda: finds(client))
        assert client.faults.things.insert_one({"_id": 3}).inserted_id == 3
        client.close()


def finds(client: petiole.MongoClient[Document]) -> bool:
    """Whether the client finds the document that was stored first."""
    with contextlib.suppress(AutoReconnect):
        return client.faults.things.find_one({"_id": 1}) == {"_id": 1}
    return False


def test_a_server_that_is_killed_and_started_again_is_found_again_by_asyncio() -> None:
    async def run(server: LocalServer) -> None:
        async with petiole.AsyncMongoClient[Document](server.uri, serverSelectionTimeoutMS=500) as client:
            things = client.faults.things
            await things.with_options(write_concern=JOURNALED).insert_one({"_id": 1})
            await asyncio.to_thread(server.members[0].kill)
            with pytest.raises(AutoReconnect):
                await things.find_one()
            await asyncio.to_thread(server.members[0].start)
            for _ in range(20):
                with contextlib.suppress(AutoReconnect):
                    assert await things.find_one() == {"_id": 1}
                    return
            pytest.fail("the server was not found again")

    with LocalServer() as server:
        asyncio.run(asyncio.wait_for(run(server), 60))


def test_an_idle_connection_that_the_server_dropped_is_replaced_unnoticed() -> None:
    with LocalServer() as server:
        client = petiole.MongoClient[Document](server.uri)
        client.faults.things.insert_one({"_id": 1})
        server.members[0].restart()
        assert client.faults.things.find_one() == {"_id": 1}  # A read is tried again.
        client.close()


def test_writes_outlive_an_election() -> None:
    with LocalServer(replica_set=3) as server:
        client = petiole.MongoClient[Document](server.uri)
        things = client.faults.things
        things.insert_one({"_id": "first"})
        admin = pymongo.MongoClient[Document](*server.primary().address, directConnection=True)
        written = 0
        stop = threading.Event()
        failures: list[BaseException] = []

        def write() -> None:
            nonlocal written
            while not stop.is_set():
                try:
                    things.insert_one({"_id": written})
                except Exception as error:
                    failures.append(error)
                written += 1
                time.sleep(0.005)

        thread = threading.Thread(target=write)
        thread.start()
        assert eventually(lambda: written > 20)
        before = server.primary().address
        admin.admin.command("replSetStepDown", 10, secondaryCatchUpPeriodSecs=5)
        assert eventually(lambda: server.primary().address != before)
        after = written
        assert eventually(lambda: written > after + 20, 20)
        stop.set()
        thread.join()
        assert not failures
        assert things.count_documents({}) == written + 1
        assert client.primary == server.primary().address
        client.close()
        admin.close()


def in_child(action: Callable[[], bool]) -> bool:
    """Whether an action succeeds in a forked child."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            faulthandler.dump_traceback_later(20, exit=True, file=2)  # Says where it hangs.
            code = 0 if action() else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def test_a_fork_leaves_both_processes_a_working_client(server: LocalServer) -> None:
    with petiole.MongoClient[Document](server.uri) as client:
        things = client.faults.slow
        cursor = things.find({}, batch_size=2, sort={"_id": 1})
        assert next(cursor) == {"_id": 0}

        def works() -> bool:
            return all(things.find_one({"_id": n}) == {"_id": n} for n in range(20))

        assert works()
        for _ in range(3):
            assert in_child(works)
            assert works()
        # The child's end has not closed the parent's cursor or sessions on the server.
        assert [document["_id"] for document in cursor] == list(range(1, ROUNDS))


def test_a_fork_before_the_deployment_is_known(server: LocalServer) -> None:
    """The child has to find out for itself, so it needs monitors of its own."""
    with petiole.MongoClient[Document](server.uri, serverSelectionTimeoutMS=5000) as client:
        assert in_child(lambda: client.faults.slow.find_one({"_id": 1}) == {"_id": 1})
        assert client.faults.slow.find_one({"_id": 1}) == {"_id": 1}


def test_a_fork_while_other_threads_are_at_work(server: LocalServer) -> None:
    with petiole.MongoClient[Document](server.uri) as client:
        things = client.faults.slow
        stop = threading.Event()
        wrong: list[object] = []

        def read() -> None:
            number = 0
            while not stop.is_set():
                number = (number + 1) % ROUNDS
                if (found := things.find_one({"_id": number})) != {"_id": number}:
                    wrong.append(found)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                assert in_child(lambda: things.find_one({"_id": 7}) == {"_id": 7})
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not wrong


def test_a_fork_leaves_both_processes_a_working_asyncio_client(server: LocalServer) -> None:
    client = petiole.AsyncMongoClient[Document](server.uri)

    async def read() -> bool:
        things = client.faults.slow
        found = await asyncio.gather(*(things.find_one({"_id": n}) for n in range(10)))
        return found == [{"_id": n} for n in range(10)]

    assert asyncio.run(read())
    assert in_child(lambda: asyncio.run(read()))
    assert asyncio.run(read())
    asyncio.run(client.close())
