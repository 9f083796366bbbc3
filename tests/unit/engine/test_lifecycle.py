"""How clients begin and end: when they connect, what functions as a service change, and processes that just end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import bson
import pytest
from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import Side, until
from tests.unit.engine.wire_server import Peer, Silence, WireServer

ROOT = Path(__file__).parents[3]
CURSOR = {"ok": 1, "cursor": {"id": 7, "ns": "t.c", "firstBatch": [{"a": 1}]}}


# When a client connects.


def test_a_client_that_need_not_connect_waits_for_its_first_operation(rig: Rig) -> None:
    client = rig.client(connect=False)
    threads = threading.active_count()
    assert client.t.c.name == "c"
    assert client.nodes == frozenset()
    assert (rig.server.peers, threading.active_count()) == ([], threads)
    rig.do(lambda: client.admin.command("ping"))
    assert len(rig.server.peers) >= 2  # A monitor's and an operation's.


def test_a_client_that_was_never_connected_closes(rig: Rig) -> None:
    client = rig.client(connect=False)
    rig.do(client.close)
    rig.do(client.close)
    assert not rig.server.peers


def test_a_client_of_nothing_that_answers_closes_at_once(side: Side) -> None:
    rig = Rig(side)
    rig.server.close()
    client = rig.client()
    rig.do(client.close)
    assert client._engine.topology.closed


# Functions as a service: frozen between requests, so nothing may be streamed.


@pytest.mark.parametrize(
    ("environ", "name"), [({"AWS_EXECUTION_ENV": "AWS_Lambda_x"}, "aws.lambda"), ({}, None)]
)
def test_a_function_polls_and_says_what_it_is(
    side: Side, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], name: str | None
) -> None:
    for variable in [
        one for one in os.environ if one.startswith(("AWS_", "FUNCTION", "K_SERVICE", "VERCEL"))
    ]:
        monkeypatch.delenv(variable)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    greetings: list[dict[str, Any]] = []

    def greeting(peer: Peer, body: dict[str, Any]) -> Any:
        greetings.append(body)
        return Silence if "topologyVersion" in body else None

    rig = Rig(side)
    rig.server.greeting = greeting
    rig.server.hello["topologyVersion"] = {"processId": bson.ObjectId(), "counter": 1}
    client = rig.client()
    rig.do(lambda: client.admin.command("ping"))
    # A second check on the first connection: a poll, or a question that is answered when something changes.
    until(lambda: [body for body in greetings if "client" not in body])
    streams = any("topologyVersion" in body for body in greetings)
    shaken = next(body["client"] for body in greetings if "client" in body)
    rig.close()
    assert streams == (name is None)
    assert shaken.get("env", {}).get("name") == name


# What becomes of clients that nobody closes.


@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")
def test_the_connections_of_a_lost_client_are_closed(rig: Rig) -> None:
    client = rig.client()
    rig._clients.clear()
    rig.do(partial(client.admin.command, "ping"))
    engine = client._engine
    del client
    gc.collect()
    until(lambda: engine.topology.closed)
    until(lambda: all(peer.writer.is_closing() for peer in rig.server.peers))


@pytest.fixture
def server() -> Iterator[WireServer]:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" in body:
            return Silence if body["filter"].get("slow") else CURSOR
        return None

    made = WireServer(script)
    yield made
    made.close()


ENDS = {
    "unclosed": """
        client.t.c.find_one()
    """,
    "unclosed_at_once": """
        pass
    """,
    "with_a_cursor": """
        cursor = client.t.c.find()
        next(cursor)
    """,
    "with_a_session_and_an_exhaust_cursor": """
        session = client.start_session()
        client.t.c.insert_one({}, session=session)
        cursor = client.t.c.find(cursor_type=CursorType.EXHAUST)
        next(cursor)
    """,
    "with_a_thread_that_waits_for_a_reply": """
        threading.Thread(target=lambda: client.t.c.find_one({"slow": 1}), daemon=True).start()
        time.sleep(0.2)
    """,
    "with_threads_at_work": """
        def work():
            while True:
                client.t.c.find_one()

        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.2)
    """,
    "closed_at_exit": """
        atexit.register(client.close)
        client.t.c.find_one()
    """,
    "closed_by_a_thread_at_the_end": """
        client.t.c.find_one()
        threading.Thread(target=lambda: (time.sleep(0.2), client.close())).start()
    """,
    "a_client_that_only_begins_at_exit": """
        client.close()
        other = MongoClient(uri, connect=False)
        atexit.register(lambda: print(other.t.c.find_one()))
    """,
    "an_exception": """
        client.t.c.find_one()
        sys.exit(0)
    """,
    "asyncio": """
        async def main():
            global other, cursor
            other = AsyncMongoClient(uri)
            cursor = other.t.c.find()
            await anext(cursor)

        asyncio.run(main())
    """,
    "asyncio_loop_after_loop": """
        other = AsyncMongoClient(uri)

        async def main():
            return await other.t.c.find_one()

        for _ in range(3):
            print(asyncio.run(main()))
    """,
    "asyncio_with_a_task_that_waits": """
        async def main():
            global other, task
            other = AsyncMongoClient(uri)
            task = asyncio.create_task(other.t.c.find_one({"slow": 1}))
            await asyncio.sleep(0.2)

        asyncio.run(main())
    """,
    "asyncio_in_a_daemonic_thread": """
        async def main():
            other = AsyncMongoClient(uri)
            while True:
                await other.t.c.find_one()

        threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
        time.sleep(0.2)
    """,
    "a_fork": """
        client.t.c.find_one()
        if os.fork() == 0:
            client.t.c.find_one()
        else:
            os.wait()
    """,
}


@pytest.mark.parametrize("name", ENDS)
def test_a_process_ends_without_hanging_and_without_a_word(server: WireServer, name: str) -> None:
    code = (
        "import asyncio, atexit, os, sys, threading, time\n"
        "from petiole import AsyncMongoClient, MongoClient\n"
        "from petiole.cursor import CursorType\n"
        "uri = sys.argv[1]\n"
        "client = MongoClient(uri, serverSelectionTimeoutMS=3000)\n" + textwrap.dedent(ENDS[name])
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, f"mongodb://{server.address}"],
        capture_output=True,
        text=True,
        timeout=20,
        cwd=ROOT,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
