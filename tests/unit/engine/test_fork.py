"""What a forked child may do with its parent's clients, and what it must leave alone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.engine.wire_server import Peer, WireServer

ROOT = Path(__file__).parents[3]

PREAMBLE = """
import asyncio, gc, os, sys, threading, time
from petiole import AsyncMongoClient, MongoClient

uri = sys.argv[1]
client = MongoClient(uri, serverSelectionTimeoutMS=3000)
client.admin.command("ping")


def child(work):
    \"\"\"Run work in a child; its exit code.\"\"\"
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 1
    try:
        work()
        gc.collect()
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)
"""


@pytest.fixture
def server() -> Iterator[WireServer]:
    def script(peer: Peer, body: dict[str, object]) -> object:
        if "find" in body:
            return {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"a": 1}, {"a": 2}]}}
        return None

    server = WireServer(script)
    yield server
    server.close()


def run(server: WireServer, code: str) -> str:
    """Run a script beside the server; what it printed. It must not have said anything of an error."""
    options = ["-W", "default::ResourceWarning"]
    ran = subprocess.run(
        [sys.executable, *options, "-c", PREAMBLE + textwrap.dedent(code), f"mongodb://{server.address}"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_a_child_uses_the_client_on_connections_of_its_own(server: WireServer) -> None:
    out = run(
        server,
        """
        print(child(lambda: client.admin.command("ping")))
        client.admin.command("last")
        client.close()
        """,
    )
    assert out == "0\n"
    assert [name for name in server.seen if name != "endSessions"] == ["ping", "ping", "last"]
    pinged = [peer for peer in server.peers if not peer.monitors]
    assert len(pinged) == 2


def test_a_child_that_does_nothing_connects_nowhere(server: WireServer) -> None:
    out = run(
        server,
        """
        time.sleep(0.2)
        before = threading.active_count()
        print(child(lambda: time.sleep(0.3) or print(threading.active_count(), flush=True)))
        client.close()
        """,
    )
    assert out == "1\n0\n"


def test_the_parents_connections_survive_a_child(server: WireServer) -> None:
    run(
        server,
        """
        def work():
            client.admin.command("ping")
            client.close()

        assert child(work) == 0
        client.admin.command("ping")
        client.close()
        """,
    )
    # The parent's second command came over the connection of its first.
    users = [peer for peer in server.peers if not peer.monitors]
    assert len(users) == 2


def test_a_childs_copy_of_a_cursor_does_not_kill_it(server: WireServer) -> None:
    out = run(
        server,
        """
        cursor = client.t.c.find()
        next(cursor)

        def work():
            global cursor
            client.admin.command("ping")
            del cursor
            gc.collect()
            time.sleep(1.3)  # A round of the housekeeper.

        print(child(work))
        print(next(cursor))
        client.close()
        """,
    )
    assert out == "0\n{'a': 2}\n"
    assert "killCursors" not in server.seen


def test_a_child_begun_while_other_threads_hold_locks(server: WireServer) -> None:
    run(
        server,
        """
        done = threading.Event()

        def busy():
            while not done.is_set():
                client.admin.command("ping")

        threads = [threading.Thread(target=busy) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(15):
            assert child(lambda: client.admin.command("ping")) == 0
        done.set()
        for thread in threads:
            thread.join()
        client.close()
        """,
    )


def test_a_child_of_a_running_event_loop(server: WireServer) -> None:
    out = run(
        server,
        """
        async def use(other):
            await other.admin.command("ping")
            await other.close()

        async def main():
            other = AsyncMongoClient(uri)
            await other.admin.command("ping")
            # In a thread, for asyncio.run refuses to start inside a running loop.
            begin = lambda: threading.Thread(target=lambda: asyncio.run(use(other)))
            def work():
                thread = begin()
                thread.start()
                thread.join()
            print(child(work))
            await use(other)

        asyncio.run(main())
        client.close()
        """,
    )
    assert out == "0\n"


def test_an_abandoned_client_in_a_child_leaves_the_parents_alone(server: WireServer) -> None:
    run(
        server,
        """
        import warnings

        warnings.simplefilter("ignore", ResourceWarning)
        client.close()
        other = MongoClient(uri)
        other.admin.command("ping")

        def work():
            global other
            del other
            gc.collect()
            keeper = MongoClient(uri)
            keeper.admin.command("ping")
            time.sleep(1.3)  # A round of the housekeeper.
            keeper.close()

        assert child(work) == 0
        other.admin.command("last")
        other.close()
        """,
    )
    assert "last" in server.seen


def test_a_childs_copy_of_a_session_gets_a_server_session_of_its_own(server: WireServer) -> None:
    out = run(
        server,
        """
        session = client.start_session()
        client.admin.command("first", session=session)

        def work():
            client.admin.command("second", session=session)
            session.end_session()
            client.admin.command("third")

        print(child(work))
        client.admin.command("fourth", session=session)
        session.end_session()
        client.admin.command("fifth")
        client.close()
        """,
    )
    assert out == "0\n"
    bodies = [body for body in server.bodies if "lsid" in body and "ping" not in body]
    first, second, third, fourth, fifth = (bytes(body["lsid"]["id"]) for body in bodies)
    assert first == fourth == fifth
    assert second == third != first


def test_a_child_leaves_its_parents_transaction_alone(server: WireServer) -> None:
    out = run(
        server,
        """
        from petiole.errors import InvalidOperation

        session, other = client.start_session(), client.start_session()
        for one in (session, other):
            one.start_transaction()
            client.admin.command("begin", session=one)

        def refused(operation):
            try:
                operation()
            except InvalidOperation as error:
                assert "parent process" in str(error), error
            else:
                raise AssertionError(operation)

        def work():
            refused(lambda: client.admin.command("inside", session=session))
            refused(session.commit_transaction)
            session.end_session()
            other.abort_transaction()
            client.admin.command("afterwards", session=other)

        print(child(work))
        session.commit_transaction()
        other.commit_transaction()
        client.close()
        """,
    )
    assert out == "0\n"
    ours = [body for body in server.bodies if next(iter(body)) not in ("ping", "endSessions")]
    assert [next(iter(body)) for body in ours] == ["begin"] * 2 + ["afterwards"] + ["commitTransaction"] * 2
    assert "txnNumber" not in ours[2]
    assert bytes(ours[2]["lsid"]["id"]) not in {bytes(body["lsid"]["id"]) for body in ours[:2]}
